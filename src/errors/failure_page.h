/* Extracts the error message from the HTML or XML of an edge server in front of the provider. */
#ifndef PENSTOCK_ERRORS_FAILURE_PAGE_H
#define PENSTOCK_ERRORS_FAILURE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "format/json.h"

/* True if the body begins like an HTML page. */
bool failure_page_is_html(struct json_value body);

/* Copies the page's title, message or first heading without markup into `text`, or the page's whole text if
 * there is no such element. Returns false if the body is not markup. */
bool failure_page_read(struct json_value body, char *text, size_t size);

/* Copies the error code that an XML body gives (S3, Alibaba Cloud). Returns false if it gives none. */
bool failure_page_code(struct json_value body, char *text, size_t size);

#endif
