# Chat completions.
src_libpenstock_a_SOURCES += \
	src/protocol/chat/chat_as_stream.c src/protocol/chat/chat_as_stream.h \
	src/protocol/chat/protocol_chat.c
