# Towards the provider: everything that includes curl.h or OpenSSL.
src_libpenstock_a_SOURCES += \
	src/upstream/tls.c src/upstream/tls.h \
	src/upstream/upstream.c src/upstream/upstream.h \
	src/upstream/upstream_body.c src/upstream/upstream_body.h \
	src/upstream/upstream_curl.c src/upstream/upstream_curl_internal.h \
	src/upstream/upstream_loop.c src/upstream/upstream_loop.h \
	src/upstream/upstream_reuse.c src/upstream/upstream_reuse_internal.h
