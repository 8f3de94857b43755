# shellcheck shell=bash
# yyjson as a static library: its C source comes inside the crate yyjson-sys. No Rust is compiled.
recipe_title="yyjson"
recipe_files="crates.pins"

recipe_build() {
	crate_get yyjson-sys source
	local c h
	c=$(find source -name yyjson.c -print -quit)
	h=$(find source -name yyjson.h -print -quit)
	mkdir -p "$1/include" "$1/lib"
	cp "$h" "$1/include/"
	gcc -O2 -g -fPIC -ffunction-sections -fdata-sections -I "$(dirname "$h")" -c "$c" -o yyjson.o
	ar rcs "$1/lib/libyyjson.a" yyjson.o
}
