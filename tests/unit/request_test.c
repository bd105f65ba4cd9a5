/* The body of a request: its rate, and what is read of a body that is not needed. */
#include "front/request.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/failure.h"
#include "config/settings_types.h"
#include "front/front.h"
#include "unit.h"

#define MINUTE_US INT64_C(60000000)

/* A client that sends `pieces` of ten bytes, then nothing more, or the end. */
struct sender {
    struct front front;
    const char *length;
    int pieces;
    bool stalls;
    int64_t limit_ms;
};

static const char *variable(struct front *front, const char *name)
{
    return strcmp(name, "CONTENT_LENGTH") == 0 ? ((struct sender *)front)->length : NULL;
}

static ssize_t read_piece(struct front *front, void *bytes, size_t size)
{
    struct sender *sender = (struct sender *)front;
    if (sender->pieces-- > 0) {
        memset(bytes, 'x', size < 10 ? size : 10);
        return size < 10 ? (ssize_t)size : 10;
    }
    errno = EAGAIN;
    return sender->stalls ? -1 : 0;
}

static void limit_reads(struct front *front, int64_t ms)
{
    ((struct sender *)front)->limit_ms = ms;
}

static const struct front_ops ops = {
    .name = "test", .variable = variable, .read = read_piece, .limit_reads = limit_reads};

static struct settings settings = {.body_max = 1000, .header_max = 1000, .body_rate = 4096};
static struct request request;
static struct failure why;

static struct arena *open_request(struct sender *sender, const char *length)
{
    struct arena *arena = arena_create();
    sender->front.ops = &ops;
    sender->length = length;
    CU_ASSERT_TRUE_FATAL(request_open(&request, &sender->front, arena, &settings, &why));
    return arena;
}

static void a_body_has_a_lowest_rate(void)
{
    struct sender sender = {.pieces = 5};
    struct arena *arena = open_request(&sender, "50");
    request.body_began_us = clock_monotonic_us() - MINUTE_US;
    CU_ASSERT_FALSE(request_read(&request, &settings, &why));
    CU_ASSERT_EQUAL(why.status, 408);
    CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_REQUEST);
    CU_ASSERT_TRUE(why.retryable);
    CU_ASSERT_TRUE(request.too_slow);
    CU_ASSERT_FALSE(request.client_left);
    CU_ASSERT_EQUAL(sender.pieces, 4); /* it gives up at once */
    arena_destroy(arena);

    sender.pieces = 5;
    settings.body_rate = 0;
    arena = open_request(&sender, "50");
    request.body_began_us = clock_monotonic_us() - MINUTE_US;
    CU_ASSERT_TRUE(request_read(&request, &settings, &why));
    CU_ASSERT_EQUAL(request.body_read, 50);
    arena_destroy(arena);
    settings.body_rate = 4096;
}

static void a_stall_is_too_slow(void)
{
    struct sender sender = {.pieces = 2, .stalls = true};
    struct arena *arena = open_request(&sender, "50");
    CU_ASSERT_FALSE(request_read(&request, &settings, &why));
    CU_ASSERT_EQUAL(why.status, 408);
    CU_ASSERT_EQUAL(request.body_read, 20);
    arena_destroy(arena);
}

static void a_body_announced_as_too_large_is_not_read(void)
{
    struct sender sender = {.pieces = 200};
    struct arena *arena = open_request(&sender, "1001");
    CU_ASSERT_FALSE(request_read(&request, &settings, &why));
    CU_ASSERT_EQUAL(why.reason, FAILURE_TOO_LARGE);
    CU_ASSERT_EQUAL(request.body_read, 0);
    arena_destroy(arena);
}

static void what_is_not_needed_is_dropped_for_a_moment(void)
{
    struct sender sender = {.pieces = 7};
    struct arena *arena = open_request(&sender, "70");
    CU_ASSERT_TRUE(request_drain(&request, 20));
    CU_ASSERT_EQUAL(request.body_read, 70);
    CU_ASSERT_EQUAL(sender.limit_ms, 20);
    arena_destroy(arena);

    sender = (struct sender){.pieces = 7, .stalls = true};
    arena = open_request(&sender, "1000");
    CU_ASSERT_FALSE(request_drain(&request, 20));
    CU_ASSERT_EQUAL(request.body_read, 70);
    CU_ASSERT_FALSE(request.client_left);
    sender.pieces = INT32_MAX; /* one that never ends has its time */
    CU_ASSERT_FALSE(request_drain(&request, 20));
    arena_destroy(arena);
}

static const struct unit_test tests[] = {
    {"a body has a lowest rate", a_body_has_a_lowest_rate},
    {"a stall is too slow", a_stall_is_too_slow},
    {"a body announced as too large is not read", a_body_announced_as_too_large_is_not_read},
    {"what is not needed is dropped for a moment", what_is_not_needed_is_dropped_for_a_moment},
};

UNIT_MAIN("request", tests)
