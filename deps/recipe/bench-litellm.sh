# shellcheck shell=bash
# A Python environment with LiteLLM's proxy, the gateway that ours is measured beside.
recipe_title="LiteLLM (a minute)"
recipe_files="pip/bench-litellm.txt"

recipe_key() { "$(python_program)" -c 'import sys; print(sys.version_info[:2], sys.prefix)'; }

recipe_build() { python_venv "$deps/pip/bench-litellm.txt" "$1"; }
