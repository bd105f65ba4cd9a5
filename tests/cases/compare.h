/* Compares an answer or request with what a case expects, and reports the differences. */
#ifndef CASES_COMPARE_H
#define CASES_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

struct answer;
struct stage;

/* Every byte. `what` names the thing in a complaint. */
void compare_bytes(struct stage *stage, const char *what, const char *wanted, size_t wanted_length,
                   const char *got, size_t length);

/* Header lines ("Name: value", "Name ~ REGEX", "Name absent", "Name present") up to an empty one. */
void compare_headers(struct stage *stage, const char *what, const char *lines, const struct answer *got);

/* Lines "PATH = JSON", "PATH ~ REGEX", "PATH !~ REGEX", "PATH >= NUMBER", "PATH <= NUMBER", "PATH absent",
 * "PATH present" (there, and not null); lines that begin with # are comments. A path is "error.message",
 * "choices[0].delta"; with # at its end it is the length of a list or text. False after any complaint. */
bool compare_json(struct stage *stage, const char *what, const char *lines, const cJSON *got);

/* An event stream, event by event: blocks between empty lines (README). */
void compare_frames(struct stage *stage, const char *wanted, const char *got, size_t length);

/* Does the text match the extended regular expression? */
bool matches(const char *text, const char *expression);

#endif
