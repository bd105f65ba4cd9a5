/* Warns about limits in money that cannot hold, because no price is known or because one request may be more.
 */
#ifndef PENSTOCK_CLI_PRICE_WARNINGS_H
#define PENSTOCK_CLI_PRICE_WARNINGS_H

#include <stdbool.h>

struct client_settings;
struct prices;
struct settings;

/* Writes a line to standard error for each model that the client may use and whose price is unknown, and for
 * each provider of which no price at all is known, if the client has a limit in USD. The models are those
 * that its entry, the aliases and the providers' settings name. */
void warn_about_unpriced(const struct settings *settings, struct prices *prices,
                         const struct client_settings *client);

/* The prices that a process with these settings reads. */
struct prices *prices_of(const struct settings *settings);

#endif
