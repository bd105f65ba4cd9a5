/* Addresses of Redis servers: valid ones are parsed, invalid ones are rejected. */
#include <string.h>

#include "config/redis_address.h"
#include "unit.h"

static void valid_addresses_are_parsed(void)
{
    static const struct {
        const char *url;
        struct redis_address address;
    } cases[] = {
        {"redis://h", {.host = "h", .port = 6379}},
        {"REDIS://h/", {.host = "h", .port = 6379}},
        {"redis://h:7000/3", {.host = "h", .port = 7000, .database = 3}},
        {"redis://[::1]/0", {.host = "::1", .port = 6379}},
        {"redis://[::1]:1/2", {.host = "::1", .port = 1, .database = 2}},
        {"redis://gate@h:1", {.host = "h", .port = 1, .user = "gate"}},
        {"redis:///run/redis.sock", {.path = "/run/redis.sock"}},
        {"redis:///run/redis.sock?db=4", {.path = "/run/redis.sock", .database = 4}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct redis_address address;
        CU_ASSERT_PTR_NULL(redis_address_parse(cases[i].url, &address));
        CU_ASSERT_STRING_EQUAL(address.host, cases[i].address.host);
        CU_ASSERT_STRING_EQUAL(address.path, cases[i].address.path);
        CU_ASSERT_STRING_EQUAL(address.user, cases[i].address.user);
        CU_ASSERT_EQUAL(address.port, cases[i].address.port);
        CU_ASSERT_EQUAL(address.database, cases[i].address.database);
    }
}

static void invalid_addresses_are_rejected(void)
{
    static const char *const urls[] = {
        "",
        "h:6379",
        "rediss://h",
        "redis://",
        "redis://:6379",
        "redis://h:x",
        "redis://h:",
        "redis://h:0",
        "redis://h:65536",
        "redis://:p@h",
        "redis://u:p@h",
        "redis://@h",
        "redis://u@",
        "redis://[::1",
        "redis://[]",
        "redis://[::1]x",
        "redis://h/a",
        "redis://h/-1",
        "redis://h/123456",
        "redis://h /0",
        "redis://h?db=1",
        "redis://h/1?db=1",
        "redis:///s?base=1",
        "redis:///s?db=x",
        "redis:///s?db=123456",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct redis_address address;
        if (!redis_address_parse(urls[i], &address))
            printf("%s is accepted ", urls[i]);
        CU_ASSERT_PTR_NOT_NULL(redis_address_parse(urls[i], &address));
    }
}

static void long_addresses_are_rejected(void)
{
    char url[400] = "redis:///", name[400] = "redis://";
    struct redis_address address;
    memset(url + 9, 'x', 106);
    CU_ASSERT_PTR_NULL(redis_address_parse(url, &address));
    url[9 + 106] = 'x';
    CU_ASSERT_PTR_NOT_NULL(redis_address_parse(url, &address));
    memset(name + 8, 'h', 253);
    CU_ASSERT_PTR_NULL(redis_address_parse(name, &address));
    name[8 + 253] = 'h';
    CU_ASSERT_PTR_NOT_NULL(redis_address_parse(name, &address));
}

static const struct unit_test tests[] = {
    {"valid addresses are parsed", valid_addresses_are_parsed},
    {"invalid addresses are rejected", invalid_addresses_are_rejected},
    {"long addresses are rejected", long_addresses_are_rejected},
};

UNIT_MAIN("redis_address", tests)
