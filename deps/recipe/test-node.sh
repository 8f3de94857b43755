# shellcheck shell=bash
# The npm packages that tests/e2e/package-lock.json pins: what drives the browser, and the official JavaScript client.
recipe_title="npm packages of the tests"
recipe_files="../tests/e2e/package.json ../tests/e2e/package-lock.json ../tests/e2e/.npmrc recipe/node.sh pip/node.txt"

recipe_build() { npm_ci "$root/tests/e2e" "$1"; }
