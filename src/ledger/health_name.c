/* The names under which the ledger notes the health of providers and their models.
 *
 * A name is "KIND PROVIDER MODEL WHERE". A provider or model that is too long is replaced by a digest, so
 * that all notes about a provider and a model can be found by their names alone. */
#include "ledger/health_name.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"

#define PROVIDER_MAX 36
#define MODEL_MAX 48
#define DIGITS 16 /* of a digest */

static const char *const kinds[] = {
    [HEALTH_PROVIDER] = "provider", [HEALTH_MODEL] = "model", [HEALTH_COOLDOWN] = "cool"};

#define FNV_PRIME 1099511628211u

uint64_t health_digest_more(uint64_t digest, uint64_t number)
{
    for (int i = 0; number && i < 8; i++)
        digest = (digest ^ (number >> (8 * i) & 0xff)) * FNV_PRIME;
    return digest;
}

uint64_t health_digest(const char *text, uint64_t number)
{
    uint64_t digest = 14695981039346656037u; /* FNV-1a, 64 bits */
    for (; text && *text; text++)
        digest = (digest ^ (unsigned char)*text) * FNV_PRIME;
    return health_digest_more(digest, number);
}

/* Copies the word, or its digest after a letter that tells it from a word. */
static void put_word(char word[static MODEL_MAX + 1], const char *text, size_t most)
{
    unsigned char digest[DIGEST_BYTES];
    char hex[DIGEST_HEX + 1];
    size_t length = strlen(text);
    if (length <= most) {
        memcpy(word, text, length + 1);
        return;
    }
    digest_sha256(text, length, digest);
    digest_print(digest, hex);
    snprintf(word, MODEL_MAX + 1, "#%.32s", hex);
}

/* Copies a part of a name and a blank. */
static char *put_part(char *at, const char *part, size_t most)
{
    put_word(at, part, most);
    at += strlen(at);
    *at = ' ';
    return at + 1;
}

/* Not with snprintf(), because each request makes three names. */
void health_name(char name[static HEALTH_NAME_SIZE], enum health_kind kind, const char *provider,
                 const char *model, uint64_t where)
{
    char *at = put_part(name, kinds[kind], PROVIDER_MAX);
    at = put_part(at, provider, PROVIDER_MAX);
    at = put_part(at, model ? model : "", MODEL_MAX);
    for (int i = DIGITS - 1; i >= 0; i--, where >>= 4)
        at[i] = "0123456789abcdef"[where & 0xf];
    at[DIGITS] = '\0';
}

bool health_name_kind(const char *name, enum health_kind *kind)
{
    size_t length = strcspn(name, " ");
    for (int i = HEALTH_PROVIDER; i <= HEALTH_COOLDOWN; i++)
        if (strlen(kinds[i]) == length && memcmp(kinds[i], name, length) == 0) {
            *kind = (enum health_kind)i;
            return true;
        }
    return false;
}

void health_name_parts(const char *name, const char **provider, size_t *provider_length, const char **model,
                       size_t *model_length)
{
    size_t kind = strcspn(name, " ");
    *provider = name + kind + (name[kind] == ' ');
    *provider_length = strcspn(*provider, " ");
    *model = *provider + *provider_length + ((*provider)[*provider_length] == ' ');
    size_t rest = strlen(*model);
    *model_length = rest > DIGITS + 1 ? rest - DIGITS - 1 : 0;
}

static bool is_word(const char *text, size_t length, const char *wanted, size_t most)
{
    char word[MODEL_MAX + 1];
    put_word(word, wanted, most);
    return strlen(word) == length && memcmp(word, text, length) == 0;
}

bool health_name_matches(const char *name, const char *provider, const char *model)
{
    const char *own_provider, *own_model;
    size_t provider_length, model_length;
    health_name_parts(name, &own_provider, &provider_length, &own_model, &model_length);
    return (!provider || is_word(own_provider, provider_length, provider, PROVIDER_MAX)) &&
           (!model || is_word(own_model, model_length, model, MODEL_MAX));
}
