# Sources that test programs share. Include this fragment before those that use its lists.
KIT_GROUND = tests/kit/text.c tests/kit/text.h tests/kit/expand.c tests/kit/expand.h \
	tests/kit/sections.c tests/kit/sections.h tests/kit/files.c tests/kit/files.h \
	tests/kit/expect.c tests/kit/expect.h
KIT_CLIENT = tests/kit/process.c tests/kit/process.h tests/kit/net.c tests/kit/net.h \
	tests/kit/variables.c tests/kit/variables.h tests/kit/talk.c tests/kit/talk.h \
	tests/kit/fastcgi.c tests/kit/fastcgi.h tests/kit/answer.c tests/kit/answer.h

# Programs for scripts: one sends a request, the other finds free ports.
check_PROGRAMS += tests/kit/ask
tests_kit_ask_SOURCES = tests/kit/ask.c $(KIT_GROUND) $(KIT_CLIENT)
check_PROGRAMS += tests/kit/free_port
tests_kit_free_port_SOURCES = tests/kit/free_port.c $(KIT_GROUND) $(KIT_CLIENT)
