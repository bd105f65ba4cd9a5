# The ledger under test: processes killed at any instruction, bursts at a budget, broken files and full disks.
LEDGER_PROBE = tests/ledger/truth.c tests/ledger/truth.h $(LEDGER_SOURCES) $(LOG_SOURCES) \
	src/sweep.c src/usage_log.c src/usage_line.c src/usage.c src/money.c src/date.c src/price.c \
	src/json.c src/json_text.c src/json_write.c src/utf8.c src/failure.c src/log.c src/clock.c \
	src/arena.c src/buffer.c src/memory.c src/secret.c src/digest.c src/redis_address.c \
	src/price_read.c src/pattern.c
LEDGER_PROBE_LIBS = $(LMDB_LIBS) $(HIREDIS_LIBS) $(CRYPTO_LIBS) $(ZLIB_LIBS) -lm

check_PROGRAMS += tests/ledger/run_kills
TESTS += tests/ledger/run_kills
tests_ledger_run_kills_SOURCES = tests/ledger/run_kills.c $(LEDGER_PROBE) $(KIT_GROUND)
nodist_tests_ledger_run_kills_SOURCES = src/ledger_script.c
tests_ledger_run_kills_LDADD = $(LEDGER_PROBE_LIBS)

# The same, whole.
check-ledger: $(check_PROGRAMS) src/penstock
	tests/ledger/run_kills 5000
.PHONY: check-ledger
