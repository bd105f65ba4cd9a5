# An hour of mixed traffic with faults, reloads and kills: `make soak`, or tests/soak/run SECONDS; not in `make check`.
EXTRA_PROGRAMS += tests/soak/run_soak
CLEANFILES += tests/soak/run_soak
tests_soak_run_soak_SOURCES = tests/soak/run_soak.c tests/soak/traffic.c tests/soak/traffic.h \
	tests/soak/vitals.c tests/soak/vitals.h tests/soak/tally.c tests/soak/tally.h \
	tests/servers/site.c tests/servers/site.h tests/servers/client.c tests/servers/client.h \
	tests/servers/http.c tests/servers/http.h tests/servers/tcp.c tests/servers/tcp.h \
	tests/servers/workers.c tests/servers/workers.h tests/servers/expect.h $(KIT_GROUND) $(KIT_CLIENT)
tests_soak_run_soak_LDADD = -lm
EXTRA_DIST += tests/soak/run

soak: src/penstock tests/upstream/provider tests/soak/run_soak
	$(srcdir)/tests/soak/run
.PHONY: soak
