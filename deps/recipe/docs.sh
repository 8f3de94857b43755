# shellcheck shell=bash
# Real documents to learn and to ask about: the folders of docs.list, out of Debian packages that are unpacked, not installed.
recipe_title="documents: some 700 manual pages, handbooks and FAQs"
recipe_files="docs.list"

docs_minimum=622

# Lists of the archive's packages of our own where the machine has none (a fresh container) or old ones.
docs_download() {
	local options=()
	[ "$(id -u)" != 0 ] || options+=(-o APT::Sandbox::User=root)
	if ! apt-get "${options[@]}" -q download "$@"; then
		rm -f ./*.deb
		mkdir -p lists/partial cache/archives/partial
		options+=(-o "Dir::State::lists=$PWD/lists" -o "Dir::Cache=$PWD/cache")
		apt-get "${options[@]}" -q update
		apt-get "${options[@]}" -q download "$@"
	fi
}

# A manual page that only includes another (".so man7/x.7") has nothing of its own to say.
docs_is_alias() {
	case $1 in
	*/man/*.gz) [ "$(gzip -dc "$1" | awk '!/^\.\\"/ && !seen++ { print substr($0, 1, 4) }')" = ".so " ] ;;
	*) return 1 ;;
	esac
}

recipe_build() {
	local packages package pattern file target count
	packages=$(sed '/^#/d;/^$/d;s/ .*//' "$deps/docs.list" | sort -u)
	# shellcheck disable=SC2086
	docs_download $packages
	mkdir root
	for package in $packages; do
		dpkg-deb -x "$package"_*.deb "root/$package"
	done
	while read -r package pattern; do
		case $package in '' | '#'*) continue ;; esac
		while read -r file; do
			! docs_is_alias "$file" || continue
			target=${file#"root/$package/usr/share/"}
			target=${target#doc/}
			target=$1/$package/${target#man/}
			mkdir -p "${target%/*}"
			cp "$file" "$target"
			# A PDF is compressed already; readers expect it bare.
			case $target in *.pdf.gz) gzip -d "$target" ;; esac
		done < <(find "root/$package" -type f -path "root/$package/$pattern" | sort)
	done <"$deps/docs.list"
	count=$(find "$1" -type f | wc -l)
	echo "$count documents"
	[ "$count" -ge "$docs_minimum" ] || die "only $count documents found, $docs_minimum are wanted: adapt deps/docs.list"
}
