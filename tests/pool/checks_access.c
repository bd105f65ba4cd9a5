/* Logins, and limits on concurrent requests, which one process alone cannot show. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/process.h"
#include "chat.h"
#include "checks.h"

#define POOL "pool: { min_spare = 2; max_spare = 8; max_workers = 20; };\n"
#define KEY "pool-key"
#define KEY_SHA256 "b668c780f9bf371c3d64afaa1d666aba21e5b80dace2da764bb0c92495578066"
#define PEERS "PENSTOCK_ACCESS_TRUSTED_PEERS"

/* Anonymous access is allowed here, so a login that counts is recognised by its refusal: staff has no model.
 */
#define STAFF "clients: ( { name = \"staff\"; remote_user = \"guest\"; models = [ \"none\" ]; } );\n"

static void expect_status(const struct service *service, const struct chat_client *client, const char *status)
{
    struct talk chat;
    EXPECT(chat_begin_as(&chat, service, client, "bench", false), "cannot connect");
    EXPECT(chat_completes(&chat), "the answer breaks off: %s", text_words(&chat.heard));
    EXPECT(strncmp(text_words(&chat.heard), status, strlen(status)) == 0, "not %s: %.300s", status,
           text_words(&chat.heard));
    chat_free(&chat);
}

static void ask_by_tcp(struct service *service, const char *peers, const char *status)
{
    setenv(PEERS, peers, 1);
    chat_service_start(service, POOL STAFF "listen = \"127.0.0.1:0\";\n");
    struct chat_client client = {.user = "guest", .port = service_port(service)};
    expect_status(service, &client, status);
    client.user = NULL;
    expect_status(service, &client, "Status: 200");
    service_stop(service);
    unlink(service->errors);
    unsetenv(PEERS);
}

static void logins_by_tcp(struct service *service)
{
    ask_by_tcp(service, "", "Status: 200");
    ask_by_tcp(service, "127.0.0.2,::1", "Status: 200");
    ask_by_tcp(service, "192.0.2.1,::ffff:127.0.0.1", "Status: 403");
}

static void logins_by_socket(struct service *service)
{
    chat_service_start(service, POOL STAFF);
    expect_status(service, &(struct chat_client){.user = "guest"}, "Status: 403");
    expect_status(service, &(struct chat_client){.user = "Guest"}, "Status: 200");
    service_stop(service);
}

/* Two streams pause; a third request is refused until one of the two has ended. */
static void at_the_same_time(struct service *service)
{
    struct talk chats[2];
    struct chat_client client = {.key = KEY};
    unsigned port = chat_service_start(service,
                                       POOL "clients: ( { name = \"one\"; key_sha256 = \"" KEY_SHA256 "\"; "
                                            "concurrent = 2; } );\n");
    for (unsigned i = 0; i < 2; i++) {
        EXPECT(chat_begin_as(&chats[i], service, &client, i ? "handshake-1-s1" : "handshake-1-s0", true),
               "cannot connect");
        EXPECT(chat_receives(&chats[i], "frame-1"), "chat %u is not served", i);
    }
    expect_status(service, &client, "Status: 429");
    expect_status(service, &(struct chat_client){0}, "Status: 200");
    chat_release(&chats[0], port, 0);
    EXPECT_SOON(count_in_file(service->usage, "\"client\":\"one\"") == 2, "the record does not come");
    expect_status(service, &client, "Status: 200");
    chat_release(&chats[1], port, 1);
    service_stop(service);
}

const struct check access_checks[] = {
    {"gateway: by TCP a login counts only from trusted peers", logins_by_tcp},
    {"gateway: a login counts on the unix socket", logins_by_socket},
    {"gateway: concurrent requests of a client are limited", at_the_same_time},
    {0},
};
