/* Extracts the error message from the HTML or XML of an edge server in front of the provider. */
#include "errors/failure_page.h"

#include <string.h>
#include <strings.h>

static const char *find_ignoring_case(const char *at, const char *end, const char *wanted)
{
    size_t length = strlen(wanted);
    for (; (size_t)(end - at) >= length; at++)
        if (strncasecmp(at, wanted, length) == 0)
            return at;
    return NULL;
}

bool failure_page_is_html(struct json_value body)
{
    const char *end = body.at + (body.length < 1024 ? body.length : 1024);
    return body.length && *body.at == '<' &&
           (find_ignoring_case(body.at, end, "<html") || find_ignoring_case(body.at, end, "<!doctype html"));
}

/* Decodes one character, or an entity that occurs in titles (HTML, 13.5). Returns the end of the character or
 * entity. */
static const char *decode_character(const char *at, const char *end, char *character)
{
    static const struct {
        const char *name;
        char character;
    } entities[] = {{"&amp;", '&'},  {"&lt;", '<'},   {"&gt;", '>'},
                    {"&quot;", '"'}, {"&#39;", '\''}, {"&nbsp;", ' '}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        size_t length = strlen(entities[i].name);
        if ((size_t)(end - at) >= length && strncasecmp(at, entities[i].name, length) == 0) {
            *character = entities[i].character;
            return at + length;
        }
    }
    *character = *at;
    return at + 1;
}

/* Copies the text and replaces each tag with a blank. An entity that decodes to '<' does not begin
 * a tag. */
static void strip_tags(const char *at, const char *end, char *text, size_t size)
{
    size_t used = 0;
    while (at < end && used + 1 < size) {
        if (*at != '<') {
            at = decode_character(at, end, &text[used++]);
            continue;
        }
        const char *close = memchr(at, '>', (size_t)(end - at));
        if (!close)
            break;
        text[used++] = ' ';
        at = close + 1;
    }
    text[used] = '\0';
}

static bool read_element(struct json_value body, const char *open, const char *close, char *text, size_t size)
{
    const char *end = body.at + body.length, *start = find_ignoring_case(body.at, end, open);
    start = start ? memchr(start, '>', (size_t)(end - start)) : NULL;
    const char *stop = start ? find_ignoring_case(start, end, close) : NULL;
    if (!stop)
        return false;
    strip_tags(start + 1, stop, text, size);
    return text[strspn(text, " \t\r\n")] != '\0';
}

bool failure_page_code(struct json_value body, char *text, size_t size)
{
    return body.length && *body.at == '<' && !failure_page_is_html(body) &&
           read_element(body, "<code", "</code", text, size);
}

bool failure_page_read(struct json_value body, char *text, size_t size)
{
    if (!body.length || *body.at != '<')
        return false;
    if (read_element(body, "<title", "</title", text, size) ||
        read_element(body, "<message", "</message", text, size) ||
        read_element(body, "<h1", "</h1", text, size))
        return true;
    strip_tags(body.at, body.at + body.length, text, size);
    return true;
}
