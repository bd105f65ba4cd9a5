# Failures on the way to a provider, against real servers.
check_PROGRAMS += tests/transport/deaf
tests_transport_deaf_SOURCES = tests/transport/deaf.c
dist_check_SCRIPTS += tests/transport/run
TESTS += tests/transport/run
