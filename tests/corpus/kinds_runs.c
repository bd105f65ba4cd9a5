/* Runs, as their own API shows them: counting, refusing and reporting. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "errors/failure_map.h"
#include "kinds.h"
#include "ledger/quota.h"
#include "outcome.h"
#include "routing/run.h"
#include "scene.h"

#define WINDOW_MS 60000 /* the time that the origin's maps forget by */
#define NANOS 1e9

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_of(const cJSON *node, const char *otherwise)
{
    return cJSON_IsString(node) ? node->valuestring : otherwise;
}

static double number_of(const cJSON *node)
{
    return cJSON_IsNumber(node) ? node->valuedouble : 0;
}

/* ---- what counts ---- */

void check_classify_platform(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct failure why = {.reason = FAILURE_NONE};
    struct provider_answer given = {.status = member(input, "status")->valueint, .provider = "own"};
    bool failed = (given.status < 200 || given.status > 299) && !failure_map(&why, &given);
    bool counted = failed && run_error_counts(&why, given.provider);
    outcome_bool(outcome, "platform_error", counted, member(expected, "platform_error"));
}

/* ---- a map and a clock ---- */

struct map {
    const char *names[8];
    struct run_account accounts[8];
    int64_t now_ms;
};

static struct run_account *account_of(struct map *map, const char *name)
{
    for (size_t i = 0; i < sizeof map->names / sizeof *map->names; i++) {
        if (!map->names[i])
            map->names[i] = name;
        if (strcmp(map->names[i], name) == 0)
            return &map->accounts[i];
    }
    give_up("too many runs in a case");
}

static void settle(struct map *map, const char *run, bool error, double usd)
{
    struct settlement used = {.run = run,
                              .tokens = -1,
                              .cost = (int64_t)(usd * NANOS),
                              .run_error = error,
                              .run_limits.error_window_ms = WINDOW_MS};
    quota_settle(NULL, account_of(map, run), &used, map->now_ms);
}

/* The same step in our accounts; negative if it has no result. */
static double step(struct map *map, const cJSON *operation)
{
    static const struct run_limits limits = {.error_window_ms = WINDOW_MS};
    const char *what = text_of(cJSON_GetArrayItem(operation, 0), "");
    const cJSON *whom = cJSON_GetArrayItem(operation, 1);
    const char *run = text_of(whom, "");
    if (strcmp(what, "at") == 0)
        map->now_ms = (int64_t)(number_of(whom) * 1000);
    else if (strcmp(what, "add_error") == 0)
        settle(map, run, true, 0);
    else if (strcmp(what, "add_cost") == 0)
        settle(map, run, false, number_of(cJSON_GetArrayItem(operation, 2)));
    else if (strcmp(what, "get_errors") == 0)
        return (double)quota_recent_errors(account_of(map, run), &limits, map->now_ms);
    else if (strcmp(what, "get_cost") == 0)
        return (double)account_of(map, run)->spent / NANOS;
    else
        give_up("an operation that is not known: %s", what);
    return -1;
}

void check_cleanup(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct map map = {0};
    const cJSON *operations = member(input, "ops"), *results = member(expected, "results");
    for (int i = 0; i < cJSON_GetArraySize(operations); i++) {
        char name[16];
        double result = step(&map, cJSON_GetArrayItem(operations, i));
        snprintf(name, sizeof name, "[%d]", i);
        outcome_number(outcome, name, result, cJSON_GetArrayItem(results, i));
    }
}

/* ---- the program ---- */

#define PRICE "fake * 1 1\n" /* USD for a million tokens */
#define INFERENCE "/api/inference"

struct play {
    struct text script, settings;
    const char *others; /* providers */
    struct stage *stage;
};

/* The provider's next answer: that status, so many prompt tokens, and a message for a failure. */
static void expect_answer(struct play *play, int status, double tokens, const char *words)
{
    if (play->script.length)
        text_put(&play->script, SCENE_NEXT);
    text_format(&play->script, "HTTP/1.1 %d X\nContent-Type: application/json\nContent-Length: auto\n\n",
                status);
    if (status >= 400)
        text_format(&play->script, "{\"error\":{\"message\":\"%s\"}}\n", words);
    else
        text_format(&play->script,
                    "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"a\"},"
                    "\"finish_reason\":\"stop\"}],\"data\":[{\"embedding\":[1]}],"
                    "\"usage\":{\"prompt_tokens\":%.0f,\"completion_tokens\":0,\"total_tokens\":%.0f}}\n",
                    tokens, tokens);
}

static void set_limits(struct play *play, const cJSON *input)
{
    const cJSON *errors = member(input, "max_errors");
    text_format(&play->settings, "runs: { max_inference_errors = %.0f; max_cost_usd = %.3f; };\n",
                errors ? number_of(errors) : 0, number_of(member(input, "max_cost")));
}

static void open_play(struct play *play)
{
    struct scene scene = {.script = text_words(&play->script), .settings = text_words(&play->settings)};
    scene.prices = PRICE;
    scene.others = play->others;
    play->stage = scene_open(&scene, kinds_provider_program());
}

static void close_play(struct play *play)
{
    scene_close(play->stage);
    text_free(&play->script);
    text_free(&play->settings);
}

static void ask(const struct play *play, const struct question *question, struct heard *heard)
{
    scene_ask(play->stage, question, kinds_penstock_program(), heard);
}

static void write_request(struct text *body, const char *url, const char *run, const cJSON *input)
{
    const cJSON *mode = member(input, "tool_mode"), *name;
    const char *comma = "";
    text_format(body, "{\"evaluation_run_id\":\"%s\",\"model\":\"%s\",", run,
                text_of(member(input, "model"), "m"));
    if (strcmp(url, INFERENCE) != 0) {
        text_put(body, "\"input\":\"a\"}");
        return;
    }
    text_put(body, "\"temperature\":0.5,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]");
    if (mode)
        text_format(body, ",\"tool_mode\":\"%s\"", mode->valuestring);
    text_put(body, ",\"tools\":[");
    cJSON_ArrayForEach(name, member(input, "tools"))
    {
        text_format(body, "%s{\"name\":\"%s\",\"description\":\"\",\"parameters\":[]}", comma,
                    name->valuestring);
        comma = ",";
    }
    text_put(body, "]}");
}

static void ask_for(const struct play *play, const char *url, const char *run, const cJSON *input,
                    struct heard *heard)
{
    struct text body = {0};
    write_request(&body, url, run, input);
    struct question question = {"POST", url, body.bytes, NULL, NULL};
    ask(play, &question, heard);
    text_free(&body);
}

static cJSON *body_of(const struct heard *heard)
{
    return cJSON_ParseWithLength(heard->answer.body, heard->answer.body_length);
}

/* A member of the answer of /api/usage about the run; freed with cJSON_Delete(). */
static cJSON *usage_of(const struct play *play, const char *run)
{
    struct text url = {0};
    struct heard heard;
    text_format(&url, "/api/usage?evaluation_run_id=%s", run);
    struct question question = {"GET", url.bytes, NULL, NULL, NULL};
    ask(play, &question, &heard);
    cJSON *body = body_of(&heard);
    heard_free(&heard);
    text_free(&url);
    return body;
}

static double errors_of(const struct play *play, const char *run)
{
    cJSON *usage = usage_of(play, run);
    double errors = usage ? number_of(member(usage, "inference_errors")) : -1;
    cJSON_Delete(usage);
    return errors;
}

static void forgive(const struct play *play, const char *run)
{
    struct text url = {0};
    struct heard heard;
    text_format(&url, "/api/reset-inference-errors?evaluation_run_id=%s", run);
    struct question question = {"POST", url.bytes, NULL, NULL, NULL};
    ask(play, &question, &heard);
    heard_free(&heard);
    text_free(&url);
}

/* ---- counting ---- */

static double step_in_play(const struct play *play, const cJSON *operation)
{
    const char *what = text_of(cJSON_GetArrayItem(operation, 0), "");
    const char *run = text_of(cJSON_GetArrayItem(operation, 1), "");
    struct heard heard;
    if (strcmp(what, "get_errors") == 0)
        return errors_of(play, run);
    if (strcmp(what, "reset") == 0) {
        forgive(play, run);
    } else if (strcmp(what, "add_error") == 0) {
        ask_for(play, INFERENCE, run, NULL, &heard);
        heard_free(&heard);
    } else {
        give_up("an operation that is not known: %s", what);
    }
    return -1;
}

static void check_operations(struct outcome *outcome, const cJSON *operations, const cJSON *results)
{
    struct play play = {0};
    const cJSON *item;
    set_limits(&play, NULL);
    expect_answer(&play, 500, 0, "any words");
    cJSON_ArrayForEach(item, operations)
    {
        expect_answer(&play, 500, 0, "any words");
    }
    open_play(&play);
    for (int i = 0; i < cJSON_GetArraySize(operations); i++) {
        char name[16];
        snprintf(name, sizeof name, "[%d]", i);
        double result = step_in_play(&play, cJSON_GetArrayItem(operations, i));
        outcome_number(outcome, name, result, cJSON_GetArrayItem(results, i));
    }
    close_play(&play);
}

static void check_statuses(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    const cJSON *statuses = member(input, "provider_statuses"), *status;
    const char *run = "0b5ae4f2-6f6e-4c53-9d55-52f2b2c2a5f1",
               *words = text_of(member(input, "error_text"), "a");
    struct play play = {0};
    struct heard heard;
    set_limits(&play, input);
    cJSON_ArrayForEach(status, statuses)
    {
        expect_answer(&play, status->valueint, 1, words);
    }
    open_play(&play);
    for (int i = 0; i < cJSON_GetArraySize(statuses); i++) {
        ask_for(&play, text_of(member(input, "endpoint"), INFERENCE), run, NULL, &heard);
        outcome_number(outcome, "http_status", heard.answer.status,
                       cJSON_GetArrayItem(member(expected, "http_statuses"), i));
        cJSON *body = body_of(&heard);
        outcome_text(outcome, "detail", text_of(member(body, "detail"), ""),
                     member(member(expected, "body"), "detail"));
        cJSON_Delete(body);
        heard_free(&heard);
    }
    outcome_number(outcome, "errors", errors_of(&play, run), member(expected, "errors"));
    close_play(&play);
}

void check_threshold(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    if (member(input, "ops"))
        check_operations(outcome, member(input, "ops"), member(expected, "results"));
    else
        check_statuses(outcome, input, expected);
}

/* ---- refusing and telling ---- */

/* Gives the run the errors and the cost that the case assumes. */
static void have_history(struct play *play, const cJSON *input)
{
    if (number_of(member(input, "cost")) > 0)
        expect_answer(play, 200, number_of(member(input, "cost")) * 1e6, "");
    for (int i = 0; i < (int)number_of(member(input, "errors")); i++)
        expect_answer(play, 500, 0, "any words");
}

static void make_history(const struct play *play, const char *run, const cJSON *input)
{
    int requests = (int)number_of(member(input, "errors")) + (number_of(member(input, "cost")) > 0);
    struct heard heard;
    for (int i = 0; i < requests; i++) {
        ask_for(play, INFERENCE, run, NULL, &heard);
        heard_free(&heard);
    }
}

/* Our message has other words with the same facts. */
static void compare_facts(struct outcome *outcome, const cJSON *input, const char *detail)
{
    static const char *const names[] = {"run_id",     "cost",  "max_cost", "errors",
                                        "max_errors", "model", "tool_mode"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const cJSON *fact = member(input, names[i]);
        char text[64];
        if (cJSON_IsNumber(fact))
            snprintf(text, sizeof text, "%.10g", fact->valuedouble);
        else
            snprintf(text, sizeof text, "%s", text_of(fact, ""));
        bool other = (strstr(names[i], "cost") && number_of(member(input, "errors")) > 0);
        if (*text && !other && !strstr(detail, text))
            text_format(&outcome->differs, "%sdetail=without:%s", outcome->differs.length ? " " : "",
                        names[i]);
    }
}

void check_http_block(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    const char *words = text_of(member(member(expected, "body"), "detail"), "");
    const char *url = strstr(words, "embedding") ? "/api/embedding" : INFERENCE;
    const char *run = text_of(member(input, "run_id"), "U");
    struct play play = {0};
    struct heard heard;
    set_limits(&play, input);
    have_history(&play, input);
    expect_answer(&play, 200, 1, "");
    if (member(input, "model")) /* of two providers none is the default */
        play.others = " other: { base_url = \"http://127.0.0.1:1/v1\"; };";
    open_play(&play);
    make_history(&play, run, input);
    ask_for(&play, url, run, input, &heard);
    cJSON *body = body_of(&heard);
    outcome_number(outcome, "status", heard.answer.status, member(expected, "status"));
    if (heard.answer.status >= 400)
        compare_facts(outcome, input, text_of(member(body, "detail"), ""));
    cJSON_Delete(body);
    heard_free(&heard);
    close_play(&play);
}

static void compare_members(struct outcome *outcome, const cJSON *body, const cJSON *expected)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, expected)
    {
        const cJSON *ours = member(body, item->string);
        if (cJSON_IsString(item))
            outcome_word(outcome, item->string, text_of(ours, NULL), item);
        else if (cJSON_IsNumber(ours))
            outcome_number(outcome, item->string, ours->valuedouble, item);
        else
            outcome_word(outcome, item->string, "none", item);
    }
}

void check_usage_endpoint(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    const char *run = "U", *path = text_of(member(input, "path"), "/api/usage?evaluation_run_id=U");
    struct play play = {0};
    struct heard heard;
    set_limits(&play, input);
    have_history(&play, input);
    expect_answer(&play, 200, 1, "");
    open_play(&play);
    make_history(&play, run, input);
    struct question question = {text_of(member(input, "method"), "GET"), path, NULL, NULL, NULL};
    ask(&play, &question, &heard);
    cJSON *body = body_of(&heard);
    outcome_number(outcome, "status", heard.answer.status, member(expected, "status"));
    compare_members(outcome, body, member(expected, "body"));
    cJSON_Delete(body);
    heard_free(&heard);
    close_play(&play);
}

/* ---- a client's requests ---- */

#define KEY "key-of-the-blog"
#define KEY_SHA256 "6a3b4740c474da7d97ac38cde099687d018ef24e2160e60f29994bae8e15bcdf"

static void check_rate(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    const cJSON *config = member(input, "config");
    bool known = strcmp(text_of(member(input, "client"), ""), "authenticated") == 0;
    int most = (int)number_of(member(config, "authenticated_max_requests"));
    struct play play = {0};
    struct heard heard;
    text_format(&play.settings,
                "access: { anonymous = true; };\nclients: ( { name = \"blog\"; key_sha256 = \"%s\"; "
                "requests_per_minute = %d; } );\n",
                KEY_SHA256, most);
    for (int i = 0; i <= (int)number_of(member(input, "requests")); i++)
        expect_answer(&play, 200, 1, "");
    open_play(&play);
    struct question question = {"POST", "/v1/chat/completions", "{\"model\":\"m\",\"messages\":[]}", NULL,
                                NULL};
    if (known) {
        question.header = "Authorization";
        question.value = "Bearer " KEY;
    }
    for (int i = 0; i < (int)number_of(member(input, "requests")); i++) {
        ask(&play, &question, &heard);
        outcome_number(outcome, "statuses", heard.answer.status,
                       cJSON_GetArrayItem(member(expected, "statuses"), i));
        heard_free(&heard);
    }
    close_play(&play);
}

void check_quota(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    outcome_word(outcome, "store_key", NULL, member(expected, "store_key"));
    if (member(input, "requests"))
        check_rate(outcome, input, expected);
}

/* The names that the consumer uses are its own. */
void check_error_code(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    (void)input;
    outcome_number(outcome, "value", -1, member(expected, "value"));
}
