# Quotas, breakers and recovery, and the stores that hold them.
src_libpenstock_a_SOURCES += \
	src/ledger/breaker.c src/ledger/breaker.h \
	src/ledger/file_guard.c src/ledger/file_guard.h \
	src/ledger/health_list.c src/ledger/health_list.h \
	src/ledger/health_name.c src/ledger/health_name.h \
	src/ledger/ledger.c src/ledger/ledger.h \
	src/ledger/ledger_accounts.c src/ledger/ledger_accounts.h \
	src/ledger/ledger_aside.c src/ledger/ledger_aside.h \
	src/ledger/ledger_backlog.c src/ledger/ledger_backlog.h \
	src/ledger/ledger_checkpoint.c src/ledger/ledger_checkpoint.h \
	src/ledger/ledger_entry.c src/ledger/ledger_entry.h \
	src/ledger/ledger_file.c src/ledger/ledger_file.h \
	src/ledger/ledger_internal.c src/ledger/ledger_internal.h \
	src/ledger/ledger_key.c src/ledger/ledger_key.h \
	src/ledger/ledger_lmdb.c src/ledger/ledger_lmdb.h \
	src/ledger/ledger_query.c src/ledger/ledger_query.h \
	src/ledger/ledger_rebuild.c src/ledger/ledger_rebuild.h \
	src/ledger/ledger_redis.c src/ledger/ledger_redis.h \
	src/ledger/ledger_remote.c src/ledger/ledger_remote.h \
	src/ledger/ledger_script.h \
	src/ledger/ledger_series.c src/ledger/ledger_series.h \
	src/ledger/logged_outcome.c src/ledger/logged_outcome.h \
	src/ledger/model_memory.c src/ledger/model_memory.h \
	src/ledger/provider_health.c src/ledger/provider_health.h \
	src/ledger/quota.c src/ledger/quota.h \
	src/ledger/recovery.c src/ledger/recovery.h \
	src/ledger/redis_link.c src/ledger/redis_link.h \
	src/ledger/series_table.c src/ledger/series_table.h

# The script that Redis runs, as C, byte for byte.
nodist_src_libpenstock_a_SOURCES = src/ledger/ledger_script.c
EXTRA_DIST += src/ledger/ledger_redis.lua
CLEANFILES += src/ledger/ledger_script.c
src/ledger/ledger_script.c: src/ledger/ledger_redis.lua Makefile
	@$(MKDIR_P) src/ledger
	$(AM_V_GEN){ echo '/* Made by the Makefile of ledger_redis.lua. */'; \
		echo '#include "ledger/ledger_script.h"'; echo 'const char ledger_script[] = {'; \
		$(EMBED) <"$(srcdir)/src/ledger/ledger_redis.lua"; \
		echo '0};'; } >$@.new && mv $@.new $@
