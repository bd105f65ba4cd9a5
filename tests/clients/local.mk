# Clients that people use, through a real web server: `make check-clients`, apart from `make check`, for they come
# from elsewhere.
EXTRA_DIST += tests/clients/openai/run tests/clients/openai/openai.test.mjs tests/clients/openai/script \
	tests/clients/openai/features.test.mjs tests/clients/openai/real.test.mjs tests/clients/openai/noise \
	tests/clients/openai/package.json tests/clients/openai/package-lock.json

check-clients: src/penstock tests/upstream/provider tests/kit/ask tests/kit/free_port
	$(srcdir)/tests/clients/openai/run
.PHONY: check-clients
