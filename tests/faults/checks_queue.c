/* More requests than workers: they wait, or hear at once that it is no use. */
#include <stdio.h>
#include <string.h>

#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/text.h"
#include "../pool/chat.h"
#include "raw_request.h"

static void hold_chats(struct talk chats[], unsigned count, const struct stage *stage)
{
    for (unsigned i = 0; i < count; i++) {
        chat_hold(&chats[i], stage, i);
        EXPECT(chat_hears(&chats[i], "frame-1"), "chat %u of %u is not served", i, count);
    }
}

static int ask_chat(const struct stage *stage, struct text *heard)
{
    struct text body = {0};
    siege_chat_body(&body, "bench", false);
    int status = siege_ask(stage, "POST", "/v1/chat/completions", NULL, body.bytes, body.length, heard);
    text_free(&body);
    return status;
}

static void a_hopeless_queue_is_refused(struct stage *stage)
{
    struct talk chats[2];
    struct text heard = {0};
    unsigned port = chat_stage_start(
        stage, "pool: { min_spare = 1; max_spare = 3; max_workers = 3; queue_timeout = 0.5; };\n");
    hold_chats(chats, 2, stage);
    EXPECT(ask_chat(stage, &heard) == 503, "the third is not refused: %s", text_words(&heard));
    EXPECT(strstr(heard.bytes, "\r\nRetry-After: 1\r\n"), "no Retry-After: %s", heard.bytes);
    EXPECT(strstr(heard.bytes, "\"reason\":\"unavailable\""), "another reason: %s", heard.bytes);
    int64_t began = now_ms();
    for (int i = 0; i < 20; i++)
        EXPECT(ask_chat(stage, NULL) == 503, "who comes next is not refused");
    int64_t took = now_ms() - began;
    printf("20 more were refused in %d ms\n", (int)took);
    EXPECT(took < 20 * 500, "each has to wait for its refusal: %d ms", (int)took);
    EXPECT(chat_generation(stage) == 1, "nobody says how it is");
    chat_release(&chats[0], port, 0);
    EXPECT_SOON(ask_chat(stage, NULL) == 200, "nobody is served though a worker is free");
    chat_release(&chats[1], port, 1);
    EXPECT_SOON(stage_count_words(stage->usage, "\"end\":\"refused\"") >= 21, "records are missing");
    text_free(&heard);
    stage_stop(stage);
}

static void who_can_be_served_in_time_waits(struct stage *stage)
{
    struct talk chats[2], last;
    unsigned port = chat_stage_start(
        stage, "pool: { min_spare = 1; max_spare = 3; max_workers = 3; queue_timeout = 60; };\n");
    hold_chats(chats, 2, stage);
    EXPECT(chat_begin(&last, stage, "bench", false), "nobody listens");
    EXPECT_SOON(stage_worker_count(stage) == 3, "not three workers");
    chat_release(&chats[0], port, 0);
    EXPECT(chat_ends_well(&last) && strstr(text_words(&last.heard), "\"choices\""), "it is not served: %s",
           text_words(&last.heard));
    chat_free(&last);
    chat_release(&chats[1], port, 1);
    stage_stop(stage);
}

/* While the pool can still grow nobody waits and nobody is refused. */
static void a_pool_that_grows_refuses_nobody(struct stage *stage)
{
    struct talk chats[30];
    unsigned port = chat_stage_start(
        stage, "pool: { min_spare = 1; max_spare = 1; max_workers = 31; queue_timeout = 0.1; };\n");
    for (unsigned i = 0; i < 30; i++)
        chat_hold(&chats[i], stage, i);
    for (unsigned i = 0; i < 30; i++)
        EXPECT(chat_hears(&chats[i], "frame-1"), "chat %u is not served: %s", i, text_words(&chats[i].heard));
    EXPECT_SOON(ask_chat(stage, NULL) == 503, "the last worker is not kept");
    for (unsigned i = 0; i < 30; i++)
        chat_release(&chats[i], port, i);
    stage_stop(stage);
}

const struct check crowd_checks[] = {
    {"crowd: a hopeless queue is refused at once, and what is said about it is true",
     a_hopeless_queue_is_refused},
    {"crowd: who can be served in time waits", who_can_be_served_in_time_waits},
    {"crowd: a pool that can grow refuses nobody", a_pool_that_grows_refuses_nobody},
    {0},
};
