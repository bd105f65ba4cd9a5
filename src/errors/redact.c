/* Removes keys from texts that people will see.
 *
 * Providers echo what they refuse. A known key is found by its bytes, a part of them or their encoded forms
 * (secret_search.h); any other by its shape, or by the name or scheme before it. Both err on the side of
 * removing too much, but ordinary words stay: "a Bearer token is required" is help, not a leak. A text that
 * fills its buffer may have been cut inside a key, so the beginning of a key at its end is removed too. */
#include "errors/redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/secret.h"
#include "errors/secret_search.h"

#define MARK "[redacted]"
#define SECRET_MIN 6      /* a shorter secret may also occur inside ordinary words */
#define SECRET_WORD_MIN 3 /* a secret of this length up to SECRET_MIN is removed only as a whole word */
#define QUOTES "\"'`"
#define WORD_MAX 16 /* maximum length of an ordinary word, such as "authentication" */

struct passage {
    char *text, *end; /* `end` is its NUL */
    size_t size;
    const struct secrets *known;
    struct secret_bytes set; /* of the known secrets */
    const char *searched;    /* until here, no run with escapes holds a known secret */
};

/* The prefixes of providers' keys and the minimum number of bytes that follow (from the providers'
 * documentation). If ordinary words have the same prefix (hf_hub_download, pplx-70b-online, key-management),
 * the key must contain a digit or be longer. */
static const struct shape {
    const char *prefix;
    size_t min_length;
    bool needs_digit;
} shapes[] = {
    {"sk-", 8, false},  {"sk_", 8, true},    {"nvapi-", 6, false}, {"gsk_", 6, false},
    {"xai-", 20, true}, {"pplx-", 20, true}, {"hf_", 16, true},    {"r8_", 8, true},
    {"AIza", 20, true}, {"AKIA", 12, false}, {"ghp_", 20, false},  {"github_pat_", 20, false},
    {"fw_", 12, true},  {"tgp_", 12, true},  {"csk-", 12, true},   {"eyJ", 20, false},
    {"key-", 20, true}, {"dapi", 28, true},
};

/* The condition for hiding the value after a lead. */
enum grade { ALWAYS, UNLESS_WORD, LIKE_KEY };

/* The value of `name=value` is always hidden for a strong name. For any other name it is hidden if it looks
 * like a key or is a URL's parameter. The value of `name: value` is hidden for a strong name only, because
 * "unknown key: max_tokens" must stay. */
static const struct {
    const char *name;
    bool strong;
} names[] = {
    {"authorization", true}, {"x-api-key", true}, {"api_key", true}, {"api-key", true}, {"apikey", true},
    {"password", true},      {"secret", true},    {"token", false},  {"key", false},
};

static const char *const schemes[] = {"bearer", "basic"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_cut(const struct passage *passage)
{
    return (size_t)(passage->end - passage->text) + 1 == passage->size;
}

static bool in_key(char byte)
{
    return isalnum((unsigned char)byte) || (byte && strchr("-_.~+/=", byte));
}

static bool inside_word(const struct passage *passage, const char *at)
{
    return at > passage->text && isalnum((unsigned char)at[-1]);
}

static bool has_digit(const char *at, size_t length)
{
    while (length && !isdigit((unsigned char)*at)) {
        at++;
        length--;
    }
    return length > 0;
}

/* True for lower-case letters, except that the first letter may be a capital. */
static bool is_word(const char *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!(i ? islower((unsigned char)at[i]) : isalpha((unsigned char)at[i])))
            return false;
    return length <= WORD_MAX;
}

/* Returns the length of the key at `at`, without the full stop of a sentence that ends with the key. Two full
 * stops stand for what a masked key does not show, as in "sk-ab...yz". */
static size_t key_length(const char *at)
{
    size_t length = 0;
    while (in_key(at[length]) && strncmp(at + length, "..", 2) != 0)
        length++;
    while (length && strchr("./=", at[length - 1]))
        length--;
    return length;
}

/* Most letters begin neither a key of known shape nor a lead. */
static bool may_begin(char byte)
{
    static bool begin[256], known;
    for (size_t i = 0; !known && i < COUNT(shapes); i++)
        begin[(unsigned char)*shapes[i].prefix] = true;
    for (size_t i = 0; !known && i < COUNT(names); i++)
        begin[(unsigned char)*names[i].name] = begin[toupper((unsigned char)*names[i].name)] = true;
    for (size_t i = 0; !known && i < COUNT(schemes); i++)
        begin[(unsigned char)*schemes[i]] = begin[toupper((unsigned char)*schemes[i])] = true;
    known = true;
    return begin[(unsigned char)byte];
}

static size_t shaped_key(const struct passage *passage, const char *at)
{
    for (size_t i = 0; i < COUNT(shapes); i++) {
        if (*at != *shapes[i].prefix)
            continue;
        size_t prefix = strlen(shapes[i].prefix);
        if (strncmp(at, shapes[i].prefix, prefix) != 0)
            continue;
        size_t length = key_length(at);
        bool cut = at + length == passage->end && is_cut(passage);
        if (length <= prefix)
            continue;
        if (cut ||
            (length >= prefix + shapes[i].min_length && (!shapes[i].needs_digit || has_digit(at, length))))
            return length;
    }
    return 0;
}

/* A short secret is hidden only as a whole word. "test" may be a key, but not inside "latest". */
static bool is_secret_at(const struct passage *passage, const char *at, const struct secret *secret,
                         size_t length)
{
    bool word = !inside_word(passage, at) && !isalnum((unsigned char)at[length]);
    return secret->length >= SECRET_MIN || (secret->length >= SECRET_WORD_MIN && word);
}

static size_t known_secret(const struct passage *passage, const char *at)
{
    size_t left = (size_t)(passage->end - at);
    for (size_t i = 0; i < passage->known->count; i++) {
        const struct secret *secret = &passage->known->items[i];
        size_t length = secret->length < left || !is_cut(passage) ? secret->length : left;
        if (length && length <= left && ascii_lower(*at) == ascii_lower(*secret->bytes) &&
            strncasecmp(at, secret->bytes, length) == 0 && is_secret_at(passage, at, secret, length))
            return length;
    }
    return 0;
}

static bool in_url(const struct passage *passage, const char *at)
{
    const char *start = at;
    while (start > passage->text && !isspace((unsigned char)start[-1]))
        start--;
    return memmem(start, (size_t)(at - start), "://", 3) != NULL;
}

/* Returns the length of a URL's query, which may hold keys; 0 at the question mark of a sentence. */
static size_t url_query(const struct passage *passage, const char *at)
{
    bool query = *at == '?' && at > passage->text && in_key(at[-1]) && in_key(at[1]);
    return query && in_url(passage, at) ? strcspn(at, " \t\n\"'<>)]}") : 0;
}

/* Returns the length of a URL's user and password. Sets `*lead` to the length of the text before them. */
static size_t url_user(const char *at, size_t *lead)
{
    if (*at != ':' || strncmp(at, "://", 3) != 0)
        return 0;
    size_t length = strcspn(at + 3, "@/?# \t\n\"'<>");
    *lead = 3;
    return at[3 + length] == '@' ? length : 0;
}

static size_t blanks(const char *at)
{
    return strspn(at, " \t\r\n");
}

/* Ignores case; `word` begins with a letter, so that the first byte rules most places out. */
static bool begins(const char *at, const char *word)
{
    return (*at | 0x20) == *word && strncasecmp(at, word, strlen(word)) == 0;
}

/* Returns the length up to the value in "Bearer TOKEN" (RFC 6750, 2.1) or "Basic CREDENTIALS" (RFC 7617, 2).
 */
static size_t scheme_lead(const char *at)
{
    for (size_t i = 0; i < COUNT(schemes); i++) {
        const char *after = at;
        if (!begins(at, schemes[i]))
            continue;
        after += strlen(schemes[i]);
        after += blanks(after);
        if (isspace((unsigned char)after[-1]))
            return (size_t)(after - at) + strspn(after, QUOTES);
    }
    return 0;
}

/* Returns the length up to the value in `name=value`, `name: value` or `"name": "value"`. */
static size_t name_lead(const struct passage *passage, const char *at, enum grade *grade)
{
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *after = at;
        if (!begins(at, names[i].name))
            continue;
        after += strlen(names[i].name);
        after += strspn(after, QUOTES);
        after += blanks(after);
        if (*after != '=' && !(*after == ':' && names[i].strong))
            continue;
        bool parameter = at > passage->text && strchr("?&", at[-1]);
        *grade = *after == ':' ? UNLESS_WORD : names[i].strong || parameter ? ALWAYS : LIKE_KEY;
        after++;
        after += blanks(after);
        return (size_t)(after - at) + strspn(after, QUOTES);
    }
    return 0;
}

static bool is_hidden(const char *at, size_t length, enum grade grade)
{
    bool like_key = length >= 20 || (length >= 8 && has_digit(at, length));
    return length && (grade == ALWAYS || (grade == UNLESS_WORD ? !is_word(at, length) : like_key));
}

/* Returns the length of the value to hide after a lead at `at`; 0: nothing to hide. */
static size_t led_value(const struct passage *passage, const char *at, size_t *lead)
{
    enum grade grade = UNLESS_WORD;
    if (inside_word(passage, at))
        return 0;
    *lead = scheme_lead(at);
    if (!*lead)
        *lead = name_lead(passage, at, &grade);
    size_t length = *lead ? key_length(at + *lead) : 0;
    if (length && scheme_lead(at + *lead))
        return 0; /* in "authorization: Bearer TOKEN" the scheme is a lead of its own */
    return is_hidden(at + *lead, length, grade) ? length : 0;
}

/* Replaces `length` bytes at `at` with the mark. Returns a pointer to the byte after the mark. */
static char *replace(struct passage *passage, char *at, size_t length)
{
    size_t mark = strlen(MARK), room = passage->size - (size_t)(at - passage->text) - 1;
    if (mark > room) {
        *at = '\0';
        passage->end = at;
        return at;
    }
    size_t tail = (size_t)(passage->end - at) - length;
    tail = tail < room - mark ? tail : room - mark;
    memmove(at + mark, at + length, tail);
    memcpy(at, MARK, mark);
    passage->end = at + mark + tail;
    *passage->end = '\0';
    return at + mark;
}

/* Each run is decoded once, at its beginning, so that a text of nothing but escapes takes no longer. */
static size_t escaped_secret(struct passage *passage, const char *at)
{
    if (at < passage->searched || inside_word(passage, at))
        return 0;
    size_t read, length = secret_search_escaped(passage->known, &passage->set, at, passage->end, &read);
    passage->searched = at + read;
    return length;
}

/* Returns the length of the text to hide, which begins `*lead` bytes after `at`; 0: nothing to hide. */
static size_t find_hidden(struct passage *passage, const char *at, size_t *lead)
{
    *lead = 0;
    size_t length = known_secret(passage, at),
           part = secret_search_part(passage->known, &passage->set, at, passage->end);
    length = part > length ? part : length;
    bool begins_run = at == passage->text || !secret_search_in_run(at[-1]);
    if (!length && begins_run)
        length = secret_search_encoded(passage->known, &passage->set, at, passage->end);
    if (!length)
        length = escaped_secret(passage, at);
    bool is_begin = !length && may_begin(*at) && !inside_word(passage, at);
    if (is_begin)
        length = shaped_key(passage, at);
    if (!length)
        length = url_query(passage, at);
    if (!length)
        length = url_user(at, lead);
    return length || !is_begin ? length : led_value(passage, at, lead);
}

void redact(char *text, size_t size, const struct secrets *known)
{
    struct passage passage = {.text = text,
                              .end = text + strlen(text),
                              .size = size,
                              .known = known,
                              .set = secret_bytes_of(known),
                              .searched = text};
    for (char *at = text; *at;) {
        size_t lead, length = find_hidden(&passage, at, &lead);
        at = length ? replace(&passage, at + lead, length) : at + 1;
        if (length)
            passage.searched = at;
    }
}
