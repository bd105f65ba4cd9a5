# What all dialects share: error response, response headers, stream frames.
src_libpenstock_a_SOURCES += \
	src/protocol/custom_tool.c src/protocol/custom_tool.h \
	src/protocol/json_schema.c src/protocol/json_schema.h \
	src/protocol/refused_members.c src/protocol/refused_members.h \
	src/protocol/tool_id.c src/protocol/tool_id.h \
	src/protocol/answer.c src/protocol/answer.h src/protocol/answer_items.h \
	src/protocol/answer_writer.c src/protocol/answer_writer.h \
	src/protocol/conversation.h \
	src/protocol/conversation_build.c src/protocol/conversation_build.h \
	src/protocol/dialect_parts.c src/protocol/dialect_parts.h \
	src/protocol/dialect_sides.h src/protocol/provider_facts.h \
	src/protocol/signature.c src/protocol/signature.h \
	src/protocol/signature_memory.c src/protocol/signature_memory.h \
	src/protocol/tool_arguments.c src/protocol/tool_arguments.h \
	src/protocol/error_response.c src/protocol/error_response.h \
	src/protocol/json_members.c src/protocol/json_members.h \
	src/protocol/json_pieces.c src/protocol/json_pieces.h \
	src/protocol/model_request.c src/protocol/model_request.h \
	src/protocol/protocol.h \
	src/protocol/request_members.c src/protocol/request_members.h \
	src/protocol/response_headers.c src/protocol/response_headers.h \
	src/protocol/stream.c src/protocol/stream.h src/protocol/stream_internal.h \
	src/protocol/stream_choices.c src/protocol/stream_events.c
