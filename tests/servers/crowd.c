/* A load that knows of each request whether it was answered. */
#include "crowd.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "expect.h"
#include "site.h"
#include "client.h"

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
static void note(const struct visit *visit, bool answered)
{
    struct common *common = visit->stage->common;
    if (count(answered ? &common->answered : &common->failed) <= TOLD && !answered)
        printf("%s failed: status %d, %s\n", visit->id, visit->status, visit->whole ? "whole" : "cut short");
}

static bool is_answered(const struct visit *visit, bool stream)
{
    return visit->whole && visit->status == 200 &&
           strstr(text_words(&visit->body), stream ? "data: [DONE]\n\n" : "\"chat.completion\"");
}

static _Noreturn void ask_and_ask(const struct stage *stage, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, grow_tired);
    if (getppid() != parent)
        _exit(1);
    for (unsigned turn = 0; !tired; turn++) {
        struct visit visit;
        bool stream = turn % 4 == 3;
        visit_chat(&visit, stage, "bench", stream);
        visit_listen(&visit, PATIENCE_MS);
        note(&visit, is_answered(&visit, stream));
        visit_end(&visit);
    }
    fflush(stdout);
    _exit(0);
}

void crowd_start(struct crowd *crowd, const struct stage *stage, size_t size)
{
    *crowd = (struct crowd){.stage = stage, .size = size};
    pid_t parent = getpid();
    fflush(stdout);
    for (size_t i = 0; i < size; i++) {
        crowd->members[i] = fork();
        if (crowd->members[i] == 0)
            ask_and_ask(stage, parent);
    }
}

void crowd_await(const struct crowd *crowd, long more)
{
    const long *answered = &crowd->stage->common->answered;
    long goal = __atomic_load_n(answered, __ATOMIC_RELAXED) + more;
    EXPECT_SOON(__atomic_load_n(answered, __ATOMIC_RELAXED) >= goal, "nobody is answered any more");
}

void crowd_stop(struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->size; i++)
        kill(crowd->members[i], SIGTERM);
    for (size_t i = 0; i < crowd->size; i++)
        EXPECT(process_wait(crowd->members[i], 2 * PATIENCE_MS) == 0, "a visitor does not come back");
}
