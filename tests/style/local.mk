# Rules of the source that a machine can keep. They are not part of `make check`, which is about behaviour.
EXTRA_DIST += src/floors .clang-format .editorconfig tests/style/check tests/style/check_test \
	tests/style/newcomer tests/style/words tests/style/exceptions

check-style:
	$(srcdir)/tests/style/check_test
	$(srcdir)/tests/style/check
.PHONY: check-style
