/* Environments and requests' variables, as servers hand them over. */
#include "variables.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"

static size_t find(const struct variables *variables, const char *name)
{
    size_t length = strlen(name), i = 0;
    while (i < variables->count &&
           (strncmp(variables->items[i], name, length) != 0 || variables->items[i][length] != '='))
        i++;
    return i;
}

char **variables_vector(struct variables *variables)
{
    if (!variables->items && !(variables->items = calloc(1, sizeof *variables->items)))
        give_up("no memory for variables");
    return variables->items;
}

void variables_set(struct variables *variables, const char *name, const char *format, ...)
{
    struct text item = {0};
    text_format(&item, "%s=", name);
    va_list arguments;
    va_start(arguments, format);
    text_vformat(&item, format, arguments);
    va_end(arguments);
    size_t place = find(variables, name);
    if (place < variables->count) {
        free(variables->items[place]);
    } else {
        variables->items = realloc(variables->items, (++variables->count + 1) * sizeof *variables->items);
        if (!variables->items)
            give_up("no memory for variables");
        variables->items[variables->count] = NULL;
    }
    variables->items[place] = item.bytes;
}

void variables_unset(struct variables *variables, const char *name)
{
    size_t place = find(variables, name);
    if (place == variables->count)
        return;
    free(variables->items[place]);
    variables->count--;
    memmove(variables->items + place, variables->items + place + 1,
            (variables->count - place + 1) * sizeof *variables->items);
}

const char *variables_get(const struct variables *variables, const char *name)
{
    size_t place = find(variables, name);
    return place < variables->count ? variables->items[place] + strlen(name) + 1 : NULL;
}

void variables_free(struct variables *variables)
{
    for (size_t i = 0; i < variables->count; i++)
        free(variables->items[i]);
    free(variables->items);
    *variables = (struct variables){0};
}

void variables_inherit(struct variables *variables)
{
    static const char *const names[] = {"PATH",         "TMPDIR",           "LD_LIBRARY_PATH",
                                        "LD_PRELOAD",   "ASAN_OPTIONS",     "UBSAN_OPTIONS",
                                        "LSAN_OPTIONS", "LLVM_PROFILE_FILE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i]))
            variables_set(variables, names[i], "%s", getenv(names[i]));
}

static char *decode(const char *path, size_t length)
{
    struct text out = {0};
    text_room(&out, length);
    for (size_t i = 0; i < length; i++) {
        unsigned byte = (unsigned char)path[i];
        if (byte == '%' && i + 2 < length && sscanf(path + i + 1, "%2x", &byte) == 1)
            i += 2;
        char character = (char)byte;
        text_append(&out, &character, 1);
    }
    return out.bytes;
}

void variables_for_request(struct variables *variables, const char *method, const char *url)
{
    static const char mount[] = "/llm";
    size_t skip = strncmp(url, "/llm/", 5) == 0 ? sizeof mount - 1 : 0, path = strcspn(url, "?");
    char *info = decode(url + skip, path - skip);
    variables_set(variables, "GATEWAY_INTERFACE", "CGI/1.1");
    variables_set(variables, "SERVER_PROTOCOL", "HTTP/1.1");
    variables_set(variables, "SERVER_SOFTWARE", "cases");
    variables_set(variables, "SERVER_NAME", "localhost");
    variables_set(variables, "SERVER_PORT", "80");
    variables_set(variables, "REMOTE_ADDR", "127.0.0.1");
    variables_set(variables, "REQUEST_METHOD", "%s", method);
    variables_set(variables, "REQUEST_URI", "%s", url);
    variables_set(variables, "SCRIPT_NAME", "%s", skip ? mount : "");
    variables_set(variables, "PATH_INFO", "%s", info);
    variables_set(variables, "QUERY_STRING", "%s", url[path] ? url + path + 1 : "");
    free(info);
}

void variables_set_header(struct variables *variables, const char *name, const char *value)
{
    struct text full = {0};
    bool content = strcasecmp(name, "content-type") == 0 || strcasecmp(name, "content-length") == 0;
    text_format(&full, "%s%s", content ? "" : "HTTP_", name);
    for (char *at = full.bytes; *at; at++)
        *at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    variables_set(variables, full.bytes, "%s", value);
    text_free(&full);
}
