# Quotas, breakers and recovery, and the stores that hold them.
src_libpenstock_a_SOURCES += \
	src/ledger/breaker.c src/ledger/breaker.h \
	src/ledger/ledger.c src/ledger/ledger.h \
	src/ledger/ledger_accounts.c src/ledger/ledger_accounts.h \
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
	src/ledger/provider_health.c src/ledger/provider_health.h \
	src/ledger/quota.c src/ledger/quota.h \
	src/ledger/recovery.c src/ledger/recovery.h \
	src/ledger/redis_link.c src/ledger/redis_link.h \
	src/ledger/series_table.c src/ledger/series_table.h

# What Redis runs, as C: without its comments and indents, as bytes, for a literal may not be that long.
nodist_src_libpenstock_a_SOURCES = src/ledger/ledger_script.c
EXTRA_DIST += src/ledger/ledger_redis.lua
CLEANFILES += src/ledger/ledger_script.c
src/ledger/ledger_script.c: src/ledger/ledger_redis.lua Makefile
	@$(MKDIR_P) src/ledger
	$(AM_V_GEN){ echo '/* The script of ledger_redis.lua, made by the Makefile. */'; \
		echo '#include "ledger/ledger_script.h"'; echo 'const char ledger_script[] = {'; \
		$(SED) -e 's/^ *//' -e 's/ *-- .*$$//' -e '/^--/d' -e '/^$$/d' $(srcdir)/src/ledger/ledger_redis.lua | \
			od -An -v -tx1 | $(SED) -e 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'; \
		echo '0};'; } >$@.new && mv $@.new $@
