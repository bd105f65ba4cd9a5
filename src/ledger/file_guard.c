/* Sets the ledger's file aside if it brings this process down.
 *
 * LMDB trusts the pages of its file. If the disk has damaged a page, LMDB may follow an offset to unmapped
 * memory, write to the wrong place, or find the damage and abort. The process cannot be trusted after that,
 * so it sets the file aside and dies.
 *
 * A signal alone proves nothing: an administrator may have sent it (`kill -ABRT`), or a watchdog. The file is
 * blamed only if all of these are true:
 *
 *     the thread is within a transaction, and not still waiting for the writer's lock;
 *     the kernel raised the signal because of an instruction of this thread (si_code > 0, sigaction(2)), or
 *     this process aborted itself (abort() uses tgkill(2), with our own process id);
 *     it did not abort because memory was exhausted.
 *
 * The handler may interrupt malloc() or stdio at any instruction, so it uses only functions that
 * signal-safety(7) lists, and no lock. */
#include "ledger/file_guard.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error_log.h"
#include "base/memory.h"
#include "ledger/ledger_file.h"

#define PATH_SIZE LEDGER_FILE_PATH_SIZE
#define NUMBER_SIZE 24
#ifndef BUS_MCEERR_AO
#define BUS_MCEERR_AO 5 /* Linux: a page that this process does not use has failed */
#endif

static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define DEADLY (sizeof deadly / sizeof *deadly)

/* Each thread has its own mark, because a resolver of libcurl may fail while a transaction runs. */
static _Thread_local const char *volatile guarded; /* the path; NULL: no transaction runs */
static _Thread_local volatile uint64_t guarded_inode;

static struct sigaction previous[DEADLY]; /* how the signals were handled before */

/* ---- in the handler ---- */

static bool is_fault_of_ours(int number, const siginfo_t *info)
{
    if (number == SIGABRT)
        return info->si_code == SI_TKILL && info->si_pid == getpid() && !memory_is_exhausted();
    return info->si_code > 0 && !(number == SIGBUS && info->si_code == BUS_MCEERR_AO);
}

/* Another process may have set the same file aside before, and a new file may be in its place. */
static bool is_still_named(const char *path)
{
    struct stat named;
    return lstat(path, &named) == 0 && named.st_ino == guarded_inode;
}

static const char *write_number(long long number, char text[static NUMBER_SIZE])
{
    char *at = text + NUMBER_SIZE - 1;
    *at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return at;
}

static void join(char joined[static PATH_SIZE], const char *const *parts)
{
    size_t length = 0;
    for (; *parts; parts++) {
        size_t more = strnlen(*parts, PATH_SIZE - 1 - length);
        memcpy(joined + length, *parts, more);
        length += more;
    }
    joined[length] = '\0';
}

/* As ledger_file_set_aside(), with functions that a handler may call. */
static void set_aside(const char *path)
{
    char aside[PATH_SIZE], lock[PATH_SIZE], number[NUMBER_SIZE];
    join(aside, (const char *const[]){path, ".broken-", write_number((long long)time(NULL), number), NULL});
    join(lock, (const char *const[]){path, "-lock", NULL});
    if (rename(path, aside) == 0)
        log_error_in_handler((const char *const[]){"the ledger ", path,
                                                   " has brought a process down: it is set aside as ", aside,
                                                   ", and a new one is made from the usage log", NULL});
    unlink(lock);
}

/* The signal comes again, with its previous action, which is to end the process unless a sanitizer has taken
 * it: a fault when the instruction is repeated, any other one by raise(). */
static void handle_fault(int number, siginfo_t *info, void *context)
{
    const char *path = guarded;
    (void)context;
    guarded = NULL;
    for (size_t i = 0; i < DEADLY; i++)
        sigaction(deadly[i], &previous[i], NULL);
    if (path && is_fault_of_ours(number, info) && is_still_named(path))
        set_aside(path);
    if (info->si_code <= 0 || number == SIGABRT)
        raise(number);
}

/* ---- outside ---- */

/* An ignored signal would let the process go on after a fault. */
static void install_handler(void)
{
    struct sigaction action = {.sa_sigaction = handle_fault, .sa_flags = SA_NODEFER | SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < DEADLY; i++) {
        sigaction(deadly[i], &action, &previous[i]);
        if (previous[i].sa_handler == SIG_IGN)
            previous[i].sa_handler = SIG_DFL;
    }
}

void file_guard_begin(const char *path, uint64_t inode)
{
    static bool installed;
    if (!installed)
        install_handler();
    installed = true;
    guarded_inode = inode;
    guarded = path;
}

void file_guard_end(void)
{
    guarded = NULL;
}
