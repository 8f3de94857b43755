# shellcheck shell=bash
# llama.cpp for packages: shared libraries that run on any processor of the architecture. What the vector instructions make
# fast is in libggml-cpu alone; on x86-64 it is built three times, and the system's loader takes the one that fits from
#
#   lib/libggml-cpu.so.0                              every processor
#   lib/glibc-hwcaps/x86-64-v3/libggml-cpu.so.0       with AVX2
#   lib/glibc-hwcaps/x86-64-v4/libggml-cpu.so.0       with AVX-512
. "$deps/recipe/llama.sh"
recipe_title="llama.cpp for every processor (about 4 minutes on 2 idle cores)"
recipe_files="crates.pins recipe/llama.sh"

recipe_key() { :; }

# portable_cmake TREE TARGET OPTION...
portable_cmake() {
	local tree=$1 target=$2 flag options=()
	shift 2
	for flag in COMMON TESTS TOOLS EXAMPLES SERVER APP; do
		options+=("-DLLAMA_BUILD_$flag=OFF")
	done
	cmake -S crate-source/llama.cpp -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON \
		-DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_INSTALL_PREFIX="$out" -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON "-DCMAKE_INSTALL_RPATH=\$ORIGIN" \
		-DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DGGML_CCACHE=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF "${options[@]}" "$@"
	cmake --build "$tree" -j "$jobs" --target "$target"
}

# portable_level NAME OPTION...: libggml-cpu for the processors that glibc calls NAME.
portable_level() {
	local name=$1
	shift
	portable_cmake "tree-$name" ggml-cpu "$@"
	mkdir -p "$out/lib/glibc-hwcaps/$name"
	cp -L "$(find "tree-$name" -name 'libggml-cpu.so.0' -print -quit)" "$out/lib/glibc-hwcaps/$name/libggml-cpu.so.0"
}

recipe_build() {
	local out=$1 avx2="-DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON"
	crate_get llama-cpp-sys-2 crate-source
	llama_no_logits crate-source/llama.cpp/src/llama-context.cpp
	case $(uname -m) in
	x86_64)
		portable_cmake tree llama -DGGML_SSE42=OFF -DGGML_AVX=OFF -DGGML_AVX2=OFF -DGGML_FMA=OFF -DGGML_F16C=OFF -DGGML_BMI2=OFF
		# shellcheck disable=SC2086
		portable_level x86-64-v3 $avx2
		# shellcheck disable=SC2086
		portable_level x86-64-v4 $avx2 -DGGML_AVX512=ON
		;;
	*) portable_cmake tree llama ;;
	esac
	cmake --install tree
	strip --strip-unneeded "$out"/lib/*.so.*.* "$out"/lib/glibc-hwcaps/*/*.so.* 2>/dev/null
}
