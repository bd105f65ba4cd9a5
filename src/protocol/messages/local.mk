# Anthropic's Messages API.
src_libpenstock_a_SOURCES += \
	src/protocol/messages/messages_answer.c src/protocol/messages/messages_answer.h \
	src/protocol/messages/messages_write.c src/protocol/messages/messages_write.h \
	src/protocol/messages/messages_write_tuning.c src/protocol/messages/messages_write_turns.c \
	src/protocol/messages/messages_blocks.c src/protocol/messages/messages_blocks.h \
	src/protocol/messages/messages_read.c src/protocol/messages/messages_read.h \
	src/protocol/messages/messages_sides.c \
	src/protocol/messages/messages_writer.c src/protocol/messages/messages_writer.h \
	src/protocol/messages/messages_error.c src/protocol/messages/messages_error.h \
	src/protocol/messages/messages_native.c src/protocol/messages/messages_native.h \
	src/protocol/messages/messages_replay.c src/protocol/messages/messages_replay.h
