# What a machine can keep of the rules of the house.
dist_check_SCRIPTS += tests/house/check
EXTRA_DIST += .clang-format .editorconfig
check-style:
	srcdir='$(srcdir)' $(srcdir)/tests/house/check
.PHONY: check-style
