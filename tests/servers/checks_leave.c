/* Clients that leave: the request to the provider ends too, so that its rest costs nothing.
 *
 * "At once" is proved without a clock: after the client has gone, the provider sends nothing more and no
 * keepalive is due, so neither server nor gateway has anything to write. If the connection to the provider
 * closes all the same, the leaving itself was noticed. Where it shows only in writing, the provider says one
 * frame at a time, and the second one has to end it: the first finds the client's side closed, which the
 * kernel answers with a reset, and the second fails. That reset is waited for, so that two writes are two.
 *
 * Who leaves before the first byte has sent head and body one after the other, as most clients do: where both
 * come at once, on a fresh connection and without TLS, lighttpd 1.4.69 looks for the leaving only once the
 * answer has begun. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"
#include "checks.h"
#include "client.h"
#include "expect.h"
#include "records.h"
#include "site.h"
#include "tcp.h"

static void expect_closed(const struct site *site, const struct http_client *client, long closed_before)
{
    EXPECT_SOON(site_provider_counter(site, "closed_by_peer_early") == closed_before + 1,
                "the provider's connection stays open");
    record_expect(client, 0, "client_gone", NULL);
}

static void leave_unanswered(const struct site *site, const char *model, bool stream)
{
    struct http_client client;
    long heard = site_provider_counter(site, "requests"),
         closed = site_provider_counter(site, "closed_by_peer_early");
    client_chat_in_pieces(&client, site, model, stream);
    while (client.talk.sent < client.talk.out.length)
        client_step(&client, 10);
    EXPECT_SOON(site_provider_counter(site, "requests") == heard + 1, "the provider hears nothing");
    client_leave(&client);
    expect_closed(site, &client, closed);
    client_end(&client);
}

static bool knows_before(const struct mounting *mounting)
{
    return mounting->before == AT_ONCE;
}

static bool knows_not_before(const struct mounting *mounting)
{
    return !knows_before(mounting);
}

static void before_buffered(const struct site *site)
{
    leave_unanswered(site, "silent", false);
}

static void before_streamed(const struct site *site)
{
    leave_unanswered(site, "silent", true);
}

/* The provider has begun and is silent: only keepalives are written. */
static void before_by_keepalives(const struct site *site)
{
    leave_unanswered(site, "quiet-60", true);
}

static void midway(const struct site *site)
{
    struct http_client client;
    long closed = site_provider_counter(site, "closed_by_peer_early");
    client_chat(&client, site, "handshake-9-left", true);
    EXPECT(client_receives(&client, "frame-1 ", PATIENCE_MS), "the first frame does not come");
    unsigned port = client_port(&client);
    client_leave(&client);
    if (site->mounting->midway == WHEN_WRITTEN) {
        site_confirm(site, "left", 1);
        EXPECT_SOON(!tcp_is_connected(site->port, port), "the first frame after the leaving is not written");
        site_confirm(site, "left", 2);
    }
    expect_closed(site, &client, closed);
    client_end(&client);
}

const struct check leave_checks[] = {
    {"a client leaves before the first byte, buffered", before_buffered, knows_before},
    {"a client leaves before the first byte, streamed", before_streamed, knows_before},
    {"a client leaves before the first frame, noticed by keepalives", before_by_keepalives, knows_not_before},
    {"a client leaves in the middle of a stream", midway, NULL},
    {NULL, NULL, NULL},
};
