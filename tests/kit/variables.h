/* A list of "NAME=value": a program's environment, or the variables of a FastCGI request. */
#ifndef KIT_VARIABLES_H
#define KIT_VARIABLES_H

#include <stddef.h>

struct variables {
    char **items; /* NULL-terminated once anything was set */
    size_t count;
};

/* Sets or replaces. */
void variables_set(struct variables *variables, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Removes it if it is set. */
void variables_unset(struct variables *variables, const char *name);

/* The value, or NULL. */
const char *variables_get(const struct variables *variables, const char *name);

/* As execve() wants it; belongs to `variables`. */
char **variables_vector(struct variables *variables);
void variables_free(struct variables *variables);

/* The variables that a program under test keeps of our environment: PATH, TMPDIR, libraries and the
 * sanitizers' options. */
void variables_inherit(struct variables *variables);

/* The meta-variables of a request (RFC 3875, 4.1) for `url` ("/llm/v1/models?x") mounted at "/llm" if it
 * begins so. REQUEST_URI is as written, PATH_INFO is percent-decoded. */
void variables_for_request(struct variables *variables, const char *method, const char *url);

/* One header of the request: CONTENT_TYPE, CONTENT_LENGTH or HTTP_NAME. */
void variables_set_header(struct variables *variables, const char *name, const char *value);

#endif
