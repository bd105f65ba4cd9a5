/* Helpers that the tests of the settings share: a temporary folder, files in it, and the errors of a load. */
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

/* Loads `text` as penstock.conf, with one --set if `set` is not NULL ("a.b=c"), and keeps the errors. */
struct settings *kit_load(const char *text, const char *set);

/* Loads the file that settings_load() finds. */
struct settings *kit_find(void);

/* The number of errors of the last load, and each, with "DIR/" for the folder and without the quoted line. */
size_t kit_errors(void);
const char *kit_error(size_t index);
bool kit_has_error(const char *error);

/* The line of the file that the error quotes; "" for none. */
const char *kit_line(size_t index);

/* UNIT_MAIN, with the temporary folder around it. */
#define KIT_MAIN(suite, tests)                                                                               \
    int main(void)                                                                                           \
    {                                                                                                        \
        kit_open();                                                                                          \
        int status = unit_run(suite, tests, sizeof(tests) / sizeof *(tests));                                \
        kit_close();                                                                                         \
        return status;                                                                                       \
    }

#endif
