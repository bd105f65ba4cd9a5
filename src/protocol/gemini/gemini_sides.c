/* The side of Gemini's API towards providers; no client of Penstock speaks it. */
#include "protocol/dialect_sides.h"
#include "protocol/gemini/gemini_answer.h"
#include "protocol/gemini/gemini_write.h"

static bool has_candidate(struct json_value body)
{
    struct json_value rest = json_elements(json_get(body, "candidates")), candidate;
    return json_next_element(&rest, &candidate);
}

const struct provider_side gemini_provider = {
    .write_request = gemini_write_request,
    .read_frame = gemini_answer_take,
    .read_body = gemini_answer_take,
    .is_answer = has_candidate,
};
