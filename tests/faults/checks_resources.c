/* The machine runs out of memory, descriptors or disk space. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/process.h"
#include "../kit/text.h"
#include "../pool/chat.h"
#include "raw_request.h"

#define MEBI (1024 * 1024)

#if defined(__SANITIZE_ADDRESS__)
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

/* A chat with a message of that many bytes. */
static int ask_large(const struct service *service, size_t length)
{
    struct text body = {0};
    text_put(&body, "{\"model\":\"bench\",\"messages\":[{\"role\":\"user\",\"content\":\"");
    memset(text_room(&body, length), 'x', length);
    text_fill(&body, length);
    text_put(&body, "\"}]}");
    int status = raw_ask(service, "POST", "/v1/chat/completions", NULL, body.bytes, body.length, NULL);
    text_free(&body);
    return status;
}

/* It takes its own request with it, and no other. */
static void memory_has_an_end(struct service *service)
{
    if (sanitized)
        check_cannot_run("sanitizers need more memory than can be limited");
    chat_service_start(service, "limits: { memory = \"32M\"; body = \"100M\"; };\n"
                                "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    EXPECT(ask_large(service, MEBI) == 200, "what has room is not served");
    EXPECT(ask_large(service, 60 * MEBI) == 0, "there is no limit");
    EXPECT_SOON(service_has_logged(service, "was killed by signal 6"), "its death is not logged");
    EXPECT_SOON(chat_once(service), "the worker is not replaced");
    EXPECT(ask_large(service, MEBI) == 200, "what has room is not served any more");
    service_stop(service);
}

/* Starts the gateway by a shell that says `before` first. */
static void launch_after(struct service *service, const char *before)
{
    struct text command = {0};
    text_format(&command, "%s; exec '%s' serve -c '%s'", before, service->binary, service->config);
    const char *arguments[] = {"/bin/sh", "-c", command.bytes, NULL};
    service->master = service_launch_command(service, arguments, -1);
    text_free(&command);
}

/* Restarts the gateway that chat_service_start() has configured. */
static void restart_after(struct service *service, const char *before)
{
    service_stop(service);
    unlink(service->errors);
    launch_after(service, before);
}

static int ask_within(const struct service *service, int64_t ms)
{
    struct text body = {0}, bytes = {0}, came = {0};
    raw_chat_body(&body, "bench", false);
    raw_request(&bytes, "POST", "/v1/chat/completions", NULL, body.bytes, body.length);
    int socket = raw_send(service, &bytes);
    int status = raw_receive(socket, &came, ms) ? raw_status(&came) : -1;
    close(socket);
    text_free(&body);
    text_free(&bytes);
    text_free(&came);
    return status;
}

/* With few descriptors requests are served or refused; without one for a connection, the log says why there
 * is no answer. */
static void descriptors_run_out(struct service *service)
{
    unsigned served = 0, refused = 0;
    int status = 200;
    chat_service_start(service, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    for (int limit = 20; limit >= 10 && status != -1; limit--) {
        char before[32];
        snprintf(before, sizeof before, "ulimit -n %d", limit);
        restart_after(service, before);
        EXPECT_SOON(service_has_logged(service, "generation 1 serves"),
                    "it does not come up with %d descriptors", limit);
        status = ask_within(service, 3000);
        served += status == 200;
        refused += status >= 500;
        printf("%d: %d  ", limit, status);
        EXPECT(status != -1 || service_has_logged(service, "cannot accept a connection"),
               "with %d descriptors a request hangs, unsaid", limit);
    }
    printf("%u times served, %u refused\n", served, refused);
    EXPECT(served > 0 && refused > 0, "20 descriptors are not enough, or 10 are too many");
    service_stop(service);
}

static void the_disk_is_full(struct service *service)
{
    struct text settings = {0};
    text_put(&settings, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    free(service->usage);
    service->usage = strdup("/dev/full");
    chat_service_start(service, text_words(&settings));
    for (int i = 0; i < 3; i++)
        EXPECT(chat_once(service), "a full disk stops the service");
    EXPECT_SOON(count_in_file(service->console, "\"request_id\"") == 3,
                "records are lost: %zu of 3 on standard error",
                count_in_file(service->console, "\"request_id\""));
    EXPECT(service_has_logged(service, "cannot write the usage log"), "the error log does not say so");
    expect_no_worker_died(service);
    text_free(&settings);
    service_stop(service);
}

/* A disk of its own, which only the gateway sees, under the ledger: full before the start. */
#define SMALL_DISK                                                                                           \
    "exec unshare -m /bin/sh -c 'mount -t tmpfs -o size=2m,mode=777 none %s/state && %s exec \"$0\" "        \
    "serve -c \"$1\"' '%s' '%s'"
#define FILL "{ head -c 3M /dev/zero >%s/state/filler; } 2>/dev/null;"

static void start_on_small_disk(struct service *service, bool full)
{
    struct text command = {0}, fill = {0}, probe = {0};
    text_format(&probe, "unshare -m mount -t tmpfs -o size=2m none %s/state 2>/dev/null", service->folder);
    if (geteuid() != 0 || system(probe.bytes) != 0)
        check_cannot_run("no small disk can be mounted");
    if (full)
        text_format(&fill, FILL, service->folder);
    text_format(&command, SMALL_DISK, service->folder, text_words(&fill), service->binary, service->config);
    service_stop(service);
    unlink(service->errors);
    const char *arguments[] = {"/bin/sh", "-c", command.bytes, NULL};
    service->master = service_launch_command(service, arguments, -1);
    EXPECT_SOON(service_has_logged(service, "generation 1 serves"), "it does not come up");
    text_free(&command);
    text_free(&fill);
    text_free(&probe);
}

static void the_disk_of_the_ledger_is_full(struct service *service)
{
    chat_service_start(service, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    start_on_small_disk(service, true);
    for (int i = 0; i < 5; i++)
        EXPECT(chat_once(service), "without a ledger there is no service");
    EXPECT_SOON(count_in_file(service->usage, "\n") == 5, "%zu records of 5 requests",
                count_in_file(service->usage, "\n"));
    expect_no_worker_died(service);
    service_stop(service);
}

/* While the gateway is at work. */
static void the_disk_of_the_ledger_runs_full(struct service *service)
{
    struct text fill = {0}, empty = {0};
    chat_service_start(service, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    start_on_small_disk(service, false);
    EXPECT(chat_once(service), "no service at first");
    text_format(&fill, "head -c 3M /dev/zero >/proc/%d/root%s/state/filler 2>/dev/null", (int)service->master,
                service->folder);
    text_format(&empty, "rm /proc/%d/root%s/state/filler", (int)service->master, service->folder);
    EXPECT(system(fill.bytes) != 0, "the disk has no end");
    for (int i = 0; i < 20; i++)
        EXPECT(chat_once(service), "a full disk under the ledger stops the service");
    EXPECT(system(empty.bytes) == 0, "the disk stays full");
    EXPECT(chat_once(service), "no service once there is room again");
    EXPECT_SOON(count_in_file(service->usage, "\n") == 22, "%zu records of 22 requests",
                count_in_file(service->usage, "\n"));
    expect_no_worker_died(service);
    text_free(&fill);
    text_free(&empty);
    service_stop(service);
}

/* RLIMIT_FSIZE: its signal would end the process. */
static void files_may_not_grow(struct service *service)
{
    chat_service_start(service, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    for (int i = 0; i < 8; i++)
        EXPECT(chat_once(service), "no service");
    restart_after(service, "ulimit -f 2");
    EXPECT_SOON(service_has_logged(service, "generation 1 serves"), "it does not come up");
    for (int i = 0; i < 8; i++)
        EXPECT(chat_once(service), "a file that may not grow stops the service");
    expect_no_worker_died(service);
    service_stop(service);
}

const struct check resource_checks[] = {
    {"resources: a worker over its memory limit loses its own request only", memory_has_an_end},
    {"resources: with few descriptors requests are answered or refused, or the log says why not",
     descriptors_run_out},
    {"resources: on a full disk requests are served, and records go to standard error", the_disk_is_full},
    {"resources: without space for a ledger requests are served", the_disk_of_the_ledger_is_full},
    {"resources: if the disk of the ledger fills up, requests are served and no record is lost",
     the_disk_of_the_ledger_runs_full},
    {"resources: if a log may not grow, requests are served", files_may_not_grow},
    {0},
};
