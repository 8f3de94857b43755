# shellcheck shell=bash
# A Python environment with FastAPI and uvicorn: one of what a JSON route is measured beside.
recipe_title="FastAPI and uvicorn (seconds)"
recipe_files="pip/bench-fastapi.txt"

recipe_key() { "$(python_program)" -c 'import sys; print(sys.version_info[:2], sys.prefix)'; }

recipe_build() { python_venv "$deps/pip/bench-fastapi.txt" "$1"; }
