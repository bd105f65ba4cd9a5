# One file a behaviour, played in all three ways to run.
check_PROGRAMS += tests/cases/run_cases
tests_cases_run_cases_SOURCES = tests/cases/run_cases.c tests/cases/case.c tests/cases/case.h \
	tests/cases/stage.c tests/cases/stage.h tests/cases/configure.c tests/cases/configure.h \
	tests/cases/play.c tests/cases/play.h tests/cases/invariants.c tests/cases/invariants.h \
	tests/cases/compare.c tests/cases/compare.h tests/cases/compare_json.c tests/cases/compare_frames.c \
	tests/cases/records.c tests/cases/records.h tests/cases/upstream_heard.c tests/cases/upstream_heard.h \
	$(KIT_GROUND) $(KIT_CLIENT)
tests_cases_run_cases_LDADD = $(CJSON_LIBS)
dist_check_SCRIPTS += tests/cases/run
TESTS += tests/cases/run
EXTRA_DIST += tests/cases/README $(CASES)
CASES = \
	tests/cases/access-anonymous-beside-clients.case \
	tests/cases/access-basic-login-is-no-key.case \
	tests/cases/access-by-client-key.case \
	tests/cases/access-nobody-by-default.case \
	tests/cases/answer-too-large.case \
	tests/cases/body-over-the-default-limit.case \
	tests/cases/body-over-the-limit.case \
	tests/cases/body-short.case \
	tests/cases/body-without-length.case \
	tests/cases/bytes-as-they-came.case \
	tests/cases/bytes-large-body.case \
	tests/cases/chat-buffered.case \
	tests/cases/chat-streamed.case \
	tests/cases/client-gone-before-the-answer.case \
	tests/cases/client-gone-before-the-first-frame.case \
	tests/cases/client-gone-in-a-buffered-answer.case \
	tests/cases/client-gone-in-a-flood.case \
	tests/cases/client-gone-in-mid-stream.case \
	tests/cases/connection-refused.case \
	tests/cases/cost-in-the-record.case \
	tests/cases/cost-unknown.case \
	tests/cases/cut-before-a-byte.case \
	tests/cases/cut-inside-a-body.case \
	tests/cases/error-settings.case \
	tests/cases/head-is-get.case \
	tests/cases/healthz.case \
	tests/cases/hostile-arguments.case \
	tests/cases/hostile-variables.case \
	tests/cases/json-depth.case \
	tests/cases/json-malformed.case \
	tests/cases/json-member-twice.case \
	tests/cases/json-nul-in-model.case \
	tests/cases/keepalive-before-status.case \
	tests/cases/keepalive-chunk.case \
	tests/cases/keepalive-comment.case \
	tests/cases/keepalive-never-inside-an-event.case \
	tests/cases/keepalive-not-before-status.case \
	tests/cases/kept-connection-closed-after-a-byte.case \
	tests/cases/kept-connection-closed-between.case \
	tests/cases/kept-connection-closed-twice.case \
	tests/cases/kept-connection-closed-under-the-request.case \
	tests/cases/kept-connection-used-again.case \
	tests/cases/method-wrong.case \
	tests/cases/model-missing.case \
	tests/cases/model-names-its-provider.case \
	tests/cases/model-of-the-only-provider.case \
	tests/cases/model-without-a-provider.case \
	tests/cases/models-list.case \
	tests/cases/models-one.case \
	tests/cases/mounted-anywhere.case \
	tests/cases/mounted-by-rewrite.case \
	tests/cases/name-not-found.case \
	tests/cases/nvidia-parameters.case \
	tests/cases/nvidia-stream.case \
	tests/cases/ok-but-an-error.case \
	tests/cases/ok-but-empty.case \
	tests/cases/ok-but-no-choices.case \
	tests/cases/ok-but-not-json.case \
	tests/cases/parameters-by-setting.case \
	tests/cases/provider-400-context-length.case \
	tests/cases/provider-400.case \
	tests/cases/provider-401.case \
	tests/cases/provider-403.case \
	tests/cases/provider-404.case \
	tests/cases/provider-429-delay-in-milliseconds.case \
	tests/cases/provider-429-no-money.case \
	tests/cases/provider-429.case \
	tests/cases/provider-500.case \
	tests/cases/provider-503-until-a-date.case \
	tests/cases/provider-503.case \
	tests/cases/provider-answer-never-ready.case \
	tests/cases/provider-answer-pending.case \
	tests/cases/provider-early-hints.case \
	tests/cases/provider-echoes-the-key.case \
	tests/cases/provider-header-too-long.case \
	tests/cases/provider-error-empty.case \
	tests/cases/provider-error-html.case \
	tests/cases/provider-error-plain-text.case \
	tests/cases/provider-error-shapes-nested.case \
	tests/cases/provider-error-shapes.case \
	tests/cases/provider-headers-too-many.case \
	tests/cases/provider-headers.case \
	tests/cases/provider-redirects.case \
	tests/cases/provider-speaks-no-http.case \
	tests/cases/request-id.case \
	tests/cases/route-unknown.case \
	tests/cases/setting-auth-error-status.case \
	tests/cases/setting-error-detail.case \
	tests/cases/silent-provider.case \
	tests/cases/stream-answered-by-json.case \
	tests/cases/stream-comments-and-fields.case \
	tests/cases/stream-cut-inside-an-event.case \
	tests/cases/stream-data-in-two-lines.case \
	tests/cases/stream-done-is-added.case \
	tests/cases/stream-done-without-finish.case \
	tests/cases/stream-ends-without-finish.case \
	tests/cases/stream-error-first-by-code.case \
	tests/cases/stream-error-first.case \
	tests/cases/stream-error-in-the-middle.case \
	tests/cases/stream-error-without-done.case \
	tests/cases/stream-event-too-large.case \
	tests/cases/stream-frames-are-not-held.case \
	tests/cases/stream-idle-timeout.case \
	tests/cases/stream-last-chunk-missing.case \
	tests/cases/stream-left-open.case \
	tests/cases/stream-many-small-events.case \
	tests/cases/stream-not-a-boolean.case \
	tests/cases/stream-of-crlf.case \
	tests/cases/stream-refused.case \
	tests/cases/stream-reset.case \
	tests/cases/stream-split-anywhere.case \
	tests/cases/stream-two-choices.case \
	tests/cases/stream-without-any-frame.case \
	tests/cases/total-timeout.case \
	tests/cases/usage-asked-for-and-stripped.case \
	tests/cases/usage-beside-other-options.case \
	tests/cases/usage-estimated-after-a-cut.case \
	tests/cases/usage-estimated-client-gone.case \
	tests/cases/usage-in-x-groq.case \
	tests/cases/usage-known-before-a-cut.case \
	tests/cases/usage-on-a-content-frame.case \
	tests/cases/usage-shapes-of-others.case \
	tests/cases/usage-unknown-is-null.case
