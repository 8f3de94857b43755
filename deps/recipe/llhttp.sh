# shellcheck shell=bash
# llhttp, the HTTP/1.1 parser, as a static library: its C source comes inside the source archive of httptools.
recipe_title="llhttp"
recipe_files="pip/llhttp.txt"

# It looks at sixteen bytes of a value at once where the compiler may use SSE4.2: for a head with an access token half the
# instructions. Chosen for the machine that builds and part of the key, as for llama.cpp.
llhttp_simd() { ! grep -qw sse4_2 /proc/cpuinfo 2>/dev/null || printf '%s' -msse4.2; }

recipe_key() { printf 'simd %s\n' "$(llhttp_simd)"; }

recipe_build() {
	pip_get "$deps/pip/llhttp.txt" .
	tar -xzf httptools-*.tar.gz --strip-components=1
	local source=vendor/llhttp file simd
	simd=$(llhttp_simd)
	mkdir -p "$1/include" "$1/lib"
	cp $source/include/*.h "$1/include/"
	for file in api http llhttp; do
		gcc -O2 ${simd:+"$simd"} -g -fPIC -ffunction-sections -fdata-sections -I "$source/include" -c "$source/src/$file.c" -o "$file.o"
	done
	ar rcs "$1/lib/libllhttp.a" ./*.o
	cp $source/LICENSE* "$1/"
}
