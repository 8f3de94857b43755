# shellcheck shell=bash
# llhttp, the HTTP/1.1 parser, as a static library: its C source comes inside the source archive of httptools.
recipe_title="llhttp"
recipe_files="pip/llhttp.txt"

recipe_build() {
	pip_get "$deps/pip/llhttp.txt" .
	tar -xzf httptools-*.tar.gz --strip-components=1
	local source=vendor/llhttp file
	mkdir -p "$1/include" "$1/lib"
	cp $source/include/*.h "$1/include/"
	for file in api http llhttp; do
		gcc -O2 -g -fPIC -ffunction-sections -fdata-sections -I "$source/include" -c "$source/src/$file.c" -o "$file.o"
	done
	ar rcs "$1/lib/libllhttp.a" ./*.o
	cp $source/LICENSE* "$1/"
}
