/* Finds known secrets in a text in the forms in which a provider may repeat them. */
#ifndef PENSTOCK_ERRORS_SECRET_SEARCH_H
#define PENSTOCK_ERRORS_SECRET_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

struct secrets;

/* The bytes that occur in the secrets, in lower case. */
struct secret_bytes {
    bool has[256];
};

struct secret_bytes secret_bytes_of(const struct secrets *known);

/* Returns the length of the part of a secret at `at`: at least 8 bytes of it in sequence, in any case,
 * forwards or backwards; 0 if there is none. A word that is a part of a secret, such as "provider", does not
 * count. The text ends at `end`. */
size_t secret_search_part(const struct secrets *known, const struct secret_bytes *set, const char *at,
                          const char *end);

/* Returns the length of the run of characters at `at` if it holds a secret, or such a part of one, in base64
 * (RFC 4648, both alphabets, at any offset), in hexadecimal digits or percent-encoded; else 0. `at` must be
 * the beginning of the run. */
size_t secret_search_encoded(const struct secrets *known, const struct secret_bytes *set, const char *at,
                             const char *end);

/* The same for a run that has escapes (\x73, \163, \u0073, &#115;, &#x73;), or is a list of pairs of
 * hexadecimal digits with separators ("73:6b", "73 6b", "0x73, 0x6b"). `*read` is the length of the run that
 * holds no secret, and need not be searched again. */
size_t secret_search_escaped(const struct secrets *known, const struct secret_bytes *set, const char *at,
                             const char *end, size_t *read);

/* True if the character can be part of a run without escapes. */
bool secret_search_in_run(char byte);

#endif
