/* Draws streams: most keep the rules of the dialect, some break one of them, and any may stop anywhere. */
#include "stream_scenario.h"

#include <string.h>

static struct frame *add(struct stream_scenario *scenario, struct dice *dice, enum frame_kind kind,
                         unsigned choice)
{
    static struct frame spare;
    if (scenario->count == FRAMES_MAX)
        return &spare;
    struct frame *frame = &scenario->frames[scenario->count++];
    *frame = (struct frame){
        .kind = (uint8_t)kind, .choice = (uint8_t)choice, .variant = (uint8_t)dice_roll(dice, 8)};
    if (dice_chance(dice, 20))
        frame->style = (uint8_t)dice_roll(dice, STYLES);
    if (dice_chance(dice, 6))
        frame->pause_ms = (uint16_t)dice_between(dice, 1, 250);
    return frame;
}

static void draw_opening(struct stream_scenario *scenario, struct dice *dice)
{
    if (dice_chance(dice, 15))
        add(scenario, dice, FRAME_COMMENT, 0);
    if (dice_chance(dice, 8))
        add(scenario, dice, FRAME_FIELDS, 0);
    if (dice_chance(dice, 5))
        add(scenario, dice, FRAME_NO_CHOICE, 0);
    if (dice_chance(dice, 6))
        add(scenario, dice, FRAME_USAGE, 0);
    for (unsigned choice = 0; choice < scenario->choices; choice++)
        if (dice_chance(dice, 80))
            add(scenario, dice, FRAME_ROLE, choice);
}

static void draw_words(struct stream_scenario *scenario, struct dice *dice)
{
    static const struct {
        enum frame_kind kind;
        unsigned percent;
    } others[] = {{FRAME_REASONING, 12}, {FRAME_NO_CHOICE, 2}, {FRAME_COMMENT, 4},
                  {FRAME_FIELDS, 2},     {FRAME_GARBAGE, 2},   {FRAME_LAST, 6}};
    for (unsigned i = dice_roll(dice, 10); i > 0; i--) {
        enum frame_kind kind = FRAME_CONTENT;
        for (size_t k = 0; k < sizeof others / sizeof *others && kind == FRAME_CONTENT; k++)
            if (dice_chance(dice, others[k].percent))
                kind = others[k].kind;
        struct frame *frame = add(scenario, dice, kind, dice_roll(dice, scenario->choices));
        if (kind == FRAME_CONTENT && dice_chance(dice, 12))
            frame->variant = (uint8_t)(frame->variant + 8);
    }
}

static void draw_calls(struct stream_scenario *scenario, struct dice *dice)
{
    static const uint8_t pieces[] = {0, 1, 2, 4, 5, 6, 7};
    size_t count = dice_chance(dice, 50) ? 3 : 7;
    for (size_t i = 0; i < count; i++)
        add(scenario, dice, FRAME_CALL, 0)->variant = pieces[i];
}

/* Usage that has come is not waited for. */
static bool counts_before(const struct stream_scenario *scenario)
{
    bool counts = false;
    for (size_t i = 0; i < scenario->count; i++)
        counts = counts || stream_frame_counts(&scenario->frames[i]) ||
                 (scenario->frames[i].kind == FRAME_USAGE && i + 1 < scenario->count);
    return counts;
}

static void draw_ends(struct stream_scenario *scenario, struct dice *dice)
{
    for (unsigned choice = 0; choice < scenario->choices; choice++) {
        if (dice_chance(dice, 6))
            continue;
        struct frame *frame = add(scenario, dice, dice_chance(dice, 12) ? FRAME_LAST : FRAME_FINISH, choice);
        if (frame->kind == FRAME_FINISH && dice_chance(dice, 15))
            frame->variant = (uint8_t)(frame->variant + 8);
    }
    if (dice_chance(dice, 55)) {
        struct frame *frame = add(scenario, dice, FRAME_USAGE, 0);
        if (scenario->wants_usage && !counts_before(scenario) && dice_chance(dice, 8))
            frame->pause_ms = 2600;
    }
    if (dice_chance(dice, 6))
        add(scenario, dice, FRAME_USAGE, 0);
    if (dice_chance(dice, 75))
        add(scenario, dice, FRAME_DONE, 0);
    if (dice_chance(dice, 3))
        add(scenario, dice, FRAME_DONE, 0);
}

static void insert(struct stream_scenario *scenario, struct dice *dice, enum frame_kind kind)
{
    add(scenario, dice, kind, 0);
    struct frame frame = scenario->frames[scenario->count - 1];
    size_t place = dice_roll(dice, scenario->count);
    frame.style = STYLE_PLAIN;
    frame.variant = (uint8_t)(frame.variant + (kind == FRAME_ERROR && dice_chance(dice, 25) ? 8 : 0));
    memmove(&scenario->frames[place + 1], &scenario->frames[place],
            (scenario->count - 1 - place) * sizeof scenario->frames[0]);
    scenario->frames[place] = frame;
}

static void draw_stop(struct stream_scenario *scenario, struct dice *dice)
{
    unsigned kind = dice_roll(dice, 100);
    scenario->stop = kind < 72 ? STOP_END : kind < 90 ? STOP_CLOSE : kind < 95 ? STOP_RESET : STOP_SILENCE;
    if (scenario->stop == STOP_END && dice_chance(dice, 92))
        return;
    scenario->count = (uint8_t)dice_between(dice, 0, scenario->count);
    if (dice_chance(dice, 50) && scenario->count)
        scenario->cut = (uint8_t)dice_between(dice, 1, 100);
}

void stream_scenario_draw(struct stream_scenario *scenario, struct dice *dice)
{
    *scenario = (struct stream_scenario){.choices = 1};
    scenario->responses = dice_chance(dice, 25);
    scenario->alias = dice_chance(dice, 35);
    scenario->held = scenario->alias && dice_chance(dice, 25);
    scenario->undelimited = dice_chance(dice, 12);
    scenario->one_index = dice_chance(dice, 25);
    scenario->wants_usage = !scenario->responses && dice_chance(dice, 50);
    if (!scenario->responses && dice_chance(dice, 25))
        scenario->choices = (uint8_t)dice_between(dice, 2, CHOICES_MAX);
    scenario->line_end = (uint8_t)(dice_chance(dice, 75) ? 0 : dice_between(dice, 1, 2));
    scenario->mark = dice_chance(dice, 5);
    scenario->split = dice_chance(dice, 60) ? 1 + dice_roll(dice, 1000000) : 0;
    if (dice_chance(dice, 96)) {
        draw_opening(scenario, dice);
        draw_words(scenario, dice);
        if (dice_chance(dice, 15))
            draw_calls(scenario, dice);
    }
    if (dice_chance(dice, 97))
        draw_ends(scenario, dice);
    else
        add(scenario, dice, FRAME_DONE, 0);
    if (dice_chance(dice, 10))
        insert(scenario, dice, FRAME_ERROR);
    if (dice_chance(dice, 4))
        insert(scenario, dice, FRAME_BASE_RESP);
    if (dice_chance(dice, 4))
        insert(scenario, dice, FRAME_GARBAGE);
    scenario->json = dice_chance(dice, 7);
    draw_stop(scenario, dice);
}
