/* An entry of a client for penstock.conf, made from a command line. */
#ifndef PENSTOCK_CLI_CLIENT_ENTRY_H
#define PENSTOCK_CLI_CLIENT_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attributes.h"
#include "config/settings_types.h"

struct failure;
struct setting_row;

#define LIMITS_MAX 32

/* Zeroed before its first use. */
struct client_entry {
    struct client_settings client;
    const struct setting_row *said[LIMITS_MAX]; /* what was given, and as what text */
    const char *texts[LIMITS_MAX];
    size_t said_count;
};

/* Takes arguments[*index] where it is a member of a client, "--usd-per-day=2", and the argument behind it
 * where that is its value. False for all else. */
bool client_entry_set(struct client_entry *entry, int count, char **arguments, int *index) MUST_CHECK;

/* Reads the values. `why` is one sentence for the user. */
bool client_entry_fill(struct client_entry *entry, const char *name, const char *digest,
                       struct failure *why) MUST_CHECK;
void client_entry_free(struct client_entry *entry);

/* The entry in the syntax of penstock.conf, on one line. */
void client_entry_print(const struct client_entry *entry, FILE *out);

/* The options, one a line with its sentence. */
void client_entry_list(FILE *out);

#endif
