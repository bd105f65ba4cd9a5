/* What the pages for people have in common: their head and style, and escaped text. */
#include "pages/html.h"

#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "pages/status_files.h"

static bool put(struct buffer *page, const char *text)
{
    return buffer_append(page, text, strlen(text));
}

bool html_put_head(struct buffer *page)
{
    return put(page, status_head_html) && put(page, "<style>\n") && put(page, status_css) &&
           put(page, "</style></head><body>\n");
}

bool html_put_escaped(struct buffer *page, const char *text)
{
    static const char special[] = "<>&\"'";
    static const char *const escapes[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};
    size_t left = strlen(text);
    bool fits = true;
    while (left && fits) {
        size_t length = utf8_length(text, left);
        const char *found = strchr(special, *text);
        if (found)
            fits = put(page, escapes[found - special]);
        else if (!length || (unsigned char)*text < ' ')
            fits = put(page, "?");
        else
            fits = buffer_append(page, text, length);
        length = length ? length : 1;
        text += length;
        left -= length;
    }
    return fits;
}
