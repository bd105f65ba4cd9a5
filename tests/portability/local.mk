# Other systems, in chroots: tests/portability/run, apart from `make check`.
EXTRA_DIST += tests/portability/run tests/portability/inside
