# shellcheck shell=bash
# The npm packages that web/package-lock.json pins, as node_modules for the bundler.
recipe_title="npm packages of the pages"
recipe_files="../web/package.json ../web/package-lock.json ../web/.npmrc recipe/node.sh pip/node.txt"

recipe_build() { npm_ci "$root/web" "$1"; }
