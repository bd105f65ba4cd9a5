/* Creates, grows and closes the items of a response, and reports each step. */
#include "protocol/responses/responses_items.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/failure.h"

static const struct json_value nothing = {0};

bool output_fail_too_large(struct failure *why)
{
    return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held");
}

static void release(void *thing)
{
    struct output_item *item = thing;
    buffer_free(&item->text);
    buffer_free(&item->logprobs);
    buffer_free(&item->call_id);
    buffer_free(&item->name);
    buffer_free(&item->provider_id);
}

struct output_item *output_create(struct output *output, enum output_kind kind)
{
    static const char *const prefixes[] = {"msg", "msg", "rs", "fc"};
    if (output->created == OUTPUT_ITEMS_MAX)
        return NULL;
    output->created++;
    struct output_item *item = arena_alloc(output->arena, sizeof *item);
    char name[2 * RANDOM_NAME_BYTES + 1];
    digest_random_name(name);
    snprintf(item->id, sizeof item->id, "%s_%s", prefixes[kind], name);
    item->kind = kind;
    buffer_init(&item->text, OUTPUT_HELD_MAX);
    buffer_init(&item->logprobs, OUTPUT_HELD_MAX);
    buffer_init(&item->call_id, OUTPUT_HELD_MAX);
    buffer_init(&item->name, OUTPUT_HELD_MAX);
    buffer_init(&item->provider_id, OUTPUT_HELD_MAX);
    arena_defer(output->arena, release, item);
    return item;
}

/* The text that was held back until now is one delta. */
void output_report(struct output *output, struct output_item *item)
{
    struct json_value held = {item->text.bytes, item->text.length};
    if (item->reported)
        return;
    item->reported = true;
    item->index = output->count;
    output->items[output->count++] = item;
    if (output->events)
        output->events->added(output->listener, item);
    if (output->events && held.length)
        output->events->grown(output->listener, item, held, nothing);
}

void output_report_done(struct output *output, struct output_item *item, enum output_status status)
{
    output_report(output, item);
    item->status = status;
    if (output->events)
        output->events->done(output->listener, item);
}

bool output_append(struct output *output, struct buffer *buffer, const char *bytes, size_t length,
                   struct failure *why)
{
    if (length > OUTPUT_HELD_MAX - output->held || !buffer_append(buffer, bytes, length))
        return output_fail_too_large(why);
    output->held += length;
    return true;
}

bool output_grow(struct output *output, struct output_item *item, struct json_value inside,
                 struct json_value logprobs, bool report, struct failure *why)
{
    if (report)
        output_report(output, item);
    if (!output_append(output, &item->text, inside.at, inside.length, why))
        return false;
    if (logprobs.length && (!output_append(output, &item->logprobs, ",", item->logprobs.length > 0, why) ||
                            !output_append(output, &item->logprobs, logprobs.at, logprobs.length, why)))
        return false;
    if (report && output->events)
        output->events->grown(output->listener, item, inside, logprobs);
    return true;
}

void output_close_text(struct output *output, enum output_status status)
{
    if (output->open)
        output_report_done(output, output->open, status);
    output->open = NULL;
}
