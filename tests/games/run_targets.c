/* The target game: random aliases, faults and breakers. No request fails while a target was left that
 * answers.
 *
 *     run_targets [--seed N] [--count N] [--only TABLE] [--known] [--keep] [-v]
 *
 * A table is a gateway with three to six aliases; --count says how many tables are played. Beside what
 * clients saw, the attempts in the records are compared with what the providers have heard. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "game.h"
#include "game_provider.h"
#include "game_records.h"
#include "seats.h"
#include "target_table.h"
#include "tests/kit/answer.h"
#include "tests/kit/net.h"
#include "tests/kit/process.h"
#include "tests/upstream/heard.h"
#include "tests/upstream/plan.h"

#define TABLES 10
#define TABLES_AT_ONCE 5
#define REQUESTS 90 /* of a table */
#define MARK "number-"

/* What client and provider of a table share. */
struct shared {
    uint8_t heard[REQUESTS][TARGETS_MAX];
};

struct request {
    size_t alias; /* alias_count and above: a bystander */
    bool stream, answered, whole;
    int status;
    char words[160]; /* of an answer that is not well */
};

struct targets {
    struct game game;
    struct target_table table;
    struct request requests[REQUESTS];
    size_t next;
    long number; /* of the table */
};

static struct shared *shared;
static const struct target_table *provided; /* the provider's copy */

/* ---- the provider ---- */

static struct plan *answer(const struct connection *connection, const struct heard *heard)
{
    (void)connection;
    size_t length, place;
    char provider[8] = "", name[48] = "";
    const char *model = json_member(heard->body, heard->body_length, "model", &length);
    const char *mark = memmem(heard->body, heard->body_length, MARK, sizeof MARK - 1);
    bool stream = memmem(heard->body, heard->body_length, "\"stream\":true", 13);
    snprintf(provider, sizeof provider, "%.2s", heard->target + 1);
    if (model && length > 2)
        snprintf(name, sizeof name, "%.*s", (int)length - 2, model + 1);
    place = target_table_find(provided, provider, name);
    size_t number = mark ? (size_t)atol(mark + sizeof MARK - 1) : REQUESTS;
    if (place == provided->target_count || number >= REQUESTS)
        give_up("the provider hears of an unknown target %s:%s", provider, name);
    return target_answer(provided->targets[place].fault, stream, ++shared->heard[number][place]);
}

/* ---- the clients ---- */

static const char *model_of(const struct targets *targets, const struct request *request)
{
    static char name[32];
    const struct target_table *table = &targets->table;
    if (request->alias >= table->alias_count)
        return table->targets[table->target_count - PROVIDERS + request->alias - table->alias_count].name;
    snprintf(name, sizeof name, "alias%zu", request->alias);
    return name;
}

static bool next(void *context, struct seat_request *seat)
{
    struct targets *targets = context;
    static char id[32];
    if (targets->next == REQUESTS)
        return false;
    struct dice dice = dice_of(targets->game.seed + (uint64_t)targets->number, 1000 + targets->next);
    struct request *request = &targets->requests[targets->next];
    request->alias = dice_chance(&dice, 15) ? targets->table.alias_count + dice_roll(&dice, PROVIDERS)
                                            : dice_roll(&dice, (unsigned)targets->table.alias_count);
    request->stream = dice_chance(&dice, 50);
    snprintf(id, sizeof id, GAME_ID "%zu", targets->next);
    *seat = (struct seat_request){.number = (long)targets->next, .url = "/v1/chat/completions", .id = id};
    text_format(&seat->body,
                "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"" MARK
                "%zu.\"}]}",
                model_of(targets, request), request->stream ? "true" : "false", targets->next);
    targets->next++;
    return true;
}

static void ended(void *context, long number, const struct talk *talk, enum seat_end end)
{
    struct targets *targets = context;
    struct request *request = &targets->requests[number];
    struct answer heard;
    answer_parse(&heard, text_words(&talk->heard), talk->heard.length);
    const char *body = heard.body ? heard.body : "";
    request->status = heard.status;
    request->whole = end == SEAT_WHOLE;
    request->answered = request->whole && heard.status == 200 && strstr(body, "Well.") &&
                        !strstr(body, "\"error\"") && (!request->stream || strstr(body, "[DONE]"));
    const char *message = strstr(body, "\"message\"");
    if (!request->answered)
        snprintf(request->words, sizeof request->words, "%.150s", message ? message : body);
}

/* ---- the verdict ---- */

static void tell(struct targets *targets, size_t number, const struct game_record *record, const char *words)
{
    struct text out = {0};
    const struct request *request = &targets->requests[number];
    if (request->alias < targets->table.alias_count)
        target_table_print_alias(&targets->table, request->alias, &out);
    else
        text_format(&out, "bystander %s", model_of(targets, request));
    text_format(&out, "\n    %s: status %d %s\n    attempts:", request->stream ? "a stream" : "a document",
                request->status, request->words);
    for (size_t i = 0; record && i < record->attempt_count; i++)
        text_format(&out, " %s:%s %d %s,", record->attempts[i].provider, record->attempts[i].model,
                    record->attempts[i].status, record->attempts[i].reason);
    text_put(&out, "\n    heard:");
    for (size_t i = 0; i < targets->table.target_count; i++)
        if (shared->heard[number][i])
            text_format(&out, " %s %u times,", targets->table.targets[i].name, shared->heard[number][i]);
    game_fail(&targets->game, targets->number, "request %zu: %s\n    %s", number, words, text_words(&out));
    text_free(&out);
}

/* What is wrong with an answer; NULL: nothing. */
static const char *judge_answer(const struct target_table *table, const struct request *request)
{
    if (!request->whole)
        return "the gateway gives no whole answer";
    if (request->alias >= table->alias_count)
        return request->answered ? NULL : "a bystander is not answered";
    const struct alias_facts *alias = &table->aliases[request->alias];
    if (alias->has_well && !alias->has_mistake && !request->answered)
        return "a request fails while a target was left that answers";
    if (!alias->may_answer && request->answered)
        return "an answer comes from nowhere";
    if (!request->answered && (request->status < 400 || !*request->words))
        return "a failure has no status of one";
    if (!request->answered && request->status == 400 && !alias->has_mistake)
        return "a 400 without a caller's mistake";
    return NULL;
}

/* Compares the attempts of a record with what the providers heard. */
static const char *judge_attempts(const struct target_table *table, size_t number,
                                  const struct game_record *record)
{
    unsigned listed[TARGETS_MAX] = {0};
    bool silent[TARGETS_MAX] = {false};
    for (size_t i = 0; i < record->attempt_count; i++) {
        size_t place = target_table_find(table, record->attempts[i].provider, record->attempts[i].model);
        if (place == table->target_count)
            return "an attempt at a target that is none";
        if (silent[place])
            return "a target is asked again after silence";
        silent[place] = strcmp(record->attempts[i].reason, "timeout") == 0;
        listed[place]++;
    }
    for (size_t i = 0; i < table->target_count; i++)
        if (table->targets[i].fault != TARGET_REFUSED && listed[i] != shared->heard[number][i])
            return "the attempts are not those that the providers heard";
    return NULL;
}

static void judge(struct targets *targets)
{
    struct game_records records;
    game_records_read(&records, targets->game.service.usage);
    for (size_t i = 0; i < REQUESTS; i++) {
        size_t count;
        const struct game_record *record = game_records_find(&records, (long)i, &count);
        const char *wrong = judge_answer(&targets->table, &targets->requests[i]);
        if (!wrong && count != 1)
            wrong = "there is not one record";
        if (!wrong)
            wrong = judge_attempts(&targets->table, i, record);
        if (wrong)
            tell(targets, i, record, wrong);
        else
            targets->game.passed++;
    }
    game_records_free(&records);
}

/* ---- tables ---- */

static void play_table(struct targets *targets)
{
    unsigned port, refusing;
    struct text settings = {0};
    struct dice dice = dice_of(targets->game.seed, (uint64_t)targets->number);
    target_table_draw(&targets->table, &dice, targets->game.known);
    shared = game_share(sizeof *shared);
    provided = &targets->table;
    int holder = net_refusing_port(&refusing);
    game_provider_start(answer, &port);
    target_table_settings(&targets->table, port, refusing, &settings);
    if (targets->game.verbose)
        printf("%s", settings.bytes);
    service_start(&targets->game.service, settings.bytes);
    struct seats seats = {.socket = targets->game.service.address,
                          .count = targets->table.seats,
                          .next = next,
                          .ended = ended,
                          .context = targets};
    seats_play(&seats);
    service_stop(&targets->game.service);
    judge(targets);
    close(holder);
    text_free(&settings);
}

/* Each table is a process with a folder of its own. */
static pid_t start_table(const struct targets *all, long number)
{
    fflush(stdout);
    pid_t child = fork();
    if (child)
        return child;
    struct targets targets = *all;
    game_again(&targets.game);
    targets.number = number;
    play_table(&targets);
    exit(game_close(&targets.game));
}

int main(int argc, char **argv)
{
    static struct targets targets;
    struct game *game = &targets.game;
    pid_t tables[TABLES_AT_ONCE];
    game_open(game, argc, argv, 20261129, TABLES);
    long first = game->only < 0 ? 0 : game->only, count = game->only < 0 ? game->count : 1;
    for (long begun = 0, done = 0; done < count; done++) {
        for (; begun < count && begun - done < TABLES_AT_ONCE; begun++)
            tables[begun % TABLES_AT_ONCE] = start_table(&targets, first + begun);
        int status = process_wait(tables[done % TABLES_AT_ONCE], 600000);
        game->passed += status == 0;
        game->failed += status != 0;
    }
    return game_close(game);
}
