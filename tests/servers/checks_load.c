/* What must fail no other request: a reload, the death of a worker, 500 streams at a time. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "../kit/text.h"
#include "checks.h"
#include "client.h"
#include "crowd.h"
#include "expect.h"
#include "records.h"
#include "site.h"
#include "workers.h"

#define RELOADS 10
#define KILLS 20
#define CLIENTS 8
#define STREAMS 500
#define PRIVATE_MAX_KB 215 /* what a worker that streams from a plain upstream may cost, on average */

static size_t generations(const struct site *site)
{
    return site_count_words(site, "log/error.log", " serves on ");
}

static void reload(const struct site *site)
{
    struct crowd crowd;
    crowd_start(&crowd, site, CLIENTS);
    for (unsigned i = 0; i < RELOADS; i++) {
        size_t before = generations(site);
        crowd_await(&crowd, 50);
        kill(master_pid(site), SIGHUP);
        EXPECT_SOON(generations(site) == before + 1, "reload %u brings no new generation", i + 1);
    }
    crowd_await(&crowd, 50);
    crowd_stop(&crowd);
    EXPECT(site->common->failed == 0, "%ld of %ld requests failed", site->common->failed,
           site->common->answered);
    printf("%ld requests answered during %d reloads\n", site->common->answered, RELOADS);
}

/* A worker has one request at most: as many may fail as were killed, and no more. One that was answered may
 * still be without its record, which comes after the answer. */
static void kill_workers(const struct site *site)
{
    struct crowd crowd;
    pid_t workers[WORKERS_MAX];
    crowd_start(&crowd, site, CLIENTS);
    for (unsigned i = 0; i < KILLS; i++) {
        crowd_await(&crowd, 20);
        size_t count = workers_list(site, workers);
        EXPECT(count > 0, "there are no workers");
        kill(workers[i % count], SIGKILL);
    }
    crowd_await(&crowd, 50);
    crowd_stop(&crowd);
    site->common->lost += KILLS;
    EXPECT(site->common->failed <= KILLS, "%ld requests failed", site->common->failed);
    printf("%d workers killed: %ld requests failed, %ld were answered\n", KILLS, site->common->failed,
           site->common->answered);
}

static void open_streams(const struct site *site, struct http_client clients[])
{
    char model[64];
    for (unsigned i = 0; i < STREAMS; i++) {
        snprintf(model, sizeof model, "handshake-2-s%u", i);
        client_chat(&clients[i], site, model, true);
        client_step(&clients[i], 0);
    }
}

static void hear_all(const struct site *site, struct http_client clients[], unsigned frame)
{
    char words[32];
    snprintf(words, sizeof words, "frame-%u ", frame);
    for (unsigned i = 0; i < STREAMS; i++)
        EXPECT(client_receives(&clients[i], words, 2 * PATIENCE_MS), "stream %u: status %d, no frame %u: %s",
               i, clients[i].status, frame, text_words(&clients[i].body));
    EXPECT(site_provider_counter(site, "answering") == STREAMS,
           "the provider is answering %ld requests, not %d", site_provider_counter(site, "answering"),
           STREAMS);
}

static void confirm_all(const struct site *site, unsigned frame)
{
    char tag[16];
    for (unsigned i = 0; i < STREAMS; i++) {
        snprintf(tag, sizeof tag, "s%u", i);
        site_confirm(site, tag, frame);
    }
}

static void measure_workers(const struct site *site)
{
    pid_t workers[WORKERS_MAX];
    size_t count = workers_list(site, workers);
    long sum = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        long size = worker_private_kb(workers[i]);
        sum += size;
        most = size > most ? size : most;
    }
    EXPECT(count >= STREAMS, "there are only %zu workers", count);
    printf("%zu workers, private memory of each: %ld KiB on average, %ld KiB at most\n", count,
           sum / (long)count, most);
    EXPECT(sum > 0 && sum / (long)count <= PRIVATE_MAX_KB, "a worker has %ld KiB on average",
           sum / (long)count);
}

/* All of them get their first frame before any gets its second, so they run at the same time. */
static void many_streams(const struct site *site)
{
    struct http_client *clients = calloc(STREAMS, sizeof *clients);
    open_streams(site, clients);
    hear_all(site, clients, 1);
    confirm_all(site, 1);
    hear_all(site, clients, 2);
    measure_workers(site);
    confirm_all(site, 2);
    for (unsigned i = 0; i < STREAMS; i++)
        EXPECT(client_receives(&clients[i], "data: [DONE]\n\n", PATIENCE_MS) &&
                   client_receive_all(&clients[i], PATIENCE_MS),
               "stream %u does not end: %s", i, text_words(&clients[i].body));
    for (unsigned i = 0; i < STREAMS; i++)
        client_end(&clients[i]);
    free(clients);
}

static bool is_lighttpd_socket(const struct mounting *mounting)
{
    return is_kind(mounting, "lighttpd-socket");
}

const struct check load_checks[] = {
    {"500 streams at the same time", many_streams, is_lighttpd_socket},
    {"10 reloads under load", reload, is_lighttpd_socket},
    {"20 workers killed under load", kill_workers, is_lighttpd_socket},
    {NULL, NULL, NULL},
};
