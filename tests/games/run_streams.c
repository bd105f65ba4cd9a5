/* The stream game: random streams of a provider, compared with a reference model of the contract.
 *
 *     run_streams [--seed N] [--count N] [--only NUMBER] [--known] [--keep] [-v]
 *
 * A stream that goes wrong is shrunk to the fewest frames that go wrong alike, and printed as a case file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include "game.h"
#include "game_provider.h"
#include "game_records.h"
#include "seats.h"
#include "stream_heard.h"
#include "stream_model.h"
#include "stream_scenario.h"
#include "tests/kit/process.h"
#include "tests/kit/text.h"
#include "tests/upstream/heard.h"
#include "tests/upstream/plan.h"

#define AT_ONCE 32
#define SLOT "slot-"
#define COUNT 1500
#define RECORD_MS 3000
#define WELL "This is the second target. "
#define SHRINK_MS 12000
#define TOLD_LETTERS 24 /* findings whose words begin alike are of a kind */

/* What the client and the provider's process share. */
struct shared {
    struct stream_scenario scenarios[AT_ONCE];
    unsigned heard[AT_ONCE][2]; /* requests at the first and at the second target */
};

struct play {
    struct stream_scenario scenario;
    struct stream_seen seen;
    unsigned heard[2];
    long number; /* in the request's id */
    enum seat_end end;
};

struct streams {
    struct game game;
    struct play *plays;
    size_t next, count;
    size_t slots[AT_ONCE]; /* which play has the slot; count: none */
    long numbers;          /* ids given so far */
};

static struct shared *shared;

/* ---- the provider ---- */

static struct plan *answer(const struct connection *connection, const struct heard *heard)
{
    (void)connection;
    const char *mark = memmem(heard->body, heard->body_length, SLOT, sizeof SLOT - 1);
    unsigned slot = mark ? (unsigned)atoi(mark + sizeof SLOT - 1) % AT_ONCE : 0;
    bool second = heard->target_length > 3 && heard->target[1] == 'b';
    shared->heard[slot][second]++;
    if (!second)
        return stream_scenario_plan(&shared->scenarios[slot]);
    static const char well[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        "data: {\"id\":\"c2\",\"model\":\"well\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
        "\"content\":\"" WELL "\"},\"finish_reason\":\"stop\"}]}\n\n"
        "data: "
        "{\"id\":\"c2\",\"model\":\"well\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_"
        "tokens\":6,"
        "\"total_tokens\":11}}\n\n"
        "data: [DONE]\n\n";
    struct plan *plan = plan_create();
    plan_send(plan, well, sizeof well - 1);
    plan_end(plan, STEP_CLOSE);
    return plan;
}

/* ---- playing ---- */

static bool next(void *context, struct seat_request *request)
{
    struct streams *streams = context;
    unsigned slot = 0;
    while (slot < AT_ONCE && streams->slots[slot] < streams->count)
        slot++;
    if (streams->next == streams->count || slot == AT_ONCE)
        return false;
    static char id[32];
    char mark[16];
    struct play *play = &streams->plays[streams->next];
    streams->slots[slot] = streams->next++;
    play->number = streams->numbers++;
    shared->scenarios[slot] = play->scenario;
    memset(shared->heard[slot], 0, sizeof shared->heard[slot]);
    snprintf(id, sizeof id, GAME_ID "%ld", play->number);
    snprintf(mark, sizeof mark, SLOT "%u", slot);
    *request = (struct seat_request){.number = (long)slot,
                                     .url = play->scenario.responses ? "/v1/responses"
                                                                     : "/v1/chat/completions",
                                     .id = id};
    stream_scenario_request(&play->scenario, mark, &request->body);
    return true;
}

static void ended(void *context, long slot, const struct talk *talk, enum seat_end end)
{
    struct streams *streams = context;
    struct play *play = &streams->plays[streams->slots[slot]];
    streams->slots[slot] = streams->count;
    play->end = end;
    memcpy(play->heard, shared->heard[slot], sizeof play->heard);
    stream_see(&play->seen, text_words(&talk->heard), talk->heard.length, play->scenario.responses);
    if (streams->game.verbose)
        printf("%s\n", text_words(&talk->heard));
}

static void play_all(struct streams *streams, struct play *plays, size_t count)
{
    struct seats seats = {.socket = streams->game.service.address,
                          .count = AT_ONCE,
                          .next = next,
                          .ended = ended,
                          .context = streams};
    streams->plays = plays;
    streams->next = 0;
    streams->count = count;
    for (size_t i = 0; i < AT_ONCE; i++)
        streams->slots[i] = count;
    seats_play(&seats);
}

/* ---- comparing ---- */

struct finding {
    char words[600];
};

static bool differ(struct finding *finding, const char *what, const char *seen, const char *right)
{
    if (strcmp(seen, right) == 0)
        return false;
    snprintf(finding->words, sizeof finding->words, "%s is \"%.200s\", not \"%.200s\"", what, seen, right);
    return true;
}

static bool find(struct finding *finding, bool wrong, const char *words)
{
    if (wrong)
        snprintf(finding->words, sizeof finding->words, "%s", words);
    return wrong;
}

static bool compare_words(struct finding *finding, const struct stream_seen *seen,
                          const struct stream_verdict *right)
{
    for (unsigned i = 0; i < CHOICES_MAX; i++)
        if (differ(finding, "the text", seen->content[i], right->content[i]))
            return true;
    return false;
}

/* Of chat, where frames pass as they came. */
static bool compare_rest_of_words(struct finding *finding, const struct stream_seen *seen,
                                  const struct stream_verdict *right)
{
    for (unsigned i = 0; i < CHOICES_MAX; i++)
        if (differ(finding, "the reasoning", seen->reasoning[i], right->reasoning[i]))
            return true;
    return differ(finding, "the first call", seen->calls[0], right->calls[0]) ||
           differ(finding, "the second call", seen->calls[1], right->calls[1]);
}

static const char *const reasons[] = {"", "upstream_cut", "timeout", "bad_response", ""};
static const char *const ends[] = {"complete", "upstream_cut", "timeout", "error", "error"};

/* The second target answered. */
static bool compare_moved(struct finding *finding, const struct play *play, const struct game_record *record)
{
    const struct stream_seen *seen = &play->seen;
    return differ(finding, "the text", seen->content[0], WELL) ||
           find(finding, seen->status != 200 || seen->errors,
                "the second target's answer does not arrive well") ||
           find(finding, play->heard[0] != 1 || play->heard[1] != 1,
                "the targets were not asked once each") ||
           find(finding, record->attempt_count != 2, "the record does not list two attempts") ||
           differ(finding, "the record's end", record->end, "complete") ||
           find(finding, record->completion != 6 && !play->scenario.json,
                "the record has not the second target's count");
}

static bool compare_counts(struct finding *finding, const struct play *play,
                           const struct stream_verdict *right, const struct game_record *record)
{
    bool counted = right->outcome == STREAM_COMPLETE && right->counts.prompt;
    if (counted && right->counts.completion > 0)
        return find(finding,
                    record->prompt != right->counts.prompt || record->completion != right->counts.completion,
                    "the record has not the provider's counts") ||
               differ(finding, "usage_source", record->usage_source, "provider");
    return find(finding, right->begun && (record->completion < 1 || record->prompt < 1),
                "content has passed, and the record has no counts") ||
           find(finding,
                !play->scenario.json && !right->counts.prompt && right->begun &&
                    strcmp(record->usage_source, "estimated") != 0,
                "usage_source is not estimated");
}

static bool compare_complete(struct finding *finding, const struct play *play,
                             const struct stream_verdict *right, const struct game_record *record)
{
    const struct stream_seen *seen = &play->seen;
    bool responses = play->scenario.responses;
    if (find(finding, seen->status != 200, "the status is not 200") ||
        find(finding, seen->errors, "an answer that is complete ends in an error") ||
        compare_words(finding, seen, right) || differ(finding, "the record's end", record->end, "complete") ||
        compare_counts(finding, play, right, record))
        return true;
    if (responses)
        return find(finding, seen->completed != 1, "the response is not completed once") ||
               find(finding, seen->strange, "the events of the response are not right");
    if (compare_rest_of_words(finding, seen, right))
        return true;
    if (play->scenario.json)
        return false;
    return find(finding, seen->dones != 1 || seen->after_done, "there is not one [DONE], at the end") ||
           find(finding, !play->scenario.wants_usage && seen->usage_frames,
                "a client that has not asked for usage gets a frame of it") ||
           find(finding, play->scenario.wants_usage && seen->usage_frames < (right->usage_frames > 0),
                "a client that has asked for usage gets none");
}

static bool compare_failed(struct finding *finding, const struct play *play,
                           const struct stream_verdict *right, const struct game_record *record)
{
    const struct stream_seen *seen = &play->seen;
    const char *reason = right->outcome == STREAM_FAILED || !right->reason ? right->reason
                                                                           : reasons[right->outcome];
    bool streamed = right->begun || (right->half_begun && seen->streamed);
    if (find(finding, seen->completed, "a response that has failed is completed") ||
        find(finding, seen->errors != 1, "there is not one error"))
        return true;
    if (streamed && (find(finding, seen->status != 200, "content has come, and the status is not 200") ||
                     compare_words(finding, seen, right) ||
                     find(finding, !play->scenario.responses && (seen->dones != 1 || seen->after_done),
                          "there is not one [DONE] after the error")))
        return true;
    if (!streamed && right->status &&
        find(finding, seen->status != right->status, "the status is not that of the failure"))
        return true;
    return (reason && !play->scenario.responses &&
            differ(finding, "the error's reason", seen->reason, reason)) ||
           (reason && differ(finding, "the record's reason", record->reason, reason)) ||
           (reason && differ(finding, "the record's end", record->end, ends[right->outcome]));
}

/* False: client and record are as the contract wants them. */
static bool compare_all(struct finding *finding, const struct play *play, const struct game_record *record,
                        size_t records)
{
    struct stream_verdict right;
    stream_judge(&play->scenario, &right);
    if (find(finding, play->end != SEAT_WHOLE,
             play->end == SEAT_HANGS ? "no end comes" : "the gateway breaks off") ||
        find(finding, records != 1, "there is not one record"))
        return true;
    bool failed = right.outcome != STREAM_COMPLETE;
    if (play->scenario.alias && failed && !right.begun && right.moves_on && !right.half_begun && !right.open)
        return compare_moved(finding, play, record);
    bool moved = play->scenario.alias && play->heard[1];
    if (moved && find(finding, (right.begun && !play->scenario.held) || (failed && !right.may_move_on),
                      "another target is asked without need"))
        return true;
    if (moved)
        return compare_moved(finding, play, record);
    if (find(finding, play->heard[0] != 1, "the provider is not asked once"))
        return true;
    struct finding other;
    if (right.open && !compare_complete(&other, play, &right, record))
        return false;
    if (right.open)
        return find(finding, play->seen.errors != 1, "neither complete nor one error");
    return failed ? compare_failed(finding, play, &right, record)
                  : compare_complete(finding, play, &right, record);
}

static bool compare(struct finding *finding, const struct play *play, const struct game_record *record,
                    size_t records)
{
    return compare_all(finding, play, record, records) ||
           find(finding, play->seen.status == 200 && play->seen.streamed && !play->seen.charset,
                "no charset=utf-8");
}

/* ---- shrinking ---- */

/* Plays one stream again: does it go wrong in the same words? */
static bool goes_wrong(struct streams *streams, const struct stream_scenario *scenario,
                       struct finding *finding)
{
    struct play play = {.scenario = *scenario};
    struct game_records records;
    const struct game_record *record;
    size_t count;
    play_all(streams, &play, 1);
    for (int64_t end = now_ms() + RECORD_MS;; rest()) {
        game_records_read(&records, streams->game.service.usage);
        record = game_records_find(&records, play.number, &count);
        if (record || now_ms() > end)
            break;
        game_records_free(&records);
    }
    *finding = (struct finding){0};
    bool wrong = compare(finding, &play, record, count);
    game_records_free(&records);
    return wrong;
}

static bool is_as_wrong(struct streams *streams, const struct stream_scenario *scenario,
                        const struct finding *first)
{
    struct finding finding;
    return goes_wrong(streams, scenario, &finding) && strncmp(finding.words, first->words, TOLD_LETTERS) == 0;
}

static bool shrink_frames(struct streams *streams, struct stream_scenario *scenario,
                          const struct finding *finding)
{
    for (size_t i = scenario->count; i-- > 0;) {
        struct stream_scenario less = *scenario;
        memmove(&less.frames[i], &less.frames[i + 1], (size_t)(less.count - i - 1) * sizeof less.frames[0]);
        less.count--;
        if (i + 1 == scenario->count && less.cut)
            continue; /* the cut would be in another frame */
        if (is_as_wrong(streams, &less, finding)) {
            *scenario = less;
            return true;
        }
    }
    return false;
}

static void shrink(struct streams *streams, struct stream_scenario *scenario, const struct finding *finding)
{
    int64_t end = now_ms() + SHRINK_MS;
    while (now_ms() < end && shrink_frames(streams, scenario, finding))
        ;
    struct stream_scenario plain = *scenario;
    for (unsigned change = 0; change < 7 && now_ms() < end; change++, plain = *scenario) {
        plain.split = change == 0 ? 0 : plain.split;
        plain.line_end = change == 1 ? 0 : plain.line_end;
        plain.mark = change == 2 ? false : plain.mark;
        plain.alias = change == 3 ? false : plain.alias;
        plain.held = change == 3 ? false : plain.held;
        plain.undelimited = change == 1 ? false : plain.undelimited;
        plain.choices = change == 4 ? 1 : plain.choices;
        plain.wants_usage = change == 5 ? false : plain.wants_usage;
        for (size_t i = 0; change == 6 && i < plain.count; i++)
            plain.frames[i].pause_ms = 0;
        for (size_t i = 0; change == 4 && i < plain.count; i++)
            plain.frames[i].choice = 0;
        for (size_t i = 0; change == 2 && i < plain.count; i++)
            plain.frames[i].style = STYLE_PLAIN;
        if (memcmp(&plain, scenario, sizeof plain) != 0 && is_as_wrong(streams, &plain, finding))
            *scenario = plain;
    }
}

static void tell(struct streams *streams, const struct play *play, const struct finding *finding)
{
    struct stream_scenario scenario = play->scenario;
    struct finding again;
    struct stream_verdict right;
    struct text out = {0}, body = {0};
    bool steady = goes_wrong(streams, &scenario, &again);
    if (steady)
        shrink(streams, &scenario, &again);
    stream_judge(&scenario, &right);
    stream_scenario_request(&scenario, SLOT "0", &body);
    text_format(&out,
                "# %s%s\n\n--- client says\nPOST /llm/v1/%s\nContent-Type: application/json\n\n%s\n\n--- "
                "upstream says\n",
                steady ? "" : "(not each time) ", steady ? again.words : finding->words,
                scenario.responses ? "responses" : "chat/completions", text_words(&body));
    stream_scenario_print(&scenario, &out);
    text_format(&out, "\n--- record must show\nend = \"%s\"\n", ends[right.outcome]);
    printf("%s\n", text_words(&out));
    text_free(&out);
    text_free(&body);
}

/* ---- the game ---- */

/* What is known to go wrong and not mended yet: findings by the beginning of their words, and frames by kind
 * and variants. Such streams are played, but count as failed only with --known. */
static const char *const known_words[] = {NULL};
static const struct {
    enum frame_kind kind;
    unsigned variants; /* a bit each */
} known_frames[] = {{FRAME_KINDS, 0}};

static bool is_known(const struct game *game, const struct play *play, const struct finding *finding)
{
    for (size_t i = 0; known_words[i] && !game->known; i++)
        if (strncmp(finding->words, known_words[i], strlen(known_words[i])) == 0)
            return true;
    for (size_t i = 0; known_frames[i].kind != FRAME_KINDS && !game->known; i++)
        for (size_t k = 0; k < play->scenario.count; k++)
            if (play->scenario.frames[k].kind == known_frames[i].kind &&
                (known_frames[i].variants & 1U << play->scenario.frames[k].variant))
                return true;
    return false;
}

/* The first two findings of a kind are shrunk and told. */
static bool is_news(const struct finding *finding)
{
    static char told[64][TOLD_LETTERS];
    static size_t count;
    size_t before = 0;
    for (size_t i = 0; i < count; i++)
        before += strncmp(told[i], finding->words, TOLD_LETTERS) == 0;
    if (before >= 2 || count == sizeof told / sizeof *told)
        return false;
    memcpy(told[count++], finding->words, TOLD_LETTERS);
    return true;
}

static void print_outcomes(const struct play *plays, size_t count)
{
    static const char *const words[] = {"complete", "cut", "timed out", "no answer", "failed"};
    size_t counts[5] = {0}, moved = 0, open = 0;
    for (size_t i = 0; i < count; i++) {
        struct stream_verdict verdict;
        stream_judge(&plays[i].scenario, &verdict);
        counts[verdict.outcome]++;
        moved += plays[i].heard[1] > 0;
        open += verdict.open;
    }
    for (size_t i = 0; i < 5; i++)
        printf("%s%zu %s", i ? ", " : "streams: ", counts[i], words[i]);
    printf("; %zu answered by the second target, %zu of which the contract leaves open\n", moved, open);
}

static void start(struct streams *streams)
{
    unsigned port;
    struct text settings = {0};
    game_provider_start(answer, &port);
    text_format(&settings,
                "default_provider = \"a\";\naccess: { anonymous = true; };\n"
                "providers: {\n"
                "  a: { base_url = \"http://127.0.0.1:%u/a/v1\"; api_key = \"one\"; timeout: { idle = 3; "
                "first_byte = 20; }; };\n"
                "  b: { base_url = \"http://127.0.0.1:%u/b/v1\"; api_key = \"two\"; };\n};\n"
                "retry: { same_target = 0; };\nbreaker: { failures = 0; };\n"
                "aliases: ( { name = \"any\"; targets = [ \"a:m\", \"b:well\" ]; },\n"
                "  { name = \"held\"; targets = [ \"a:m\", \"b:well\" ]; hold: { bytes = -1; }; } );\n"
                "pool: { min_spare = 34; max_spare = 40; max_workers = 40; };\n",
                port, port);
    service_start(&streams->game.service, settings.bytes);
    text_free(&settings);
}

int main(int argc, char **argv)
{
    static struct streams streams;
    struct game *game = &streams.game;
    shared = game_share(sizeof *shared);
    game_open(game, argc, argv, 20261129, COUNT);
    start(&streams);
    size_t count = game->only < 0 ? (size_t)game->count : 1;
    struct play *plays = calloc(count, sizeof *plays);
    if (!plays)
        give_up("no memory for %zu streams", count);
    for (size_t i = 0; i < count; i++) {
        struct dice dice = dice_of(game->seed, game->only < 0 ? i : (uint64_t)game->only);
        stream_scenario_draw(&plays[i].scenario, &dice);
    }
    play_all(&streams, plays, count);
    rest();
    usleep(300000); /* records are written after the answer */
    struct game_records records;
    size_t skipped = 0;
    game_records_read(&records, game->service.usage);
    for (size_t i = 0; i < count; i++) {
        struct finding finding = {0};
        size_t found;
        const struct game_record *record = game_records_find(&records, plays[i].number, &found);
        if (!compare(&finding, &plays[i], record, found)) {
            game->passed++;
            continue;
        }
        if (is_known(game, &plays[i], &finding)) {
            skipped++;
            continue;
        }
        bool tells = game_tells(game) && is_news(&finding);
        game_fail(game, game->only < 0 ? (long)i : game->only, "%s", finding.words);
        if (tells)
            tell(&streams, &plays[i], &finding);
    }
    game_records_free(&records);
    service_stop(&game->service);
    print_outcomes(plays, count);
    free(plays);
    if (skipped)
        printf("%zu show what is known (--known plays it)\n", skipped);
    return game_close(game);
}
