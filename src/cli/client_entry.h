/* A client's entry for penstock.conf, made from the options of `penstock key new`. */
#ifndef PENSTOCK_CLI_CLIENT_ENTRY_H
#define PENSTOCK_CLI_CLIENT_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/base.h"
#include "cli/options.h"
#include "config/settings_types.h"

struct failure;

#define CLIENT_OPTIONS_MAX 32
#define CLIENT_OPTION_SIZE 40

/* The options that set a member of the entry, one for each row of the settings table: usd_per_day is
 * --usd-per-day. */
struct client_options {
    struct option_row rows[CLIENT_OPTIONS_MAX + 1]; /* for struct command_syntax */
    char names[CLIENT_OPTIONS_MAX][CLIENT_OPTION_SIZE];
};

void client_options_init(struct client_options *options);

struct client_entry {
    struct client_settings client;
    const struct options *options; /* the command line, which selects the members to print */
};

/* Fills the entry: every member gets its default, then the value of its option. Copies `name` and `digest`;
 * `options` must outlive the entry. Returns false with one sentence for the user in `why`. The entry is to be
 * freed with client_entry_free() in either case. */
bool client_entry_fill(struct client_entry *entry, const char *name, const char *digest,
                       const struct options *options, struct failure *why) MUST_CHECK;
void client_entry_free(struct client_entry *entry);

/* Prints the entry on one line, in the syntax of penstock.conf: its name, its digest and the members whose
 * options are on the command line. */
void client_entry_print(const struct client_entry *entry, FILE *out);

#endif
