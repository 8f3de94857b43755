# shellcheck shell=bash
# llama.cpp as static libraries and headers, out of the crate llama-cpp-sys-2. No Rust is compiled.
recipe_title="llama.cpp, static (about 2 minutes on 2 idle cores)"
recipe_files="crates.pins"

# The vector instructions are chosen for the machine that builds, and the choice is part of the key: a cache carried to an
# older processor builds again instead of dying of an illegal instruction. GGML_NATIVE would choose without saying what.
# Prints the options that are on: all of AVX2's level or none, then all of AVX-512's level or none, then what goes beyond.
llama_simd() {
	local flags
	flags=" $(sed -n '/^flags/{s/^[^:]*://p;q}' /proc/cpuinfo) "
	llama_has "$flags" avx avx2 fma f16c bmi2 || return 0
	printf 'AVX AVX2 FMA F16C BMI2'
	llama_has "$flags" avx512f avx512bw avx512cd avx512dq avx512vl || return 0
	printf ' AVX512'
	! llama_has "$flags" avx512vbmi || printf ' AVX512_VBMI'
	! llama_has "$flags" avx512_vnni || printf ' AVX512_VNNI'
	! llama_has "$flags" avx512_bf16 || printf ' AVX512_BF16'
}

llama_has() {
	local flags=$1 flag
	shift
	for flag; do
		case $flags in *" $flag "*) ;; *) return 1 ;; esac
	done
}

# A context that embeds holds, and clears, room for the logits of every token of a batch, which an encoder never has: 109 MB
# beside the 112,273 tokens of the multilingual vocabulary, for each thread. Contexts that generate are left as they are.
llama_no_logits() {
	sed -i 's/^\( *bool has_logits *= \)true;$/\1!cparams.embeddings;/' "$1"
	[ "$(grep -c '^ *bool has_logits *= !cparams.embeddings;$' "$1")" = 1 ] || die "$1: the line about has_logits is not as expected"
}

recipe_key() { printf 'simd %s\n' "$(llama_simd)"; }

recipe_build() {
	local simd flag options=()
	simd=$(llama_simd)
	crate_get llama-cpp-sys-2 crate-source
	llama_no_logits crate-source/llama.cpp/src/llama-context.cpp
	for flag in AVX AVX2 FMA F16C BMI2 AVX512 AVX512_VBMI AVX512_VNNI AVX512_BF16; do
		case " $simd " in *" $flag "*) options+=("-DGGML_$flag=ON") ;; *) options+=("-DGGML_$flag=OFF") ;; esac
	done
	[ -n "$simd" ] || options+=(-DGGML_SSE42=OFF)
	for flag in COMMON TESTS TOOLS EXAMPLES SERVER APP; do
		options+=("-DLLAMA_BUILD_$flag=OFF")
	done
	cmake -S crate-source/llama.cpp -B tree -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
		-DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_INSTALL_PREFIX="$1" \
		-DCMAKE_C_FLAGS="-ffunction-sections -fdata-sections" -DCMAKE_CXX_FLAGS="-ffunction-sections -fdata-sections" \
		-DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DGGML_CCACHE=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF "${options[@]}"
	cmake --build tree -j "$jobs" --target llama
	cmake --install tree
}
