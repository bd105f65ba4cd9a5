# The program is main.c and a library of everything else, which the unit tests are linked with too.
noinst_LIBRARIES = src/libpenstock.a

# Turns standard input into the elements of a C array: ISO C promises only 4095 characters in a literal.
EMBED = { od -An -v -tx1 | $(SED) -e 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'; }

src_libpenstock_a_SOURCES =
include $(top_srcdir)/src/base/local.mk
include $(top_srcdir)/src/format/local.mk
include $(top_srcdir)/src/config/local.mk
include $(top_srcdir)/src/loop/local.mk
include $(top_srcdir)/src/front/local.mk
include $(top_srcdir)/src/usage/local.mk
include $(top_srcdir)/src/ledger/local.mk
include $(top_srcdir)/src/upstream/local.mk
include $(top_srcdir)/src/errors/local.mk
include $(top_srcdir)/src/routing/local.mk
include $(top_srcdir)/src/protocol/local.mk
include $(top_srcdir)/src/protocol/chat/local.mk
include $(top_srcdir)/src/protocol/responses/local.mk
include $(top_srcdir)/src/protocol/gemini/local.mk
include $(top_srcdir)/src/protocol/messages/local.mk
include $(top_srcdir)/src/protocol/runs/local.mk
include $(top_srcdir)/src/protocol/dialects/local.mk
include $(top_srcdir)/src/provider/local.mk
include $(top_srcdir)/src/relay/local.mk
include $(top_srcdir)/src/pages/local.mk
include $(top_srcdir)/src/gateway/local.mk
include $(top_srcdir)/src/process/local.mk
include $(top_srcdir)/src/cli/local.mk

bin_PROGRAMS += src/penstock
src_penstock_SOURCES = src/main.c
PENSTOCK_LIBS = src/libpenstock.a $(LOADER_LIBS) $(CRYPTO_LIBS) $(CURL_LIBS) $(LMDB_LIBS) $(CJSON_LIBS) $(CONFIG_LIBS) \
	$(FCGI_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS) $(HIREDIS_LIBS) $(BOOST_CONTEXT_LIBS)
src_penstock_LDADD = $(PENSTOCK_LIBS)

dist_man_MANS = src/manual/penstock.8 src/manual/penstock.conf.5 src/manual/penstock-errors.7 \
	src/manual/penstock-clients.7
EXTRA_DIST += src/floors
