/* A file of prices, read into a table.
 *
 * The names stay where they lie in the file's text, each ended where its blank was, so that a table costs
 * two allocations and a fraction of a millisecond: a CGI program pays for it with every request. */
#include "usage/price_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/portable.h"

#define BLANKS " \t\r"
#define PIECE 16384
#define PRICE_MAX 1e6 /* USD per million tokens */
#define NUMBERS_MAX 4
#define EXACT_MAX 15 /* digits, and as many powers of ten: a double has 53 bits */

struct reading {
    struct price_file *file;
    const char *path;
    size_t line;
    void (*complain)(void *context, const struct failure *why);
    void *context;
};

static void tell(const struct reading *reading, const char *what)
{
    struct failure why;
    fail(&why, FAILURE_SETTING, "%s:%zu: %s", reading->path, reading->line, what);
    if (reading->complain)
        reading->complain(reading->context, &why);
}

static bool take_bytes(int descriptor, struct buffer *bytes)
{
    for (;;) {
        char *room = buffer_room(bytes, PIECE);
        if (!room) {
            errno = EFBIG;
            return false;
        }
        ssize_t got = read(descriptor, room, PIECE);
        if (got <= 0)
            return got == 0;
        buffer_fill(bytes, (size_t)got);
    }
}

/* The whole file, NUL-terminated; NULL with errno. */
static char *read_text(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return NULL;
    struct buffer bytes;
    buffer_init(&bytes, PRICE_FILE_MAX);
    bool whole = take_bytes(descriptor, &bytes);
    int error = errno;
    close(descriptor);
    char *text = whole ? memory_copy(bytes.length ? bytes.bytes : "", bytes.length) : NULL;
    buffer_free(&bytes);
    errno = error;
    return text;
}

/* Digits with at most one point in them, so few that they and a power of ten are exact, and their quotient is
 * the nearest number that there is: what strtod() finds out, which takes ten times as long. */
static bool read_short(const char *word, double *number)
{
    uint64_t digits = 0, unit = 1;
    const char *point = strchrnul(word, '.');
    if (strlen(word) > EXACT_MAX || point == word || (*point && strchr(point + 1, '.')))
        return false;
    for (const char *at = word; *at; at++) {
        digits = at == point ? digits : digits * 10 + (uint64_t)(*at - '0');
        unit = at > point ? unit * 10 : unit;
    }
    *number = (double)digits / (double)unit;
    return true;
}

/* "-" is a price that there is not. strtod() alone would take "inf" and "0x1p3" too. */
static bool read_price(const char *word, double *price)
{
    char *end;
    *price = -1;
    if (strcmp(word, "-") == 0)
        return true;
    if (word[strspn(word, "0123456789.")])
        return false;
    if (read_short(word, price))
        return *price <= PRICE_MAX;
    *price = strtod(word, &end);
    return end != word && !*end && *price <= PRICE_MAX;
}

static bool read_row(char *line, struct price_row *row, const char **what)
{
    double prices[NUMBERS_MAX] = {-1, -1, -1, -1};
    char *rest, *word;
    size_t count = 0;
    row->provider = strtok_r(line, BLANKS, &rest);
    row->model = strtok_r(NULL, BLANKS, &rest);
    for (; (word = strtok_r(NULL, BLANKS, &rest)); count++)
        if (count == NUMBERS_MAX || !read_price(word, &prices[count])) {
            *what = count == NUMBERS_MAX ? "more than four prices" : "no price in USD per million tokens";
            return false;
        }
    if (count < 2 || prices[0] < 0 || prices[1] < 0) {
        *what = "needs a provider, a model, a price of input and one of output";
        return false;
    }
    row->price = (struct price){prices[0], prices[1], prices[2], prices[3]};
    return true;
}

static void take_line(struct reading *reading, char *line)
{
    const char *what;
    line[strcspn(line, "#")] = '\0';
    if (!line[strspn(line, BLANKS)])
        return;
    if (read_row(line, &reading->file->rows[reading->file->count], &what)) {
        reading->file->count++;
        return;
    }
    tell(reading, what);
}

static size_t count_lines(const char *text)
{
    size_t count = 1;
    for (; (text = strchr(text, '\n')); text++)
        count++;
    return count;
}

bool price_file_read(struct price_file *file, const char *path,
                     void (*complain)(void *context, const struct failure *why), void *context)
{
    struct reading reading = {.file = file, .path = path, .complain = complain, .context = context};
    *file = (struct price_file){.text = read_text(path)};
    if (!file->text)
        return false;
    file->rows = memory_alloc(count_lines(file->text), sizeof *file->rows);
    char *rest = file->text, *line;
    while ((line = strsep(&rest, "\n"))) {
        reading.line++;
        take_line(&reading, line);
    }
    file->rows = memory_resize(file->rows, file->count ? file->count : 1, sizeof *file->rows);
    return true;
}

void price_file_free(struct price_file *file)
{
    free(file->rows);
    free(file->text);
    *file = (struct price_file){0};
}
