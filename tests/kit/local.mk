# What the test programs share. Include this fragment before those that use its lists.
KIT_GROUND = tests/kit/text.c tests/kit/text.h tests/kit/expand.c tests/kit/expand.h \
	tests/kit/sections.c tests/kit/sections.h tests/kit/files.c tests/kit/files.h
