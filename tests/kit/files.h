/* Reads and writes files at once, and makes temporary folders. */
#ifndef KIT_FILES_H
#define KIT_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct text;

/* Appends the file's bytes; ends the test when it cannot be read. */
void file_read(const char *path, struct text *bytes);

/* The same, but returns false for a missing file. */
bool file_read_if_there(const char *path, struct text *bytes);

/* Creates or empties the file, readable by the owner only. */
void file_write(const char *path, const char *bytes, size_t length);

/* A fresh folder under $TMPDIR or /tmp; freed with free(). */
char *folder_create(const char *name);

/* Returns how many names in the folder hold the words; "": all names. */
size_t folder_count(const char *path, const char *words);

/* Removes the folder with everything in it. */
void folder_remove(const char *path);

#endif
