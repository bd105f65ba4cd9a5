/* Who comes to a pool with a line and waits for one: a single visitor, and a crowd. */
#include "client.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kit/process.h"
#include "../kit/text.h"

#define MOST_VISITORS 64

struct crowd {
    atomic_bool over;
    atomic_ulong served, failed;
    size_t size;
    pid_t members[MOST_VISITORS];
};

int visit(const struct stage *stage, const char *line)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", stage->address);
    int visitor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(visitor, (struct sockaddr *)&address, sizeof address) != 0) {
        close(visitor);
        return -1;
    }
    say_line(visitor, line);
    return visitor;
}

void say_line(int visitor, const char *line)
{
    char bytes[ANSWER_SIZE];
    int length = snprintf(bytes, sizeof bytes, "%s\n", line);
    if (send(visitor, bytes, (size_t)length, MSG_NOSIGNAL) != length)
        return; /* the missing answer will tell */
}

bool hear_line(int visitor, char answer[static ANSWER_SIZE], int64_t ms)
{
    int64_t end = now_ms() + ms;
    for (size_t length = 0; length + 1 < ANSWER_SIZE; length++) {
        struct pollfd wait = {.fd = visitor, .events = POLLIN};
        int64_t left = end - now_ms();
        if (poll(&wait, 1, left > 0 ? (int)left : 0) <= 0 || read(visitor, answer + length, 1) != 1)
            return false;
        if (answer[length] == '\n') {
            answer[length] = '\0';
            return true;
        }
    }
    return false;
}

bool hears_nothing(int visitor)
{
    char byte;
    struct pollfd wait = {.fd = visitor, .events = POLLIN};
    return poll(&wait, 1, PATIENCE_MS) == 1 && read(visitor, &byte, 1) <= 0;
}

bool is_silent(int visitor)
{
    struct pollfd wait = {.fd = visitor, .events = POLLIN};
    return poll(&wait, 1, 0) == 0;
}

void ask(const struct stage *stage, const char *line, char answer[static ANSWER_SIZE])
{
    int visitor = visit(stage, line);
    EXPECT(visitor >= 0, "nobody listens for \"%s\"", line);
    EXPECT(hear_line(visitor, answer, PATIENCE_MS), "no answer to \"%s\"", line);
    close(visitor);
}

long number_in(const char *answer, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = answer; (at = strstr(at, name)); at++)
        if (at[length] == '=' && (at == answer || at[-1] == ' '))
            return strtol(at + length + 1, NULL, 10);
    return -1;
}

long generation_now(const struct stage *stage)
{
    char answer[ANSWER_SIZE];
    int visitor = visit(stage, "who");
    if (visitor < 0)
        return 0;
    bool heard = hear_line(visitor, answer, PATIENCE_MS);
    close(visitor);
    return heard ? number_in(answer, "generation") : 0;
}

void hold(const struct stage *stage, size_t count, int visitors[], pid_t holders[])
{
    char answer[ANSWER_SIZE];
    for (size_t i = 0; i < count; i++) {
        visitors[i] = visit(stage, "hold");
        EXPECT(visitors[i] >= 0, "nobody listens for visitor %zu", i);
    }
    for (size_t i = 0; i < count; i++) {
        EXPECT(hear_line(visitors[i], answer, PATIENCE_MS), "visitor %zu of %zu is not served", i, count);
        holders[i] = (pid_t)number_in(answer, "pid");
    }
}

void release(size_t count, const int visitors[])
{
    char answer[ANSWER_SIZE];
    for (size_t i = 0; i < count; i++)
        say_line(visitors[i], "go");
    for (size_t i = 0; i < count; i++) {
        EXPECT(hear_line(visitors[i], answer, PATIENCE_MS) && strcmp(answer, "done") == 0,
               "visitor %zu was not served to the end", i);
        close(visitors[i]);
    }
}

bool ask_who(const struct stage *stage)
{
    char answer[ANSWER_SIZE];
    int visitor = visit(stage, "who");
    if (visitor < 0)
        return false;
    bool heard = hear_line(visitor, answer, PATIENCE_MS);
    close(visitor);
    return heard;
}

static _Noreturn void ask_on_and_on(const struct stage *stage, struct crowd *crowd,
                                    bool (*ask_once)(const struct stage *stage))
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (!atomic_load(&crowd->over))
        atomic_fetch_add(ask_once(stage) ? &crowd->served : &crowd->failed, 1);
    _exit(0);
}

struct crowd *crowd_start(const struct stage *stage, size_t size, bool (*ask_once)(const struct stage *stage))
{
    struct crowd *crowd = mmap(NULL, sizeof *crowd, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                               0);
    if (crowd == MAP_FAILED || size > MOST_VISITORS)
        give_up("no room for a crowd of %zu", size);
    crowd->size = size;
    for (size_t i = 0; i < size; i++) {
        pid_t member = fork();
        if (member == 0)
            ask_on_and_on(stage, crowd, ask_once);
        crowd->members[i] = member;
    }
    EXPECT_SOON(crowd_served(crowd) >= size, "the crowd is not served");
    return crowd;
}

unsigned long crowd_served(const struct crowd *crowd)
{
    return atomic_load(&crowd->served);
}

struct crowd_score crowd_stop(struct crowd *crowd)
{
    atomic_store(&crowd->over, true);
    for (size_t i = 0; i < crowd->size; i++) {
        int status = process_wait(crowd->members[i], PATIENCE_MS);
        EXPECT(status == 0, "a member of the crowd ended by %s", process_end_words(status));
    }
    struct crowd_score score = {atomic_load(&crowd->served), atomic_load(&crowd->failed)};
    munmap(crowd, sizeof *crowd);
    return score;
}
