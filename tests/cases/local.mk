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
	tests/cases/body-longer-than-announced.case \
	tests/cases/body-over-the-default-limit.case \
	tests/cases/body-over-the-limit.case \
	tests/cases/body-short.case \
	tests/cases/body-without-length.case \
	tests/cases/bytes-as-they-came.case \
	tests/cases/bytes-large-body.case \
	tests/cases/chat-buffered.case \
	tests/cases/chat-streamed.case \
	tests/cases/json-depth.case \
	tests/cases/json-malformed.case \
	tests/cases/json-member-twice.case \
	tests/cases/json-nul-in-model.case \
	tests/cases/model-missing.case \
	tests/cases/stream-not-a-boolean.case \
	tests/cases/usage-asked-for-and-stripped.case \
	tests/cases/usage-beside-other-options.case \
	tests/cases/usage-on-a-content-frame.case \
	tests/cases/usage-unknown-is-null.case
