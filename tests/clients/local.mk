# Clients in real use, through a real web server: `make check-clients`. Not part of `make check`, because they are
# downloaded.
EXTRA_DIST += tests/clients/openai/run tests/clients/openai/openai.test.mjs tests/clients/openai/script \
	tests/clients/openai/features.test.mjs tests/clients/openai/real.test.mjs tests/clients/openai/noise \
	tests/clients/openai/package.json tests/clients/openai/package-lock.json

check-clients: src/penstock tests/upstream/provider tests/kit/ask tests/kit/free_port
	$(srcdir)/tests/clients/openai/run
.PHONY: check-clients
