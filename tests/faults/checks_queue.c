/* More requests than workers: they wait, or are refused at once if they would time out in the queue. */
#include <stdio.h>
#include <string.h>

#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/text.h"
#include "../pool/chat.h"
#include "raw_request.h"

static void hold_chats(struct talk chats[], unsigned count, const struct service *service)
{
    for (unsigned i = 0; i < count; i++) {
        chat_hold(&chats[i], service, i);
        EXPECT(chat_receives(&chats[i], "frame-1"), "chat %u of %u is not served", i, count);
    }
}

static int ask_chat(const struct service *service, struct text *heard)
{
    struct text body = {0};
    raw_chat_body(&body, "bench", false);
    int status = raw_ask(service, "POST", "/v1/chat/completions", NULL, body.bytes, body.length, heard);
    text_free(&body);
    return status;
}

static void requests_that_would_time_out_are_refused(struct service *service)
{
    struct talk chats[2];
    struct text heard = {0};
    unsigned port = chat_service_start(
        service, "pool: { min_spare = 1; max_spare = 3; max_workers = 3; queue_timeout = 0.5; };\n");
    hold_chats(chats, 2, service);
    EXPECT(ask_chat(service, &heard) == 503, "the third request is not refused: %s", text_words(&heard));
    EXPECT(strstr(heard.bytes, "\r\nRetry-After: 1\r\n"), "no Retry-After: %s", heard.bytes);
    EXPECT(strstr(heard.bytes, "\"reason\":\"unavailable\""), "another reason: %s", heard.bytes);
    int64_t began = now_ms();
    for (int i = 0; i < 20; i++)
        EXPECT(ask_chat(service, NULL) == 503, "a later request is not refused");
    int64_t took = now_ms() - began;
    printf("20 more were refused in %d ms\n", (int)took);
    EXPECT(took < 20 * 500, "each has to wait for its refusal: %d ms", (int)took);
    EXPECT(chat_generation(service) == 1, "/healthz is not answered");
    chat_release(&chats[0], port, 0);
    EXPECT_SOON(ask_chat(service, NULL) == 200, "requests are refused although a worker is free");
    chat_release(&chats[1], port, 1);
    EXPECT_SOON(count_in_file(service->usage, "\"end\":\"refused\"") >= 21, "records are missing");
    text_free(&heard);
    service_stop(service);
}

static void a_request_that_can_be_served_in_time_waits(struct service *service)
{
    struct talk chats[2], last;
    unsigned port = chat_service_start(
        service, "pool: { min_spare = 1; max_spare = 3; max_workers = 3; queue_timeout = 60; };\n");
    hold_chats(chats, 2, service);
    EXPECT(chat_begin(&last, service, "bench", false), "cannot connect");
    EXPECT_SOON(service_worker_count(service) == 3, "not three workers");
    chat_release(&chats[0], port, 0);
    EXPECT(chat_completes(&last) && strstr(text_words(&last.heard), "\"choices\""), "it is not served: %s",
           text_words(&last.heard));
    chat_free(&last);
    chat_release(&chats[1], port, 1);
    service_stop(service);
}

/* While the pool can grow, no request is refused. */
static void a_pool_that_can_grow_refuses_no_request(struct service *service)
{
    struct talk chats[30];
    unsigned port = chat_service_start(
        service, "pool: { min_spare = 1; max_spare = 1; max_workers = 31; queue_timeout = 0.1; };\n");
    for (unsigned i = 0; i < 30; i++)
        chat_hold(&chats[i], service, i);
    for (unsigned i = 0; i < 30; i++)
        EXPECT(chat_receives(&chats[i], "frame-1"), "chat %u is not served: %s", i,
               text_words(&chats[i].heard));
    EXPECT_SOON(ask_chat(service, NULL) == 503, "the last worker is not kept");
    for (unsigned i = 0; i < 30; i++)
        chat_release(&chats[i], port, i);
    service_stop(service);
}

const struct check queue_checks[] = {
    {"queue: requests that would time out are refused at once, with a right Retry-After",
     requests_that_would_time_out_are_refused},
    {"queue: a request that can be served in time waits", a_request_that_can_be_served_in_time_waits},
    {"queue: a pool that can grow refuses no request", a_pool_that_can_grow_refuses_no_request},
    {0},
};
