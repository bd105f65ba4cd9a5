/* Which process, told apart from all that ever had its number.
 *
 * A number is given again once its process is gone, and each container counts for itself. The time of its
 * start, the space of ids and the machine's boot make the number a name that nobody else will bear. */
#include "base/process_identity.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_SIZE 1024

static bool read_text(const char *path, char text[static TEXT_SIZE])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, TEXT_SIZE - 1);
    if (file >= 0)
        close(file);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

/* FNV-1a, 64 bits: names are told apart here, nothing is guarded. */
static uint64_t digest_of(const char *text)
{
    uint64_t digest = 14695981039346656037u;
    for (; *text; text++)
        digest = (digest ^ (unsigned char)*text) * 1099511628211u;
    return digest;
}

/* What stat(5) says of a process; start 0: nothing can be read. */
struct provider_health {
    int64_t start;
    char state;
};

/* The name of the program stands in brackets and may hold anything: fields are counted behind the last one.
 */
static struct provider_health condition_of(const char *path)
{
    char text[TEXT_SIZE];
    struct provider_health health = {0};
    const char *field = read_text(path, text) ? strrchr(text, ')') : NULL;
    if (field && field[1] == ' ')
        health.state = field[2];
    for (int i = 2; field && i < 22; i++)
        field = strchr(field + 1, ' ');
    health.start = field ? strtoll(field, NULL, 10) : 0;
    return health;
}

struct process_identity process_identity_self(void)
{
    char text[TEXT_SIZE];
    struct process_identity name = {.pid = getpid(), .start = condition_of("/proc/self/stat").start};
    if (read_text("/proc/sys/kernel/random/boot_id", text))
        name.boot = digest_of(text);
    ssize_t length = readlink("/proc/self/ns/pid", text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    name.space = digest_of(text);
    return name;
}

/* A zombie is dead, but it still has its number and its start. */
static bool is_zombie(const struct provider_health *health)
{
    return health->state == 'Z' || health->state == 'X';
}

/* A /proc that is not mounted for one of the two, or hides other people's processes (proc(5), hidepid), is no
 * sign of a death. */
enum process_state process_identity_state(const struct process_identity *name,
                                          const struct process_identity *own)
{
    char path[64];
    if (name->boot != own->boot)
        return name->boot && own->boot ? PROCESS_DEAD : PROCESS_ELSEWHERE;
    if (name->space != own->space)
        return PROCESS_ELSEWHERE;
    if (kill((pid_t)name->pid, 0) != 0 && errno == ESRCH)
        return PROCESS_DEAD;
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)name->pid);
    struct provider_health health = condition_of(path);
    if (health.start == 0 && name->start != 0)
        return PROCESS_ELSEWHERE;
    return health.start == name->start && !is_zombie(&health) ? PROCESS_ALIVE : PROCESS_DEAD;
}
