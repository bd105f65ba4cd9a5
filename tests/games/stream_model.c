/* The reference model of streams. It is written from the rules of the manual, not from the program:
 *
 *   A stream is complete with the finish_reason of each requested choice or with [DONE], if it had a choice.
 *   [DONE] is a cut if a choice has begun and only others have finished.
 *   A finish_reason that is a word for no end ends nothing; content after an end takes it back.
 *   An error frame is an error. Anything else is a cut, silence a timeout.
 *   An answer whose only content may be in an unreadable event is a bad one.
 *   Before the first content a failure has its own status, and moves on to the next target where it may pass.
 */
#include "stream_model.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int status;
    const char *reason;
    bool moves_on, may_move_on;
} errors[ERROR_VARIANTS] = {{503, "overloaded", true, true},       {429, "rate_limit", true, true},
                            {400, "context_length", false, false}, {502, "upstream_5xx", true, true},
                            {401, "authentication", true, true},   {429, "quota_exhausted", false, true},
                            {0, "overloaded", true, true},         {503, "overloaded", true, true}},
  base_resps[BASE_RESP_VARIANTS] = {{429, "quota_exhausted", false, true},
                                    {429, "rate_limit", true, true},
                                    {401, "authentication", true, true},
                                    {400, "invalid_request", false, false}};

void stream_decode(const char *json, char *words, size_t size)
{
    char quoted[128];
    snprintf(quoted, sizeof quoted, "\"%s\"", json);
    cJSON *value = cJSON_Parse(quoted);
    size_t used = strlen(words);
    snprintf(words + used, size - used, "%s", value ? value->valuestring : "?");
    cJSON_Delete(value);
}

static void fail(struct stream_verdict *verdict, enum stream_outcome outcome, int status, const char *reason)
{
    verdict->outcome = outcome;
    verdict->status = status;
    verdict->reason = reason;
    verdict->moves_on = verdict->may_move_on = true;
}

static void take_error(struct stream_verdict *verdict, const struct frame *frame)
{
    unsigned variant = frame->kind == FRAME_ERROR ? frame->variant % ERROR_VARIANTS
                                                  : frame->variant % BASE_RESP_VARIANTS;
    fail(verdict, STREAM_FAILED, 0, NULL);
    verdict->status = frame->kind == FRAME_ERROR ? errors[variant].status : base_resps[variant].status;
    verdict->reason = frame->kind == FRAME_ERROR ? errors[variant].reason : base_resps[variant].reason;
    verdict->moves_on = frame->kind == FRAME_ERROR ? errors[variant].moves_on : base_resps[variant].moves_on;
    verdict->may_move_on = frame->kind == FRAME_ERROR ? errors[variant].may_move_on
                                                      : base_resps[variant].may_move_on;
}

static void take_counts(struct stream_verdict *verdict, const struct frame *frame)
{
    struct stream_counts counts = stream_counts_of(frame);
    verdict->usage_frames++;
    if (counts.prompt)
        verdict->counts = counts;
}

static void take_words(struct stream_verdict *verdict, const struct frame *frame, bool one_list)
{
    char(*words)[400] = frame->kind == FRAME_REASONING ? verdict->reasoning : verdict->content;
    if (frame->kind == FRAME_CALL)
        stream_decode(stream_arguments[frame->variant % 8],
                      verdict->calls[one_list ? 0 : frame->variant % 8 / 4], 64);
    else
        stream_decode(stream_texts[frame->variant % 8], words[frame->choice], 400);
    verdict->begun = true;
    if (verdict->counts.prompt)
        verdict->counts.completion = -1; /* it counted less than has come */
}

/* What has come of each choice. */
struct choices {
    bool seen[CHOICES_MAX], finished[CHOICES_MAX];
};

static void conclude(const struct stream_scenario *scenario, struct stream_verdict *verdict,
                     const struct choices *choices, bool done)
{
    unsigned seen = 0, ends = 0;
    bool may_end = scenario->stop == STOP_END || (scenario->undelimited && scenario->stop == STOP_CLOSE);
    for (unsigned i = 0; i < scenario->choices; i++) {
        seen += choices->seen[i];
        ends += choices->finished[i];
    }
    if (done ? seen && (!ends || ends == seen) : ends == scenario->choices)
        verdict->outcome = STREAM_COMPLETE;
    else if (done && !seen)
        fail(verdict, STREAM_BAD, 502, "bad_response");
    else if (!done && scenario->stop == STOP_SILENCE)
        fail(verdict, STREAM_TIMEOUT, 504, "timeout");
    else
        fail(verdict, STREAM_CUT, 502, done || seen || !may_end ? "upstream_cut" : NULL);
}

static void doubt(struct stream_verdict *verdict, bool broken)
{
    if (verdict->outcome == STREAM_COMPLETE && broken && !verdict->begun)
        fail(verdict, STREAM_BAD, 502, "bad_response");
}

static void judge_frames(const struct stream_scenario *scenario, struct stream_verdict *verdict)
{
    struct choices choices = {0};
    bool garbage = false, broken = false;
    size_t whole = scenario->count - (scenario->cut && scenario->count);
    for (size_t i = 0; i < whole; i++) {
        const struct frame *frame = &scenario->frames[i];
        if (frame->kind <= FRAME_LAST)
            choices.seen[frame->choice] = true;
        switch (frame->kind) {
        case FRAME_CONTENT:
        case FRAME_REASONING:
        case FRAME_CALL:
        case FRAME_LAST:
            take_words(verdict, frame, scenario->one_index && !scenario->responses);
            choices.finished[frame->choice] = frame->kind == FRAME_LAST;
            if (stream_frame_counts(frame))
                verdict->counts = stream_counts_of(frame);
            break;
        case FRAME_FINISH:
            choices.finished[frame->choice] |= frame->variant % 16 < FINISH_ENDS;
            verdict->half_begun = true;
            if (stream_frame_counts(frame))
                verdict->counts = stream_counts_of(frame);
            break;
        case FRAME_USAGE:
            take_counts(verdict, frame);
            break;
        case FRAME_GARBAGE:
            garbage = true;
            broken = broken || frame->variant % 2 == 0; /* it begins as JSON does */
            verdict->open = verdict->open || verdict->begun || verdict->half_begun;
            break;
        case FRAME_ERROR:
        case FRAME_BASE_RESP:
            take_error(verdict, frame);
            for (unsigned choice = 0; choice < scenario->choices; choice++)
                verdict->open = verdict->open || choices.finished[choice];
            return;
        case FRAME_DONE:
            conclude(scenario, verdict, &choices, true);
            doubt(verdict, broken);
            return;
        }
    }
    conclude(scenario, verdict, &choices, false);
    doubt(verdict, broken);
    if (whole < scenario->count && scenario->frames[whole].kind == FRAME_DONE)
        verdict->open = true;
    if (garbage && verdict->outcome != STREAM_COMPLETE)
        verdict->reason = NULL;
}

static void judge_document(const struct stream_scenario *scenario, struct stream_verdict *verdict)
{
    struct choices choices = {0};
    const struct frame *error = NULL, *usage = NULL;
    for (size_t i = 0; i < scenario->count; i++) {
        const struct frame *frame = &scenario->frames[i];
        bool words = frame->kind == FRAME_CONTENT || frame->kind == FRAME_LAST;
        if (words)
            stream_decode(stream_texts[frame->variant % 8], verdict->content[frame->choice], 400);
        if (words)
            memset(&choices, true, sizeof choices);
        error = !error && frame->kind == FRAME_ERROR ? frame : error;
        usage = !usage && frame->kind == FRAME_USAGE ? frame : usage;
    }
    if (scenario->stop == STOP_SILENCE)
        fail(verdict, STREAM_TIMEOUT, 504, "timeout");
    else if (scenario->stop != STOP_END)
        fail(verdict, STREAM_CUT, 502, "upstream_cut");
    else if (error)
        take_error(verdict, error);
    else
        conclude(scenario, verdict, &choices, true);
    if (usage && verdict->outcome == STREAM_COMPLETE)
        take_counts(verdict, usage);
}

void stream_judge(const struct stream_scenario *scenario, struct stream_verdict *verdict)
{
    *verdict = (struct stream_verdict){0};
    if (scenario->json)
        judge_document(scenario, verdict);
    else
        judge_frames(scenario, verdict);
    if (scenario->held && verdict->outcome != STREAM_COMPLETE)
        verdict->begun = verdict->half_begun = false;
    verdict->may_move_on = verdict->may_move_on || (scenario->held && verdict->open);
}
