/* Sums the CPU time and memory of a process and its descendants, by program.
 *
 *     tally PID
 *
 * A line for each program's name: "NAME processes=N cpu_us=N private_kb=N pss_kb=N typical_kb=N switches=N",
 * typical_kb being the median of its processes' private memory; pss_kb counts each shared page once
 * (smaps_rollup in proc(5)); switches are context switches. A last line "kernel kb=N" is what the kernel of
 * the whole machine holds in page tables, stacks and unreclaimable slab, to compare two moments. CPU time is
 * that of all living threads, in nanoseconds where the kernel keeps them (schedstat), else in ticks. */
#include <ctype.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/files.h"
#include "../kit/text.h"
#include "samples.h"

#define PROCESSES 16384
#define NAMES 32

struct process {
    long pid, parent;
    char name[32];
    bool ours;
};

struct sum {
    char name[32];
    long processes;
    int64_t cpu_us, private_kb, pss_kb, switches;
    struct samples each_kb;
};

static struct process table[PROCESSES];
static size_t count;
static struct sum sums[NAMES];
static size_t sum_count;

/* Reads a file below /proc; empty when it is gone. */
static struct text read_proc(const char *format, long pid, const char *thread)
{
    struct text path = {0}, bytes = {0};
    text_format(&path, format, pid, thread);
    file_read_if_there(path.bytes, &bytes);
    text_free(&path);
    return bytes;
}

static bool read_process(long pid, struct process *process)
{
    struct text stat = read_proc("/proc/%ld/stat", pid, NULL);
    const char *open = strchr(text_words(&stat), '('), *close = strrchr(text_words(&stat), ')');
    bool good = open && close && sscanf(close + 1, " %*c %ld", &process->parent) == 1;
    if (good)
        snprintf(process->name, sizeof process->name, "%.*s", (int)(close - open - 1), open + 1);
    process->pid = pid;
    text_free(&stat);
    return good;
}

static void read_table(void)
{
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc)) && count < PROCESSES;)
        if (isdigit((unsigned char)entry->d_name[0]) && read_process(atol(entry->d_name), &table[count]))
            count++;
    if (proc)
        closedir(proc);
}

/* Children, their children, and so on, until a round finds no more. */
static void mark(long root)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < count; i++) {
            bool below = table[i].pid == root || table[i].parent == root;
            for (size_t j = 0; j < count && !below; j++)
                below = table[j].ours && table[j].pid == table[i].parent;
            more |= below && !table[i].ours;
            table[i].ours |= below;
        }
    }
}

static int64_t read_ticks(long pid)
{
    struct text stat = read_proc("/proc/%ld/stat", pid, NULL);
    const char *close = strrchr(text_words(&stat), ')');
    unsigned long user = 0, system = 0;
    if (close)
        sscanf(close + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    text_free(&stat);
    return (int64_t)(user + system) * 1000000 / sysconf(_SC_CLK_TCK);
}

static int64_t sum_lines(const char *lines, const char *beginning)
{
    int64_t total = 0;
    for (const char *line = lines; (line = strstr(line, beginning)); line++) {
        long kb = 0;
        sscanf(line + 1, "%*[^:]: %ld", &kb);
        total += kb;
    }
    return total;
}

/* Adds what the living threads have used so far. */
static void add_threads(struct sum *sum, long pid)
{
    struct text path = {0};
    text_format(&path, "/proc/%ld/task", pid);
    DIR *threads = opendir(path.bytes);
    int64_t cpu_us = 0;
    for (struct dirent *entry; threads && (entry = readdir(threads));) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        struct text schedule = read_proc("/proc/%ld/task/%s/schedstat", pid, entry->d_name);
        struct text status = read_proc("/proc/%ld/task/%s/status", pid, entry->d_name);
        cpu_us += atoll(text_words(&schedule)) / 1000;
        sum->switches += sum_lines(text_words(&status), "\nvoluntary_ctxt") +
                         sum_lines(text_words(&status), "\nnonvoluntary_ctxt");
        text_free(&schedule);
        text_free(&status);
    }
    if (threads)
        closedir(threads);
    text_free(&path);
    sum->cpu_us += cpu_us ? cpu_us : read_ticks(pid);
}

static void add_memory(struct sum *sum, long pid)
{
    struct text rollup = read_proc("/proc/%ld/smaps_rollup", pid, NULL);
    int64_t private_kb = sum_lines(text_words(&rollup), "\nPrivate_");
    sum->private_kb += private_kb;
    sum->pss_kb += sum_lines(text_words(&rollup), "\nPss:");
    samples_add(&sum->each_kb, private_kb);
    text_free(&rollup);
}

static int64_t read_kernel_kb(void)
{
    struct text lines = {0};
    file_read_if_there("/proc/meminfo", &lines);
    int64_t kb = sum_lines(text_words(&lines), "\nSUnreclaim:") +
                 sum_lines(text_words(&lines), "\nKernelStack:") +
                 sum_lines(text_words(&lines), "\nPageTables:");
    text_free(&lines);
    return kb;
}

static struct sum *sum_of(const char *name)
{
    for (size_t i = 0; i < sum_count; i++)
        if (strcmp(sums[i].name, name) == 0)
            return &sums[i];
    if (sum_count == NAMES)
        give_up("more than %d programs", NAMES);
    snprintf(sums[sum_count].name, sizeof sums->name, "%s", name);
    return &sums[sum_count++];
}

int main(int argc, char **argv)
{
    if (argc != 2)
        give_up("tally PID");
    read_table();
    mark(atol(argv[1]));
    for (size_t i = 0; i < count; i++) {
        if (!table[i].ours)
            continue;
        struct sum *sum = sum_of(table[i].name);
        sum->processes++;
        add_threads(sum, table[i].pid);
        add_memory(sum, table[i].pid);
    }
    for (size_t i = 0; i < sum_count; i++)
        printf("%s processes=%ld cpu_us=%lld private_kb=%lld pss_kb=%lld typical_kb=%u switches=%lld\n",
               sums[i].name, sums[i].processes, (long long)sums[i].cpu_us, (long long)sums[i].private_kb,
               (long long)sums[i].pss_kb, samples_percentile(&sums[i].each_kb, 50),
               (long long)sums[i].switches);
    printf("kernel kb=%lld\n", (long long)read_kernel_kb());
    return 0;
}
