# shellcheck shell=bash
# What checks the alert rules and the metrics. Unpacked, not installed: an installed Prometheus would be started.
# shellcheck source=deps/recipe/docs.sh
. "$deps/recipe/docs.sh" # docs_download
recipe_title="promtool, unpacked (seconds)"
recipe_files="recipe/docs.sh"

recipe_build() {
	docs_download prometheus
	dpkg-deb -x prometheus_*.deb root
	mkdir "$1/bin"
	cp root/usr/bin/promtool "$1/bin/"
	"$1/bin/promtool" --version
}
