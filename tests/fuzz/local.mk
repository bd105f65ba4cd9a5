# Fuzzing: `make fuzz` builds with clang and plays FUZZ_RUNS inputs to each harness. `make
# check` only checks that each harness takes its first inputs, which are made from the cases.
FUZZ_REPLAY = tests/fuzz/replay.c tests/fuzz/input.c tests/fuzz/fuzz.h
FUZZ_HARNESSES = tests/fuzz/failure_map_fuzz.c tests/fuzz/sse_fuzz.c tests/fuzz/json_fuzz.c \
	tests/fuzz/request_fuzz.c tests/fuzz/convert_fuzz.c tests/fuzz/settings_fuzz.c tests/fuzz/log_fuzz.c
check_PROGRAMS += tests/fuzz/replay_failure_map tests/fuzz/replay_sse tests/fuzz/replay_json \
	tests/fuzz/replay_request tests/fuzz/replay_convert tests/fuzz/replay_settings tests/fuzz/replay_log
tests_fuzz_replay_failure_map_SOURCES = tests/fuzz/failure_map_fuzz.c $(FUZZ_REPLAY)
tests_fuzz_replay_failure_map_LDADD = $(PENSTOCK_LIBS)
tests_fuzz_replay_sse_SOURCES = tests/fuzz/sse_fuzz.c $(FUZZ_REPLAY)
tests_fuzz_replay_sse_LDADD = $(PENSTOCK_LIBS)
tests_fuzz_replay_json_SOURCES = tests/fuzz/json_fuzz.c $(FUZZ_REPLAY)
tests_fuzz_replay_json_LDADD = $(PENSTOCK_LIBS)
tests_fuzz_replay_request_SOURCES = tests/fuzz/request_fuzz.c $(FUZZ_REPLAY)
tests_fuzz_replay_request_LDADD = $(PENSTOCK_LIBS)
tests_fuzz_replay_convert_SOURCES = tests/fuzz/convert_fuzz.c $(FUZZ_REPLAY)
tests_fuzz_replay_convert_LDADD = $(PENSTOCK_LIBS)
tests_fuzz_replay_settings_SOURCES = tests/fuzz/settings_fuzz.c $(FUZZ_REPLAY)
tests_fuzz_replay_settings_LDADD = $(PENSTOCK_LIBS)
tests_fuzz_replay_log_SOURCES = tests/fuzz/log_fuzz.c $(FUZZ_REPLAY)
tests_fuzz_replay_log_LDADD = $(PENSTOCK_LIBS)

dist_check_SCRIPTS += tests/fuzz/replay_seeds
TESTS += tests/fuzz/replay_seeds
EXTRA_DIST += tests/fuzz/README tests/fuzz/run tests/fuzz/seeds tests/fuzz/failure_map.dict tests/fuzz/sse.dict \
	tests/fuzz/json.dict tests/fuzz/request.dict tests/fuzz/convert.dict tests/fuzz/settings.dict tests/fuzz/log.dict

CLANG = clang
FUZZ_RUNS = 1000000
FUZZ_ONLY =
FUZZ_CFLAGS = -std=c11 -g -O2 -fno-omit-frame-pointer -fno-sanitize-recover=undefined $(CURL_CFLAGS) \
	$(CJSON_CFLAGS) $(CONFIG_CFLAGS) $(CRYPTO_CFLAGS) \
	$(HIREDIS_CFLAGS) $(ZLIB_CFLAGS)
FUZZ_COMPILE = $(CLANG) $(DEFS) $(AM_CPPFLAGS) $(CPPFLAGS) $(FUZZ_CFLAGS)

fuzz:
	@$(MKDIR_P) tests/fuzz/clang && rm -f tests/fuzz/clang/penstock.a
	@for source in $(src_libpenstock_a_SOURCES); do case $$source in *.h) ;; *) \
		echo "  CLANG    $$source"; \
		$(FUZZ_COMPILE) -fsanitize=fuzzer-no-link,address,undefined -c $(srcdir)/$$source \
			-o tests/fuzz/clang/`basename $$source .c`.o || exit 1;; esac; done
	@$(AR) rcs tests/fuzz/clang/penstock.a tests/fuzz/clang/*.o
	@for harness in $(FUZZ_HARNESSES); do \
		echo "  CLANG    $$harness"; \
		$(FUZZ_COMPILE) -fsanitize=fuzzer,address,undefined $(srcdir)/$$harness $(srcdir)/tests/fuzz/input.c \
			tests/fuzz/clang/penstock.a $(PENSTOCK_LIBS:src/libpenstock.a=) \
			-o tests/fuzz/clang/`basename $$harness .c` || exit 1; done
	FUZZ_RUNS=$(FUZZ_RUNS) $(srcdir)/tests/fuzz/run $(FUZZ_ONLY)
.PHONY: fuzz clean-fuzz

clean-local: clean-fuzz
clean-fuzz:
	-rm -rf tests/fuzz/clang
