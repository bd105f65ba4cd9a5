# What `make check` builds and runs; each folder says it for itself.
include $(top_srcdir)/tests/style/local.mk
include $(top_srcdir)/tests/unit/local.mk
include $(top_srcdir)/tests/kit/local.mk
include $(top_srcdir)/tests/upstream/local.mk
include $(top_srcdir)/tests/cases/local.mk
include $(top_srcdir)/tests/transport/local.mk
include $(top_srcdir)/tests/faults/local.mk
include $(top_srcdir)/tests/pool/local.mk
include $(top_srcdir)/tests/ledger/local.mk
include $(top_srcdir)/tests/games/local.mk
include $(top_srcdir)/tests/corpus/local.mk
include $(top_srcdir)/tests/fuzz/local.mk
include $(top_srcdir)/tests/bench/local.mk
include $(top_srcdir)/tests/servers/local.mk
include $(top_srcdir)/tests/soak/local.mk
include $(top_srcdir)/tests/clients/local.mk
include $(top_srcdir)/tests/portability/local.mk

EXTRA_DIST += tests/README

# What could not run is named in the end, each reason once.
check-local: check-TESTS
	@grep -hasE '^(could not run|cannot run)' $(TEST_LOGS) /dev/null | sort -u
