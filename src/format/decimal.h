/* Integers and thousandths as text. */
#ifndef PENSTOCK_FORMAT_DECIMAL_H
#define PENSTOCK_FORMAT_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#define DECIMAL_SIZE 24

/* Both functions return the length of the text, which is NUL-terminated. */
size_t decimal_write(int64_t number, char text[static DECIMAL_SIZE]);
size_t decimal_write_thousandths(int64_t thousandths, char text[static DECIMAL_SIZE]); /* "12.345" */

#endif
