# Anthropic's Messages API.
src_libpenstock_a_SOURCES += \
	src/protocol/messages/messages_error.c src/protocol/messages/messages_error.h \
	src/protocol/messages/messages_native.c src/protocol/messages/messages_native.h \
	src/protocol/messages/messages_replay.c src/protocol/messages/messages_replay.h
