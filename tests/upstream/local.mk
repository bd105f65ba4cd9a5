# The fake provider, which tests, the quickstart and the bench use.
check_PROGRAMS += tests/upstream/provider
tests_upstream_provider_SOURCES = tests/upstream/provider.c \
	tests/upstream/behaviour.c tests/upstream/behaviour.h \
	tests/upstream/abilities.c tests/upstream/abilities.h \
	tests/upstream/replies.c tests/upstream/replies.h \
	tests/upstream/script.c tests/upstream/script.h \
	tests/upstream/plan.c tests/upstream/plan.h \
	tests/upstream/connection.c tests/upstream/connection.h \
	tests/upstream/confirmed.c tests/upstream/confirmed.h \
	tests/upstream/heard.c tests/upstream/heard.h \
	tests/upstream/journal.c tests/upstream/journal.h \
	tests/upstream/server.c tests/upstream/server.h \
	tests/upstream/timers.c tests/upstream/timers.h \
	$(KIT_GROUND)
