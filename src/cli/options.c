/* The options that every command understands: -c FILE and --set SETTING=VALUE. */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/failure.h"
#include "base/memory.h"

const char *option_value(const char *name, int count, char **arguments, int *index)
{
    const char *argument = arguments[*index];
    size_t length = strlen(name);
    bool is_long = name[1] == '-';
    if (strncmp(argument, name, length) != 0)
        return NULL;
    if (!argument[length])
        return *index + 1 < count ? arguments[++*index] : "";
    if (is_long && argument[length] != '=')
        return NULL;
    return argument + length + is_long;
}

/* The name and the value are copied, for they lie in one argument. */
static bool add_set(struct options *options, const char *text, struct failure *why)
{
    size_t length = strcspn(text, "=");
    if (!length || !text[length])
        return fail(why, FAILURE_SETTING, "--set needs SETTING=VALUE");
    size_t count = options->source.set_count++;
    options->sets = memory_resize(options->sets, count + 1, sizeof *options->sets);
    options->sets[count] = (struct name_value){
        .name = memory_copy(text, length),
        .value = memory_copy(text + length + 1, strlen(text + length + 1)),
    };
    options->source.sets = options->sets;
    return true;
}

static bool read_all(struct options *options, int count, char **arguments, struct failure *why)
{
    for (int i = 0; i < count; i++) {
        const char *value;
        if ((value = option_value("-c", count, arguments, &i))) {
            if (!*value)
                return fail(why, FAILURE_SETTING, "-c needs a FILE");
            options->source.file = value;
        } else if ((value = option_value("--set", count, arguments, &i))) {
            if (!add_set(options, value, why))
                return false;
        } else {
            options->rest[options->rest_count++] = arguments[i];
        }
    }
    return true;
}

bool options_read(struct options *options, int count, char **arguments, struct failure *why)
{
    *options = (struct options){.rest = memory_alloc((size_t)count, sizeof *options->rest)};
    if (read_all(options, count, arguments, why))
        return true;
    options_free(options);
    return false;
}

void options_free(struct options *options)
{
    for (size_t i = 0; i < options->source.set_count; i++) {
        free(options->sets[i].name);
        free(options->sets[i].value);
    }
    free(options->sets);
    free(options->rest);
    *options = (struct options){0};
}

int options_run(const char *name, int count, char **arguments, int (*run)(const struct options *options))
{
    struct options options;
    struct failure why;
    if (!options_read(&options, count, arguments, &why)) {
        fprintf(stderr, "%s: %s\n", name, why.message);
        return EX_USAGE;
    }
    int status = run(&options);
    options_free(&options);
    return status;
}
