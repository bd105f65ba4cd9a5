# Towards the provider: everything that includes curl.h or OpenSSL.
src_libpenstock_a_SOURCES += \
	src/upstream/send_guard.c src/upstream/send_guard_internal.h \
	src/upstream/tls.c src/upstream/tls.h \
	src/upstream/upstream.c src/upstream/upstream.h \
	src/upstream/upstream_body.c src/upstream/upstream_body.h \
	src/upstream/upstream_curl.c src/upstream/upstream_curl_internal.h \
	src/upstream/upstream_hub.c src/upstream/upstream_hub.h src/upstream/upstream_hub_internal.h \
	src/upstream/upstream_prewarm.c \
	src/upstream/upstream_reuse.c src/upstream/upstream_reuse_internal.h
