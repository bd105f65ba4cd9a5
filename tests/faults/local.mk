# The fault matrix: what becomes of a request when its provider does one thing wrong.
check_PROGRAMS += tests/faults/run_faults
tests_faults_run_faults_SOURCES = tests/faults/run_faults.c tests/faults/fault.c tests/faults/fault.h \
	tests/faults/speech.c tests/faults/speech.h tests/faults/scene.c tests/faults/scene.h \
	tests/faults/seen.c tests/faults/seen.h $(KIT_GROUND) $(KIT_CLIENT)
tests_faults_run_faults_LDADD = $(CJSON_LIBS)
FAULTS = tests/faults/silence.faults tests/faults/cuts.faults tests/faults/frames.faults \
	tests/faults/refusals.faults tests/faults/network.faults
dist_check_SCRIPTS += tests/faults/run
TESTS += tests/faults/run
EXTRA_DIST += tests/faults/README $(FAULTS)

check-faults: src/penstock tests/upstream/provider tests/faults/run_faults
	srcdir=$(srcdir) $(srcdir)/tests/faults/run
.PHONY: check-faults
