# Games: random clients and providers within the rules, and afterwards the question whether the rules held.
GAME = tests/games/dice.c tests/games/dice.h tests/games/game.c tests/games/game.h tests/games/seats.c \
	tests/games/seats.h tests/games/game_provider.c tests/games/game_provider.h tests/games/game_records.c \
	tests/games/game_records.h \
	tests/pool/service.c tests/pool/service.h \
	tests/upstream/connection.c tests/upstream/connection.h tests/upstream/plan.c tests/upstream/plan.h \
	tests/upstream/heard.c tests/upstream/heard.h tests/upstream/confirmed.c tests/upstream/confirmed.h \
	tests/upstream/journal.c tests/upstream/journal.h tests/upstream/timers.c tests/upstream/timers.h \
	tests/upstream/server.c tests/upstream/server.h \
	$(KIT_GROUND) $(KIT_CLIENT)

check_PROGRAMS += tests/games/run_streams
TESTS += tests/games/run_streams
tests_games_run_streams_SOURCES = tests/games/run_streams.c tests/games/stream_scenario.c \
	tests/games/stream_scenario.h tests/games/stream_frames.c tests/games/stream_model.c \
	tests/games/stream_model.h tests/games/stream_heard.c tests/games/stream_heard.h $(GAME)
tests_games_run_streams_LDADD = $(CJSON_LIBS) -lm

check_PROGRAMS += tests/games/run_targets
TESTS += tests/games/run_targets
tests_games_run_targets_SOURCES = tests/games/run_targets.c tests/games/target_table.c tests/games/target_table.h \
	tests/games/target_answers.c tests/upstream/replies.c tests/upstream/replies.h $(GAME)
tests_games_run_targets_LDADD = $(CJSON_LIBS) -lm

check_PROGRAMS += tests/games/run_money
TESTS += tests/games/run_money
tests_games_run_money_SOURCES = tests/games/run_money.c tests/games/money_game.h tests/games/money_request.c \
	tests/games/money_request.h tests/games/money_bill.c tests/games/money_bill.h tests/games/money_clients.c \
	tests/games/money_clients.h tests/games/money_judge.c tests/kit/redis.c tests/kit/redis.h tests/upstream/replies.c tests/upstream/replies.h $(GAME)
tests_games_run_money_LDADD = $(PENSTOCK_LIBS) -lm

# Longer: a part of `make soak`.
soak-games: src/penstock tests/games/run_streams tests/games/run_targets tests/games/run_money
	tests/games/run_money --count 100000
	tests/games/run_money --count 5000 --way cgi
	tests/games/run_money --count 20000 --way fd0
	tests/games/run_money --count 20000 --redis
	tests/games/run_streams --count 40000
	tests/games/run_targets --count 200
soak: soak-games
.PHONY: soak-games
