# Chat completions.
src_libpenstock_a_SOURCES += \
	src/protocol/chat/protocol_chat.c
