# shellcheck shell=bash
# A Python environment with the compressors and tokenizers that GENOM is measured beside, and texts to measure it on.
recipe_title="Python environment of the benchmarks of GENOM (seconds)"
recipe_files="pip/bench-build.txt pip/genom-tools.txt pip/bench-genom.txt"

# One package is compiled for this interpreter.
recipe_key() { "$(python_program)" -c 'import sys; print(sys.version_info[:2], sys.prefix)'; }

recipe_build() {
	python_venv "$deps/pip/bench-build.txt" "$1"
	"$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --no-cache-dir --no-build-isolation --no-deps \
		--require-hashes --only-binary :all: --no-binary unishox2-py3 \
		--requirement "$deps/pip/genom-tools.txt" --requirement "$deps/pip/bench-genom.txt"
}
