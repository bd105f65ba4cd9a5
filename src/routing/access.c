/* Authenticates the client of a request. Without client entries and access.anonymous, every request is
 * rejected.
 *
 * A key takes precedence over a login, and a wrong key is rejected whatever the login. All rejections are
 * alike in status, message and work, so that they do not reveal whether a key is close to a valid one, has
 * expired or never existed. They are in the usage log and therefore not in the error log.
 *
 * A login is a variable that the web server sets after verifying a password or a certificate. Any program
 * that can connect by FastCGI could set it, so it counts only from a web server that started us, that
 * connects to our unix socket, or whose address is trusted. A client cannot forge it, because its headers
 * become variables that begin with HTTP_ (RFC 3875, 4.1.18). */
#include "routing/access.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/failure.h"
#include "config/settings.h"
#include "front/front.h"
#include "front/request.h"
#include "routing/origin.h"

#define MICROSECONDS 1000000

static bool has_expired(const struct client_settings *client)
{
    return client->expires_s && clock_wall_us() / MICROSECONDS >= client->expires_s;
}

/* Compares with every entry, so that the time does not reveal how far the search went. */
static const struct client_settings *find_key(const struct settings *settings, struct secret key)
{
    unsigned char digest[DIGEST_BYTES];
    digest_sha256(key.bytes, key.length, digest);
    const struct client_settings *found = NULL;
    for (size_t i = 0; i < settings->client_count; i++) {
        const struct client_settings *client = &settings->clients[i];
        bool matches = digest_equal(client->key_digest, digest);
        if (matches & client->has_key & !has_expired(client))
            found = client;
    }
    return found;
}

/* ---- logins ---- */

/* Parses an address for comparison, because it can be written in several ways. IPv4 becomes IPv6 (RFC 4291,
 * 2.5.5.2). */
static bool parse_address(const char *text, unsigned char bytes[static 16])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    memcpy(bytes, mapped, sizeof mapped);
    return inet_pton(AF_INET, text, bytes + sizeof mapped) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool address_equal(const char *one, const char *other)
{
    unsigned char bytes[2][16];
    return parse_address(one, bytes[0]) && parse_address(other, bytes[1]) &&
           memcmp(bytes[0], bytes[1], sizeof bytes[0]) == 0;
}

const char *access_address(struct arena *arena, const char *address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN + 4];
    if (!address || !parse_address(arena_copy(arena, address, strcspn(address, "%")), bytes))
        return "none";
    if (memcmp(bytes, mapped, sizeof mapped) == 0)
        return inet_ntop(AF_INET, bytes + sizeof mapped, text, sizeof text)
                   ? arena_copy(arena, text, strlen(text))
                   : "none";
    memset(bytes + 8, 0, 8);
    return inet_ntop(AF_INET6, bytes, text, sizeof text) ? arena_format(arena, "%s/64", text) : "none";
}

static bool is_trusted(const struct settings *settings, struct front *front)
{
    char address[FRONT_ADDRESS_SIZE];
    if (front->ops->is_local(front, address))
        return true;
    for (size_t i = 0; i < settings->trusted_peers.count; i++)
        if (address_equal(settings->trusted_peers.items[i], address))
            return true;
    return false;
}

static const char *variable(const struct request *request, const char *name)
{
    const char *value = request->front->ops->variable(request->front, name);
    return value ? value : "";
}

static bool is_named(const char *setting, const char *login)
{
    return setting && *setting && *login && strcmp(setting, login) == 0;
}

/* A name without AUTH_TYPE is not a login (RFC 3875, 4.1.1 and 4.1.11). Debian's nginx sets REMOTE_USER to
 * any name that the client sends if no password is required. */
static const char *user_of(const struct request *request)
{
    return *variable(request, "AUTH_TYPE") ? variable(request, "REMOTE_USER") : "";
}

/* Web servers may also set the subject of a certificate that failed verification. */
static const char *subject_of(const struct request *request)
{
    bool verified = strcmp(variable(request, "SSL_CLIENT_VERIFY"), "SUCCESS") == 0;
    return verified ? variable(request, "SSL_CLIENT_S_DN") : "";
}

/* An entry that names the login takes precedence over "*", so that an expired entry does not fall back to it.
 */
static const struct client_settings *find_login(const struct settings *settings,
                                                const struct request *request)
{
    const char *user = user_of(request), *subject = subject_of(request);
    const struct client_settings *any = NULL;
    for (size_t i = 0; i < settings->client_count; i++) {
        const struct client_settings *client = &settings->clients[i];
        if (is_named(client->remote_user, user) || is_named(client->certificate, subject))
            return client;
        if (*user && is_named(client->remote_user, "*"))
            any = client;
    }
    return any;
}

static bool has_logins(const struct settings *settings)
{
    for (size_t i = 0; i < settings->client_count; i++)
        if (settings->clients[i].remote_user || settings->clients[i].certificate)
            return true;
    return false;
}

/* Returns the client of the login, which may have expired. */
static const struct client_settings *client_of_login(const struct settings *settings,
                                                     const struct request *request)
{
    return has_logins(settings) && is_trusted(settings, request->front) ? find_login(settings, request)
                                                                        : NULL;
}

static bool refuse(const struct settings *settings, struct failure *why)
{
    return fail(why, FAILURE_UNAUTHORIZED, "%s",
                settings->client_count
                    ? "a valid API key is required"
                    : "no client is configured yet: add one to penstock.conf, or set access.anonymous");
}

/* Most client programs always send a key. It means something only if a client has one: then a key that is
 * unknown, malformed or expired is refused, since its sender expects another account than the anonymous
 * one. */
static bool keys_mean_nothing(const struct settings *settings)
{
    for (size_t i = 0; i < settings->client_count; i++)
        if (settings->clients[i].has_key)
            return false;
    return true;
}

static bool may_be_anonymous(const struct settings *settings, const struct request *request)
{
    bool has_key = request->credential.length || request->key_is_malformed;
    return settings->anonymous && (!has_key || keys_mean_nothing(settings));
}

bool access_check(const struct settings *settings, const struct request *request, const struct route *route,
                  const struct client_settings **client, struct failure *why)
{
    bool has_key = request->credential.length;
    const struct client_settings *found = has_key ? find_key(settings, request->credential)
                                                  : client_of_login(settings, request);
    *client = NULL;
    if (found ? has_expired(found) : !may_be_anonymous(settings, request))
        return refuse(settings, why);
    if (!has_key && !origin_check(settings, request, route, found != NULL, why))
        return false;
    *client = found;
    return true;
}
