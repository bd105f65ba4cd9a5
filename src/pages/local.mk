# Answers of our own: models, health, status, metrics.
src_libpenstock_a_SOURCES += \
	src/pages/health.c src/pages/health.h \
	src/pages/home_page.c src/pages/home_page.h \
	src/pages/html.c src/pages/html.h \
	src/pages/metrics.c src/pages/metrics.h \
	src/pages/model_cache.c src/pages/model_cache.h \
	src/pages/models.c src/pages/models.h \
	src/pages/pages.c src/pages/pages.h \
	src/pages/provider_models.c src/pages/provider_models.h \
	src/pages/run_models.c src/pages/run_models.h \
	src/pages/run_usage.c src/pages/run_usage.h \
	src/pages/status_facts.c src/pages/status_facts.h \
	src/pages/status_files.h \
	src/pages/status_json.c src/pages/status_json.h \
	src/pages/status_page.c src/pages/status_page.h

# The style and the head of the status page, as C.
nodist_src_libpenstock_a_SOURCES += src/pages/status_files.c
EXTRA_DIST += src/pages/status.css src/pages/status_head.html
CLEANFILES += src/pages/status_files.c
src/pages/status_files.c: src/pages/status.css src/pages/status_head.html Makefile
	@$(MKDIR_P) src/pages
	$(AM_V_GEN){ echo '/* Made by the Makefile of status.css and status_head.html. */'; \
		echo '#include "pages/status_files.h"'; \
		for file in status.css status_head.html; do \
			echo "const char $$(echo $$file | tr . _)[] = {"; \
			$(EMBED) <"$(srcdir)/src/pages/$$file"; \
			echo '0};'; \
		done; } >$@.new && mv $@.new $@
