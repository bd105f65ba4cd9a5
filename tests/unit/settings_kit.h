/* What the tests of the settings share: a folder of their own, files in it, and an ear for mistakes. */
#ifndef SETTINGS_KIT_H
#define SETTINGS_KIT_H

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"

/* A fresh folder, and an environment that is empty but for HOME, which is that folder. */
void kit_open(void);
void kit_close(void);

/* The path of `name` in the folder; valid until the next call. */
const char *kit_path(const char *name);

/* Writes a file there, readable by its owner only, and returns its path, valid until the next call. */
const char *kit_write(const char *name, const char *text);

/* Loads `text` as penstock.conf, with one --set if `set` is not NULL ("a.b=c"). The mistakes can be asked
 * for. */
struct settings *kit_load(const char *text, const char *set);

/* Loads what settings_load() finds for itself. */
struct settings *kit_find(void);

/* How many mistakes the last load told, and each, with "DIR/" for the folder. */
size_t kit_mistakes(void);
const char *kit_mistake(size_t index);
bool kit_told(const char *mistake);

/* As UNIT_MAIN, with the folder around it. */
#define KIT_MAIN(suite, tests)                                                                               \
    int main(void)                                                                                           \
    {                                                                                                        \
        kit_open();                                                                                          \
        int status = unit_run(suite, tests, sizeof(tests) / sizeof *(tests));                                \
        kit_close();                                                                                         \
        return status;                                                                                       \
    }

#endif
