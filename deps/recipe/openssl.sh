# shellcheck shell=bash
# OpenSSL 3.5 LTS as shared libraries: ML-KEM, X25519MLKEM768, ML-DSA, Argon2id. Debian 12 has 3.0, so there it is built
# from Debian 13's source package; a system that has 3.5 already gives its own.
#
# The archive's point releases come and go, so the pin is a range with a floor, and what vouches for the bytes is the
# archive's signature over its index. The libraries keep Debian's soname and symbol versions: the system's libcurl, loaded
# by the same program, then uses this copy as well.
recipe_title="OpenSSL 3.5 (about 2 minutes on 2 idle cores)"
recipe_files="debian-source.sh"

openssl_floor=3.5.6

openssl_system_has_it() { pkg-config --atleast-version=3.5.0 libssl 2>/dev/null; }

recipe_key() { if openssl_system_has_it; then pkg-config --modversion libssl; fi; }

recipe_build() {
	mkdir -p "$1/lib" "$1/include"
	if openssl_system_has_it; then
		local libdir
		libdir=$(pkg-config --variable=libdir libssl)
		ln -s "$libdir"/libcrypto.so* "$libdir"/libssl.so* "$1/lib/"
		ln -s "$(pkg-config --variable=includedir libssl)/openssl" "$1/include/openssl"
		return
	fi
	bash "$deps/debian-source.sh" openssl trixie "$openssl_floor" 3.6 source
	cd source
	# ENGINE and SRP stay: the system's libcurl links against their symbols.
	./Configure linux-"$(uname -m)" shared no-tests no-docs no-module --prefix=/usr --openssldir=/usr/lib/ssl --libdir=lib
	make build_generated
	make -j "$jobs" libcrypto.so libssl.so
	cp -P libcrypto.so* libssl.so* "$1/lib/"
	strip --strip-unneeded "$1"/lib/*.so.*
	cp -r include/openssl "$1/include/"
	find "$1/include" -name '*.in' -delete
	cp LICENSE.txt "$1/"
}
