# Runs ../shared/corpus if it exists. Others have recorded it, and it stays out of the repository.
check_PROGRAMS += tests/corpus/behaviours
tests_corpus_behaviours_SOURCES = tests/corpus/behaviours.c tests/corpus/kinds.h tests/corpus/kinds_failure.c \
	tests/corpus/kinds_delay.c tests/corpus/kinds_stream.c tests/corpus/kinds_program.c \
	tests/corpus/kinds_usage.c tests/corpus/kinds_provider.c tests/corpus/kinds_responses.c \
	tests/corpus/kinds_runs.c tests/corpus/kinds_retry.c tests/corpus/scene.c tests/corpus/scene.h \
	tests/corpus/answers.c tests/corpus/answers.h tests/corpus/outcome.c tests/corpus/outcome.h \
	tests/corpus/deviations.c tests/corpus/deviations.h $(KIT_GROUND) $(KIT_CLIENT)
tests_corpus_behaviours_LDADD = $(PENSTOCK_LIBS)

# The search for leaked keys needs no corpus.
check_PROGRAMS += tests/corpus/leaks
tests_corpus_leaks_SOURCES = tests/corpus/leaks.c tests/corpus/leaks.h tests/corpus/leaks_places.c \
	$(KIT_GROUND) $(KIT_CLIENT)
tests_corpus_leaks_LDADD = $(PENSTOCK_LIBS)
TESTS += tests/corpus/leaks

dist_check_SCRIPTS += tests/corpus/run
TESTS += tests/corpus/run
EXTRA_DIST += tests/corpus/deviations
