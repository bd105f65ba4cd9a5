/* Opens files in folders that another account may write to. */
#include "base/file_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_open(const char *path, int flags, mode_t mode)
{
    struct stat file;
    int descriptor = open(path, flags | O_NOFOLLOW | O_CLOEXEC, mode);
    if (descriptor < 0 || geteuid() != 0)
        return descriptor;
    bool known = fstat(descriptor, &file) == 0;
    if (known && (!S_ISREG(file.st_mode) || file.st_nlink <= 1))
        return descriptor;
    int code = known ? EMLINK : errno;
    close(descriptor);
    errno = code;
    return -1;
}

const char *file_open_error(int code)
{
    switch (code) {
    case ELOOP:
        return "it is a symbolic link";
    case EMLINK:
        return "it has a second name (a hard link), so root does not write to it";
    default:
        return strerror(code);
    }
}
