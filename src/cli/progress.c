/* A bar on standard error while long work is under way and a person is watching. */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define PATIENCE_US 500000
#define PAUSE_US 100000
#define WIDTH 40
#define MEGABYTE 1000000

struct progress progress_begin(void)
{
    return (struct progress){.watched = isatty(STDERR_FILENO), .started_us = clock_monotonic_us()};
}

static void draw(int64_t done, int64_t all)
{
    static const char full[] = "########################################";
    int filled = (int)(all > 0 ? WIDTH * done / all : 0);
    int percent = (int)(all > 0 ? 100 * done / all : 0);
    fprintf(stderr, "\r[%-*.*s] %3d %%  %lld of %lld MB", WIDTH, filled, full, percent,
            (long long)(done / MEGABYTE), (long long)(all / MEGABYTE));
    fflush(stderr);
}

void progress_show(struct progress *progress, int64_t done, int64_t all)
{
    if (!progress->watched)
        return;
    int64_t now_us = clock_monotonic_us();
    if (now_us - progress->started_us < PATIENCE_US || now_us - progress->drawn_us < PAUSE_US)
        return;
    draw(done < all ? done : all, all);
    progress->drawn_us = now_us;
    progress->drawn = true;
}

void progress_end(struct progress *progress)
{
    if (progress->drawn)
        fprintf(stderr, "\r%80s\r", "");
    progress->drawn = false;
}
