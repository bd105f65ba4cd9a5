# Fuzzing: `make fuzz` builds with clang and plays FUZZ_RUNS inputs to each harness. What `make check` has of it is that
# each harness still takes its first inputs, made from the cases.
FUZZ_KIT = tests/fuzz/input.c tests/fuzz/fuzz.h
FUZZ_REPLAY = tests/fuzz/replay.c $(FUZZ_KIT)
FUZZ_HARNESSES = tests/fuzz/failure_map_fuzz.c tests/fuzz/sse_fuzz.c tests/fuzz/json_fuzz.c \
	tests/fuzz/request_fuzz.c tests/fuzz/settings_fuzz.c
FUZZ_GROUND = src/memory.c src/clock.c src/arena.c src/buffer.c src/secret.c src/log.c src/failure.c src/utf8.c \
	src/json.c src/json_text.c src/json_write.c
FUZZ_FAILURE = src/failure_map.c src/failure_rules.c src/failure_body.c src/failure_page.c src/failure_delay.c \
	src/failure_text.c src/redact.c src/upstream.c src/tls.c

FUZZ_REPLAYS = tests/fuzz/replay_failure_map tests/fuzz/replay_sse tests/fuzz/replay_json \
	tests/fuzz/replay_request tests/fuzz/replay_settings
check_PROGRAMS += $(FUZZ_REPLAYS)
tests_fuzz_replay_failure_map_SOURCES = tests/fuzz/failure_map_fuzz.c $(FUZZ_REPLAY) $(FUZZ_GROUND) \
	$(FUZZ_FAILURE) src/refusal.c src/heading.c src/reply.c
tests_fuzz_replay_failure_map_LDADD = $(CURL_LIBS) $(CJSON_LIBS) $(CRYPTO_LIBS) -lm
tests_fuzz_replay_sse_SOURCES = tests/fuzz/sse_fuzz.c $(FUZZ_REPLAY) $(FUZZ_GROUND) src/sse.c src/stream.c \
	src/answer.c src/usage.c src/usage_read.c
tests_fuzz_replay_json_SOURCES = tests/fuzz/json_fuzz.c $(FUZZ_REPLAY) $(FUZZ_GROUND) src/splice.c src/answer.c \
	src/usage.c src/usage_read.c
tests_fuzz_replay_request_SOURCES = tests/fuzz/request_fuzz.c $(FUZZ_REPLAY) $(FUZZ_GROUND) src/request.c \
	src/route.c src/chat.c src/splice.c src/provider.c src/preset.c src/digest.c $(SETTINGS_SOURCES)
tests_fuzz_replay_request_LDADD = $(CONFIG_LIBS) $(CRYPTO_LIBS) -lm
tests_fuzz_replay_settings_SOURCES = tests/fuzz/settings_fuzz.c $(FUZZ_REPLAY) $(FUZZ_GROUND) src/preset.c \
	src/digest.c $(SETTINGS_SOURCES)
tests_fuzz_replay_settings_LDADD = $(CONFIG_LIBS) $(CRYPTO_LIBS) -lm

dist_check_SCRIPTS += tests/fuzz/replay_seeds
TESTS += tests/fuzz/replay_seeds
EXTRA_DIST += tests/fuzz/README tests/fuzz/run tests/fuzz/seeds tests/fuzz/answers.dict tests/fuzz/streams.dict \
	tests/fuzz/json.dict tests/fuzz/requests.dict tests/fuzz/settings.dict

CLANG = clang
FUZZ_RUNS = 1000000
FUZZ_CFLAGS = -std=c11 -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=undefined -I$(srcdir)/tests/fuzz $(CURL_CFLAGS) \
	$(CJSON_CFLAGS) $(CONFIG_CFLAGS) $(CRYPTO_CFLAGS) $(SYSTEMD_CFLAGS)

fuzz:
	@$(MKDIR_P) tests/fuzz/clang
	@for source in $(src_penstock_SOURCES); do case $$source in *.c) \
		echo "$(CLANG) $$source"; \
		$(CLANG) $(DEFS) $(AM_CPPFLAGS) $(CPPFLAGS) $(FUZZ_CFLAGS) \
			-fsanitize=fuzzer-no-link,address,undefined -c $(srcdir)/$$source \
			-o tests/fuzz/clang/`basename $$source .c`.o || exit 1;; esac; done
	@rm -f tests/fuzz/clang/main.o tests/fuzz/clang/penstock.a
	@$(AR) rcs tests/fuzz/clang/penstock.a tests/fuzz/clang/*.o
	@for harness in $(FUZZ_HARNESSES); do \
		echo "$(CLANG) $$harness"; \
		$(CLANG) $(DEFS) $(AM_CPPFLAGS) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined \
			$(srcdir)/$$harness $(srcdir)/tests/fuzz/input.c tests/fuzz/clang/penstock.a \
			$(src_penstock_LDADD) -o tests/fuzz/clang/`basename $$harness .c` || exit 1; done
	FUZZ_RUNS=$(FUZZ_RUNS) $(srcdir)/tests/fuzz/run $(FUZZ_ONLY)
.PHONY: fuzz

clean-local:
	-rm -rf tests/fuzz/clang
