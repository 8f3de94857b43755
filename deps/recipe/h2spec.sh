# shellcheck shell=bash
# h2spec: what a server of HTTP/2 must do, frame by frame; compiled, by Go 1.19 or later, as deps/go/go.sum pins it.
recipe_title="h2spec, compiled (half a minute)"
recipe_files="go/go.mod go/go.sum"

recipe_key() { go version; }

recipe_build() {
	export GOTOOLCHAIN=local GOFLAGS=-modcacherw GOPATH=$PWD/path GOCACHE=$PWD/cache
	mkdir "$1/bin"
	# In a folder of its own: Go reads no go.mod in the one for temporary files.
	cp -r "$deps/go" module
	(cd module && go build -trimpath -o "$1/bin/h2spec" github.com/summerwind/h2spec/cmd/h2spec)
	"$1/bin/h2spec" --version
}
