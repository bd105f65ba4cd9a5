# Clients in real use, through a real web server: `make check-clients`. Not part of `make check`, because they are
# downloaded.
EXTRA_DIST += tests/clients/openai/run tests/clients/openai/openai.test.mjs tests/clients/openai/script \
	tests/clients/openai/features.test.mjs tests/clients/openai/real.test.mjs tests/clients/openai/noise \
	tests/clients/openai/package.json tests/clients/openai/package-lock.json \
	tests/clients/browser/run tests/clients/browser/page.test.mjs \
	tests/clients/browser/package.json tests/clients/browser/package-lock.json \
	tests/clients/programs/run tests/clients/programs/provider.mjs tests/clients/programs/kit.mjs \
	tests/clients/programs/weather.mjs tests/clients/programs/claude.test.mjs \
	tests/clients/programs/codex.test.mjs tests/clients/programs/opencode.test.mjs \
	tests/clients/programs/sdk.test.mjs tests/clients/programs/sdk.py tests/clients/programs/requirements.txt \
	tests/clients/programs/package.json tests/clients/programs/package-lock.json

# A suite that cannot run ends with 77; what it lacks is no failure of the others.
check-clients: src/penstock tests/upstream/provider tests/kit/ask tests/kit/free_port
	failed=0; ran=77; for client in openai browser programs; do \
		$(srcdir)/tests/clients/$$client/run; status=$$?; \
		[ $$status -eq 77 ] || ran=0; \
		[ $$status -eq 0 ] || [ $$status -eq 77 ] || failed=1; \
	done; [ $$failed -eq 0 ] && exit $$ran
.PHONY: check-clients
