/* Who may ask. */
#ifndef ACCESS_H
#define ACCESS_H

#include <stdbool.h>

#include "attributes.h"
#include "secret.h"

struct client_settings;
struct failure;
struct settings;

/* The client whose key this is, NULL for an anonymous one where access.anonymous allows it; else
 * unauthorized. */
bool access_check(const struct settings *settings, struct secret credential,
                  const struct client_settings **client, struct failure *why) MUST_CHECK;

#endif
