# The Responses API.
src_libpenstock_a_SOURCES += \
	src/protocol/responses/responses_answer.c src/protocol/responses/responses_answer.h \
	src/protocol/responses/responses_context.h \
	src/protocol/responses/responses_native.c src/protocol/responses/responses_native.h \
	src/protocol/responses/responses_object.c src/protocol/responses/responses_object.h \
	src/protocol/responses/responses_read.c src/protocol/responses/responses_read.h \
	src/protocol/responses/responses_read_input.c src/protocol/responses/responses_read_parts.c \
	src/protocol/responses/responses_read_tools.c \
	src/protocol/responses/responses_replay.c src/protocol/responses/responses_replay.h \
	src/protocol/responses/responses_sides.c \
	src/protocol/responses/responses_write.c src/protocol/responses/responses_write.h \
	src/protocol/responses/responses_write_input.c \
	src/protocol/responses/responses_writer.c src/protocol/responses/responses_writer.h
