# shellcheck shell=bash
# The npm packages that bench/gate/fastify/package-lock.json pins: Fastify, one of what a JSON route is measured beside.
recipe_title="Fastify (seconds)"
recipe_files="../bench/gate/fastify/package.json ../bench/gate/fastify/package-lock.json ../bench/gate/fastify/.npmrc recipe/node.sh
	pip/node.txt"

recipe_build() { npm_ci "$root/bench/gate/fastify" "$1"; }
