/* Identifies a process by more than its id, which the kernel reuses.
 *
 * The kernel may give the id of a dead process to a new one, and each container has process ids of its own.
 * The id is unique together with the start time, the namespace of process ids and the id of the machine's
 * boot. */
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

/* FNV-1a, 64 bits: sufficient to compare names, but not a cryptographic hash. */
static uint64_t digest_bytes(const void *bytes, size_t length)
{
    uint64_t digest = 14695981039346656037u;
    for (const unsigned char *at = bytes, *end = at + length; at < end; at++)
        digest = (digest ^ *at) * 1099511628211u;
    return digest;
}

static uint64_t digest_of(const char *text)
{
    return digest_bytes(text, strlen(text));
}

uint64_t process_identity_digest(const struct process_identity *name)
{
    return digest_bytes(name, sizeof *name);
}

/* Fields of /proc/PID/stat (proc(5)); `start` is 0 if the file cannot be read. */
struct stat_facts {
    int64_t start;
    char state;
};

/* The program's name is in parentheses and may contain any bytes, so fields are counted from the last
 * parenthesis. */
static struct stat_facts read_stat(const char *path)
{
    char text[TEXT_SIZE];
    struct stat_facts facts = {0};
    const char *field = read_text(path, text) ? strrchr(text, ')') : NULL;
    if (field && field[1] == ' ')
        facts.state = field[2];
    for (int i = 2; field && i < 22; i++)
        field = strchr(field + 1, ' ');
    facts.start = field ? strtoll(field, NULL, 10) : 0;
    return facts;
}

struct process_identity process_identity_self(void)
{
    char text[TEXT_SIZE];
    struct process_identity name = {.pid = getpid(), .start = read_stat("/proc/self/stat").start};
    if (read_text("/proc/sys/kernel/random/boot_id", text))
        name.boot = digest_of(text);
    ssize_t length = readlink("/proc/self/ns/pid", text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    name.space = digest_of(text);
    return name;
}

/* A zombie is dead, although it still has its id and its start time. */
static bool is_zombie(const struct stat_facts *facts)
{
    return facts->state == 'Z' || facts->state == 'X';
}

/* A process that is not visible may be alive, because /proc may not be mounted or may hide the processes of
 * other users (proc(5), hidepid). */
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
    struct stat_facts facts = read_stat(path);
    if (facts.start == 0 && name->start != 0)
        return PROCESS_ELSEWHERE;
    return facts.start == name->start && !is_zombie(&facts) ? PROCESS_ALIVE : PROCESS_DEAD;
}
