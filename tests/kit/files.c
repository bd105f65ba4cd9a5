/* Reads and writes files at once, and makes temporary folders. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

bool file_read_if_there(const char *path, struct text *bytes)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT)
        return false;
    ssize_t got = descriptor < 0 ? -1 : 1;
    while (got > 0) {
        got = read(descriptor, text_room(bytes, 65536), 65536);
        if (got > 0)
            text_fill(bytes, (size_t)got);
    }
    if (got < 0)
        give_up("cannot read %s: %s", path, strerror(errno));
    close(descriptor);
    return true;
}

void file_read(const char *path, struct text *bytes)
{
    if (!file_read_if_there(path, bytes))
        give_up("there is no %s", path);
}

void file_write(const char *path, const char *bytes, size_t length)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0)
        give_up("cannot write %s: %s", path, strerror(errno));
    while (length) {
        ssize_t written = write(descriptor, bytes, length);
        if (written <= 0)
            give_up("cannot write %s: %s", path, strerror(errno));
        bytes += written;
        length -= (size_t)written;
    }
    close(descriptor);
}

char *folder_create(const char *name)
{
    const char *under = getenv("TMPDIR");
    struct text path = {0};
    text_format(&path, "%s/%s-XXXXXX", under && *under ? under : "/tmp", name);
    if (!mkdtemp(path.bytes))
        give_up("cannot create %s: %s", path.bytes, strerror(errno));
    return path.bytes;
}

size_t folder_count(const char *path, const char *words)
{
    DIR *listing = opendir(path);
    size_t count = 0;
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        count += strstr(entry->d_name, words) != NULL;
    if (listing)
        closedir(listing);
    return count;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

void folder_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
