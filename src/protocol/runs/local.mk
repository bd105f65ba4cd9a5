# The run gateway's API.
src_libpenstock_a_SOURCES += \
	src/protocol/runs/protocol_runs.c \
	src/protocol/runs/run_answer.c src/protocol/runs/run_answer.h \
	src/protocol/runs/run_request.c src/protocol/runs/run_request.h
