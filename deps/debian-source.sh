#!/usr/bin/env bash
# debian-source.sh PACKAGE SUITE FLOOR CEILING DIR: unpacks the newest source package of a Debian suite into DIR, provided
# its upstream version is at least FLOOR and below CEILING.
#
# The mirror is the one this machine already uses for its own suite; its apt configuration is not touched. apt checks the
# signature of the index and, through it, the hash of every file: hence dpkg-source need not check again.
set -euo pipefail
package=$1 suite=$2 floor=$3 ceiling=$4 out=$5
apt=$PWD/apt

mirror=$(find /etc/apt/sources.list /etc/apt/sources.list.d -type f \( -name '*.list' -o -name '*.sources' \) -exec cat {} + 2>/dev/null |
	sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] +)?([^ ]+) .*/\2/p' | sed -n '/\/debian\/\{0,1\}$/{p;q}') || true
if [ -z "$mirror" ]; then
	echo "no Debian mirror is configured in /etc/apt" >&2
	exit 1
fi
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
for part in "$suite" "$suite-updates"; do
	printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" "$part"
done >"$apt/sources.list"
options=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$apt/lists"
	-o "Dir::Cache=$apt/cache")
# Root's apt downloads as an unprivileged user, who cannot enter a private cache directory.
[ "$(id -u)" != 0 ] || options+=(-o APT::Sandbox::User=root)

apt-get "${options[@]}" -qq update
versions=$(apt-cache "${options[@]}" showsrc --only-source "$package" | sed -n 's/^Version: //p' | sort -Vru)
for version in $versions; do
	upstream=${version#*:}
	upstream=${upstream%-*}
	dpkg --compare-versions "$upstream" ge "$floor" && dpkg --compare-versions "$upstream" lt "$ceiling" || continue
	# The index may name a version whose files the mirror lacks (not there yet, or gone already): the next older one then.
	if apt-get "${options[@]}" -qq source --download-only "$package=$version"; then
		dpkg-source --no-check -x "${package}_${version#*:}.dsc" "$out"
		exit 0
	fi
	echo "$package $version could not be downloaded; trying an older one" >&2
done
echo "$suite has no $package from $floor up to below $ceiling that can be downloaded; it names:" $versions >&2
exit 1
