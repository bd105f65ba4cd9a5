/* Finds the sentence in a page of HTML or XML, which an edge server sends instead of the provider. */
#ifndef PENSTOCK_ERRORS_FAILURE_PAGE_H
#define PENSTOCK_ERRORS_FAILURE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "format/json.h"

/* Does the body begin like a page of HTML? */
bool failure_page_is_html(struct json_value body);

/* Copies the page's title, message or first heading without markup into `text`, all of its text if there is
 * none. False: the body is not markup. */
bool failure_page_read(struct json_value body, char *text, size_t size);

#endif
