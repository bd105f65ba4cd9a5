/* Terminal output: prints untrusted text safely, and draws a progress bar. */
#include "cli/tty.h"

#include <unistd.h>

#include "base/clock.h"

#define FIRST_DRAWING_US 500000
#define REDRAWING_US 100000
#define BAR_WIDTH 40
#define MEGABYTE 1000000

/* U+0080 to U+009F, in UTF-8 0xc2 and a second byte, are control characters, which some terminals
 * interpret. */
void tty_print(const char *text, FILE *out)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text, next = (unsigned char)text[1];
        if (byte == 0xc2 && next >= 0x80 && next < 0xa0)
            text++;
        else if (byte >= 0x20 && byte != 0x7f) {
            putc(byte, out);
            continue;
        }
        putc(' ', out);
    }
}

struct progress_bar progress_bar_begin(void)
{
    return (struct progress_bar){.on_terminal = isatty(STDERR_FILENO), .started_us = clock_monotonic_us()};
}

static void draw(int64_t done, int64_t all)
{
    static const char full[] = "########################################";
    int filled = (int)(all > 0 ? BAR_WIDTH * done / all : 0);
    int percent = (int)(all > 0 ? 100 * done / all : 0);
    fprintf(stderr, "\r[%-*.*s] %3d %%  %lld of %lld MB", BAR_WIDTH, filled, full, percent,
            (long long)(done / MEGABYTE), (long long)(all / MEGABYTE));
    fflush(stderr);
}

void progress_bar_update(struct progress_bar *bar, int64_t done, int64_t all)
{
    if (!bar->on_terminal)
        return;
    int64_t now_us = clock_monotonic_us();
    if (now_us - bar->started_us < FIRST_DRAWING_US || now_us - bar->drawn_us < REDRAWING_US)
        return;
    draw(done < all ? done : all, all);
    bar->drawn_us = now_us;
    bar->is_drawn = true;
}

void progress_bar_end(struct progress_bar *bar)
{
    if (bar->is_drawn)
        fprintf(stderr, "\r%80s\r", "");
    bar->is_drawn = false;
}
