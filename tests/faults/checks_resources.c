/* What the machine runs out of: memory, descriptors, room on the disk. */
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
static int ask_large(const struct stage *stage, size_t length)
{
    struct text body = {0};
    text_put(&body, "{\"model\":\"bench\",\"messages\":[{\"role\":\"user\",\"content\":\"");
    memset(text_room(&body, length), 'x', length);
    text_fill(&body, length);
    text_put(&body, "\"}]}");
    int status = siege_ask(stage, "POST", "/v1/chat/completions", NULL, body.bytes, body.length, NULL);
    text_free(&body);
    return status;
}

/* Its own request is lost with it, and no other. */
static void memory_has_an_end(struct stage *stage)
{
    if (sanitized)
        check_cannot_run("sanitizers need more memory than can be limited");
    chat_stage_start(stage, "limits: { memory = \"32M\"; body = \"100M\"; };\n"
                            "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    EXPECT(ask_large(stage, MEBI) == 200, "what has room is not served");
    EXPECT(ask_large(stage, 60 * MEBI) == 0, "there is no limit");
    EXPECT_SOON(stage_logged(stage, "was killed by signal 6"), "its end is not logged");
    EXPECT_SOON(chat_once(stage), "it is not replaced");
    EXPECT(ask_large(stage, MEBI) == 200, "what has room is not served any more");
    stage_stop(stage);
}

/* Starts the gateway by a shell that says `before` first. */
static void launch_after(struct stage *stage, const char *before)
{
    struct text command = {0};
    text_format(&command, "%s; exec '%s' serve -c '%s'", before, stage->binary, stage->config);
    const char *arguments[] = {"/bin/sh", "-c", command.bytes, NULL};
    stage->master = stage_launch_other(stage, arguments, -1);
    text_free(&command);
}

/* Restarts the gateway that chat_stage_start() has configured. */
static void restart_after(struct stage *stage, const char *before)
{
    stage_stop(stage);
    unlink(stage->errors);
    launch_after(stage, before);
}

static int ask_within(const struct stage *stage, int64_t ms)
{
    struct text body = {0}, bytes = {0}, came = {0};
    siege_chat_body(&body, "bench", false);
    siege_request(&bytes, "POST", "/v1/chat/completions", NULL, body.bytes, body.length);
    int socket = siege_send(stage, &bytes);
    int status = siege_hear(socket, &came, ms) ? siege_status(&came) : -1;
    close(socket);
    text_free(&body);
    text_free(&bytes);
    text_free(&came);
    return status;
}

/* With few descriptors the start fails, or requests are answered, by what was asked for or by an error; where
 * there is none left even for a connection, the log says why nobody is answered. */
static void descriptors_run_out(struct stage *stage)
{
    unsigned served = 0, refused = 0;
    int status = 200;
    chat_stage_start(stage, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    for (int limit = 16; limit >= 10 && status != -1; limit--) {
        char before[32];
        snprintf(before, sizeof before, "ulimit -n %d", limit);
        restart_after(stage, before);
        EXPECT_SOON(stage_logged(stage, "generation 1 serves"), "it does not come up with %d descriptors",
                    limit);
        status = ask_within(stage, 3000);
        served += status == 200;
        refused += status >= 500;
        printf("%d: %d  ", limit, status);
        EXPECT(status != -1 || stage_logged(stage, "cannot accept a connection"),
               "with %d descriptors a request hangs, unsaid", limit);
    }
    printf("%u times served, %u refused\n", served, refused);
    EXPECT(served > 0 && refused > 0, "16 descriptors are not enough, or 10 are too many");
    stage_stop(stage);
}

static void the_disk_is_full(struct stage *stage)
{
    struct text settings = {0};
    text_put(&settings, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    free(stage->usage);
    stage->usage = strdup("/dev/full");
    chat_stage_start(stage, text_words(&settings));
    for (int i = 0; i < 3; i++)
        EXPECT(chat_once(stage), "a full disk stops the service");
    EXPECT_SOON(stage_count_words(stage->said, "\"request_id\"") == 3,
                "records are lost: %zu of 3 on standard error",
                stage_count_words(stage->said, "\"request_id\""));
    EXPECT(stage_logged(stage, "cannot write the usage log"), "nobody is told");
    siege_expect_nobody_died(stage);
    text_free(&settings);
    stage_stop(stage);
}

/* A disk of its own, which only the gateway sees, under the ledger: full before the start. */
#define SMALL_DISK                                                                                           \
    "exec unshare -m /bin/sh -c 'mount -t tmpfs -o size=2m,mode=777 none %s/state && %s exec \"$0\" "        \
    "serve -c \"$1\"' '%s' '%s'"
#define FILL "{ head -c 3M /dev/zero >%s/state/filler; } 2>/dev/null;"

static void start_on_small_disk(struct stage *stage, bool full)
{
    struct text command = {0}, fill = {0}, probe = {0};
    text_format(&probe, "unshare -m mount -t tmpfs -o size=2m none %s/state 2>/dev/null", stage->folder);
    if (geteuid() != 0 || system(probe.bytes) != 0)
        check_cannot_run("no small disk can be mounted");
    if (full)
        text_format(&fill, FILL, stage->folder);
    text_format(&command, SMALL_DISK, stage->folder, text_words(&fill), stage->binary, stage->config);
    stage_stop(stage);
    unlink(stage->errors);
    const char *arguments[] = {"/bin/sh", "-c", command.bytes, NULL};
    stage->master = stage_launch_other(stage, arguments, -1);
    EXPECT_SOON(stage_logged(stage, "generation 1 serves"), "it does not come up");
    text_free(&command);
    text_free(&fill);
    text_free(&probe);
}

static void the_disk_of_the_ledger_is_full(struct stage *stage)
{
    chat_stage_start(stage, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    start_on_small_disk(stage, true);
    for (int i = 0; i < 5; i++)
        EXPECT(chat_once(stage), "without a ledger there is no service");
    EXPECT_SOON(stage_count_words(stage->usage, "\n") == 5, "%zu records of 5 requests",
                stage_count_words(stage->usage, "\n"));
    siege_expect_nobody_died(stage);
    stage_stop(stage);
}

/* While the gateway is at work. */
static void the_disk_of_the_ledger_runs_full(struct stage *stage)
{
    struct text fill = {0}, empty = {0};
    chat_stage_start(stage, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    start_on_small_disk(stage, false);
    EXPECT(chat_once(stage), "no service at first");
    text_format(&fill, "head -c 3M /dev/zero >/proc/%d/root%s/state/filler 2>/dev/null", (int)stage->master,
                stage->folder);
    text_format(&empty, "rm /proc/%d/root%s/state/filler", (int)stage->master, stage->folder);
    EXPECT(system(fill.bytes) != 0, "the disk has no end");
    for (int i = 0; i < 20; i++)
        EXPECT(chat_once(stage), "a full disk under the ledger stops the service");
    EXPECT(system(empty.bytes) == 0, "the disk stays full");
    EXPECT(chat_once(stage), "no service once there is room again");
    EXPECT_SOON(stage_count_words(stage->usage, "\n") == 22, "%zu records of 22 requests",
                stage_count_words(stage->usage, "\n"));
    siege_expect_nobody_died(stage);
    text_free(&fill);
    text_free(&empty);
    stage_stop(stage);
}

/* RLIMIT_FSIZE: its signal would end the process. */
static void files_may_not_grow(struct stage *stage)
{
    chat_stage_start(stage, "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n");
    for (int i = 0; i < 8; i++)
        EXPECT(chat_once(stage), "no service");
    restart_after(stage, "ulimit -f 2");
    EXPECT_SOON(stage_logged(stage, "generation 1 serves"), "it does not come up");
    for (int i = 0; i < 8; i++)
        EXPECT(chat_once(stage), "a file that may not grow stops the service");
    siege_expect_nobody_died(stage);
    stage_stop(stage);
}

const struct check scarce_checks[] = {
    {"scarce: a worker's memory has an end, which is its own request's only", memory_has_an_end},
    {"scarce: with few descriptors requests are answered or refused, or the log says why not",
     descriptors_run_out},
    {"scarce: a full disk stops nobody, and records go to standard error", the_disk_is_full},
    {"scarce: no room for a ledger stops nobody", the_disk_of_the_ledger_is_full},
    {"scarce: a ledger whose disk runs full stops nobody, and no record is lost",
     the_disk_of_the_ledger_runs_full},
    {"scarce: a log that may not grow stops nobody", files_may_not_grow},
    {0},
};
