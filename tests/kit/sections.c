/* Cuts a file into its parts and trims each as sections.h says. */
#include "sections.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/portable.h"
#include "files.h"
#include "text.h"

#define MARK "--- "

const char *section_body(const char *bytes, size_t length)
{
    if (length && *bytes == '\n')
        return bytes + 1;
    const char *empty = memmem(bytes, length, "\n\n", 2);
    return empty ? empty + 2 : bytes + length;
}

static bool is_event_stream(const struct section *section)
{
    const char *end = section_body(section->body, section->length);
    const char *found = strcasestr(section->body, "\ncontent-type: text/event-stream");
    return found && found < end;
}

static bool ends_in(const struct section *section, const char *word)
{
    size_t size = strlen(word);
    return section->length >= size && memcmp(section->body + section->length - size, word, size) == 0;
}

/* The file says itself how the part ends. */
static bool has_own_end(const struct section *section)
{
    return ends_in(section, "${join}") || ends_in(section, "${said}");
}

static bool ends_in_directive(const struct section *section)
{
    const char *last = memrchr(section->body, '\n', section->length);
    return *(last ? last + 1 : section->body) == '@';
}

static void trim(struct section *section)
{
    while (section->length && section->body[section->length - 1] == '\n')
        section->length--;
    if (section->length && is_event_stream(section) && !has_own_end(section) && !ends_in_directive(section)) {
        struct text body = {0};
        text_append(&body, section->body, section->length);
        text_put(&body, "\n\n");
        free(section->body);
        section->body = body.bytes;
        section->length = body.length;
    }
    section->body[section->length] = '\0';
}

static struct section *add(struct sections *sections, const char *title, size_t length, int line)
{
    sections->items = realloc(sections->items, (sections->count + 1) * sizeof *sections->items);
    if (!sections->items)
        give_up("no memory for %zu sections", sections->count + 1);
    struct section *section = &sections->items[sections->count++];
    *section = (struct section){.title = copy_bytes(title, length), .line = line};
    return section;
}

static void close_part(struct sections *sections, struct text *part)
{
    char *bytes = copy_bytes(text_words(part), part->length);
    if (sections->count == 0) {
        sections->preamble = bytes;
    } else {
        struct section *section = &sections->items[sections->count - 1];
        section->body = bytes;
        section->length = part->length;
        trim(section);
    }
    text_free(part);
}

void sections_read(struct sections *sections, const char *path)
{
    struct text source = {0}, part = {0};
    file_read(path, &source);
    *sections = (struct sections){0};
    const char *at = text_words(&source), *end = at + source.length;
    for (int line = 1; at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *next = stop ? stop + 1 : end;
        if ((size_t)(next - at) > strlen(MARK) && memcmp(at, MARK, strlen(MARK)) == 0) {
            close_part(sections, &part);
            add(sections, at + strlen(MARK), (size_t)((stop ? stop : end) - at) - strlen(MARK), line);
        } else {
            text_append(&part, at, (size_t)(next - at));
        }
        at = next;
    }
    close_part(sections, &part);
    text_free(&source);
}

void sections_free(struct sections *sections)
{
    for (size_t i = 0; i < sections->count; i++) {
        free(sections->items[i].title);
        free(sections->items[i].body);
    }
    free(sections->items);
    free(sections->preamble);
    *sections = (struct sections){0};
}
