/* Runs: their errors are counted by every process that serves them, before whoever met one can ask again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/text.h"
#include "checks.h"
#include "expect.h"
#include "records.h"
#include "site.h"
#include "client.h"

#define ERRORS_MAX 5 /* runs.max_inference_errors, where the settings say nothing */
#define VISITORS 8
#define VISITS 4

static void ask_as_run(struct visit *visit, const struct stage *stage, const char *run, const char *model)
{
    struct text body = {0};
    text_format(&body,
                "{\"evaluation_run_id\":\"%s\",\"model\":\"%s\",\"temperature\":0.5,"
                "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}",
                run, model);
    struct errand errand = {.method = "POST",
                            .path = "/api/inference",
                            .key = VISITOR_KEY,
                            .body = body.bytes,
                            .length = body.length};
    visit_whole(visit, stage, &errand);
    text_free(&body);
}

static bool has_words(const struct visit *visit, const char *words)
{
    return strstr(text_words(&visit->body), words) != NULL;
}

static void ask_about(struct visit *visit, const struct stage *stage, const char *method, const char *what,
                      const char *run)
{
    char path[128];
    snprintf(path, sizeof path, "/api/%s?evaluation_run_id=%s", what, run);
    /* an empty body: lighttpd answers 411 to a POST that says nothing of one */
    const char *body = strcmp(method, "POST") == 0 ? "" : NULL;
    struct errand errand = {.method = method, .path = path, .key = VISITOR_KEY, .body = body};
    visit_whole(visit, stage, &errand);
    EXPECT(visit->status == 200, "status %d: %s", visit->status, text_words(&visit->body));
    record_expect(visit, 200, "complete", NULL);
}

static long errors_of(const struct stage *stage, const char *run)
{
    static const char name[] = "\"inference_errors\":";
    struct visit visit;
    ask_about(&visit, stage, "GET", "usage", run);
    const char *at = strstr(text_words(&visit.body), name);
    EXPECT(at, "the body is: %s", text_words(&visit.body));
    long errors = strtol(at + strlen(name), NULL, 10);
    visit_end(&visit);
    return errors;
}

static void answered(const struct stage *stage, const char *run)
{
    struct visit visit;
    ask_as_run(&visit, stage, run, "bench");
    EXPECT(visit.status == 200, "status %d: %s", visit.status, text_words(&visit.body));
    EXPECT(has_words(&visit, "{\"content\":\"l") && has_words(&visit, "\"tool_calls\":[]}"),
           "the body is: %s", text_words(&visit.body));
    record_expect(&visit, 200, "complete", NULL);
    visit_end(&visit);
}

/* One after the other, each at whichever process is free: the sixth is refused. */
static void blocked_and_forgiven(const struct stage *stage)
{
    struct visit visit;
    answered(stage, "one");
    for (int i = 0; i < ERRORS_MAX; i++) {
        ask_as_run(&visit, stage, "one", "error-500");
        EXPECT(visit.status == 500, "status %d: %s", visit.status, text_words(&visit.body));
        record_expect(&visit, 500, "error", "upstream_5xx");
        visit_end(&visit);
    }
    ask_as_run(&visit, stage, "one", "bench");
    EXPECT(visit.status == 503, "status %d: %s", visit.status, text_words(&visit.body));
    EXPECT(has_words(&visit, "\"detail\":\"run one "), "the body is: %s", text_words(&visit.body));
    record_expect(&visit, 503, "refused", "run_blocked");
    visit_end(&visit);
    EXPECT(errors_of(stage, "one") == ERRORS_MAX, "%ld errors", errors_of(stage, "one"));
    ask_about(&visit, stage, "POST", "reset-inference-errors", "one");
    visit_end(&visit);
    EXPECT(errors_of(stage, "one") == 0, "%ld errors", errors_of(stage, "one"));
    answered(stage, "one");
}

/* How many errors of the provider it met; the gateway's own refusals are none. */
static _Noreturn void visit_often(const struct stage *stage)
{
    int met = 0;
    for (int i = 0; i < VISITS; i++) {
        struct visit visit;
        ask_as_run(&visit, stage, "many", "error-502");
        met += visit.status == 502;
        EXPECT(visit.status == 502 || visit.status == 503, "status %d", visit.status);
        visit_end(&visit);
    }
    _exit(10 + met);
}

/* All at once: who has begun goes on, whatever the others meet, but not one error is lost. */
static void counted_exactly(const struct stage *stage)
{
    pid_t visitors[VISITORS];
    long met = 0;
    for (int i = 0; i < VISITORS; i++) {
        visitors[i] = fork();
        if (visitors[i] == 0)
            visit_often(stage);
    }
    for (int i = 0; i < VISITORS; i++) {
        int status = process_wait(visitors[i], PATIENCE_MS * VISITS);
        EXPECT(status >> 8 >= 10, "a visitor failed");
        met += (status >> 8) - 10;
    }
    EXPECT(met >= ERRORS_MAX, "only %ld errors were met", met);
    EXPECT(errors_of(stage, "many") == met, "%ld errors of %ld were counted", errors_of(stage, "many"), met);
}

const struct check runs_checks[] = {
    {"a run is blocked after its errors, and forgiven", blocked_and_forgiven, NULL},
    {"each error of a run counts once", counted_exactly, NULL},
    {NULL, NULL, NULL},
};
