/* Clients of pool_probe: each sends a line and waits for one; single ones and a crowd. */
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

#define CLIENTS_MAX 64

struct crowd {
    atomic_bool over;
    atomic_ulong served, failed;
    size_t size;
    pid_t members[CLIENTS_MAX];
};

int client_connect(const struct service *service, const char *line)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", service->address);
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(client, (struct sockaddr *)&address, sizeof address) != 0) {
        close(client);
        return -1;
    }
    client_send(client, line);
    return client;
}

void client_send(int client, const char *line)
{
    char bytes[ANSWER_SIZE];
    int length = snprintf(bytes, sizeof bytes, "%s\n", line);
    if (send(client, bytes, (size_t)length, MSG_NOSIGNAL) != length)
        return; /* the missing answer shows it */
}

bool client_receive(int client, char answer[static ANSWER_SIZE], int64_t ms)
{
    int64_t end = now_ms() + ms;
    for (size_t length = 0; length + 1 < ANSWER_SIZE; length++) {
        struct pollfd wait = {.fd = client, .events = POLLIN};
        int64_t left = end - now_ms();
        if (poll(&wait, 1, left > 0 ? (int)left : 0) <= 0 || read(client, answer + length, 1) != 1)
            return false;
        if (answer[length] == '\n') {
            answer[length] = '\0';
            return true;
        }
    }
    return false;
}

bool client_is_cut_off(int client)
{
    char byte;
    struct pollfd wait = {.fd = client, .events = POLLIN};
    return poll(&wait, 1, PATIENCE_MS) == 1 && read(client, &byte, 1) <= 0;
}

bool client_still_waits(int client)
{
    struct pollfd wait = {.fd = client, .events = POLLIN};
    return poll(&wait, 1, 0) == 0;
}

void client_ask(const struct service *service, const char *line, char answer[static ANSWER_SIZE])
{
    int client = client_connect(service, line);
    EXPECT(client >= 0, "cannot connect for \"%s\"", line);
    EXPECT(client_receive(client, answer, PATIENCE_MS), "no answer to \"%s\"", line);
    close(client);
}

long number_in(const char *answer, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = answer; (at = strstr(at, name)); at++)
        if (at[length] == '=' && (at == answer || at[-1] == ' '))
            return strtol(at + length + 1, NULL, 10);
    return -1;
}

long generation_now(const struct service *service)
{
    char answer[ANSWER_SIZE];
    int client = client_connect(service, "who");
    if (client < 0)
        return 0;
    bool heard = client_receive(client, answer, PATIENCE_MS);
    close(client);
    return heard ? number_in(answer, "generation") : 0;
}

void hold_workers(const struct service *service, size_t count, int clients[], pid_t workers[])
{
    char answer[ANSWER_SIZE];
    for (size_t i = 0; i < count; i++) {
        clients[i] = client_connect(service, "hold");
        EXPECT(clients[i] >= 0, "client %zu cannot connect", i);
    }
    for (size_t i = 0; i < count; i++) {
        EXPECT(client_receive(clients[i], answer, PATIENCE_MS), "client %zu of %zu is not served", i, count);
        workers[i] = (pid_t)number_in(answer, "pid");
    }
}

void release_workers(size_t count, const int clients[])
{
    char answer[ANSWER_SIZE];
    for (size_t i = 0; i < count; i++)
        client_send(clients[i], "go");
    for (size_t i = 0; i < count; i++) {
        EXPECT(client_receive(clients[i], answer, PATIENCE_MS) && strcmp(answer, "done") == 0,
               "client %zu was not served to the end", i);
        close(clients[i]);
    }
}

bool client_ask_who(const struct service *service)
{
    char answer[ANSWER_SIZE];
    int client = client_connect(service, "who");
    if (client < 0)
        return false;
    bool heard = client_receive(client, answer, PATIENCE_MS);
    close(client);
    return heard;
}

static _Noreturn void ask_until_stopped(const struct service *service, struct crowd *crowd,
                                        bool (*ask_once)(const struct service *service))
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (!atomic_load(&crowd->over))
        atomic_fetch_add(ask_once(service) ? &crowd->served : &crowd->failed, 1);
    _exit(0);
}

struct crowd *crowd_start(const struct service *service, size_t size,
                          bool (*ask_once)(const struct service *service))
{
    struct crowd *crowd = mmap(NULL, sizeof *crowd, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                               0);
    if (crowd == MAP_FAILED || size > CLIENTS_MAX)
        give_up("no room for a crowd of %zu", size);
    crowd->size = size;
    for (size_t i = 0; i < size; i++) {
        pid_t member = fork();
        if (member == 0)
            ask_until_stopped(service, crowd, ask_once);
        crowd->members[i] = member;
    }
    EXPECT_SOON(crowd_served(crowd) >= size, "the crowd gets no answers");
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
