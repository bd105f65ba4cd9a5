# Runs ../shared/corpus where it exists: what it holds was recorded by others and stays out of the repository.
check_PROGRAMS += tests/corpus/behaviours
tests_corpus_behaviours_SOURCES = tests/corpus/behaviours.c \
	tests/corpus/kinds.h tests/corpus/kinds_failure.c tests/corpus/kinds_delay.c tests/corpus/kinds_stream.c \
	tests/corpus/kinds_program.c tests/corpus/kinds_usage.c tests/corpus/kinds_provider.c tests/corpus/kinds_responses.c \
	tests/corpus/kinds_runs.c src/run.c src/claim.c tests/corpus/kinds_retry.c src/retry.c src/breaker.c \
	src/responses_answer.c src/responses_stream.c $(RESPONSES_SOURCES) \
	tests/corpus/scene.c tests/corpus/scene.h \
	tests/corpus/answers.c tests/corpus/answers.h tests/corpus/outcome.c tests/corpus/outcome.h \
	tests/corpus/deviations.c tests/corpus/deviations.h $(KIT_GROUND) $(KIT_CLIENT) \
	src/failure_map.c src/failure_rules.c src/failure_body.c src/failure_page.c src/failure_delay.c \
	src/failure_text.c src/redact.c src/upstream.c src/upstream_body.c src/upstream_loop.c src/upstream_once.c src/upstream_trust.c src/upstream_fault.c src/tls.c src/refusal.c src/heading.c src/reply.c src/standing.c \
	src/sse.c src/stream.c src/mould.c src/estimate.c src/price.c src/price_read.c src/pattern.c \
	src/provider.c src/provider_data.c src/parameters.c src/target.c src/chat.c src/splice.c src/percent.c src/preset.c \
	$(SETTINGS_SOURCES) \
	src/answer.c src/usage.c src/usage_read.c src/json.c src/json_text.c src/json_write.c src/digest.c \
	src/memory.c src/clock.c src/arena.c src/buffer.c src/decimal.c src/secret.c src/log.c src/failure.c src/utf8.c
tests_corpus_behaviours_LDADD = $(CURL_LIBS) $(CJSON_LIBS) $(CONFIG_LIBS) $(CRYPTO_LIBS) -lm

# No corpus is needed for the search for keys that leak.
check_PROGRAMS += tests/corpus/leaks
tests_corpus_leaks_SOURCES = tests/corpus/leaks.c tests/corpus/leaks.h tests/corpus/leaks_places.c \
	$(KIT_GROUND) $(KIT_CLIENT) src/digest.c src/log.c src/clock.c src/memory.c
tests_corpus_leaks_LDADD = $(CRYPTO_LIBS)
TESTS += tests/corpus/leaks

dist_check_SCRIPTS += tests/corpus/run
TESTS += tests/corpus/run
EXTRA_DIST += tests/corpus/deviations
