# Unit tests: each is linked with the source it is about and the floors below it only. Objects are shared with the program.
if HAVE_CUNIT
UNIT = tests/unit/unit.c tests/unit/unit.h
GROUND = src/memory.c src/clock.c src/arena.c src/buffer.c src/decimal.c src/secret.c src/log.c src/failure.c src/utf8.c
JSON = src/json.c src/json_text.c src/json_write.c
RUN_SOURCES = src/run.c src/run_request.c src/run_answer.c src/responses_read.c src/responses_write.c

UNIT_TESTS = tests/unit/ground_test tests/unit/json_test tests/unit/sse_test tests/unit/splice_test \
	tests/unit/stream_test tests/unit/route_test tests/unit/multipart_test tests/unit/money_test tests/unit/standing_test \
	tests/unit/claim_test tests/unit/run_test
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
UNIT_LIBS = $(CUNIT_LIBS)

tests_unit_ground_test_SOURCES = tests/unit/ground_test.c $(UNIT) $(GROUND) src/digest.c src/failure_text.c \
	src/json_write.c src/usage.c
tests_unit_ground_test_LDADD = $(UNIT_LIBS) $(CRYPTO_LIBS)
tests_unit_multipart_test_SOURCES = tests/unit/multipart_test.c $(UNIT) src/multipart.c
tests_unit_multipart_test_LDADD = $(UNIT_LIBS)
tests_unit_money_test_SOURCES = tests/unit/money_test.c $(UNIT) src/money.c src/date.c
tests_unit_money_test_LDADD = $(UNIT_LIBS)
tests_unit_standing_test_SOURCES = tests/unit/standing_test.c $(UNIT) $(GROUND) src/standing.c src/money.c src/reply.c
tests_unit_standing_test_LDADD = $(UNIT_LIBS)
tests_unit_run_test_SOURCES = tests/unit/run_test.c $(UNIT) $(GROUND) $(JSON) $(RUN_SOURCES) src/splice.c src/redact.c \
	src/money.c
tests_unit_run_test_LDADD = $(UNIT_LIBS)
tests_unit_claim_test_SOURCES = tests/unit/claim_test.c $(UNIT) src/claim.c
tests_unit_claim_test_LDADD = $(UNIT_LIBS)
tests_unit_json_test_SOURCES = tests/unit/json_test.c $(UNIT) $(GROUND) $(JSON)
tests_unit_json_test_LDADD = $(UNIT_LIBS)
tests_unit_sse_test_SOURCES = tests/unit/sse_test.c $(UNIT) $(GROUND) src/sse.c
tests_unit_sse_test_LDADD = $(UNIT_LIBS)
tests_unit_splice_test_SOURCES = tests/unit/splice_test.c $(UNIT) $(GROUND) $(JSON) src/splice.c
tests_unit_splice_test_LDADD = $(UNIT_LIBS)
tests_unit_stream_test_SOURCES = tests/unit/stream_test.c $(UNIT) $(GROUND) $(JSON) src/usage.c \
	src/usage_read.c src/answer.c src/estimate.c src/stream.c src/mould.c
tests_unit_stream_test_LDADD = $(UNIT_LIBS)
tests_unit_route_test_SOURCES = tests/unit/route_test.c $(UNIT) $(GROUND) $(JSON) src/route.c src/percent.c src/request.c src/digest.c \
	$(SETTINGS_SOURCES) src/preset.c
tests_unit_route_test_LDADD = $(UNIT_LIBS) $(CRYPTO_LIBS) $(CONFIG_LIBS)

TRY_TESTS = tests/unit/retry_test tests/unit/breaker_test tests/unit/condition_test
check_PROGRAMS += $(TRY_TESTS)
TESTS += $(TRY_TESTS)
tests_unit_retry_test_SOURCES = tests/unit/retry_test.c $(UNIT) $(GROUND) src/retry.c src/hold.c
tests_unit_retry_test_LDADD = $(UNIT_LIBS)
tests_unit_breaker_test_SOURCES = tests/unit/breaker_test.c $(UNIT) $(GROUND) src/breaker.c
tests_unit_breaker_test_LDADD = $(UNIT_LIBS)
tests_unit_condition_test_SOURCES = tests/unit/condition_test.c $(UNIT) $(GROUND) $(JSON) $(LEDGER_SOURCES) $(LOG_SOURCES) \
	src/condition.c src/breaker.c src/usage_log.c src/usage_line.c src/usage.c src/money.c src/date.c src/price.c \
	src/price_read.c src/pattern.c src/digest.c src/redis_address.c
nodist_tests_unit_condition_test_SOURCES = src/ledger_script.c
tests_unit_condition_test_LDADD = $(UNIT_LIBS) $(LMDB_LIBS) $(HIREDIS_LIBS) $(CRYPTO_LIBS) $(ZLIB_LIBS) -lm

NAME_TESTS = tests/unit/target_test tests/unit/model_cache_test tests/unit/provider_test
check_PROGRAMS += $(NAME_TESTS)
TESTS += $(NAME_TESTS)
tests_unit_target_test_SOURCES = tests/unit/target_test.c $(UNIT) $(GROUND) $(JSON) src/target.c src/pattern.c \
	src/percent.c src/digest.c src/preset.c $(SETTINGS_SOURCES)
tests_unit_target_test_LDADD = $(UNIT_LIBS) $(CRYPTO_LIBS) $(CONFIG_LIBS)
tests_unit_model_cache_test_SOURCES = tests/unit/model_cache_test.c $(UNIT) $(GROUND) src/model_cache.c
tests_unit_model_cache_test_LDADD = $(UNIT_LIBS)
tests_unit_provider_test_SOURCES = tests/unit/provider_test.c $(UNIT) $(GROUND) $(JSON) src/provider.c \
	src/parameters.c src/splice.c src/preset.c src/pattern.c src/percent.c
tests_unit_provider_test_LDADD = $(UNIT_LIBS)

SETTINGS_TESTS = tests/unit/settings_test tests/unit/provider_settings_test tests/unit/preset_test \
	tests/unit/options_test tests/unit/text_faults_test tests/unit/settings_dump_test tests/unit/tls_test
check_PROGRAMS += $(SETTINGS_TESTS)
TESTS += $(SETTINGS_TESTS)
SETTINGS_KIT = tests/unit/settings_kit.c tests/unit/settings_kit.h $(UNIT) $(GROUND) $(JSON) \
	src/digest.c src/preset.c $(SETTINGS_SOURCES)
SETTINGS_LIBS = $(UNIT_LIBS) $(CRYPTO_LIBS) $(CONFIG_LIBS)

tests_unit_settings_test_SOURCES = tests/unit/settings_test.c $(SETTINGS_KIT)
tests_unit_settings_test_LDADD = $(SETTINGS_LIBS)
tests_unit_provider_settings_test_SOURCES = tests/unit/provider_settings_test.c $(SETTINGS_KIT)
tests_unit_provider_settings_test_LDADD = $(SETTINGS_LIBS)
tests_unit_settings_dump_test_SOURCES = tests/unit/settings_dump_test.c $(SETTINGS_KIT)
tests_unit_settings_dump_test_LDADD = $(SETTINGS_LIBS)
tests_unit_tls_test_SOURCES = tests/unit/tls_test.c $(SETTINGS_KIT) src/tls.c
tests_unit_tls_test_LDADD = $(SETTINGS_LIBS)
tests_unit_options_test_SOURCES = tests/unit/options_test.c $(UNIT) $(GROUND) src/options.c
tests_unit_options_test_LDADD = $(UNIT_LIBS)
tests_unit_preset_test_SOURCES = tests/unit/preset_test.c $(UNIT) src/preset.c src/pattern.c
tests_unit_preset_test_LDADD = $(UNIT_LIBS)
tests_unit_text_faults_test_SOURCES = tests/unit/text_faults_test.c $(UNIT) src/text_faults.c
tests_unit_text_faults_test_LDADD = $(UNIT_LIBS)

RESPONSES_TESTS = tests/unit/responses_request_test tests/unit/responses_answer_test \
	tests/unit/responses_stream_test tests/unit/responses_corpus_test
check_PROGRAMS += $(RESPONSES_TESTS)
TESTS += $(RESPONSES_TESTS)
RESPONSES_KIT = $(UNIT) $(GROUND) $(JSON) src/digest.c src/usage.c $(RESPONSES_SOURCES)
tests_unit_responses_request_test_SOURCES = tests/unit/responses_request_test.c $(RESPONSES_KIT)
tests_unit_responses_request_test_LDADD = $(UNIT_LIBS) $(CRYPTO_LIBS)
tests_unit_responses_answer_test_SOURCES = tests/unit/responses_answer_test.c src/responses_answer.c src/sse.c \
	tests/unit/responses_kit.c tests/unit/responses_kit.h $(RESPONSES_KIT)
tests_unit_responses_answer_test_LDADD = $(UNIT_LIBS) $(CRYPTO_LIBS)
RESPONSES_STREAM_KIT = src/responses_stream.c src/sse.c tests/unit/responses_kit.c tests/unit/responses_kit.h $(RESPONSES_KIT)
tests_unit_responses_stream_test_SOURCES = tests/unit/responses_stream_test.c $(RESPONSES_STREAM_KIT)
tests_unit_responses_stream_test_LDADD = $(UNIT_LIBS) $(CRYPTO_LIBS)
tests_unit_responses_corpus_test_SOURCES = tests/unit/responses_corpus_test.c $(RESPONSES_STREAM_KIT) \
	src/stream.c src/mould.c src/answer.c src/usage_read.c src/estimate.c
tests_unit_responses_corpus_test_LDADD = $(UNIT_LIBS) $(CRYPTO_LIBS)

MONEY_TESTS = tests/unit/usage_read_test tests/unit/price_test
check_PROGRAMS += $(MONEY_TESTS)
TESTS += $(MONEY_TESTS)
tests_unit_usage_read_test_SOURCES = tests/unit/usage_read_test.c $(UNIT) $(GROUND) $(JSON) src/usage.c \
	src/usage_read.c src/answer.c src/estimate.c
tests_unit_usage_read_test_LDADD = $(UNIT_LIBS)
tests_unit_price_test_SOURCES = tests/unit/price_test.c $(UNIT) $(GROUND) src/usage.c src/price.c src/price_read.c \
	src/pattern.c
tests_unit_price_test_LDADD = $(UNIT_LIBS) -lm

LOG_TESTS = tests/unit/log_reader_test tests/unit/usage_report_test tests/unit/status_test tests/unit/usage_log_test
check_PROGRAMS += $(LOG_TESTS)
TESTS += $(LOG_TESTS)
tests_unit_log_reader_test_SOURCES = tests/unit/log_reader_test.c $(UNIT) $(GROUND) $(JSON) $(LOG_SOURCES) src/date.c src/money.c
tests_unit_log_reader_test_LDADD = $(UNIT_LIBS) $(ZLIB_LIBS)

tests_unit_usage_log_test_SOURCES = tests/unit/usage_log_test.c $(UNIT) $(GROUND) src/usage_log.c
tests_unit_usage_log_test_LDADD = $(UNIT_LIBS)
tests_unit_usage_report_test_SOURCES = tests/unit/usage_report_test.c $(UNIT) $(GROUND) src/usage_report.c src/latency.c
tests_unit_usage_report_test_LDADD = $(UNIT_LIBS)

LEDGER_REDIS_TESTS = tests/unit/redis_address_test tests/unit/ledger_redis_test
check_PROGRAMS += $(LEDGER_REDIS_TESTS)
TESTS += $(LEDGER_REDIS_TESTS)
tests_unit_redis_address_test_SOURCES = tests/unit/redis_address_test.c $(UNIT) src/redis_address.c
tests_unit_redis_address_test_LDADD = $(UNIT_LIBS)
tests_unit_ledger_redis_test_SOURCES = tests/unit/ledger_redis_test.c $(UNIT) $(GROUND) src/digest.c src/claim.c \
	src/ledger_redis.c src/redis_link.c src/redis_address.c \
	$(KIT_GROUND) $(KIT_CLIENT) tests/kit/redis.c tests/kit/redis.h
nodist_tests_unit_ledger_redis_test_SOURCES = src/ledger_script.c
tests_unit_ledger_redis_test_LDADD = $(UNIT_LIBS) $(CRYPTO_LIBS) $(HIREDIS_LIBS)
tests_unit_status_test_SOURCES = tests/unit/status_test.c $(UNIT) $(GROUND) src/series_table.c src/metrics.c src/money.c
tests_unit_status_test_LDADD = $(UNIT_LIBS)

TOWER_TESTS = tests/unit/pool_test tests/unit/scoreboard_test tests/unit/listener_test \
	tests/unit/acceptor_test
check_PROGRAMS += $(TOWER_TESTS)
TESTS += $(TOWER_TESTS)
tests_unit_pool_test_SOURCES = tests/unit/pool_test.c $(UNIT) src/pool.c
tests_unit_pool_test_LDADD = $(UNIT_LIBS)
tests_unit_scoreboard_test_SOURCES = tests/unit/scoreboard_test.c $(UNIT) $(GROUND) src/scoreboard.c
tests_unit_scoreboard_test_LDADD = $(UNIT_LIBS)
tests_unit_listener_test_SOURCES = tests/unit/listener_test.c $(UNIT) $(GROUND) src/listener.c src/account.c
tests_unit_listener_test_LDADD = $(UNIT_LIBS)
tests_unit_acceptor_test_SOURCES = tests/unit/acceptor_test.c $(UNIT) $(GROUND) src/acceptor.c
tests_unit_acceptor_test_LDADD = $(UNIT_LIBS)

FAILURE_TESTS = tests/unit/failure_delay_test tests/unit/failure_page_test tests/unit/failure_body_test \
	tests/unit/failure_rules_test tests/unit/failure_map_test tests/unit/redact_test \
	tests/unit/failure_manual_test
check_PROGRAMS += $(FAILURE_TESTS)
TESTS += $(FAILURE_TESTS)
tests_unit_failure_delay_test_SOURCES = tests/unit/failure_delay_test.c $(UNIT) src/failure_delay.c
tests_unit_failure_delay_test_LDADD = $(UNIT_LIBS) -lm
tests_unit_failure_page_test_SOURCES = tests/unit/failure_page_test.c $(UNIT) src/failure_page.c
tests_unit_failure_page_test_LDADD = $(UNIT_LIBS)
tests_unit_failure_body_test_SOURCES = tests/unit/failure_body_test.c $(UNIT) src/failure_body.c \
	src/failure_page.c src/failure_delay.c
tests_unit_failure_body_test_LDADD = $(UNIT_LIBS) $(CJSON_LIBS) -lm
tests_unit_failure_rules_test_SOURCES = tests/unit/failure_rules_test.c $(UNIT) src/failure_rules.c src/failure.c
tests_unit_failure_rules_test_LDADD = $(UNIT_LIBS)
tests_unit_failure_map_test_SOURCES = tests/unit/failure_map_test.c $(UNIT) $(GROUND) src/failure_map.c \
	src/failure_rules.c src/failure_body.c src/failure_page.c src/failure_delay.c src/failure_text.c src/redact.c \
	src/upstream.c src/upstream_body.c src/upstream_loop.c src/upstream_once.c src/upstream_trust.c src/upstream_fault.c src/tls.c
tests_unit_failure_map_test_LDADD = $(UNIT_LIBS) $(CJSON_LIBS) $(CURL_LIBS) $(CRYPTO_LIBS) -lm
tests_unit_failure_manual_test_SOURCES = tests/unit/failure_manual_test.c $(UNIT) src/failure.c
tests_unit_failure_manual_test_LDADD = $(UNIT_LIBS)
tests_unit_redact_test_SOURCES = tests/unit/redact_test.c $(UNIT) src/redact.c
tests_unit_redact_test_LDADD = $(UNIT_LIBS)
endif

dist_check_SCRIPTS += tests/unit/command_check.sh tests/unit/command_ledger.sh tests/unit/command_probe.sh tests/unit/command_usage.sh tests/unit/command_key.sh
TESTS += tests/unit/command_check.sh tests/unit/command_ledger.sh tests/unit/command_probe.sh tests/unit/command_usage.sh tests/unit/command_key.sh
