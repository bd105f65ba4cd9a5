/* Who may ask, and how many at once: what one process alone cannot show. */
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

/* Everybody may ask in the pool's tests; a login that counts is the one that may not. */
#define STAFF "clients: ( { name = \"staff\"; remote_user = \"guest\"; models = [ \"none\" ]; } );\n"

static void expect_status(const struct stage *stage, const struct asker *asker, const char *status)
{
    struct talk chat;
    EXPECT(chat_begin_as(&chat, stage, asker, "bench", false), "nobody listens");
    EXPECT(chat_ends_well(&chat), "the answer breaks off: %s", text_words(&chat.heard));
    EXPECT(strncmp(text_words(&chat.heard), status, strlen(status)) == 0, "not %s: %.300s", status,
           text_words(&chat.heard));
    chat_free(&chat);
}

static void ask_by_tcp(struct stage *stage, const char *peers, const char *status)
{
    setenv(PEERS, peers, 1);
    chat_stage_start(stage, POOL STAFF "listen = \"127.0.0.1:0\";\n");
    struct asker asker = {.user = "guest", .port = stage_port(stage)};
    expect_status(stage, &asker, status);
    asker.user = NULL;
    expect_status(stage, &asker, "Status: 200");
    stage_stop(stage);
    unlink(stage->errors);
    unsetenv(PEERS);
}

static void logins_by_tcp(struct stage *stage)
{
    ask_by_tcp(stage, "", "Status: 200");
    ask_by_tcp(stage, "127.0.0.2,::1", "Status: 200");
    ask_by_tcp(stage, "192.0.2.1,::ffff:127.0.0.1", "Status: 403");
}

static void logins_by_socket(struct stage *stage)
{
    chat_stage_start(stage, POOL STAFF);
    expect_status(stage, &(struct asker){.user = "guest"}, "Status: 403");
    expect_status(stage, &(struct asker){.user = "Guest"}, "Status: 200");
    stage_stop(stage);
}

/* Two streams stand still; whoever comes third is sent away until one of them has ended, or is dead. */
static void at_the_same_time(struct stage *stage)
{
    struct talk chats[2];
    struct asker asker = {.key = KEY};
    unsigned port = chat_stage_start(stage,
                                     POOL "clients: ( { name = \"one\"; key_sha256 = \"" KEY_SHA256 "\"; "
                                          "concurrent = 2; } );\n");
    for (unsigned i = 0; i < 2; i++) {
        EXPECT(chat_begin_as(&chats[i], stage, &asker, i ? "handshake-1-s1" : "handshake-1-s0", true),
               "nobody listens");
        EXPECT(chat_hears(&chats[i], "frame-1"), "chat %u is not served", i);
    }
    expect_status(stage, &asker, "Status: 429");
    expect_status(stage, &(struct asker){0}, "Status: 200");
    chat_release(&chats[0], port, 0);
    EXPECT_SOON(stage_count_words(stage->usage, "\"client\":\"one\"") == 2, "the record does not come");
    expect_status(stage, &asker, "Status: 200");
    chat_release(&chats[1], port, 1);
    stage_stop(stage);
}

const struct check access_checks[] = {
    {"gateway: a login by TCP counts from trusted peers only", logins_by_tcp},
    {"gateway: a login by the socket counts", logins_by_socket},
    {"gateway: no more than so many requests at the same time", at_the_same_time},
    {0},
};
