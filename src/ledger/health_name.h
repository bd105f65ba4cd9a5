/* The names under which the ledger notes the health of providers and their models. */
#ifndef PENSTOCK_LEDGER_HEALTH_NAME_H
#define PENSTOCK_LEDGER_HEALTH_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEALTH_NAME_SIZE 120

enum health_kind { HEALTH_PROVIDER, HEALTH_MODEL, HEALTH_COOLDOWN };

/* Returns a digest of the text and the number, the same in all processes. */
uint64_t health_digest(const char *text, uint64_t number);

/* Returns health_digest(text, number), given health_digest(text, 0). */
uint64_t health_digest_more(uint64_t digest, uint64_t number);

/* Writes the name of a note. `model` may be NULL. `where` is a digest of what else tells two notes apart. */
void health_name(char name[static HEALTH_NAME_SIZE], enum health_kind kind, const char *provider,
                 const char *model, uint64_t where);

/* Reads the kind of a note from its name. Returns false if the note is about something else. */
bool health_name_kind(const char *name, enum health_kind *kind);

/* True if the note is about the provider (NULL: any) and the model (NULL: any). */
bool health_name_matches(const char *name, const char *provider, const char *model);

/* Reads provider and model for display; a long model is shown as a digest. `*model_length` is 0 if the note
 * is about a provider. */
void health_name_parts(const char *name, const char **provider, size_t *provider_length, const char **model,
                       size_t *model_length);

#endif
