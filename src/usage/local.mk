# Tokens, prices and the usage log: written, read back, summed up.
src_libpenstock_a_SOURCES += \
	src/usage/answer_estimate.c src/usage/answer_estimate.h \
	src/usage/exchange_end.c src/usage/exchange_end.h \
	src/usage/exchange_facts.c src/usage/exchange_facts.h \
	src/usage/price.c src/usage/price.h \
	src/usage/price_file.c src/usage/price_file.h \
	src/usage/provider_json.c src/usage/provider_json.h \
	src/usage/request_bounds.c src/usage/request_bounds.h \
	src/usage/record_id.c src/usage/record_id.h \
	src/usage/request_extent.c src/usage/request_extent.h \
	src/usage/token_estimate.c src/usage/token_estimate.h \
	src/usage/token_usage.c src/usage/token_usage.h \
	src/usage/usage_line.c src/usage/usage_line.h \
	src/usage/usage_log.c src/usage/usage_log.h \
	src/usage/usage_log_entry.c src/usage/usage_log_entry.h \
	src/usage/usage_log_files.c src/usage/usage_log_files.h \
	src/usage/usage_log_lines.c src/usage/usage_log_lines.h \
	src/usage/usage_log_reader.c src/usage/usage_log_reader.h \
	src/usage/usage_log_search.c src/usage/usage_log_search.h \
	src/usage/usage_report.c src/usage/usage_report.h
