# shellcheck shell=bash
# clang-format at one exact version, so that every machine agrees on how the sources look.
recipe_title="clang-format"
recipe_files="pip/clang-format.txt"

recipe_build() {
	pip_get "$deps/pip/clang-format.txt" .
	"$(need python)/bin/python" -m zipfile -e clang_format-*.whl unpacked
	mkdir -p "$1/bin"
	cp unpacked/clang_format/data/bin/clang-format "$1/bin/"
	chmod 755 "$1/bin/clang-format"
	"$1/bin/clang-format" --version
}
