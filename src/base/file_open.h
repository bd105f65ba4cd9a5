/* Opens files in folders that another account may write to. */
#ifndef PENSTOCK_BASE_FILE_OPEN_H
#define PENSTOCK_BASE_FILE_OPEN_H

#include <sys/types.h>

#include "base/base.h"

/* As open(2), but follows no symbolic link in the last part of the path, and lets root open no file that has
 * a second name: the account that owns the folder could otherwise make root write to any file, or give it
 * away. Returns -1 with errno set: ELOOP for a symbolic link, EMLINK for a second name. */
int file_open(const char *path, int flags, mode_t mode) MUST_CHECK;

/* As strerror(3), for the errors of file_open(). */
const char *file_open_error(int code);

#endif
