/* Collects the codes and sentences of an error answer in the forms that the rules compare. */
#include "errors/failure_evidence.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void put_code(struct failure_evidence *evidence, const char *code)
{
    if (evidence->code_count == EVIDENCE_CODES_MAX)
        return;
    snprintf(evidence->codes[evidence->code_count++], EVIDENCE_CODE_SIZE, "%s", code);
}

/* True if a word begins at `at`, as "Name" does in "modelName" and in "APIName". */
static bool begins_word(const char *code, const char *at)
{
    if (at == code || !isupper((unsigned char)*at))
        return false;
    unsigned char before = (unsigned char)at[-1];
    return islower(before) || isdigit(before) || (isupper(before) && islower((unsigned char)at[1]));
}

/* Adds the words of a code as a line of their own: "model not found" for "ModelNotFound". */
static void add_words(struct failure_evidence *evidence, const char *words)
{
    size_t used = strlen(evidence->code_words), length = strlen(words);
    if (used + length + 2 > sizeof evidence->code_words)
        return;
    char *to = evidence->code_words + used;
    snprintf(to, length + 2, "%s\n", words);
    for (; *to; to++)
        if (*to == '_')
            *to = ' ';
}

void failure_evidence_add_code(struct failure_evidence *evidence, const char *code)
{
    if (!code)
        return;
    const char *slash = strrchr(code, '/');
    if (slash && slash[1] && (strstr(code, "://") || *code == '/'))
        code = slash + 1;
    if (strlen(code) >= EVIDENCE_CODE_SIZE)
        return;
    char plain[EVIDENCE_CODE_SIZE], apart[2 * EVIDENCE_CODE_SIZE], *to = plain, *other = apart;
    for (const char *at = code; *at; at++) {
        char byte = strchr(" -.:", *at) ? '_' : (char)tolower((unsigned char)*at);
        if (begins_word(code, at))
            *other++ = '_';
        *to++ = *other++ = byte;
    }
    *to = *other = '\0';
    put_code(evidence, plain);
    if (strcmp(plain, apart) != 0 && strlen(apart) < EVIDENCE_CODE_SIZE)
        put_code(evidence, apart);
    if (!strchr(code, ' ')) /* else it is a sentence in the place of a code */
        add_words(evidence, apart);
}

/* Returns the end of the part of a sentence that is the server's own. pydantic quotes what it refuses, and
 * the words of a caller's text are no words about the cause. */
static size_t own_length(const char *text)
{
    static const char *const quotes[] = {"input_value=", "'input': [", "'input': {", "'input': '",
                                         "'input': \""};
    size_t length = strlen(text);
    for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
        const char *quote = strstr(text, quotes[i]);
        if (quote && (size_t)(quote - text) < length)
            length = (size_t)(quote - text);
    }
    return length;
}

void failure_evidence_add_sentence(struct failure_evidence *evidence, const char *text)
{
    size_t used = strlen(evidence->text);
    if (used + 2 >= sizeof evidence->text)
        return;
    if (used)
        evidence->text[used++] = '\n';
    const char *end = text + own_length(text);
    while (text < end && used + 1 < sizeof evidence->text) {
        bool curly = strncmp(text, "\xe2\x80\x99", 3) == 0; /* U+2019, an apostrophe */
        char byte = curly ? '\'' : (char)tolower((unsigned char)*text);
        text += curly ? 3 : 1;
        evidence->text[used++] = byte == '\n' ? ' ' : byte;
    }
    evidence->text[used] = '\0';
}
