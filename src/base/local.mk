# What every folder uses: memory, time, texts, failures.
src_libpenstock_a_SOURCES += \
	src/base/arena.c src/base/arena.h \
	src/base/ascii.h \
	src/base/base.h \
	src/base/buffer.c src/base/buffer.h \
	src/base/clock.c src/base/clock.h \
	src/base/date.c src/base/date.h \
	src/base/digest.c src/base/digest.h \
	src/base/edit_distance.c src/base/edit_distance.h \
	src/base/error_log.c src/base/error_log.h \
	src/base/failure.c src/base/failure.h \
	src/base/file_open.c src/base/file_open.h \
	src/base/latency.c src/base/latency.h \
	src/base/memory.c src/base/memory.h \
	src/base/money.c src/base/money.h \
	src/base/pattern.c src/base/pattern.h \
	src/base/pool_facts.h \
	src/base/portable.h \
	src/base/process_identity.c src/base/process_identity.h \
	src/base/secret.c src/base/secret.h \
	src/base/services.h \
	src/base/url.c src/base/url.h \
	src/base/utf8.c src/base/utf8.h
