# shellcheck shell=bash
# The small set of documents that the tests learn: part of what the recipe docs gives.
recipe_title="documents for the tests"
recipe_files="docs.list docs-test.list recipe/docs.sh"

recipe_build() {
	local from pattern file count
	from=$(need docs)
	while read -r pattern; do
		case $pattern in '' | '#'*) continue ;; esac
		count=0
		while read -r file; do
			mkdir -p "$1/$(dirname "${file#"$from"/}")"
			cp "$file" "$1/${file#"$from"/}"
			count=$((count + 1))
		done < <(find "$from" -type f -path "$from/$pattern" | sort)
		[ "$count" -gt 0 ] || echo "nothing matches $pattern"
	done <"$deps/docs-test.list"
	count=$(find "$1" -type f | wc -l)
	echo "$count documents"
	[ "$count" -ge 40 ] && [ "$count" -le 60 ] || die "$count documents found, 40 to 60 are wanted: adapt deps/docs-test.list"
}
