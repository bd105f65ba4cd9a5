/* A route is found under any prefix, on any server. */
#include "routing/route.h"

#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "config/settings.h"
#include "front/request.h"
#include "unit.h"

static struct arena *arena;
static struct failure why;
static const char *rest;

static const char *find(const char *method, const char *uri, const char *script, const char *info)
{
    const struct route *route;
    struct request request = {
        .arena = arena, .method = method, .uri = uri, .script_name = script, .path_info = info};
    return route_find(&request, &route, &rest, &why) ? route->path : failure_reason_name(why.reason);
}

static void a_route_is_found_under_any_prefix(void)
{
    static const struct {
        const char *method, *uri, *wanted;
    } cases[] = {
        {"POST", "/v1/chat/completions", "/v1/chat/completions"},
        {"POST", "/llm/v1/chat/completions?x=/v1/models", "/v1/chat/completions"},
        {"POST", "/v1/sites/me/v1/chat/completions", "/v1/chat/completions"},
        {"POST", "/cgi-bin/penstock.cgi/v1/chat/completions/", "/v1/chat/completions"},
        {"POST", "http://host/a/v1/chat/completions", "/v1/chat/completions"},
        {"GET", "/v1/models", "/v1/models"},
        {"HEAD", "/v1/models", "/v1/models"},
        {"GET", "/healthz", "/healthz"},
        {"GET", "/llm/healthz?a", "/healthz"},
        {"GET", "/v1/models/healthz", "/v1/models/"},
        {"POST", "/v1/completions", "/v1/completions"},
        {"POST", "/a/v1/embeddings", "/v1/embeddings"},
        {"POST", "/v1/images/generations", "/v1/images/generations"},
        {"POST", "/v1/images", "not_found"},
        {"POST", "/a/v1/audio/speech", "/v1/audio/speech"},
        {"POST", "/v1/audio/transcriptions", "/v1/audio/transcriptions"},
        {"POST", "/v1/audio/translations", "/v1/audio/translations"},
        {"GET", "/v1/audio/speech", "method_not_allowed"},
        {"GET", "/v1/rerank", "method_not_allowed"},
        {"POST", "/v1/chat%2Fcompletions", "not_found"},
        {"POST", "/v1/chat/completionsx", "not_found"},
        {"POST", "/v1", "not_found"},
        {"POST", "", "not_found"},
        {"GET", "/v1/chat/completions", "method_not_allowed"},
        {"POST", "/v1/models", "method_not_allowed"},
    };
    arena = arena_create();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_STRING_EQUAL(find(cases[i].method, cases[i].uri, "", ""), cases[i].wanted);
    arena_destroy(arena);
}

static void a_route_is_found_after_a_rewrite(void)
{
    arena = arena_create();
    CU_ASSERT_STRING_EQUAL(find("GET", "/pretty", "/gw.cgi", "/v1/models"), "/v1/models");
    CU_ASSERT_STRING_EQUAL(find("GET", "", "/llm/v1", "/models"), "/v1/models");
    arena_destroy(arena);
}

static void an_id_may_contain_slashes(void)
{
    arena = arena_create();
    CU_ASSERT_STRING_EQUAL(find("GET", "/v1/models/meta%2Fllama%2f3", "", ""), "/v1/models/");
    CU_ASSERT_STRING_EQUAL(rest, "meta/llama/3");
    CU_ASSERT_STRING_EQUAL(find("GET", "/v1/models/meta/llama%zz%4", "", ""), "/v1/models/");
    CU_ASSERT_STRING_EQUAL(rest, "meta/llama%zz%4");
    arena_destroy(arena);
}

static const struct unit_test tests[] = {
    {"a route is found under any prefix", a_route_is_found_under_any_prefix},
    {"a route is found after a rewrite", a_route_is_found_after_a_rewrite},
    {"an id may contain slashes", an_id_may_contain_slashes},
};

UNIT_MAIN("route", tests)
