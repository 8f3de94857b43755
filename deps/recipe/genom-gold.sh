# shellcheck shell=bash
# WordSim-353 and SimLex-999 (how alike people find two words), out of the test data of gensim: tools/genom/evaluate.py compares with them.
recipe_title="word pairs that people judged (28 MB to fetch)"
recipe_files="pip/genom-eval.txt"

recipe_build() {
	pip_get "$deps/pip/genom-eval.txt" .
	"$(need python)/bin/python" -m zipfile -e gensim-*.whl unpacked
	cp unpacked/gensim/test/test_data/wordsim353.tsv unpacked/gensim/test/test_data/simlex999.txt "$1/"
}
