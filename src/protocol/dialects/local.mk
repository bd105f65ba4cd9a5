# Which dialect the client speaks and which the provider is asked in.
src_libpenstock_a_SOURCES += \
	src/protocol/dialects/conversion.c src/protocol/dialects/conversion.h \
	src/protocol/dialects/dialect.c src/protocol/dialects/dialect.h
