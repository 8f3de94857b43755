# shellcheck shell=bash
# The web server that sky is measured beside. Unpacked, not installed: an installed one would be started, now and at every boot.
# shellcheck source=deps/recipe/docs.sh
. "$deps/recipe/docs.sh" # docs_download
recipe_title="nginx, unpacked (seconds)"
recipe_files="recipe/docs.sh"

recipe_build() {
	docs_download nginx
	dpkg-deb -x nginx_*.deb root
	mkdir "$1/bin"
	cp root/usr/sbin/nginx "$1/bin/"
	"$1/bin/nginx" -v
}
