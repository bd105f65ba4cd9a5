/* An event stream, event by event. A wanted block is the event's own lines, or "@json" and lines as for
 * JSON about its data; "@some" before it means one or more such events, "@any" none or more. */
#include <stdlib.h>
#include <string.h>

#include "../kit/expand.h"
#include "../kit/text.h"
#include "compare.h"
#include "stage.h"

struct block {
    char *lines;
    bool json;
    size_t least, most;
};

/* The next event with the empty line that ends it; false at the end. An incomplete event stays in the text.
 */
static bool next_event(const char **at, const char *end, char **event)
{
    const char *stop = *at < end ? memmem(*at, (size_t)(end - *at), "\n\n", 2) : NULL;
    if (!stop)
        return false;
    *event = copy_bytes(*at, (size_t)(stop - *at));
    *at = stop + 2;
    return true;
}

static bool take_mark(char **lines, const char *mark)
{
    size_t size = strlen(mark);
    if (strncmp(*lines, mark, size) != 0)
        return false;
    *lines += size;
    return true;
}

static struct block read_block(char *lines)
{
    struct block block = {.least = 1, .most = 1};
    if (take_mark(&lines, "@some\n"))
        block.most = (size_t)-1;
    else if (take_mark(&lines, "@any\n")) {
        block.least = 0;
        block.most = (size_t)-1;
    }
    block.json = take_mark(&lines, "@json\n");
    block.lines = lines;
    return block;
}

/* The data of an event, which may have a name before it; NULL if it has none. */
static const char *data_of(const char *event)
{
    const char *line = strncmp(event, "event:", 6) == 0 ? strchr(event, '\n') : NULL;
    const char *data = line ? line + 1 : event;
    return strncmp(data, "data:", 5) == 0 ? data + 5 : NULL;
}

/* Reports nothing without a stage. */
static bool fits(struct stage *stage, const struct block *block, const char *event, bool loud)
{
    bool good;
    if (block->json) {
        const char *text = data_of(event);
        cJSON *data = text ? cJSON_Parse(text) : NULL;
        struct text before = {0};
        text_put(&before, text_words(&stage->complaints));
        good = data && compare_json(stage, "a frame", block->lines, data);
        if (!loud) {
            text_free(&stage->complaints);
            stage->complaints = before;
        } else {
            text_free(&before);
        }
        cJSON_Delete(data);
    } else {
        good = strcmp(block->lines, event) == 0;
    }
    if (!good && loud)
        complain(stage, "frame: wanted %s, heard %s", block->lines, event);
    return good;
}

/* Takes as many matching events as there are, up to the maximum of the block. */
static bool match_block(struct stage *stage, const struct block *block, const char **at, const char *end)
{
    char *event;
    size_t count = 0;
    for (const char *before = *at; count < block->most && next_event(at, end, &event); before = *at) {
        bool good = fits(stage, block, event, count < block->least);
        free(event);
        if (!good) {
            *at = before;
            break;
        }
        count++;
    }
    if (count < block->least && *at >= end)
        complain(stage, "the stream ended before the frame %s", block->lines);
    return count >= block->least;
}

void compare_frames(struct stage *stage, const char *wanted, const char *got, size_t length)
{
    struct text expanded = {0};
    expand(&expanded, wanted, strlen(wanted), stage_lookup, stage);
    const char *at = got, *end = got + length, *want = text_words(&expanded),
               *want_end = want + expanded.length;
    for (char *lines; want < want_end;) {
        const char *stop = memmem(want, (size_t)(want_end - want), "\n\n", 2);
        lines = copy_bytes(want, (size_t)((stop ? stop : want_end) - want));
        want = stop ? stop + 2 : want_end;
        struct block block = read_block(lines);
        bool good = match_block(stage, &block, &at, end);
        free(lines);
        if (!good) {
            text_free(&expanded);
            return;
        }
    }
    if (at < end)
        compare_bytes(stage, "after the last wanted frame", "", 0, at, (size_t)(end - at));
    text_free(&expanded);
}
