# Towards the web server: FastCGI and CGI, the request and its response.
src_libpenstock_a_SOURCES += \
	src/front/acceptor.c src/front/acceptor.h \
	src/front/fastcgi_connection.c src/front/fastcgi_connection.h \
	src/front/front.h \
	src/front/front_cgi.c src/front/front_cgi.h \
	src/front/front_fastcgi.c src/front/front_fastcgi.h \
	src/front/request.c src/front/request.h \
	src/front/response.c src/front/response.h
