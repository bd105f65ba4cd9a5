# The fault matrix: a provider does one thing wrong, and the client and the usage record must show it.
check_PROGRAMS += tests/faults/run_faults
tests_faults_run_faults_SOURCES = tests/faults/run_faults.c tests/faults/fault.c tests/faults/fault.h \
	tests/faults/script.c tests/faults/script.h tests/faults/fixture.c tests/faults/fixture.h \
	tests/faults/setup.c tests/faults/setup.h \
	tests/faults/result.c tests/faults/result.h $(KIT_GROUND) $(KIT_CLIENT)
tests_faults_run_faults_LDADD = $(CJSON_LIBS)

# What clients, web servers and the machine do to the gateway.
check_PROGRAMS += tests/faults/run_hostile_clients
tests_faults_run_hostile_clients_SOURCES = tests/faults/run_hostile_clients.c tests/faults/raw_request.c tests/faults/raw_request.h \
	tests/faults/checks_queue.c tests/faults/checks_resources.c tests/faults/checks_clients.c tests/faults/checks_garbage.c \
	tests/faults/checks_clock.c tests/faults/checks_stopped.c tests/pool/client.c tests/pool/client.h \
	tests/pool/runner.c tests/pool/runner.h tests/pool/checks.h tests/pool/service.c tests/pool/service.h \
	tests/pool/chat.c tests/pool/chat.h $(KIT_GROUND) $(KIT_CLIENT)

# What the checks of clocks preload.
check_DATA = tests/faults/clock_shift.so
tests/faults/clock_shift.so: tests/faults/clock_shift.c
	@mkdir -p tests/faults
	$(AM_V_CC)$(CC) -O1 -fPIC -shared -o $@ $(srcdir)/tests/faults/clock_shift.c
CLEANFILES += tests/faults/clock_shift.so
EXTRA_DIST += tests/faults/clock_shift.c

FAULTS = tests/faults/silence.faults tests/faults/cuts.faults tests/faults/frames.faults \
	tests/faults/refusals.faults tests/faults/network.faults tests/faults/classic.faults
dist_check_SCRIPTS += tests/faults/run
TESTS += tests/faults/run tests/faults/run_hostile_clients
EXTRA_DIST += tests/faults/README $(FAULTS)

check-faults: src/penstock tests/faults/clock_shift.so tests/upstream/provider tests/faults/run_faults tests/faults/run_hostile_clients
	srcdir=$(srcdir) $(srcdir)/tests/faults/run
	srcdir=$(srcdir) $(srcdir)/tests/faults/run --cgi
	tests/faults/run_hostile_clients
.PHONY: check-faults
