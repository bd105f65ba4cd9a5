/* Caches the providers' lists of models in the state directory, for all processes.
 *
 * Each provider has one file. It is replaced with rename(), so that readers find either the old list or the
 * new list. */
#include "pages/model_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error_log.h"

static const char *path_for(const char *state_dir, const char *provider, const char *kind,
                            struct arena *arena)
{
    return arena_format(arena, "%s/models-%s.%s", state_dir, provider, kind);
}

static bool is_younger(const struct stat *status, time_t seconds)
{
    /* time() is not used, because it may be a tick behind st_mtime. */
    time_t age = clock_wall_us() / 1000000 - status->st_mtime;
    return age >= 0 && age < seconds;
}

static bool read_all(int file, struct buffer *bytes)
{
    for (;;) {
        char *space = buffer_room(bytes, 4096);
        ssize_t got = space ? read(file, space, 4096) : -1;
        if (got <= 0)
            return got == 0;
        buffer_fill(bytes, (size_t)got);
    }
}

bool model_cache_read(const char *state_dir, const char *provider, struct arena *arena, struct buffer *ids,
                      bool *fresh)
{
    struct stat status;
    int file = open(path_for(state_dir, provider, "json", arena), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return false;
    bool good = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && read_all(file, ids);
    *fresh = good && is_younger(&status, MODEL_CACHE_SECONDS);
    close(file);
    return good;
}

void model_cache_write(const char *state_dir, const char *provider, struct arena *arena,
                       const struct buffer *ids)
{
    const char *path = path_for(state_dir, provider, "json", arena);
    const char *temporary = arena_format(arena, "%s.%d", path, (int)getpid());
    int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (file < 0) {
        log_debug("cannot cache the list of models of %s: cannot write %s", provider, temporary);
        return;
    }
    bool written = write(file, ids->bytes, ids->length) == (ssize_t)ids->length;
    close(file);
    if (!written || rename(temporary, path) != 0)
        unlink(temporary);
}

/* The file is empty; only its age matters. */
void model_cache_mark_down(const char *state_dir, const char *provider, struct arena *arena)
{
    const char *path = path_for(state_dir, provider, "down", arena);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (file < 0)
        return;
    futimens(file, NULL);
    close(file);
}

bool model_cache_is_down(const char *state_dir, const char *provider, struct arena *arena)
{
    struct stat status;
    return lstat(path_for(state_dir, provider, "down", arena), &status) == 0 &&
           is_younger(&status, MODEL_CACHE_DOWN_SECONDS);
}

int model_cache_lock(const char *state_dir)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/models.lock", state_dir);
    int lock = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (lock < 0)
        return MODEL_CACHE_NO_LOCK;
    if (flock(lock, LOCK_EX | LOCK_NB) == 0)
        return lock;
    bool is_taken = errno == EWOULDBLOCK;
    close(lock);
    return is_taken ? MODEL_CACHE_LOCKED : MODEL_CACHE_NO_LOCK;
}

void model_cache_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}
