# The ledger under test: processes killed at any instruction, bursts at a budget, broken files and full disks.
LEDGER_PROBE = tests/ledger/truth.c tests/ledger/truth.h

check_PROGRAMS += tests/ledger/run_kills
TESTS += tests/ledger/run_kills
tests_ledger_run_kills_SOURCES = tests/ledger/run_kills.c tests/kit/redis.c tests/kit/redis.h $(LEDGER_PROBE) \
	$(KIT_GROUND) $(KIT_CLIENT)
tests_ledger_run_kills_LDADD = $(PENSTOCK_LIBS)

check_PROGRAMS += tests/ledger/run_ledger
TESTS += tests/ledger/run_ledger
tests_ledger_run_ledger_SOURCES = tests/ledger/run_ledger.c tests/ledger/checks.h tests/ledger/checks_burst.c \
	tests/ledger/checks_broken.c tests/ledger/checks_signals.c tests/kit/redis.c tests/kit/redis.h \
	tests/ledger/burst.c tests/ledger/burst.h \
	tests/pool/runner.c tests/pool/runner.h tests/pool/checks.h tests/pool/service.c tests/pool/service.h \
	tests/pool/chat.c tests/pool/chat.h $(LEDGER_PROBE) $(KIT_GROUND) $(KIT_CLIENT)
tests_ledger_run_ledger_LDADD = $(PENSTOCK_LIBS)

# Behind a real lighttpd.
check_PROGRAMS += tests/ledger/run_storm
tests_ledger_run_storm_SOURCES = tests/ledger/run_storm.c tests/servers/expect.h \
	tests/servers/site.c tests/servers/site.h tests/servers/client.c tests/servers/client.h \
	tests/servers/http.c tests/servers/http.h tests/servers/tcp.c tests/servers/tcp.h $(LEDGER_PROBE) $(KIT_GROUND) $(KIT_CLIENT)
tests_ledger_run_storm_LDADD = $(PENSTOCK_LIBS)
dist_check_SCRIPTS += tests/ledger/storm
TESTS += tests/ledger/storm

# The same, whole.
check-ledger: src/penstock tests/upstream/provider tests/ledger/run_kills tests/ledger/run_ledger \
	tests/ledger/run_storm
	tests/ledger/run_kills 5000
	tests/ledger/run_ledger --whole
	srcdir='$(srcdir)' $(srcdir)/tests/ledger/storm --whole
.PHONY: check-ledger
