# shellcheck shell=bash
# The npm packages that bench/page/package-lock.json pins: Lighthouse, for figures of the page. Nothing else needs it.
recipe_title="npm packages that measure the page"
recipe_files="../bench/page/package.json ../bench/page/package-lock.json ../bench/page/.npmrc recipe/node.sh pip/node.txt"

recipe_build() { npm_ci "$root/bench/page" "$1"; }
