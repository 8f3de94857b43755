# shellcheck shell=bash
# deps/lib.sh - what the recipes share: announcing, locks, the cache, fetching through the package clients.
#
# A recipe is one file deps/recipe/<name>.sh. It is sourced, and defines
#
#   recipe_title        one line: what it makes, and how long that takes
#   recipe_files        files below deps/ that decide its result (its pins and scripts)
#   recipe_key          optional function: further lines that decide its result
#   recipe_build OUT    makes the result in the directory OUT; the working directory is a scratch one
#
# Its result is $cache/<name>-<hash>, where the hash covers the recipe, recipe_files, recipe_key and the system's release:
# changing one recipe rebuilds that one alone. This file and deps/setup are left out of the hash on purpose, so that a
# change of wording here does not rebuild everything. Results are built beside their place and renamed into it, so an
# interrupted run leaves nothing half made, and the next run goes on where it stopped.

set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=$root/deps
cache=${XDG_CACHE_HOME:-$HOME/.cache}/skynet/deps
links=$root/build/deps
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}

say() { printf 'deps: %s\n' "$*"; }

die() {
	printf 'deps: %s\n' "$*" >&2
	exit 1
}

# The release decides which system libraries and which compiler a result was made for.
system_release() (
	ID=unknown VERSION_ID=0
	# shellcheck disable=SC1091
	[ ! -r /etc/os-release ] || . /etc/os-release
	printf '%s-%s-%s\n' "$ID" "${VERSION_ID:-0}" "$(uname -m)"
)

debian_version() (
	ID=unknown VERSION_ID=0
	# shellcheck disable=SC1091
	[ ! -r /etc/os-release ] || . /etc/os-release
	[ "$ID" = debian ] && printf '%s\n' "${VERSION_ID%%.*}" || printf '0\n'
)

# The system's own interpreter comes first: python3-venv belongs to it, and a user's shim may vanish.
python_program() {
	if [ -n "${PYTHON:-}" ]; then
		printf '%s\n' "$PYTHON"
	elif [ -x /usr/bin/python3 ]; then
		printf '/usr/bin/python3\n'
	else
		command -v python3
	fi
}

# recipe_dest NAME: the directory in the cache that holds, or will hold, the result of a recipe.
recipe_dest() (
	name=$1
	recipe_files=
	recipe_key() { :; }
	# shellcheck disable=SC1090
	. "$deps/recipe/$name.sh"
	cd "$deps"
	# shellcheck disable=SC2086
	hash=$({
		system_release
		recipe_key
		sha256sum "recipe/$name.sh" $recipe_files
	} | sha256sum | cut -c1-16)
	printf '%s/%s-%s\n' "$cache" "$name" "$hash"
)

# need NAME: the finished result of another recipe, for use inside recipe_build.
need() {
	local dest
	dest=$(recipe_dest "$1")
	[ -d "$dest" ] || die "$1 is needed first: run deps/setup, which orders the recipes"
	printf '%s\n' "$dest"
}

# sha256_is FILE SUM
sha256_is() {
	local sum
	sum=$(sha256sum "$1" | cut -d' ' -f1)
	[ "$sum" = "$2" ] || die "$1 has sha256 $sum, expected $2"
}

# pip_get REQUIREMENTS DIR: downloads exactly the pinned files of a requirement list; pip checks their hashes.
pip_get() {
	"$(need python)/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--require-hashes --dest "$2" --requirement "$1"
}

# python_venv REQUIREMENTS DIR: an environment with exactly the pinned packages. It is renamed afterwards, so its scripts in
# bin/ point nowhere; bin/python -m NAME works.
python_venv() {
	"$(python_program)" -m venv "$2"
	"$2/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes --only-binary :all: \
		--requirement "$1"
}

# npm_ci FROM OUT: OUT/node_modules as FROM/package-lock.json pins it; npm checks the sums. No package's scripts are run.
npm_ci() {
	cp "$1/package.json" "$1/package-lock.json" "$1/.npmrc" "$2/"
	"$(need node)/bin/npm" ci --prefix "$2" --ignore-scripts --no-audit --no-fund
}

# npm_get NAME VERSION SUM DIR: unpacks one package of npm, without what it depends on, into DIR/package.
npm_get() {
	local file
	file=$("$(need node)/bin/npm" pack --silent "$1@$2")
	sha256_is "$file" "$3"
	mkdir -p "$4"
	tar -xzf "$file" -C "$4"
}

# crate_get NAME DIR: unpacks a crate pinned in crates.pins into DIR. cargo downloads it (and what it depends on, which
# nothing uses); the sum that counts is checked here, since the copy in cargo's own cache may be old.
crate_get() {
	local version sum file
	read -r version sum < <(awk -v n="$1" '$1 == n { print $2, $3 }' "$deps/crates.pins") || die "crates.pins lacks $1"
	find_crate() { { find "${CARGO_HOME:-$HOME/.cargo}/registry/cache" -name "$1" 2>/dev/null || true; } | sed -n 1p; }
	file=$(find_crate "$1-$version.crate")
	if [ -z "$file" ]; then
		mkdir crate
		: >crate/empty.rs
		printf '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[lib]\npath = "empty.rs"\n[dependencies]\n%s = "=%s"\n' \
			"$1" "$version" >crate/Cargo.toml
		cargo fetch --target x86_64-unknown-linux-gnu --manifest-path crate/Cargo.toml
		file=$(find_crate "$1-$version.crate")
		[ -n "$file" ] || die "cargo did not leave $1-$version.crate in its cache"
	fi
	sha256_is "$file" "$sum"
	mkdir -p "$2"
	tar -xzf "$file" -C "$2" --strip-components=1
}
