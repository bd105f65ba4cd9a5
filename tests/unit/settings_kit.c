/* Helpers that the tests of the settings share. */
#include "settings_kit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failure.h"

#define ERRORS_MAX 64

static char folder[] = "/tmp/penstock-settings-XXXXXX";
static char errors[ERRORS_MAX][FAILURE_MESSAGE_SIZE], lines[ERRORS_MAX][FAILURE_MESSAGE_SIZE];
static size_t error_count;

void kit_open(void)
{
    if (clearenv() != 0 || !mkdtemp(folder) || setenv("HOME", folder, 1) != 0)
        abort();
}

static void empty(const char *directory)
{
    DIR *entries = opendir(directory);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        char path[512];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (unlink(path) != 0)
            empty(path);
    }
    if (entries)
        closedir(entries);
    rmdir(directory);
}

void kit_close(void)
{
    empty(folder);
}

const char *kit_path(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

const char *kit_write(const char *name, const char *text)
{
    const char *path = kit_path(name);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0 || chmod(path, 0600) != 0)
        abort();
    return path;
}

/* Writes "DIR" for the folder, whose name differs from run to run, and separates the quoted line. */
static void keep_error(void *context, const struct failure *why)
{
    (void)context;
    if (error_count == ERRORS_MAX)
        abort();
    const char *rest = why->message;
    char *to = errors[error_count];
    *to = '\0';
    for (const char *found; (found = strstr(rest, folder)); rest = found + strlen(folder))
        to += sprintf(to, "%.*sDIR", (int)(found - rest), rest);
    strcat(to, rest);
    char *newline = strchr(errors[error_count], '\n');
    strcpy(lines[error_count], newline ? newline + strspn(newline, "\n ") : "");
    if (newline)
        *newline = '\0';
    error_count++;
}

static struct settings *load(const char *file, const char *set)
{
    char name[256] = "";
    const char *equals = set ? strchr(set, '=') : NULL;
    if (equals)
        snprintf(name, sizeof name, "%.*s", (int)(equals - set), set);
    struct name_value pair = {.name = name, .value = equals ? (char *)equals + 1 : NULL};
    char system_file[512]; /* not that of this machine */
    snprintf(system_file, sizeof system_file, "%s/system.conf", folder);
    struct settings_source source = {
        .file = file, .sets = &pair, .set_count = equals != NULL, .system_file = system_file};
    error_count = 0;
    return settings_load(&source, keep_error, NULL);
}

struct settings *kit_load(const char *text, const char *set)
{
    char file[512];
    snprintf(file, sizeof file, "%s", kit_write("penstock.conf", text));
    return load(file, set);
}

struct settings *kit_find(void)
{
    return load(NULL, NULL);
}

size_t kit_errors(void)
{
    return error_count;
}

const char *kit_error(size_t index)
{
    return index < error_count ? errors[index] : "";
}

const char *kit_line(size_t index)
{
    return index < error_count ? lines[index] : "";
}

bool kit_has_error(const char *error)
{
    for (size_t i = 0; i < error_count; i++)
        if (strcmp(errors[i], error) == 0)
            return true;
    return false;
}
