# A provider's answer on its way to the client.
src_libpenstock_a_SOURCES += \
	src/relay/client_stream.c src/relay/client_stream.h \
	src/relay/hold.c \
	src/relay/raw_meter.c src/relay/raw_meter.h \
	src/relay/relay.c src/relay/relay.h \
	src/relay/relay_buffered.c \
	src/relay/relay_internal.h \
	src/relay/relay_job.h \
	src/relay/relay_raw.c \
	src/relay/relay_stream.c \
	src/relay/relay_wait.c src/relay/relay_wait.h
