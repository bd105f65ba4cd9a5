# Penstock behind real web servers with the files of contrib/: `make check-servers`, apart from `make check`.
check_PROGRAMS += tests/servers/run_servers
tests_servers_run_servers_SOURCES = tests/servers/run_servers.c tests/servers/checks.h \
	tests/servers/checks_answers.c tests/servers/checks_leave.c \
	tests/servers/checks_hostile.c tests/servers/checks_load.c tests/servers/checks_access.c tests/servers/checks_runs.c \
	tests/servers/checks_browser.c tests/servers/checks_passthrough.c \
	tests/servers/crowd.c tests/servers/crowd.h tests/servers/expect.h \
	tests/servers/http.c tests/servers/http.h tests/servers/records.c tests/servers/records.h \
	tests/servers/site.c tests/servers/site.h tests/servers/tcp.c tests/servers/tcp.h \
	tests/servers/client.c tests/servers/client.h tests/servers/workers.c tests/servers/workers.h \
	$(KIT_GROUND) $(KIT_CLIENT)
tests_servers_run_servers_LDADD = $(CJSON_LIBS)
EXTRA_DIST += tests/servers/run tests/servers/mount

check-servers: src/penstock tests/upstream/provider tests/servers/run_servers
	$(srcdir)/tests/servers/run
.PHONY: check-servers
