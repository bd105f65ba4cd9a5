/* The error log for the administrator: one line per event, written with a single write(2). */
#include "base/error_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/file_open.h"
#include "base/memory.h"

#define LINE_MAX_BYTES 2048

static const char *const level_names[] = {"error", "warning", "info", "debug"};

static struct {
    int descriptor;
    enum log_level level;
    char *path; /* NULL: standard error */
} the_log = {.descriptor = STDERR_FILENO, .level = LEVEL_INFO};

static int open_log(const char *path)
{
    return file_open(path, O_WRONLY | O_APPEND | O_CREAT, 0640);
}

static void replace_descriptor(int descriptor)
{
    if (the_log.descriptor != STDERR_FILENO)
        close(the_log.descriptor);
    the_log.descriptor = descriptor;
}

bool log_open(const char *path, enum log_level level)
{
    the_log.level = level;
    bool to_stderr = !path || !*path;
    int descriptor = to_stderr ? STDERR_FILENO : open_log(path);
    if (descriptor < 0)
        return false;
    replace_descriptor(descriptor);
    free(the_log.path);
    the_log.path = to_stderr ? NULL : memory_copy(path, strlen(path));
    return true;
}

void log_reopen(void)
{
    if (!the_log.path)
        return;
    int descriptor = open_log(the_log.path);
    if (descriptor < 0) {
        log_error("cannot reopen the log %s: %s", the_log.path, file_open_error(errno));
        return;
    }
    replace_descriptor(descriptor);
}

/* A line may contain text from a provider or a client, and that text must not forge a second line. */
static void blank_controls(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = ' ';
}

static void write_line(enum log_level level, const char *format, va_list arguments)
{
    if (level > the_log.level)
        return;
    char line[LINE_MAX_BYTES], now[CLOCK_TEXT_SIZE];
    clock_format(clock_wall_us(), now);
    int head = snprintf(line, sizeof line, "%s penstock[%d] %s: ", now, (int)getpid(), level_names[level]);
    vsnprintf(line + head, sizeof line - (size_t)head - 1, format, arguments);
    blank_controls(line);
    size_t length = strlen(line);
    line[length++] = '\n';
    ssize_t written = write(the_log.descriptor, line, length);
    (void)written; /* a write error of the error log cannot be reported */
}

#define DEFINE_LEVEL(name, level)                                                                            \
    void name(const char *format, ...)                                                                       \
    {                                                                                                        \
        int saved = errno;                                                                                   \
        va_list arguments;                                                                                   \
        va_start(arguments, format);                                                                         \
        write_line(level, format, arguments);                                                                \
        va_end(arguments);                                                                                   \
        errno = saved;                                                                                       \
    }

DEFINE_LEVEL(log_error, LEVEL_ERROR)
DEFINE_LEVEL(log_warning, LEVEL_WARNING)
DEFINE_LEVEL(log_info, LEVEL_INFO)
DEFINE_LEVEL(log_debug, LEVEL_DEBUG)

/* ---- in a signal handler ---- */

static char *add_text(char *at, const char *end, const char *text)
{
    size_t length = strnlen(text, (size_t)(end - at));
    memcpy(at, text, length);
    return at + length;
}

/* `digits` at least, with leading zeros. */
static char *add_number(char *at, const char *end, int number, int digits)
{
    char text[12], *first = text + sizeof text - 1;
    *first = '\0';
    do
        *--first = (char)('0' + number % 10);
    while ((number /= 10) > 0 || text + sizeof text - 1 - first < digits);
    return add_text(at, end, first);
}

/* As clock_format(), which caches and prints. */
static char *add_time(char *at, const char *end)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct date date = date_of_second(now.tv_sec);
    at = add_text(add_number(at, end, date.year, 4), end, "-");
    at = add_text(add_number(at, end, date.month, 2), end, "-");
    at = add_text(add_number(at, end, date.day, 2), end, "T");
    at = add_text(add_number(at, end, date.hour, 2), end, ":");
    at = add_text(add_number(at, end, date.minute, 2), end, ":");
    at = add_text(add_number(at, end, date.second, 2), end, ".");
    return add_text(add_number(at, end, (int)(now.tv_nsec / 1000000), 3), end, "Z");
}

void log_error_in_handler(const char *const *parts)
{
    char line[LINE_MAX_BYTES];
    char *const end = line + sizeof line - 1;
    int saved = errno;
    char *at = add_text(add_time(line, end), end, " penstock[");
    at = add_text(add_number(at, end, (int)getpid(), 1), end, "] error: ");
    for (; *parts; parts++)
        at = add_text(at, end, *parts);
    *at++ = '\n';
    ssize_t written = write(the_log.descriptor, line, (size_t)(at - line));
    (void)written;
    errno = saved;
}

void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(LEVEL_ERROR, format, arguments);
    va_end(arguments);
    exit(EXIT_FAILURE);
}
