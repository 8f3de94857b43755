# shellcheck shell=bash
# genom.pack.gz: the dictionary as browsers fetch it, made from genom.dict by tools/genom-pack.c.
recipe_title="dictionary for browsers (10 seconds)"
recipe_files="../genom/*.c ../genom/*.h ../tools/genom-pack.c"

# What browsers wait for on a first visit.
pack_most=12000000

recipe_key() { basename "$(recipe_dest genom)"; }

recipe_build() {
	local size
	cc -std=gnu11 -D_GNU_SOURCE -O2 -I"$root" -o genom-pack "$root"/tools/genom-pack.c "$root"/genom/*.c
	./genom-pack "$(need genom)/genom.dict" genom.pack
	libdeflate-gzip -12 -c genom.pack >"$1/genom.pack.gz"
	size=$(stat -c %s "$1/genom.pack.gz")
	[ "$size" -le "$pack_most" ] || die "genom.pack.gz has $size bytes, more than the $pack_most that a page may fetch"
}
