# shellcheck shell=bash
# A server of one JSON route with axum, as bench/gate/axum/Cargo.lock pins it. The lock file holds no addresses: what cargo
# calls its registry here is put in. The compiler must be Rust 1.80 or later.
recipe_title="a server with axum, compiled (a minute)"
recipe_files="../bench/gate/axum/Cargo.toml ../bench/gate/axum/Cargo.lock ../bench/gate/axum/src/main.rs"

recipe_key() { rustc --version; }

recipe_build() {
	local source
	cp -r "$root/bench/gate/axum" source
	mkdir -p asked/src
	: >asked/src/lib.rs
	printf '[package]\nname = "asked"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\ncfg-if = "1"\n' >asked/Cargo.toml
	cargo generate-lockfile --manifest-path asked/Cargo.toml
	source=$(sed -n '/^source = /{p;q}' asked/Cargo.lock)
	sed "s|^checksum = |$source\n&|" "$root/bench/gate/axum/Cargo.lock" >source/Cargo.lock
	cargo build --release --locked --manifest-path source/Cargo.toml --target-dir target
	mkdir "$1/bin"
	cp target/release/sky-bench-axum "$1/bin/axum"
}
