# Answers of our own: models, health, status, metrics.
src_libpenstock_a_SOURCES += \
	src/pages/health.c src/pages/health.h \
	src/pages/metrics.c src/pages/metrics.h \
	src/pages/model_cache.c src/pages/model_cache.h \
	src/pages/models.c src/pages/models.h \
	src/pages/pages.c src/pages/pages.h \
	src/pages/provider_models.c src/pages/provider_models.h \
	src/pages/run_models.c src/pages/run_models.h \
	src/pages/run_usage.c src/pages/run_usage.h \
	src/pages/status_facts.c src/pages/status_facts.h \
	src/pages/status_json.c src/pages/status_json.h \
	src/pages/status_page.c src/pages/status_page.h
