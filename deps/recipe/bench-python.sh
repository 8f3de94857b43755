# shellcheck shell=bash
# A Python environment with the libraries that vector search is compared with. hnswlib comes as source alone; it is compiled
# for this machine's processor, as its makers do.
recipe_title="Python environment of the benchmarks (a minute: hnswlib is compiled)"
recipe_files="pip/bench-build.txt pip/bench.txt"

# Compiled for one processor: another needs its own.
recipe_key() {
	"$(python_program)" -c 'import sys; print(sys.version_info[:2], sys.prefix)'
	grep -m 1 '^flags' /proc/cpuinfo || true
}

recipe_build() {
	python_venv "$deps/pip/bench-build.txt" "$1"
	"$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --no-cache-dir --no-build-isolation \
		--require-hashes --only-binary :all: --no-binary hnswlib --requirement "$deps/pip/bench.txt"
}
