/* What the pages for people have in common: their head and style, and escaped text. */
#ifndef PENSTOCK_PAGES_HTML_H
#define PENSTOCK_PAGES_HTML_H

#include <stdbool.h>

#include "base/base.h"

struct buffer;

#define HTML_TYPE "text/html; charset=utf-8"

/* Writes the page up to its body. Returns false if it does not fit. */
bool html_put_head(struct buffer *page) MUST_CHECK;

/* Writes a text so that it is nothing but text, also within quotation marks. A byte that is not UTF-8 and a
 * control character become "?". Returns false if it does not fit. */
bool html_put_escaped(struct buffer *page, const char *text) MUST_CHECK;

#endif
