# Formats read and written: JSON, server-sent events, forms.
src_libpenstock_a_SOURCES += \
	src/format/coding.c src/format/coding.h \
	src/format/decimal.c src/format/decimal.h \
	src/format/fold.c src/format/fold.h \
	src/format/json.c src/format/json.h \
	src/format/json_internal.h \
	src/format/json_name.c src/format/json_name.h \
	src/format/json_number.c src/format/json_number.h src/format/json_plain.h \
	src/format/json_text.c \
	src/format/json_write.c src/format/json_write.h \
	src/format/multipart.c src/format/multipart.h \
	src/format/multipart_head.c src/format/multipart_head.h \
	src/format/picking_name.c src/format/picking_name.h \
	src/format/plain_name.c src/format/plain_name.h \
	src/format/response_head.c src/format/response_head.h \
	src/format/splice.c src/format/splice.h \
	src/format/sse.c src/format/sse.h \
	src/format/trace_context.c src/format/trace_context.h
