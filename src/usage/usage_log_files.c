/* The files of the usage log: the current one and its rotations. */
#include "usage/usage_log_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/failure.h"
#include "base/memory.h"

#define GZIP ".gz"

/* The parts of a log's path. */
struct path_parts {
    const char *folder, *name;
    size_t folder_length, stem_length; /* the stem is the name without its extension */
};

static struct path_parts split_path(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return (struct path_parts){
        .folder = slash ? path : ".",
        .folder_length = slash ? (size_t)(slash - path) + (slash == path) : 1,
        .name = name,
        .stem_length = dot ? (size_t)(dot - name) : strlen(name),
    };
}

/* True if the text is a rotation's number or date with the '.' or '-' before it, and nothing else. */
static bool is_rotation_suffix(const char *text, size_t length)
{
    static const char allowed[] = "0123456789-_:TZ";
    if (length < 2 || !strchr(".-", *text) || text[1] < '0' || text[1] > '9')
        return false;
    for (size_t i = 1; i < length; i++)
        if (!memchr(allowed, text[i], sizeof allowed - 1))
            return false;
    return true;
}

/* logrotate appends the number or date to the name, or puts it before the extension (its directive
 * `extension`). */
static bool is_of_log(const struct path_parts *log, const char *name)
{
    size_t length = strlen(name), name_length = strlen(log->name), gzip = strlen(GZIP);
    if (length > gzip && strcmp(name + length - gzip, GZIP) == 0)
        length -= gzip;
    if (length == name_length && memcmp(name, log->name, name_length) == 0)
        return true;
    if (length <= name_length)
        return false;
    if (memcmp(name, log->name, name_length) == 0 &&
        is_rotation_suffix(name + name_length, length - name_length))
        return true;
    size_t extension = name_length - log->stem_length;
    return memcmp(name, log->name, log->stem_length) == 0 &&
           memcmp(name + length - extension, log->name + log->stem_length, extension) == 0 &&
           is_rotation_suffix(name + log->stem_length, length - name_length);
}

static char *join(const struct path_parts *log, const char *name)
{
    size_t length = strlen(name);
    char *path = memory_alloc(log->folder_length + length + 2, 1);
    memcpy(path, log->folder, log->folder_length);
    path[log->folder_length] = '/';
    memcpy(path + log->folder_length + 1, name, length);
    return path;
}

static void add(struct usage_log_files *found, const struct path_parts *log, const char *name)
{
    struct stat status;
    char *path = join(log, name);
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        free(path);
        return;
    }
    found->files = memory_resize(found->files, found->count + 1, sizeof *found->files);
    found->files[found->count++] = (struct usage_log_file){
        .path = path,
        .size = status.st_size,
        .device = status.st_dev,
        .inode = status.st_ino,
        .written_us = (int64_t)status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000,
    };
}

/* An interrupted compression leaves both files; only the uncompressed file is complete then. */
static bool is_half_compressed(const struct usage_log_files *found, const struct usage_log_file *file)
{
    size_t length = strlen(file->path), gzip = strlen(GZIP);
    if (strcmp(file->path + length - gzip, GZIP) != 0)
        return false;
    for (size_t i = 0; i < found->count; i++)
        if (strlen(found->files[i].path) == length - gzip &&
            memcmp(found->files[i].path, file->path, length - gzip) == 0)
            return true;
    return false;
}

static void drop_half_compressed(struct usage_log_files *found)
{
    for (size_t i = found->count; i-- > 0;)
        if (is_half_compressed(found, &found->files[i])) {
            free(found->files[i].path);
            found->files[i] = found->files[--found->count];
        }
}

static bool begins_as_log(const struct path_parts *log, const char *name)
{
    return strncmp(name, log->name, strlen(log->name)) == 0 || is_of_log(log, name);
}

static bool find(struct usage_log_files *found, const char *path,
                 bool (*is_wanted)(const struct path_parts *log, const char *name), struct failure *why)
{
    struct path_parts log = split_path(path);
    char *folder = memory_copy(log.folder, log.folder_length);
    DIR *listing = opendir(folder);
    *found = (struct usage_log_files){0};
    if (!listing) {
        fail(why, FAILURE_SETTING, "cannot read the folder %s: %s", folder, strerror(errno));
        free(folder);
        return false;
    }
    free(folder);
    for (const struct dirent *entry; (entry = readdir(listing));)
        if (is_wanted(&log, entry->d_name))
            add(found, &log, entry->d_name);
    closedir(listing);
    drop_half_compressed(found);
    return found->count || fail(why, FAILURE_SETTING, "there is no usage log at %s", path);
}

bool usage_log_files_find(struct usage_log_files *found, const char *path, struct failure *why)
{
    return find(found, path, is_of_log, why);
}

bool usage_log_files_find_all(struct usage_log_files *found, const char *path)
{
    struct failure nothing;
    return find(found, path, begins_as_log, &nothing);
}

bool usage_log_file_follow(struct usage_log_file *file, const char *path)
{
    struct usage_log_files found;
    struct failure why;
    if (!usage_log_files_find(&found, path, &why)) /* no file is left */
        return false;
    bool found_again = false;
    for (size_t i = 0; i < found.count && !found_again; i++) {
        struct usage_log_file *other = &found.files[i];
        found_again = other->device == file->device && other->inode == file->inode;
        if (found_again) {
            free(file->path);
            file->path = other->path;
            other->path = NULL;
        }
    }
    usage_log_files_free(&found);
    return found_again;
}

void usage_log_files_free(struct usage_log_files *found)
{
    for (size_t i = 0; i < found->count; i++)
        free(found->files[i].path);
    free(found->files);
    *found = (struct usage_log_files){0};
}
