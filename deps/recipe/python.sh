# shellcheck shell=bash
# A Python environment with what downloads the pinned packages and converts weights to GGUF.
recipe_title="Python environment for downloads and weight conversion"
recipe_files="pip/convert.txt"

recipe_key() { "$(python_program)" -c 'import sys; print(sys.version_info[:2], sys.prefix)'; }

recipe_build() { python_venv "$deps/pip/convert.txt" "$1"; }
