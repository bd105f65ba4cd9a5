/* Builds the list of steps that answers one request. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"

struct plan *plan_create(void)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        give_up("no memory for a plan");
    return plan;
}

void plan_release(struct plan *plan)
{
    if (!plan || plan->shared)
        return;
    for (size_t i = 0; i < plan->count; i++)
        free(plan->steps[i].bytes);
    free(plan->steps);
    free(plan);
}

static struct step *add(struct plan *plan, enum step_kind kind)
{
    plan->steps = realloc(plan->steps, (plan->count + 1) * sizeof *plan->steps);
    if (!plan->steps)
        give_up("no memory for %zu steps", plan->count + 1);
    plan->steps[plan->count] = (struct step){.kind = kind, .count = 1};
    return &plan->steps[plan->count++];
}

void plan_send_repeated(struct plan *plan, const char *bytes, size_t length, long count, long ms)
{
    if (length == 0 || count < 1)
        return;
    struct step *step = add(plan, STEP_SEND);
    step->bytes = copy_bytes(bytes, length);
    step->length = length;
    step->count = count;
    step->ms = ms;
}

void plan_stamp_last(struct plan *plan)
{
    struct step *step = &plan->steps[plan->count - 1];
    const char *found = memmem(step->bytes, step->length, PLAN_STAMP, strlen(PLAN_STAMP));
    if (!found || found + strlen(PLAN_STAMP) + PLAN_STAMP_DIGITS > step->bytes + step->length)
        give_up("no room for a time in %zu bytes", step->length);
    step->stamp = (size_t)(found + strlen(PLAN_STAMP) - step->bytes);
}

void plan_send(struct plan *plan, const char *bytes, size_t length)
{
    plan_send_repeated(plan, bytes, length, 1, 0);
}

void plan_pause(struct plan *plan, long ms)
{
    add(plan, STEP_PAUSE)->ms = ms;
}

void plan_await(struct plan *plan, const char *name)
{
    struct text copy = {0};
    text_put(&copy, name);
    add(plan, STEP_AWAIT)->bytes = copy.bytes;
}

void plan_end(struct plan *plan, enum step_kind how)
{
    add(plan, how);
}

void plan_send_chunk(struct plan *plan, const char *bytes, size_t length)
{
    struct text chunk = {0};
    text_format(&chunk, "%zx\r\n", length);
    text_append(&chunk, bytes, length);
    text_put(&chunk, "\r\n");
    plan_send(plan, chunk.bytes, chunk.length);
    text_free(&chunk);
}
