# The run gateway's API.
src_libpenstock_a_SOURCES += \
	src/protocol/runs/run_response.c src/protocol/runs/run_response.h \
	src/protocol/runs/run_request.c src/protocol/runs/run_request.h
