/* Reports a failed check and ends it. */
#include "expect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *condition, const char *format, ...)
{
    va_list arguments;
    printf("not true: %s\n    ", condition);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    exit(1);
}
