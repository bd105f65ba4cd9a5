/* What the tests of the settings share. */
#include "settings_kit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failure.h"

#define MISTAKES_MAX 64

static char folder[] = "/tmp/penstock-settings-XXXXXX";
static char heard[MISTAKES_MAX][FAILURE_MESSAGE_SIZE];
static size_t heard_count;

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

/* The folder's name differs from run to run; "DIR/" stands for it. */
static void hear(void *context, const struct failure *why)
{
    (void)context;
    if (heard_count == MISTAKES_MAX)
        abort();
    const char *rest = why->message;
    char *to = heard[heard_count++];
    *to = '\0';
    for (const char *found; (found = strstr(rest, folder)); rest = found + strlen(folder))
        to += sprintf(to, "%.*sDIR", (int)(found - rest), rest);
    strcat(to, rest);
}

static struct settings *load(const char *file, const char *set)
{
    char name[256] = "";
    const char *equals = set ? strchr(set, '=') : NULL;
    if (equals)
        snprintf(name, sizeof name, "%.*s", (int)(equals - set), set);
    struct name_value pair = {.name = name, .value = equals ? (char *)equals + 1 : NULL};
    char general[512]; /* not this machine's */
    snprintf(general, sizeof general, "%s/general.conf", folder);
    struct settings_source source = {
        .file = file, .sets = &pair, .set_count = equals != NULL, .general_file = general};
    heard_count = 0;
    return settings_load(&source, hear, NULL);
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

size_t kit_mistakes(void)
{
    return heard_count;
}

const char *kit_mistake(size_t index)
{
    return index < heard_count ? heard[index] : "";
}

bool kit_told(const char *mistake)
{
    for (size_t i = 0; i < heard_count; i++)
        if (strcmp(heard[i], mistake) == 0)
            return true;
    return false;
}
