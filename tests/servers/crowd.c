/* A load that knows of each request whether it was answered. */
#include "crowd.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "client.h"
#include "expect.h"
#include "site.h"

#define TOLD 3

static volatile sig_atomic_t tired;

static void grow_tired(int number)
{
    (void)number;
    tired = 1;
}

static long count(long *counter)
{
    return __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

/* The first few are told in full. */
static void note(const struct http_client *client, bool answered)
{
    struct common *common = client->site->common;
    if (count(answered ? &common->answered : &common->failed) <= TOLD && !answered)
        printf("%s failed: status %d, %s\n", client->id, client->status,
               client->complete ? "whole" : "cut short");
}

static bool is_answered(const struct http_client *client, bool stream)
{
    return client->complete && client->status == 200 &&
           strstr(text_words(&client->body), stream ? "data: [DONE]\n\n" : "\"chat.completion\"");
}

static _Noreturn void ask_and_ask(const struct site *site, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, grow_tired);
    if (getppid() != parent)
        _exit(1);
    for (unsigned turn = 0; !tired; turn++) {
        struct http_client client;
        bool stream = turn % 4 == 3;
        client_chat(&client, site, "bench", stream);
        client_receive_all(&client, PATIENCE_MS);
        note(&client, is_answered(&client, stream));
        client_end(&client);
    }
    fflush(stdout);
    _exit(0);
}

void crowd_start(struct crowd *crowd, const struct site *site, size_t size)
{
    *crowd = (struct crowd){.site = site, .size = size};
    pid_t parent = getpid();
    fflush(stdout);
    for (size_t i = 0; i < size; i++) {
        crowd->members[i] = fork();
        if (crowd->members[i] == 0)
            ask_and_ask(site, parent);
    }
}

void crowd_await(const struct crowd *crowd, long more)
{
    const long *answered = &crowd->site->common->answered;
    long goal = __atomic_load_n(answered, __ATOMIC_RELAXED) + more;
    EXPECT_SOON(__atomic_load_n(answered, __ATOMIC_RELAXED) >= goal, "requests are no longer answered");
}

void crowd_stop(struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->size; i++)
        kill(crowd->members[i], SIGTERM);
    for (size_t i = 0; i < crowd->size; i++)
        EXPECT(process_wait(crowd->members[i], 2 * PATIENCE_MS) == 0, "a client of the crowd failed");
}
