/* Reads a configuration file into memory, within bounds. */
#include "config/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/portable.h"

/* Accepts only a regular file, because reading any other file could block or never end. The check uses the
 * descriptor, not the name, so that the file checked is the file read. */
static char *read_regular(int descriptor, const char **error)
{
    struct stat status;
    *error = "is not a regular file";
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return NULL;
    *error = "is larger than 1 MiB";
    if (status.st_size > CONFIG_FILE_MAX)
        return NULL;
    char *text = memory_alloc((size_t)status.st_size + 2, 1);
    ssize_t length = read(descriptor, text, (size_t)status.st_size);
    *error = length < 0 ? strerror(errno) : memchr(text, '\0', (size_t)length) ? "contains a NUL byte" : NULL;
    if (!*error) {
        text[length] = '\n'; /* libconfig needs a newline after a comment in the last line */
        return text;
    }
    config_file_free(text);
    return NULL;
}

char *config_file_read(const char *file, const char **error)
{
    /* O_NONBLOCK: opening a FIFO that has no writer would block */
    int descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    *error = strerror(errno);
    if (descriptor < 0)
        return NULL;
    char *text = read_regular(descriptor, error);
    close(descriptor);
    return text;
}

void config_file_free(char *text)
{
    explicit_bzero(text, strlen(text));
    free(text);
}
