# What a machine can keep of the rules of the house.
dist_check_SCRIPTS += tests/house/check
TESTS += tests/house/check
EXTRA_DIST += src/floors .clang-format .editorconfig
