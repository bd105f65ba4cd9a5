/* Who may ask: nobody, until a client entry or access.anonymous says so. */
#include "access.h"

#include <stddef.h>

#include "digest.h"
#include "failure.h"
#include "settings.h"

/* Every entry is looked at, whichever fits: time must not tell how far the search went. */
static const struct client_settings *find_client(const struct settings *settings, struct secret credential)
{
    unsigned char digest[DIGEST_BYTES];
    digest_sha256(credential.bytes, credential.length, digest);
    const struct client_settings *found = NULL;
    for (size_t i = 0; i < settings->client_count; i++)
        if (digest_equal(settings->clients[i].key_digest, digest))
            found = &settings->clients[i];
    return found;
}

/* With anonymous access an unknown key is no mistake: most client programs cannot be without one. */
bool access_check(const struct settings *settings, struct secret credential,
                  const struct client_settings **client, struct failure *why)
{
    *client = credential.length ? find_client(settings, credential) : NULL;
    if (*client || settings->anonymous)
        return true;
    if (!settings->client_count)
        return fail(
            why, FAILURE_UNAUTHORIZED,
            "nobody may ask yet: the administrator adds a client to penstock.conf or sets access.anonymous");
    return fail(why, FAILURE_UNAUTHORIZED, "a valid API key is needed");
}
