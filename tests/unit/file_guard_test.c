/* Only a fault of the ledger's own sets its file aside, whatever signals a process gets. */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error_log.h"
#include "base/failure.h"
#include "base/memory.h"
#include "ledger/ledger_lmdb.h"
#include "tests/kit/files.h"
#include "unit.h"

#define SKIPPED 77 /* as automake expects it */

static char folder[] = "/tmp/file-guard-test-XXXXXX";

static void clean(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s' && mkdir '%s'", folder, folder);
    if (system(command) != 0)
        abort();
}

static struct ledger_lmdb *open_ledger(void)
{
    struct ledger_lmdb *lmdb;
    struct failure why;
    if (!ledger_lmdb_open(folder, &lmdb, &why))
        _exit(1);
    return lmdb;
}

static void begin(struct ledger_lmdb *lmdb)
{
    struct failure why;
    if (!ledger_lmdb_begin(lmdb, &why))
        _exit(1);
}

/* Says that it is ready, and waits for a signal. */
static void wait_for_end(int ready)
{
    if (write(ready, "", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

/* ---- what a process does, in a child ---- */

static void hold_lock(int ready)
{
    begin(open_ledger());
    wait_for_end(ready);
}

static int may_begin[2]; /* a pipe */

/* Opening needs the lock for a moment, so it is opened before another process takes the lock. */
static void wait_for_lock(int ready)
{
    char byte;
    struct ledger_lmdb *lmdb = open_ledger();
    if (write(ready, "", 1) != 1 || read(may_begin[0], &byte, 1) != 1)
        _exit(1);
    begin(lmdb);
}

static void have_no_transaction(int ready)
{
    struct ledger_lmdb *lmdb = open_ledger();
    begin(lmdb);
    ledger_lmdb_abort(lmdb);
    wait_for_end(ready);
}

static volatile int *unmapped(void)
{
    return mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void fault_within(int ready)
{
    (void)ready;
    begin(open_ledger());
    *unmapped() = 1;
}

static void fault_outside(int ready)
{
    struct ledger_lmdb *lmdb = open_ledger();
    (void)ready;
    begin(lmdb);
    ledger_lmdb_abort(lmdb);
    *unmapped() = 1;
}

/* As LMDB does when it finds its pages damaged. */
static void abort_within(int ready)
{
    (void)ready;
    begin(open_ledger());
    abort();
}

static void exhaust_memory_within(int ready)
{
    (void)ready;
    begin(open_ledger());
    close(STDERR_FILENO);
    memory_exhausted();
}

static void *fault_in_thread(void *nothing)
{
    *unmapped() = 1;
    return nothing;
}

/* As a resolver of libcurl may. */
static void fault_beside(int ready)
{
    pthread_t thread;
    (void)ready;
    begin(open_ledger());
    pthread_create(&thread, NULL, fault_in_thread, NULL);
    pthread_join(thread, NULL);
}

/* ---- the parent ---- */

static pid_t start(void (*run)(int ready), int *ready)
{
    int pipe_ends[2];
    if (pipe(pipe_ends) != 0)
        abort();
    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        close(pipe_ends[0]);
        run(pipe_ends[1]);
        _exit(0);
    }
    close(pipe_ends[1]);
    *ready = pipe_ends[0];
    return child;
}

/* Waits until the child says so. */
static void wait_until_ready(int ready)
{
    char byte;
    CU_ASSERT_EQUAL(read(ready, &byte, 1), 1);
    close(ready);
}

static void expect_death(pid_t child, int number)
{
    int status;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFSIGNALED(status));
    CU_ASSERT_EQUAL(WTERMSIG(status), number);
}

static const int sent[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGKILL};

static void send_all(void (*run)(int ready))
{
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        int ready;
        pid_t child = start(run, &ready);
        wait_until_ready(ready);
        kill(child, sent[i]);
        expect_death(child, sent[i]);
    }
    CU_ASSERT_EQUAL(folder_count(folder, ".broken-"), 0);
    clean();
}

static void a_signal_within_a_transaction_blames_no_file(void)
{
    send_all(hold_lock);
}

static void a_signal_outside_blames_no_file(void)
{
    send_all(have_no_transaction);
}

static void a_signal_while_waiting_for_the_lock_blames_no_file(void)
{
    int holds, ready;
    CU_ASSERT_EQUAL_FATAL(pipe(may_begin), 0);
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        pid_t child = start(wait_for_lock, &ready);
        wait_until_ready(ready);
        pid_t holder = start(hold_lock, &holds);
        wait_until_ready(holds);
        CU_ASSERT_EQUAL(write(may_begin[1], "", 1), 1);
        usleep(20000); /* until it waits; before that it must die in the same way */
        kill(child, sent[i]);
        expect_death(child, sent[i]);
        kill(holder, SIGKILL);
        expect_death(holder, SIGKILL);
    }
    close(may_begin[0]);
    close(may_begin[1]);
    CU_ASSERT_EQUAL(folder_count(folder, ".broken-"), 0);
    clean();
}

static void expect(void (*run)(int ready), int number, size_t set_aside)
{
    int ready;
    pid_t child = start(run, &ready);
    close(ready);
    expect_death(child, number);
    CU_ASSERT_EQUAL(folder_count(folder, ".broken-"), set_aside);
    clean();
}

static void a_fault_within_sets_the_file_aside(void)
{
    expect(fault_within, SIGSEGV, 1);
    expect(abort_within, SIGABRT, 1);
}

static void a_fault_of_something_else_does_not(void)
{
    expect(fault_outside, SIGSEGV, 0);
    expect(fault_beside, SIGSEGV, 0);
    expect(exhaust_memory_within, SIGABRT, 0);
}

/* The line of the error log is written without stdio. */
static void it_is_logged(void)
{
    char path[128], line[1024] = "";
    snprintf(path, sizeof path, "%s.log", folder);
    CU_ASSERT_TRUE(log_open(path, LEVEL_INFO));
    expect(fault_within, SIGSEGV, 1);
    CU_ASSERT_TRUE(log_open(NULL, LEVEL_INFO));
    FILE *log = fopen(path, "r");
    while (log && fgets(line, sizeof line, log) && !strstr(line, "is set aside"))
        continue;
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "Z penstock["));
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "] error: the ledger /tmp/file-guard-test-"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "/ledger.mdb has brought a process down: it is set aside as /tmp/"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line, ", and a new one is made from the usage log\n"));
    if (log)
        fclose(log);
    unlink(path);
}

static const struct unit_test tests[] = {
    {"a signal within a transaction blames no file", a_signal_within_a_transaction_blames_no_file},
    {"a signal outside blames no file", a_signal_outside_blames_no_file},
    {"a signal while waiting for the lock blames no file",
     a_signal_while_waiting_for_the_lock_blames_no_file},
    {"a fault within sets the file aside", a_fault_within_sets_the_file_aside},
    {"a fault of something else does not", a_fault_of_something_else_does_not},
    {"it is logged", it_is_logged},
};

/* valgrind(1) loads libraries of its own into each process. */
static bool is_under_valgrind(void)
{
    const char *libraries = getenv("LD_PRELOAD");
    return libraries && strstr(libraries, "vgpreload");
}

int main(void)
{
    const struct rlimit none = {0, 0};
    if (is_under_valgrind()) {
        puts("could not run: valgrind delivers signals in its own way");
        return SKIPPED;
    }
    setrlimit(RLIMIT_CORE, &none);
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
#if defined(__SANITIZE_ADDRESS__)
    puts("could not run: a sanitizer reports faults in its own way");
    rmdir(folder);
    return EXIT_SUCCESS;
#endif
    int status = unit_run("file_guard", tests, sizeof tests / sizeof *tests);
    rmdir(folder);
    return status;
}
