# A configured provider: address, key, parameters, uploads.
src_libpenstock_a_SOURCES += \
	src/provider/client_headers.c src/provider/client_headers.h \
	src/provider/cost_estimate.c src/provider/cost_estimate.h \
	src/provider/parameters.c src/provider/parameters.h \
	src/provider/provider.c src/provider/provider.h \
	src/provider/provider_data.c src/provider/provider_data.h \
	src/provider/upload.c src/provider/upload.h
