# Pools: signals, reloads, deaths, shutdown, users; with a probe as worker, and with the gateway.
check_PROGRAMS += tests/pool/run_pool tests/pool/pool_probe
TESTS += tests/pool/run_pool
tests_pool_run_pool_SOURCES = tests/pool/run_pool.c tests/pool/runner.c tests/pool/runner.h \
	tests/pool/checks.h tests/pool/checks_size.c tests/pool/checks_death.c tests/pool/checks_reload.c \
	tests/pool/checks_shutdown.c tests/pool/checks_daemon.c tests/pool/checks_start.c tests/pool/checks_gateway.c \
	tests/pool/checks_access.c tests/pool/checks_budget.c tests/pool/checks_redis.c tests/pool/checks_targets.c \
	tests/pool/checks_many.c tests/kit/redis.c \
	tests/kit/redis.h tests/pool/service.c tests/pool/service.h tests/pool/client.c tests/pool/client.h \
	tests/pool/chat.c tests/pool/chat.h $(KIT_GROUND) $(KIT_CLIENT)
tests_pool_pool_probe_SOURCES = tests/pool/pool_probe.c
tests_pool_pool_probe_LDADD = $(PENSTOCK_LIBS)
tests_pool_run_pool_LDADD = src/libpenstock.a $(CURL_LIBS)
