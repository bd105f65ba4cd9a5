# Master, pool and workers.
src_libpenstock_a_SOURCES += \
	src/process/daemon.c src/process/daemon.h \
	src/process/generation.c src/process/generation.h \
	src/process/janitor.c src/process/janitor.h \
	src/process/listener.c src/process/listener.h \
	src/process/master.c src/process/master.h \
	src/process/os_user.c src/process/os_user.h \
	src/process/pool.c src/process/pool.h \
	src/process/scoreboard.c src/process/scoreboard.h \
	src/process/worker.c src/process/worker.h \
	src/process/worker_cgi.c src/process/worker_cgi.h \
	src/process/worker_limits.c src/process/worker_limits.h
