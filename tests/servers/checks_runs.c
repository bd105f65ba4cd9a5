/* Runs: every process counts their errors, before the client that got one can send its next request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/text.h"
#include "checks.h"
#include "client.h"
#include "expect.h"
#include "records.h"
#include "site.h"

#define ERRORS_MAX 5 /* runs.max_inference_errors, where the settings say nothing */
#define CLIENTS 8
#define REQUESTS 4

static void ask_as_run(struct http_client *client, const struct site *site, const char *run,
                       const char *model)
{
    struct text body = {0};
    text_format(&body,
                "{\"evaluation_run_id\":\"%s\",\"model\":\"%s\",\"temperature\":0.5,"
                "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}",
                run, model);
    struct http_request request = {.method = "POST",
                                   .path = "/api/inference",
                                   .key = CLIENT_KEY,
                                   .body = body.bytes,
                                   .length = body.length};
    client_ask(client, site, &request);
    text_free(&body);
}

static bool has_words(const struct http_client *client, const char *words)
{
    return strstr(text_words(&client->body), words) != NULL;
}

static void ask_about(struct http_client *client, const struct site *site, const char *method,
                      const char *what, const char *run)
{
    char path[128];
    snprintf(path, sizeof path, "/api/%s?evaluation_run_id=%s", what, run);
    /* an empty body: lighttpd answers 411 to a POST that says nothing of one */
    const char *body = strcmp(method, "POST") == 0 ? "" : NULL;
    struct http_request request = {.method = method, .path = path, .key = CLIENT_KEY, .body = body};
    client_ask(client, site, &request);
    EXPECT(client->status == 200, "status %d: %s", client->status, text_words(&client->body));
    record_expect(client, 200, "complete", NULL);
}

static long errors_of(const struct site *site, const char *run)
{
    static const char name[] = "\"inference_errors\":";
    struct http_client client;
    ask_about(&client, site, "GET", "usage", run);
    const char *at = strstr(text_words(&client.body), name);
    EXPECT(at, "the body is: %s", text_words(&client.body));
    long errors = strtol(at + strlen(name), NULL, 10);
    client_end(&client);
    return errors;
}

static void answered(const struct site *site, const char *run)
{
    struct http_client client;
    ask_as_run(&client, site, run, "bench");
    EXPECT(client.status == 200, "status %d: %s", client.status, text_words(&client.body));
    EXPECT(has_words(&client, "{\"content\":\"l") && has_words(&client, "\"tool_calls\":[]}"),
           "the body is: %s", text_words(&client.body));
    record_expect(&client, 200, "complete", NULL);
    client_end(&client);
}

/* One after the other, each at whichever process is free: the sixth is refused. */
static void blocked_and_allowed_again(const struct site *site)
{
    struct http_client client;
    answered(site, "one");
    for (int i = 0; i < ERRORS_MAX; i++) {
        ask_as_run(&client, site, "one", "error-500");
        EXPECT(client.status == 500, "status %d: %s", client.status, text_words(&client.body));
        record_expect(&client, 500, "error", "upstream_5xx");
        client_end(&client);
    }
    ask_as_run(&client, site, "one", "bench");
    EXPECT(client.status == 503, "status %d: %s", client.status, text_words(&client.body));
    EXPECT(has_words(&client, "\"detail\":\"run one "), "the body is: %s", text_words(&client.body));
    record_expect(&client, 503, "refused", "run_blocked");
    client_end(&client);
    EXPECT(errors_of(site, "one") == ERRORS_MAX, "%ld errors", errors_of(site, "one"));
    ask_about(&client, site, "POST", "reset-inference-errors", "one");
    client_end(&client);
    EXPECT(errors_of(site, "one") == 0, "%ld errors", errors_of(site, "one"));
    answered(site, "one");
}

/* How many errors of the provider it met; the gateway's own refusals are none. */
static _Noreturn void ask_often(const struct site *site)
{
    int met = 0;
    for (int i = 0; i < REQUESTS; i++) {
        struct http_client client;
        ask_as_run(&client, site, "many", "error-502");
        met += client.status == 502;
        EXPECT(client.status == 502 || client.status == 503, "status %d", client.status);
        client_end(&client);
    }
    _exit(10 + met);
}

/* All at once: who has begun goes on, whatever the others meet, but not one error is lost. */
static void counted_exactly(const struct site *site)
{
    pid_t clients[CLIENTS];
    long met = 0;
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = fork();
        if (clients[i] == 0)
            ask_often(site);
    }
    for (int i = 0; i < CLIENTS; i++) {
        int status = process_wait(clients[i], PATIENCE_MS * REQUESTS);
        EXPECT(status >> 8 >= 10, "a client failed");
        met += (status >> 8) - 10;
    }
    EXPECT(met >= ERRORS_MAX, "only %ld errors were met", met);
    EXPECT(errors_of(site, "many") == met, "%ld errors of %ld were counted", errors_of(site, "many"), met);
}

const struct check runs_checks[] = {
    {"a run is blocked after its errors, and allowed again after a reset", blocked_and_allowed_again, NULL},
    {"each error of a run counts once", counted_exactly, NULL},
    {NULL, NULL, NULL},
};
