/* Chooses the answer by the model's name, when there is no script. */
#ifndef UPSTREAM_BEHAVIOUR_H
#define UPSTREAM_BEHAVIOUR_H

struct heard;
struct plan;

/* The plan for a request. `key`: the Bearer key that is required; NULL: any.
 *
 *   fake-chat             a short friendly answer; streamed word by word, 80 ms apart
 *   bench                 612 bytes of JSON at once; streamed: 20 frames at once
 *   bench-NxMS            streamed: N frames MS apart; else 612 bytes at once
 *   timed-NxMS            streamed: the same, and each frame says when it was sent
 *   hold-NxMS             the same; not streamed it waits N times MS first
 *   handshake-N[-TAG]     frame n+1 only after GET .../confirm?frame=n (TAG.n when there is a tag)
 *   slow-first-SECONDS    sends nothing for so long, then as bench-20x0
 *   quiet-SECONDS         headers of a stream at once, its first frame after so long
 *   silent                never answers
 *   echo                  the request's body, as it came, in a completion's member "request"
 *   error-STATUS          an error in OpenAI's form (429 with Retry-After: 7)
 *   cut-before            hangs up without a byte
 *   cut-inside            hangs up within an event (not streamed: within the body)
 *   cut-between           hangs up after two complete events
 *   cut-clean             ends the chunked body properly after two events, without finish_reason and [DONE]
 *   reset-between         as cut-between, by a TCP reset
 *   recite                content is the request's body
 *   tools                 calls the first tool of the request twice, its answers are recited
 *   anything else         404, model_not_found
 *
 * POST .../embeddings is answered for every model (abilities.h). */
struct plan *behaviour_plan(const struct heard *heard, const char *key);

#endif
