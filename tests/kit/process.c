/* Starts and ends programs; no program outlives the test that started it. */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void rest(void)
{
    struct timespec time = {.tv_nsec = 2000000};
    nanosleep(&time, NULL);
}

static void close_all_above_2(void)
{
#ifdef HAVE_CLOSE_RANGE
    close_range(3, ~0U, 0);
#else
    DIR *open_ones = opendir("/proc/self/fd");
    for (struct dirent *entry; open_ones && (entry = readdir(open_ones));) {
        int descriptor = atoi(entry->d_name);
        if (descriptor > 2 && descriptor != dirfd(open_ones))
            close(descriptor);
    }
    if (open_ones)
        closedir(open_ones);
#endif
}

/* Through copies above 2 first, so that a descriptor which is itself 0, 1 or 2 is not overwritten before
 * its turn. */
static void place_descriptors(const struct launch *launch)
{
    int wanted[] = {launch->in, launch->out, launch->err}, copies[3];
    for (int i = 0; i < 3; i++) {
        int source = wanted[i] >= 0 ? wanted[i] : open("/dev/null", O_RDWR);
        copies[i] = fcntl(source, F_DUPFD, 3);
    }
    for (int i = 0; i < 3; i++)
        dup2(copies[i], i);
    close_all_above_2();
}

static _Noreturn void become(const struct launch *launch, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    place_descriptors(launch);
    execve(launch->arguments[0], (char *const *)launch->arguments, launch->environment);
    dprintf(2, "cannot start %s: %s\n", launch->arguments[0], strerror(errno));
    _exit(127);
}

pid_t process_start(const struct launch *launch)
{
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        give_up("cannot fork: %s", strerror(errno));
    if (child == 0)
        become(launch, parent);
    return child;
}

int process_wait(pid_t pid, int64_t ms)
{
    for (int64_t deadline = now_ms() + ms;;) {
        int status;
        pid_t ended = waitpid(pid, &status, WNOHANG);
        if (ended == pid)
            return status;
        if (ended < 0)
            give_up("process %ld is not ours to wait for", (long)pid);
        if (now_ms() >= deadline)
            return -1;
        rest();
    }
}

int process_stop(pid_t pid, int64_t ms)
{
    kill(pid, SIGTERM);
    int status = process_wait(pid, ms);
    if (status == -1) {
        kill(pid, SIGKILL);
        status = process_wait(pid, 10000);
    }
    return status;
}

const char *process_end_words(int status)
{
    static char words[96];
    if (status == -1)
        return "still running";
    if (WIFSIGNALED(status))
        snprintf(words, sizeof words, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(words, sizeof words, "exit status %d", WEXITSTATUS(status));
    return words;
}

size_t process_descriptors(pid_t pid)
{
    char path[64];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}
