# Chat completions.
src_libpenstock_a_SOURCES += \
	src/protocol/chat/chat_answer.c src/protocol/chat/chat_answer.h \
	src/protocol/chat/chat_calls.c src/protocol/chat/chat_calls.h \
	src/protocol/chat/chat_read.c src/protocol/chat/chat_read.h \
	src/protocol/chat/chat_think.c src/protocol/chat/chat_think.h \
	src/protocol/chat/chat_write.c src/protocol/chat/chat_write.h \
	src/protocol/chat/chat_writer.c src/protocol/chat/chat_writer.h \
	src/protocol/chat/chat_read_messages.c src/protocol/chat/chat_sides.c src/protocol/chat/chat_write_messages.c \
	src/protocol/chat/chat_as_stream.c src/protocol/chat/chat_as_stream.h \
	src/protocol/chat/protocol_chat.c
