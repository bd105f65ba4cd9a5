/* What becomes of the ledger's file when a process dies of what is in it.
 *
 * LMDB trusts the pages of its file. Where a disk has spoiled one it may follow an offset to memory that is
 * not there, or write where it must not: nothing that this process does after that is to be trusted, so it
 * dies. But the next one would die of the same page, and the one after that; so its last act is to give the
 * file another name. */
#include "ledger/ledger_crash.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "ledger/ledger_file.h"

static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT};
#define DEADLY (sizeof deadly / sizeof *deadly)

static const char *volatile guarded; /* the file's path; NULL: nobody is within */
static volatile ino_t guarded_inode;
static struct sigaction before[DEADLY]; /* what was done about them */

/* Another may have died of it before, and a new one lie there. */
static bool is_there(const char *path)
{
    struct stat named;
    return lstat(path, &named) == 0 && named.st_ino == guarded_inode;
}

static void handle(int number)
{
    const char *path = guarded;
    guarded = NULL;
    for (size_t i = 0; i < DEADLY; i++)
        sigaction(deadly[i], &before[i], NULL);
    if (path && is_there(path))
        ledger_file_set_aside(path, "has brought a process down");
    raise(number);
}

static void install(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < DEADLY; i++)
        sigaction(deadly[i], &action, &before[i]);
}

void ledger_crash_guard_enter(const char *path, uint64_t inode)
{
    static bool installed;
    if (!installed)
        install();
    installed = true;
    guarded_inode = inode;
    guarded = path;
}

void ledger_crash_guard_leave(void)
{
    guarded = NULL;
}
