# shellcheck shell=bash
# A Python environment for the tests: official clients of other makers.
recipe_title="Python environment of the tests"
recipe_files="pip/test.txt"

recipe_key() { "$(python_program)" -c 'import sys; print(sys.version_info[:2], sys.prefix)'; }

recipe_build() { python_venv "$deps/pip/test.txt" "$1"; }
