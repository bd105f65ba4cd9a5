# One file for each behaviour, played in all three ways to run.
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
EXTRA_DIST += tests/cases/README
# Every case in this folder belongs to the suite.
dist-hook:
	$(MKDIR_P) $(distdir)/tests/cases
	cp $(srcdir)/tests/cases/*.case $(distdir)/tests/cases/
