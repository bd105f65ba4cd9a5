/* Reads what /proc says. */
#include "workers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/files.h"
#include "../kit/text.h"
#include "expect.h"
#include "site.h"

pid_t master_pid(const struct site *site)
{
    struct text number = {0};
    char *path = site_path(site, "penstock.pid");
    EXPECT(file_read_if_there(path, &number), "there is no pid file");
    pid_t pid = (pid_t)atol(text_words(&number));
    text_free(&number);
    free(path);
    return pid;
}

size_t workers_list(const struct site *site, pid_t pids[static WORKERS_MAX])
{
    struct text path = {0}, list = {0};
    size_t count = 0;
    long master = (long)master_pid(site);
    text_format(&path, "/proc/%ld/task/%ld/children", master, master);
    file_read(path.bytes, &list);
    for (char *word = strtok(list.bytes, " "); word && count < WORKERS_MAX; word = strtok(NULL, " "))
        pids[count++] = (pid_t)atol(word);
    text_free(&path);
    text_free(&list);
    return count;
}

static long kilobytes(const char *rollup, const char *name)
{
    const char *line = strstr(rollup, name);
    return line ? strtol(line + strlen(name), NULL, 10) : 0;
}

long worker_private_kb(pid_t pid)
{
    struct text path = {0}, rollup = {0};
    text_format(&path, "/proc/%ld/smaps_rollup", (long)pid);
    file_read_if_there(path.bytes, &rollup);
    long size = kilobytes(text_words(&rollup), "Private_Clean:") +
                kilobytes(text_words(&rollup), "Private_Dirty:");
    text_free(&path);
    text_free(&rollup);
    return size;
}
