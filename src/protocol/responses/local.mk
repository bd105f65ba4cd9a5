# The Responses API, converted to chat completions where a provider has only these.
src_libpenstock_a_SOURCES += \
	src/protocol/responses/responses_calls.c src/protocol/responses/responses_calls.h \
	src/protocol/responses/responses_context.h \
	src/protocol/responses/responses_input.c src/protocol/responses/responses_input.h \
	src/protocol/responses/responses_items.c src/protocol/responses/responses_items.h \
	src/protocol/responses/responses_object.c src/protocol/responses/responses_object.h \
	src/protocol/responses/responses_output.c src/protocol/responses/responses_output.h \
	src/protocol/responses/responses_parts.c src/protocol/responses/responses_parts.h \
	src/protocol/responses/responses_replay.c src/protocol/responses/responses_replay.h \
	src/protocol/responses/responses_request.c src/protocol/responses/responses_request.h \
	src/protocol/responses/responses_session.c src/protocol/responses/responses_session.h \
	src/protocol/responses/responses_stream.c src/protocol/responses/responses_stream.h \
	src/protocol/responses/responses_think.c src/protocol/responses/responses_think.h \
	src/protocol/responses/responses_tools.c src/protocol/responses/responses_tools.h
