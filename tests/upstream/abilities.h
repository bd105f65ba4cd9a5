/* Answers made from the request itself: recited, as tool calls, as embeddings, as sound. */
#ifndef UPSTREAM_ABILITIES_H
#define UPSTREAM_ABILITIES_H

struct heard;
struct plan;
struct wish;

/* A completion whose content is the request's own JSON, streamed a few characters at a time. */
struct plan *ability_recite(const struct heard *heard, const struct wish *wish);

/* Calls the request's first tool for two cities, streamed in pieces; recites the tools' results afterwards.
 */
struct plan *ability_call(const struct heard *heard, const struct wish *wish);

/* For each text of `input` the vector {its bytes in the JSON, its place, 0.5}, as numbers or base64. */
struct plan *ability_embed(const struct heard *heard);

/* The request's body, byte for byte, as audio. */
struct plan *ability_repeat(const struct heard *heard);

/* The request's method, its target, and its body on the next line, as text; of HEAD only the headers. */
struct plan *ability_mirror(const struct heard *heard);

#endif
