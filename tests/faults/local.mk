# The fault matrix: what becomes of a request when its provider does one thing wrong.
check_PROGRAMS += tests/faults/run_faults
tests_faults_run_faults_SOURCES = tests/faults/run_faults.c tests/faults/fault.c tests/faults/fault.h \
	tests/faults/speech.c tests/faults/speech.h tests/faults/scene.c tests/faults/scene.h \
	tests/faults/setup.c tests/faults/setup.h \
	tests/faults/seen.c tests/faults/seen.h $(KIT_GROUND) $(KIT_CLIENT)
tests_faults_run_faults_LDADD = $(CJSON_LIBS)

# The other side of it: what clients, web servers and the machine do.
check_PROGRAMS += tests/faults/run_siege
tests_faults_run_siege_SOURCES = tests/faults/run_siege.c tests/faults/siege.c tests/faults/siege.h \
	tests/faults/checks_crowd.c tests/faults/checks_scarce.c tests/faults/checks_clients.c tests/faults/checks_garbage.c \
	tests/faults/checks_clock.c tests/faults/checks_stopped.c tests/pool/visitor.c tests/pool/visitor.h \
	tests/pool/runner.c tests/pool/runner.h tests/pool/checks.h tests/pool/stage.c tests/pool/stage.h \
	tests/pool/chat.c tests/pool/chat.h $(KIT_GROUND) $(KIT_CLIENT)

# What the checks of clocks preload.
check_DATA = tests/faults/clock_shift.so
tests/faults/clock_shift.so: tests/faults/clock_shift.c
	@mkdir -p tests/faults
	$(AM_V_CC)$(CC) -O1 -fPIC -shared -o $@ $(srcdir)/tests/faults/clock_shift.c
CLEANFILES += tests/faults/clock_shift.so
EXTRA_DIST += tests/faults/clock_shift.c

FAULTS = tests/faults/silence.faults tests/faults/cuts.faults tests/faults/frames.faults \
	tests/faults/refusals.faults tests/faults/network.faults
dist_check_SCRIPTS += tests/faults/run
TESTS += tests/faults/run tests/faults/run_siege
EXTRA_DIST += tests/faults/README $(FAULTS)

check-faults: src/penstock tests/faults/clock_shift.so tests/upstream/provider tests/faults/run_faults tests/faults/run_siege
	srcdir=$(srcdir) $(srcdir)/tests/faults/run
	srcdir=$(srcdir) $(srcdir)/tests/faults/run --cgi
	tests/faults/run_siege
.PHONY: check-faults
