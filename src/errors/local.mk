# A provider's error answer as a failure of ours.
src_libpenstock_a_SOURCES += \
	src/errors/failure_body.c src/errors/failure_body.h \
	src/errors/failure_delay.c src/errors/failure_delay.h \
	src/errors/failure_evidence.c src/errors/failure_evidence.h \
	src/errors/failure_map.c src/errors/failure_map.h \
	src/errors/failure_page.c src/errors/failure_page.h \
	src/errors/failure_judge.c src/errors/failure_judge.h \
	src/errors/failure_code_rules.c src/errors/failure_account_rules.c src/errors/failure_money_rules.c \
	src/errors/failure_access_rules.c src/errors/failure_request_rules.c \
	src/errors/failure_rules.c src/errors/failure_rules_internal.h \
	src/errors/failure_pattern.c src/errors/failure_pattern.h \
	src/errors/redact.c src/errors/redact.h \
	src/errors/secret_search.c src/errors/secret_search.h
