# make bench measures the cost of the gateway. Nothing here is part of make check.
BENCH = tests/bench/load tests/bench/tally tests/bench/start tests/bench/empty
EXTRA_PROGRAMS += $(BENCH)
CLEANFILES += $(BENCH)
EXTRA_DIST += tests/bench/run tests/bench/targets tests/bench/held tests/bench/call.php tests/bench/governed
tests_bench_load_SOURCES = tests/bench/load.c tests/bench/listener.c tests/bench/listener.h \
	tests/bench/samples.c tests/bench/samples.h $(KIT_GROUND)
tests_bench_tally_SOURCES = tests/bench/tally.c tests/bench/samples.c tests/bench/samples.h $(KIT_GROUND)
tests_bench_start_SOURCES = tests/bench/start.c tests/bench/samples.c tests/bench/samples.h \
	$(KIT_GROUND) $(KIT_CLIENT)
tests_bench_empty_SOURCES = tests/bench/empty.c
tests_bench_empty_LDADD = $(CURL_LIBS)

bench: src/penstock tests/upstream/provider tests/kit/ask tests/kit/free_port $(BENCH)
	srcdir='$(srcdir)' $(srcdir)/tests/bench/run
bench-governed: src/penstock tests/upstream/provider tests/kit/ask tests/kit/free_port $(BENCH)
	srcdir='$(srcdir)' $(srcdir)/tests/bench/governed
.PHONY: bench bench-governed
