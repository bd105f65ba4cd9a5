# Access, routes, targets and limits of a request.
src_libpenstock_a_SOURCES += \
	src/routing/access.c src/routing/access.h \
	src/routing/origin.c src/routing/origin.h \
	src/routing/passthrough.c src/routing/passthrough.h \
	src/routing/permission.c src/routing/permission.h \
	src/routing/ratelimit.c src/routing/ratelimit.h \
	src/routing/route.c src/routing/route.h \
	src/routing/route_suggest.c src/routing/route_suggest.h \
	src/routing/run.c src/routing/run.h \
	src/routing/target.c src/routing/target.h
