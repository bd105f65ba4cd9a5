/* Targets of an alias: one that fails does not keep the others from answering, whatever the failure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/text.h"
#include "chat.h"
#include "checks.h"

#define CLIENTS 6
#define EACH 20
#define BYSTANDER 30
#define ANSWER_MS 40000

/* An alias whose last target is well. */
struct scenario {
    const char *name, *targets;
    const char *more; /* further settings of the alias; those of a timeout only because the default is 60 s */
    bool stream;
};

/* ---- requests ---- */

static bool is_answered(const struct service *service, const char *model, bool stream)
{
    struct talk chat;
    int64_t end = now_ms() + ANSWER_MS;
    if (!chat_begin(&chat, service, model, stream))
        return false;
    while (now_ms() < end && talk_step(&chat, 100))
        continue;
    const char *heard = text_words(&chat.heard);
    bool right = chat.ended && strstr(heard, "\"finish_reason\":\"stop\"") && !strstr(heard, "\"error\"") &&
                 (!stream || strstr(heard, "data: [DONE]"));
    if (!right)
        printf("%s: %.600s\n", model, heard);
    fflush(stdout);
    chat_free(&chat);
    return right;
}

/* A client: its exit status is the number of requests that were answered. */
static pid_t start_client(const struct service *service, const char *model, bool stream, int requests)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid)
        return pid;
    int answered = 0;
    for (int i = 0; i < requests; i++)
        answered += is_answered(service, model, stream);
    _exit(answered);
}

static int wait_for(pid_t pid)
{
    int status = 0;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

/* Six clients ask at the same time, and a bystander asks another model of the same provider. */
static void all_are_answered(const struct service *service, const char *model, bool stream)
{
    pid_t clients[CLIENTS], bystander = start_client(service, "fake:bench-1x0", stream, BYSTANDER);
    int answered = 0;
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = start_client(service, model, stream, EACH);
    for (int i = 0; i < CLIENTS; i++)
        answered += wait_for(clients[i]);
    int other = wait_for(bystander);
    EXPECT(answered == CLIENTS * EACH, "%s: %d of %d answered", model, answered, CLIENTS * EACH);
    EXPECT(other == BYSTANDER, "%s: %d of %d answered to a bystander", model, other, BYSTANDER);
}

/* ---- the gateway ---- */

static void start(struct service *service, const struct scenario *scenarios, const char *settings)
{
    struct text all = {0};
    unsigned port = chat_provider_start(service), refused;
    int held = net_refusing_port(&refused);
    text_format(&all,
                "providers: { fake: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = \"key\"; };\n"
                "  gone: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = \"key\"; };\n"
                "  nowhere: { base_url = \"http://nowhere.invalid/v1\"; api_key = \"key\"; }; };\n"
                "default_provider = \"fake\";\naccess: { anonymous = true; };\n%saliases: (",
                port, refused, settings);
    for (const struct scenario *scenario = scenarios; scenario->name; scenario++)
        text_format(&all, "%s { name = \"%s\"; targets = %s; %s }", scenario == scenarios ? "" : ",\n",
                    scenario->name, scenario->targets, scenario->more ? scenario->more : "");
    text_put(&all, " );\n");
    service_start(service, text_words(&all));
    text_free(&all);
    (void)held;
}

static void play(struct service *service, const struct scenario *scenarios, const char *settings)
{
    start(service, scenarios, settings);
    for (const struct scenario *scenario = scenarios; scenario->name; scenario++) {
        int64_t begin = now_ms();
        all_are_answered(service, scenario->name, scenario->stream);
        printf("%s: %d ms\n", scenario->name, (int)(now_ms() - begin));
        fflush(stdout);
    }
    service_stop(service);
}

/* ---- checks ---- */

static void a_target_that_fails_hides_no_other(struct service *service)
{
    static const struct scenario scenarios[] = {
        {"503", "[ \"fake:error-503\", \"fake:bench\" ]", NULL, false},
        {"503-streamed", "[ \"fake:error-503-streamed\", \"fake:bench\" ]", NULL, true},
        {"500", "[ \"fake:error-500\", \"fake:bench\" ]", NULL, false},
        {"401", "[ \"fake:error-401\", \"fake:bench\" ]", NULL, false},
        {"404", "[ \"fake:error-404\", \"fake:bench\" ]", NULL, false},
        {"429", "[ \"fake:error-429\", \"fake:bench\" ]", NULL, false},
        {0},
    };
    play(service, scenarios, "");
}

static void a_target_that_breaks_off_hides_no_other(struct service *service)
{
    static const struct scenario scenarios[] = {
        {"cut", "[ \"fake:cut-before\", \"fake:bench\" ]", NULL, false},
        {"cut-streamed", "[ \"fake:cut-before-2\", \"fake:bench\" ]", "hold: { bytes = -1; };", true},
        {"reset", "[ \"fake:reset-before\", \"fake:bench\" ]", NULL, false},
        {"cut-inside", "[ \"fake:cut-inside\", \"fake:bench\" ]", NULL, false},
        {"held-cut", "[ \"fake:cut-between\", \"fake:bench\" ]", "hold: { bytes = -1; };", true},
        {"held-reset", "[ \"fake:reset-between\", \"fake:bench\" ]", "hold: { bytes = -1; };", true},
        {"held-clean", "[ \"fake:cut-clean\", \"fake:bench\" ]", "hold: { bytes = -1; };", true},
        {0},
    };
    play(service, scenarios, "");
}

static void a_target_that_is_not_reached_hides_no_other(struct service *service)
{
    static const struct scenario scenarios[] = {
        {"refused", "[ \"gone:bench\", \"fake:bench\" ]", NULL, false},
        {"refused-streamed", "[ \"gone:bench-2\", \"fake:bench\" ]", NULL, true},
        {"no-name", "[ \"nowhere:bench\", \"fake:bench\" ]", NULL, false},
        {"three", "[ \"fake:error-502\", \"gone:bench\", \"fake:bench\" ]", NULL, false},
        {"three-streamed", "[ \"fake:error-502\", \"gone:bench\", \"fake:bench\" ]", NULL, true},
        {"silent", "[ \"fake:silent\", \"fake:bench\" ]", "timeout: { first_byte = 0.5; };", false},
        {"no-token", "[ \"fake:quiet-100\", \"fake:bench\" ]", "timeout: { first_token = 0.5; };", true},
        {0},
    };
    play(service, scenarios, "");
}

static const struct scenario several[] = {
    {"three", "[ \"fake:error-500\", \"fake:error-503\", \"fake:bench\" ]", NULL, false},
    {"three-streamed", "[ \"fake:error-500-2\", \"fake:error-502-2\", \"fake:bench\" ]", NULL, true},
    {"five",
     "[ \"fake:error-500-3\", \"gone:bench\", \"fake:cut-before-3\", \"fake:error-503-3\", \"fake:bench\" ]",
     NULL, false},
    {0},
};

static void one_attempt_reaches_each_target(struct service *service)
{
    play(service, several, "retry: { max_attempts = 1; };\n");
}

static void many_retries_reach_each_target(struct service *service)
{
    play(service, several, "retry: { same_target = 3; };\n");
}

static void without_time_each_target_is_reached(struct service *service)
{
    play(service, several, "retry: { budget = 0.001; };\n");
}

/* Without a breaker too, although each request then asks the targets that fail. */
static void without_a_breaker_each_target_is_reached(struct service *service)
{
    play(service, several, "breaker: { failures = 0; };\nretry: { max_wait = 0.01; };\n");
}

/* Several workers see the breaker open and close. */
static void each_change_is_logged_once(struct service *service)
{
    static const struct scenario scenarios[] = {
        {"alias", "[ \"fake:error-503\", \"fake:bench\" ]", NULL, false},
        {0},
    };
    start(service, scenarios, "pool: { min_spare = 4; max_spare = 8; max_workers = 20; };\n");
    all_are_answered(service, "alias", false);
    size_t opened = count_in_file(service->errors,
                                  "the model error-503 of the provider fake has failed 5 times");
    EXPECT(opened == 1, "%zu lines about one breaker", opened);
    for (int i = 0; i < 12; i++) {
        struct talk chat;
        EXPECT(chat_begin(&chat, service, "fake:error-401", false) && chat_completes(&chat), "no answer");
        chat_free(&chat);
    }
    size_t refused = count_in_file(service->errors, "the provider fake refuses its API key");
    EXPECT(refused == 1, "%zu lines about one key", refused);
    service_stop(service);
}

static size_t answered_by(const struct service *service, const char *model)
{
    char words[100];
    snprintf(words, sizeof words, "\"requested_model\":\"split\",\"provider\":\"fake\",\"model\":\"%s\"",
             model);
    return count_in_file(service->usage, words);
}

/* Three of four go to the first; while that one fails, all go to the rest by weight. */
static void requests_are_shared_by_weight(struct service *service)
{
    static const struct scenario scenarios[] = {
        {"split",
         "( { model = \"fake:bench\"; weight = 6; }, { model = \"fake:bench-1x0\"; weight = 2; },\n"
         "    { model = \"fake:error-503\"; weight = 4; }, { model = \"fake:bench-2x0\"; weight = 0; } )",
         NULL, false},
        {0},
    };
    start(service, scenarios, "");
    all_are_answered(service, "split", false);
    all_are_answered(service, "split", false);
    EXPECT_SOON(count_in_file(service->usage, "\"requested_model\":\"split\"") == 2 * CLIENTS * EACH,
                "records are missing");
    size_t first = answered_by(service, "bench"), second = answered_by(service, "bench-1x0");
    printf("%zu and %zu of %d\n", first, second, 2 * CLIENTS * EACH);
    EXPECT(first + second == 2 * CLIENTS * EACH, "%zu and %zu", first, second);
    EXPECT(first > 2 * second - second / 4 && first < 6 * second, "%zu and %zu", first, second);
    service_stop(service);
}

static pid_t start_provider_at(const struct service *service, unsigned port)
{
    char number[16];
    snprintf(number, sizeof number, "%u", port);
    const char *arguments[] = {service->provider, "--port", number, NULL};
    return service_launch_command(service, arguments, -1);
}

static size_t answered_at(const struct service *service, const char *provider)
{
    char words[100];
    snprintf(words, sizeof words, "\"provider\":\"%s\",\"model\":\"bench\",\"stream\"", provider);
    return count_in_file(service->usage, words);
}

/* While a provider is away each request is answered, and once it is back it is asked again. Its breaker opens
 * for 1 s, as 15 s would take too long here. */
static void an_outage_is_bridged(struct service *service)
{
    struct text settings = {0};
    unsigned steady = chat_provider_start(service), port;
    int held = net_refusing_port(&port);
    text_format(
        &settings,
        "providers: { steady: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = \"key\"; };\n"
        "  late: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = \"key\"; }; };\n"
        "default_provider = \"steady\";\naccess: { anonymous = true; };\nbreaker: { open_for = 1; };\n"
        "aliases: ( { name = \"a\"; targets = [ \"late:bench\", \"steady:bench\" ]; } );\n",
        steady, port);
    service_start(service, text_words(&settings));
    text_free(&settings);
    pid_t clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = start_client(service, "a", false, EACH);
    for (int i = 0; i < CLIENTS; i++)
        EXPECT(wait_for(clients[i]) == EACH, "a request fails in the outage");
    EXPECT(answered_at(service, "late") == 0, "who answered?");
    close(held);
    pid_t late = start_provider_at(service, port);
    EXPECT_SOON(is_answered(service, "a", false) && answered_at(service, "late") > 0,
                "it is never asked again");
    process_stop(late, 1000);
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = start_client(service, "a", false, EACH);
    for (int i = 0; i < CLIENTS; i++)
        EXPECT(wait_for(clients[i]) == EACH, "a request fails in the second outage");
    service_stop(service);
}

const struct check targets_checks[] = {
    {"targets: one that fails hides no other", a_target_that_fails_hides_no_other},
    {"targets: one that breaks off hides no other", a_target_that_breaks_off_hides_no_other},
    {"targets: one that is not reached hides no other", a_target_that_is_not_reached_hides_no_other},
    {"targets: max_attempts = 1 reaches each", one_attempt_reaches_each_target},
    {"targets: same_target = 3 reaches each", many_retries_reach_each_target},
    {"targets: a budget that is used up reaches each", without_time_each_target_is_reached},
    {"targets: without a breaker each is reached", without_a_breaker_each_target_is_reached},
    {"targets: each change is logged once", each_change_is_logged_once},
    {"targets: requests are shared by weight", requests_are_shared_by_weight},
    {"targets: an outage is bridged", an_outage_is_bridged},
    {0},
};
