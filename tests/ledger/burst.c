/* Many clients that ask at once, by any of the ways to run, and what became of them. */
#include "burst.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/answer.h"
#include "tests/kit/files.h"
#include "tests/kit/net.h"
#include "tests/kit/process.h"
#include "tests/kit/talk.h"
#include "tests/kit/text.h"
#include "tests/kit/variables.h"
#include "tests/ledger/truth.h"
#include "tests/pool/chat.h"

#define WORKERS "16"
#define PRICES "fake bench 0 1000\nfake slow-first-* 0 1000\n"

/* ---- the service ---- */

static void start_workers(struct service *service)
{
    const char *arguments[] = {service->binary, "-c", service->config, NULL};
    int listener = net_listen_unix(service->address);
    setenv("PENSTOCK_WORKERS", WORKERS, 1);
    service->master = service_launch_command(service, arguments, listener);
    unsetenv("PENSTOCK_WORKERS");
    close(listener);
}

unsigned burst_stage_start(struct service *service, enum way way, const char *settings)
{
    struct text all = {0}, path = {0};
    unsigned port = chat_provider_start(service);
    text_format(&path, "%s/prices", service->folder);
    file_write(path.bytes, PRICES, strlen(PRICES));
    text_format(
        &all,
        "prices = \"%s\";\n"
        "providers: { fake: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = \"key\"; }; };\n"
        "retry: { max_attempts = 1; };\npool: { min_spare = 8; max_spare = 40; max_workers = 60; };\n%s",
        path.bytes, port, settings);
    if (way == BY_POOL)
        service_start(service, all.bytes);
    else
        service_configure(service, all.bytes);
    if (way == BY_WORKERS)
        start_workers(service);
    text_free(&all);
    text_free(&path);
    return port;
}

void burst_stage_stop(const struct service *service, enum way way)
{
    struct service copy = *service;
    if (way != BY_CGI)
        service_stop(&copy);
}

long burst_provider(unsigned port, const char *counter)
{
    struct text state = {0}, name = {0};
    text_format(&name, "\"%s\":", counter);
    if (!net_get(port, "/_state", &state, PATIENCE_MS))
        give_up("the provider does not answer");
    const char *at = strstr(text_words(&state), name.bytes);
    long value = at ? strtol(at + name.length, NULL, 10) : -1;
    text_free(&state);
    text_free(&name);
    return value;
}

/* ---- one request ---- */

static unsigned played; /* bursts: requests of one check never share an id */

static void set_variables(struct variables *variables, const struct burst *burst, unsigned number)
{
    struct text words = {0};
    variables_for_request(variables, "POST", "/v1/chat/completions");
    text_format(&words, "Bearer %s", burst->key);
    if (burst->key)
        variables_set_header(variables, "Authorization", words.bytes);
    if (burst->run)
        variables_set_header(variables, "X-Run-Id", burst->run);
    text_free(&words);
    text_format(&words, "b%u-%u", played, number);
    variables_set_header(variables, burst->shared_id ? "X-Run-Id" : "X-Request-Id", words.bytes);
    if (burst->shared_id)
        variables_set_header(variables, "X-Request-Id", "shared");
    variables_set_header(variables, "Content-Type", "application/json");
    variables_set(variables, "CONTENT_LENGTH", "%zu", strlen(burst->body));
    text_free(&words);
}

static void begin(struct talk *talk, const struct service *service, const struct burst *burst,
                  unsigned number)
{
    const char *arguments[] = {service->binary, NULL};
    struct variables variables = {0};
    set_variables(&variables, burst, number);
    if (burst->way == BY_CGI) {
        variables_inherit(&variables);
        variables_set(&variables, "PENSTOCK_CONFIG", "%s", service->config);
        if (getenv(BURST_LOG_REQUIRED))
            variables_set(&variables, BURST_LOG_REQUIRED, "true");
        int err = open(service->console, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        talk_cgi(talk, arguments, &variables, burst->body, strlen(burst->body), err);
        close(err);
    } else {
        int socket = net_connect_unix(service->address, PATIENCE_MS);
        EXPECT(socket >= 0, "no process listens");
        talk_fastcgi(talk, socket, &variables, burst->body, strlen(burst->body));
    }
    variables_free(&variables);
}

static bool may_come_again(const struct answer *answer)
{
    char *wait = answer_header(answer, "Retry-After");
    bool may = wait && atoi(wait) >= 1;
    free(wait);
    return may;
}

static void count(struct tally *tally, const struct talk *talk)
{
    struct answer answer;
    answer_parse(&answer, text_words(&talk->heard), talk->heard.length);
    bool limited = strstr(answer.body, "\"reason\":\"limit_reached\"");
    bool blocked = strstr(answer.body, "\"reason\":\"run_blocked\"");
    bool unavailable = strstr(answer.body, "\"reason\":\"unavailable\"");
    if (answer.status == 200 && strstr(answer.body, "\"choices\""))
        tally->served++;
    else if (answer.status == 429 && limited && may_come_again(&answer))
        tally->limited++;
    else if (blocked && (answer.status == 429 || answer.status == 503))
        tally->blocked++;
    else if (answer.status == 503 && unavailable)
        tally->unavailable++;
    else if (answer.status == 500 && strstr(answer.body, "\"source\":\"provider\""))
        tally->failed++;
    else if (tally->other++ < 3)
        printf("%s\n", text_words(&talk->heard));
    fflush(stdout);
}

static void ask(const struct service *service, const struct burst *burst, unsigned number,
                struct tally *tally)
{
    struct talk talk;
    begin(&talk, service, burst, number);
    bool whole = chat_completes(&talk);
    EXPECT(whole || burst->may_break, "an answer breaks off: %s", text_words(&talk.heard));
    if (whole)
        count(tally, &talk);
    else
        tally->broken++;
    talk_end(&talk, PATIENCE_MS);
}

/* ---- all of them ---- */

static _Noreturn void send_requests(const struct service *service, const struct burst *burst, unsigned first,
                                    unsigned askers, struct tally *tally)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned number = first; number < burst->requests; number += askers)
        ask(service, burst, number, tally);
    fflush(stdout);
    _exit(0);
}

void burst_play(const struct service *service, const struct burst *burst, struct tally *tally)
{
    unsigned count = burst->askers ? burst->askers : ASKERS;
    pid_t askers[ASKERS];
    struct tally *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                                0);
    EXPECT(shared != MAP_FAILED && count <= ASKERS, "no memory for a tally");
    fflush(stdout);
    played++;
    for (unsigned i = 0; i < count; i++) {
        askers[i] = fork();
        if (askers[i] == 0)
            send_requests(service, burst, i, count, shared);
    }
    for (unsigned i = 0; i < count; i++) {
        int status;
        EXPECT(waitpid(askers[i], &status, 0) == askers[i] && status == 0, "client %u: %s", i,
               process_end_words(status));
    }
    memcpy(tally, shared, sizeof *tally);
    munmap(shared, sizeof *shared);
}

int64_t burst_expect_truth(const struct service *service, size_t lines)
{
    struct truth truth;
    struct text folder = {0};
    text_format(&folder, "%s/state", service->folder);
    truth_recover(folder.bytes, service->usage);
    truth_read(&truth, service->usage);
    EXPECT(truth.lines == lines, "%zu records of %zu requests", truth.lines, lines);
    EXPECT(!truth.doubled && !truth.torn && !truth.crashed, "%zu double, %zu torn, %zu crashed",
           truth.doubled, truth.torn, truth.crashed);
    EXPECT(truth_compare(&truth, folder.bytes) == 0, "the ledger is not the log's sum");
    int64_t cost = truth.cost;
    truth_free(&truth);
    text_free(&folder);
    return cost;
}
