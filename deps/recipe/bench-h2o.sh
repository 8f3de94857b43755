# shellcheck shell=bash
# A server of one JSON route with libh2o 2.2.5, out of Debian packages that are unpacked, not installed.
# shellcheck source=deps/recipe/docs.sh
. "$deps/recipe/docs.sh" # docs_download
recipe_title="a server with libh2o, compiled (seconds)"
recipe_files="recipe/docs.sh ../bench/gate/h2o.c"

recipe_build() {
	local lib
	docs_download libh2o-dev-common libh2o-evloop-dev libh2o-evloop0.13 libwslay1
	for package in ./*.deb; do
		dpkg-deb -x "$package" root
	done
	mkdir "$1/bin" "$1/lib"
	lib=$(dirname "$(find root/usr/lib -name 'libh2o-evloop.so.*' | head -n 1)")
	cp -P "$lib"/libh2o-evloop.so.* "$lib"/libwslay.so.* "$1/lib/"
	cc -O3 -Wall -Wextra -std=gnu11 -DH2O_USE_LIBUV=0 -isystem root/usr/include -o "$1/bin/h2o" "$root/bench/gate/h2o.c" -L"$lib" \
		-lh2o-evloop -Wl,-rpath-link,"$lib" -Wl,--disable-new-dtags -Wl,-rpath,'$ORIGIN/../lib'
	"$1/bin/h2o" version
}
