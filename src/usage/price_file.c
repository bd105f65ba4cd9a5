/* Reads a file of prices into a table.
 *
 * The rows point to names within the file's text, where a NUL replaces the blank after each name. Reading the
 * file takes few allocations and a fraction of a millisecond, which matters because a CGI process reads it
 * for every request. */
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
#define READ_SIZE 16384
#define PRICE_MAX 1e6 /* USD per million tokens */
#define NUMBERS_MAX 4
#define EXACT_MAX 15 /* digits: a double (53 bits) represents integers up to 10^15 exactly */

struct reading {
    struct price_file *file;
    const char *path;
    size_t line;
    void (*complain)(void *context, const struct failure *why);
    void *context;
};

static void report(const struct reading *reading, const char *reason)
{
    struct failure why;
    fail(&why, FAILURE_SETTING, "%s:%zu: %s", reading->path, reading->line, reason);
    if (reading->complain)
        reading->complain(reading->context, &why);
}

static bool read_bytes(int descriptor, struct buffer *bytes)
{
    for (;;) {
        char *space = buffer_room(bytes, READ_SIZE);
        if (!space) {
            errno = EFBIG;
            return false;
        }
        ssize_t got = read(descriptor, space, READ_SIZE);
        if (got <= 0)
            return got == 0;
        buffer_fill(bytes, (size_t)got);
    }
}

/* The content of the file, NUL-terminated; NULL with errno. */
static char *read_text(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return NULL;
    struct buffer bytes;
    buffer_init(&bytes, PRICE_FILE_MAX);
    bool complete = read_bytes(descriptor, &bytes);
    int error = errno;
    close(descriptor);
    char *text = complete ? memory_copy(bytes.length ? bytes.bytes : "", bytes.length) : NULL;
    buffer_free(&bytes);
    errno = error;
    return text;
}

/* Reads a short decimal number with the same result as strtod(), in a tenth of the time: the digits
 * without the point and the power of ten are exact doubles, so their quotient is the nearest one. */
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

/* "-" means no price. strtod() alone would also accept "inf" and "0x1p3". */
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

static bool read_row(char *line, struct price_row *row, const char **reason)
{
    double prices[NUMBERS_MAX] = {-1, -1, -1, -1};
    char *rest, *word;
    size_t count = 0;
    row->provider = strtok_r(line, BLANKS, &rest);
    row->model = strtok_r(NULL, BLANKS, &rest);
    for (; (word = strtok_r(NULL, BLANKS, &rest)); count++)
        if (count == NUMBERS_MAX || !read_price(word, &prices[count])) {
            *reason = count == NUMBERS_MAX ? "more than four prices"
                                           : "a price must be a number of USD per million tokens, or -";
            return false;
        }
    if (count < 2 || prices[0] < 0 || prices[1] < 0) {
        *reason = "expected a provider, a model, an input price and an output price";
        return false;
    }
    row->price = (struct price){prices[0], prices[1], prices[2], prices[3]};
    return true;
}

static void read_line(struct reading *reading, char *line)
{
    const char *reason;
    line[strcspn(line, "#")] = '\0';
    if (!line[strspn(line, BLANKS)])
        return;
    if (read_row(line, &reading->file->rows[reading->file->count], &reason)) {
        reading->file->count++;
        return;
    }
    report(reading, reason);
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
        read_line(&reading, line);
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
