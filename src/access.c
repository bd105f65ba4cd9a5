/* Who may ask: nobody, until a client entry or access.anonymous says so. */
#include "access.h"

#include <stddef.h>

#include "clock.h"
#include "digest.h"
#include "failure.h"
#include "settings.h"

static bool is_over(const struct client_settings *client, int64_t now_s)
{
    return client->expires_s && now_s >= client->expires_s;
}

/* Every entry is looked at, whichever fits: time must not tell how far the search went. */
static const struct client_settings *find_client(const struct settings *settings, struct secret credential)
{
    unsigned char digest[DIGEST_BYTES];
    digest_sha256(credential.bytes, credential.length, digest);
    int64_t now_s = clock_wall_us() / 1000000;
    const struct client_settings *found = NULL;
    for (size_t i = 0; i < settings->client_count; i++) {
        const struct client_settings *client = &settings->clients[i];
        bool fits = digest_equal(client->key_digest, digest);
        if (fits & client->has_key & !is_over(client, now_s))
            found = client;
    }
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
