# An exchange, from its first variable to its usage record.
src_libpenstock_a_SOURCES += \
	src/gateway/attempt_setup.c src/gateway/attempt_setup.h \
	src/gateway/attempts.c src/gateway/attempts.h \
	src/gateway/exchange.c src/gateway/exchange.h \
	src/gateway/exchange_accounting.c src/gateway/exchange_accounting.h \
	src/gateway/exchange_internal.h \
	src/gateway/gateway.c src/gateway/gateway.h \
	src/gateway/own_answers.c src/gateway/own_answers.h \
	src/gateway/retry.c src/gateway/retry.h
