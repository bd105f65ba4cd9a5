/* Lists of texts, as settings hold them. */
#ifndef PENSTOCK_BASE_LISTS_H
#define PENSTOCK_BASE_LISTS_H

#include <stddef.h>

struct string_list {
    size_t count;
    char **items;
};

struct name_value {
    char *name, *value;
};

struct name_value_list {
    size_t count;
    struct name_value *items;
};

#endif
