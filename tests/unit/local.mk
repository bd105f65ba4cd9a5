# Unit tests: each is linked with the library, of which it takes what it is about and what that needs.
if HAVE_CUNIT
UNIT = tests/unit/unit.c tests/unit/unit.h
CONVERSION_KIT = tests/unit/conversion_kit.c tests/unit/conversion_kit.h
UNIT_LIBS = $(PENSTOCK_LIBS) $(CUNIT_LIBS)

UNIT_TESTS = \
	tests/unit/acceptor_test \
	tests/unit/arena_test \
	tests/unit/breaker_test \
	tests/unit/buffer_test \
	tests/unit/coding_test \
	tests/unit/convert_anthropic_test \
	tests/unit/convert_game_test \
	tests/unit/convert_gemini_test \
	tests/unit/convert_messages_test \
	tests/unit/convert_openai_test \
	tests/unit/date_test \
	tests/unit/digest_test \
	tests/unit/failure_body_test \
	tests/unit/failure_delay_test \
	tests/unit/failure_judge_test \
	tests/unit/failure_manual_test \
	tests/unit/failure_map_test \
	tests/unit/failure_page_test \
	tests/unit/failure_test \
	tests/unit/failure_text_test \
	tests/unit/failure_words_test \
	tests/unit/file_guard_test \
	tests/unit/front_fastcgi_test \
	tests/unit/hold_test \
	tests/unit/json_test \
	tests/unit/json_write_test \
	tests/unit/ledger_redis_test \
	tests/unit/ledger_series_test \
	tests/unit/ledger_test \
	tests/unit/listener_test \
	tests/unit/loop_test \
	tests/unit/model_cache_test \
	tests/unit/money_test \
	tests/unit/multipart_test \
	tests/unit/options_test \
	tests/unit/pool_test \
	tests/unit/preset_test \
	tests/unit/price_test \
	tests/unit/provider_health_test \
	tests/unit/provider_settings_test \
	tests/unit/provider_test \
	tests/unit/quota_test \
	tests/unit/ratelimit_test \
	tests/unit/redact_test \
	tests/unit/redis_address_test \
	tests/unit/request_bounds_test \
	tests/unit/request_extent_test \
	tests/unit/request_members_test \
	tests/unit/request_test \
	tests/unit/responses_answer_test \
	tests/unit/responses_calls_test \
	tests/unit/responses_corpus_test \
	tests/unit/responses_request_test \
	tests/unit/responses_stream_test \
	tests/unit/retry_test \
	tests/unit/route_test \
	tests/unit/run_test \
	tests/unit/scoreboard_test \
	tests/unit/settings_dump_test \
	tests/unit/settings_test \
	tests/unit/splice_test \
	tests/unit/sse_test \
	tests/unit/status_test \
	tests/unit/stream_test \
	tests/unit/target_test \
	tests/unit/text_validate_test \
	tests/unit/tls_test \
	tests/unit/token_usage_test \
	tests/unit/url_test \
	tests/unit/usage_log_reader_test \
	tests/unit/usage_log_test \
	tests/unit/usage_report_test
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)

tests_unit_acceptor_test_SOURCES = tests/unit/acceptor_test.c $(UNIT)
tests_unit_acceptor_test_LDADD = $(UNIT_LIBS)
tests_unit_arena_test_SOURCES = tests/unit/arena_test.c $(UNIT)
tests_unit_arena_test_LDADD = $(UNIT_LIBS)
tests_unit_breaker_test_SOURCES = tests/unit/breaker_test.c $(UNIT)
tests_unit_breaker_test_LDADD = $(UNIT_LIBS)
tests_unit_buffer_test_SOURCES = tests/unit/buffer_test.c $(UNIT)
tests_unit_buffer_test_LDADD = $(UNIT_LIBS)
tests_unit_coding_test_SOURCES = tests/unit/coding_test.c $(UNIT)
tests_unit_coding_test_LDADD = $(UNIT_LIBS)
tests_unit_quota_test_SOURCES = tests/unit/quota_test.c $(UNIT)
tests_unit_quota_test_LDADD = $(UNIT_LIBS)
tests_unit_provider_health_test_SOURCES = tests/unit/provider_health_test.c $(UNIT)
tests_unit_provider_health_test_LDADD = $(UNIT_LIBS)
tests_unit_convert_anthropic_test_SOURCES = tests/unit/convert_anthropic_test.c $(UNIT) $(CONVERSION_KIT)
tests_unit_convert_anthropic_test_LDADD = $(UNIT_LIBS)
tests_unit_convert_gemini_test_SOURCES = tests/unit/convert_gemini_test.c $(UNIT) $(CONVERSION_KIT)
tests_unit_convert_gemini_test_LDADD = $(UNIT_LIBS)
tests_unit_convert_openai_test_SOURCES = tests/unit/convert_openai_test.c $(UNIT) $(CONVERSION_KIT)
tests_unit_convert_openai_test_LDADD = $(UNIT_LIBS)
tests_unit_convert_game_test_SOURCES = tests/unit/convert_game_test.c $(UNIT) $(CONVERSION_KIT)
tests_unit_convert_game_test_LDADD = $(UNIT_LIBS)
tests_unit_convert_messages_test_SOURCES = tests/unit/convert_messages_test.c $(UNIT) $(CONVERSION_KIT)
tests_unit_convert_messages_test_LDADD = $(UNIT_LIBS)
tests_unit_date_test_SOURCES = tests/unit/date_test.c $(UNIT)
tests_unit_date_test_LDADD = $(UNIT_LIBS)
tests_unit_digest_test_SOURCES = tests/unit/digest_test.c $(UNIT)
tests_unit_digest_test_LDADD = $(UNIT_LIBS)
tests_unit_failure_body_test_SOURCES = tests/unit/failure_body_test.c $(UNIT)
tests_unit_failure_body_test_LDADD = $(UNIT_LIBS)
tests_unit_failure_delay_test_SOURCES = tests/unit/failure_delay_test.c $(UNIT)
tests_unit_failure_delay_test_LDADD = $(UNIT_LIBS)
tests_unit_failure_judge_test_SOURCES = tests/unit/failure_judge_test.c $(UNIT)
tests_unit_failure_judge_test_LDADD = $(UNIT_LIBS)
tests_unit_failure_manual_test_SOURCES = tests/unit/failure_manual_test.c $(UNIT)
tests_unit_failure_manual_test_LDADD = $(UNIT_LIBS)
tests_unit_failure_map_test_SOURCES = tests/unit/failure_map_test.c $(UNIT)
tests_unit_failure_map_test_LDADD = $(UNIT_LIBS)
tests_unit_failure_page_test_SOURCES = tests/unit/failure_page_test.c $(UNIT)
tests_unit_failure_page_test_LDADD = $(UNIT_LIBS)
tests_unit_failure_test_SOURCES = tests/unit/failure_test.c $(UNIT)
tests_unit_failure_test_LDADD = $(UNIT_LIBS)
tests_unit_failure_text_test_SOURCES = tests/unit/failure_text_test.c $(UNIT)
tests_unit_failure_text_test_LDADD = $(UNIT_LIBS)
tests_unit_failure_words_test_SOURCES = tests/unit/failure_words_test.c $(UNIT)
tests_unit_failure_words_test_LDADD = $(UNIT_LIBS)
EXTRA_DIST += tests/unit/failure_words
tests_unit_file_guard_test_SOURCES = tests/unit/file_guard_test.c $(UNIT) $(KIT_GROUND)
tests_unit_file_guard_test_LDADD = $(UNIT_LIBS) -lpthread
tests_unit_front_fastcgi_test_SOURCES = tests/unit/front_fastcgi_test.c $(UNIT)
tests_unit_front_fastcgi_test_LDADD = $(UNIT_LIBS)
tests_unit_hold_test_SOURCES = tests/unit/hold_test.c $(UNIT)
tests_unit_hold_test_LDADD = $(UNIT_LIBS)
tests_unit_json_test_SOURCES = tests/unit/json_test.c $(UNIT)
tests_unit_json_test_LDADD = $(UNIT_LIBS)
tests_unit_json_write_test_SOURCES = tests/unit/json_write_test.c $(UNIT)
tests_unit_json_write_test_LDADD = $(UNIT_LIBS)
tests_unit_ledger_series_test_SOURCES = tests/unit/ledger_series_test.c $(UNIT)
tests_unit_ledger_series_test_LDADD = $(UNIT_LIBS)
tests_unit_ledger_test_SOURCES = tests/unit/ledger_test.c $(UNIT) $(KIT_GROUND)
tests_unit_ledger_test_LDADD = $(UNIT_LIBS)
tests_unit_ledger_redis_test_SOURCES = tests/unit/ledger_redis_test.c $(UNIT) $(KIT_GROUND) $(KIT_CLIENT) tests/kit/redis.c tests/kit/redis.h
tests_unit_ledger_redis_test_LDADD = $(UNIT_LIBS)
tests_unit_listener_test_SOURCES = tests/unit/listener_test.c $(UNIT)
tests_unit_listener_test_LDADD = $(UNIT_LIBS)
tests_unit_loop_test_SOURCES = tests/unit/loop_test.c $(UNIT)
tests_unit_loop_test_LDADD = $(UNIT_LIBS)
tests_unit_model_cache_test_SOURCES = tests/unit/model_cache_test.c $(UNIT)
tests_unit_model_cache_test_LDADD = $(UNIT_LIBS)
tests_unit_money_test_SOURCES = tests/unit/money_test.c $(UNIT)
tests_unit_money_test_LDADD = $(UNIT_LIBS)
tests_unit_multipart_test_SOURCES = tests/unit/multipart_test.c $(UNIT)
tests_unit_multipart_test_LDADD = $(UNIT_LIBS)
tests_unit_options_test_SOURCES = tests/unit/options_test.c $(UNIT)
tests_unit_options_test_LDADD = $(UNIT_LIBS)
tests_unit_pool_test_SOURCES = tests/unit/pool_test.c $(UNIT)
tests_unit_pool_test_LDADD = $(UNIT_LIBS)
tests_unit_preset_test_SOURCES = tests/unit/preset_test.c $(UNIT)
tests_unit_preset_test_LDADD = $(UNIT_LIBS)
tests_unit_price_test_SOURCES = tests/unit/price_test.c $(UNIT)
tests_unit_price_test_LDADD = $(UNIT_LIBS)
tests_unit_provider_settings_test_SOURCES = tests/unit/provider_settings_test.c $(UNIT) tests/unit/settings_kit.c tests/unit/settings_kit.h
tests_unit_provider_settings_test_LDADD = $(UNIT_LIBS)
tests_unit_provider_test_SOURCES = tests/unit/provider_test.c $(UNIT)
tests_unit_provider_test_LDADD = $(UNIT_LIBS)
tests_unit_ratelimit_test_SOURCES = tests/unit/ratelimit_test.c $(UNIT)
tests_unit_ratelimit_test_LDADD = $(UNIT_LIBS)
tests_unit_redact_test_SOURCES = tests/unit/redact_test.c $(UNIT)
tests_unit_redact_test_LDADD = $(UNIT_LIBS)
tests_unit_redis_address_test_SOURCES = tests/unit/redis_address_test.c $(UNIT)
tests_unit_redis_address_test_LDADD = $(UNIT_LIBS)
tests_unit_request_bounds_test_SOURCES = tests/unit/request_bounds_test.c $(UNIT)
tests_unit_request_bounds_test_LDADD = $(UNIT_LIBS)
tests_unit_request_extent_test_SOURCES = tests/unit/request_extent_test.c $(UNIT)
tests_unit_request_extent_test_LDADD = $(UNIT_LIBS)
tests_unit_request_members_test_SOURCES = tests/unit/request_members_test.c $(UNIT)
tests_unit_request_members_test_LDADD = $(UNIT_LIBS)
tests_unit_request_test_SOURCES = tests/unit/request_test.c $(UNIT)
tests_unit_request_test_LDADD = $(UNIT_LIBS)
tests_unit_responses_answer_test_SOURCES = tests/unit/responses_answer_test.c $(UNIT) tests/unit/responses_kit.c tests/unit/responses_kit.h
tests_unit_responses_answer_test_LDADD = $(UNIT_LIBS)
tests_unit_responses_calls_test_SOURCES = tests/unit/responses_calls_test.c $(UNIT) tests/unit/responses_kit.c tests/unit/responses_kit.h
tests_unit_responses_calls_test_LDADD = $(UNIT_LIBS)
tests_unit_responses_corpus_test_SOURCES = tests/unit/responses_corpus_test.c $(UNIT) tests/unit/responses_kit.c tests/unit/responses_kit.h
tests_unit_responses_corpus_test_LDADD = $(UNIT_LIBS)
tests_unit_responses_request_test_SOURCES = tests/unit/responses_request_test.c $(UNIT)
tests_unit_responses_request_test_LDADD = $(UNIT_LIBS)
tests_unit_responses_stream_test_SOURCES = tests/unit/responses_stream_test.c $(UNIT) tests/unit/responses_kit.c tests/unit/responses_kit.h
tests_unit_responses_stream_test_LDADD = $(UNIT_LIBS)
tests_unit_retry_test_SOURCES = tests/unit/retry_test.c $(UNIT)
tests_unit_retry_test_LDADD = $(UNIT_LIBS)
tests_unit_route_test_SOURCES = tests/unit/route_test.c $(UNIT)
tests_unit_route_test_LDADD = $(UNIT_LIBS)
tests_unit_run_test_SOURCES = tests/unit/run_test.c $(UNIT)
tests_unit_run_test_LDADD = $(UNIT_LIBS)
tests_unit_scoreboard_test_SOURCES = tests/unit/scoreboard_test.c $(UNIT)
tests_unit_scoreboard_test_LDADD = $(UNIT_LIBS)
tests_unit_settings_dump_test_SOURCES = tests/unit/settings_dump_test.c $(UNIT) tests/unit/settings_kit.c tests/unit/settings_kit.h
tests_unit_settings_dump_test_LDADD = $(UNIT_LIBS)
tests_unit_settings_test_SOURCES = tests/unit/settings_test.c $(UNIT) tests/unit/settings_kit.c tests/unit/settings_kit.h
tests_unit_settings_test_LDADD = $(UNIT_LIBS)
tests_unit_splice_test_SOURCES = tests/unit/splice_test.c $(UNIT)
tests_unit_splice_test_LDADD = $(UNIT_LIBS)
tests_unit_sse_test_SOURCES = tests/unit/sse_test.c $(UNIT)
tests_unit_sse_test_LDADD = $(UNIT_LIBS)
tests_unit_status_test_SOURCES = tests/unit/status_test.c $(UNIT)
tests_unit_status_test_LDADD = $(UNIT_LIBS)
tests_unit_stream_test_SOURCES = tests/unit/stream_test.c $(UNIT)
tests_unit_stream_test_LDADD = $(UNIT_LIBS)
tests_unit_target_test_SOURCES = tests/unit/target_test.c $(UNIT)
tests_unit_target_test_LDADD = $(UNIT_LIBS)
tests_unit_text_validate_test_SOURCES = tests/unit/text_validate_test.c $(UNIT)
tests_unit_text_validate_test_LDADD = $(UNIT_LIBS)
tests_unit_tls_test_SOURCES = tests/unit/tls_test.c $(UNIT) tests/unit/settings_kit.c tests/unit/settings_kit.h
tests_unit_tls_test_LDADD = $(UNIT_LIBS)
tests_unit_token_usage_test_SOURCES = tests/unit/token_usage_test.c $(UNIT)
tests_unit_token_usage_test_LDADD = $(UNIT_LIBS)
tests_unit_url_test_SOURCES = tests/unit/url_test.c $(UNIT)
tests_unit_url_test_LDADD = $(UNIT_LIBS)
tests_unit_usage_log_reader_test_SOURCES = tests/unit/usage_log_reader_test.c $(UNIT)
tests_unit_usage_log_reader_test_LDADD = $(UNIT_LIBS)
tests_unit_usage_log_test_SOURCES = tests/unit/usage_log_test.c $(UNIT)
tests_unit_usage_log_test_LDADD = $(UNIT_LIBS)
tests_unit_usage_report_test_SOURCES = tests/unit/usage_report_test.c $(UNIT)
tests_unit_usage_report_test_LDADD = $(UNIT_LIBS)
endif

dist_check_SCRIPTS += tests/unit/command_check.sh tests/unit/command_ledger.sh tests/unit/command_probe.sh tests/unit/command_usage.sh tests/unit/command_key.sh tests/unit/command_line.sh
TESTS += tests/unit/command_check.sh tests/unit/command_ledger.sh tests/unit/command_probe.sh tests/unit/command_usage.sh tests/unit/command_key.sh tests/unit/command_line.sh
