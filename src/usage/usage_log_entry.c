/* One line of the usage log, read back.
 *
 * A log has millions of lines, and each of them has its members in the same order: a member is looked for
 * where the one before it suggests first. Texts stay in the line, ended where their quotation mark was. */
#include "usage/usage_log_entry.h"

#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/money.h"
#include "usage/price.h"

#define DEPTH_MAX 16
#define AMOUNT_MAX 63

enum kind { KIND_NONE, KIND_TIME, KIND_TEXT, KIND_COUNT, KIND_BOOL, KIND_COST, KIND_DURATION };

/* In the order of the log; those of no kind are here for that alone. */
static const struct place {
    const char *name;
    enum kind kind;
    size_t offset;
} places[] = {
#define PLACE(name, kind, field)                                                                             \
    {                                                                                                        \
        name, kind, offsetof(struct usage_log_entry, field)                                                  \
    }
#define NOTHING(name)                                                                                        \
    {                                                                                                        \
        name, KIND_NONE, 0                                                                                   \
    }
    PLACE("id", KIND_TEXT, facts.id),
    PLACE("ts", KIND_TIME, facts.wall_us),
    PLACE("request_id", KIND_TEXT, facts.request_id),
    PLACE("client", KIND_TEXT, facts.client),
    PLACE("run_id", KIND_TEXT, facts.run_id),
    PLACE("remote_addr", KIND_TEXT, facts.remote_addr),
    PLACE("endpoint", KIND_TEXT, facts.endpoint),
    PLACE("requested_model", KIND_TEXT, facts.requested_model),
    PLACE("provider", KIND_TEXT, facts.provider),
    PLACE("model", KIND_TEXT, facts.model),
    PLACE("stream", KIND_BOOL, facts.stream),
    PLACE("status", KIND_COUNT, status),
    PLACE("provider_status", KIND_COUNT, provider_status),
    NOTHING("category"),
    PLACE("reason", KIND_TEXT, reason),
    NOTHING("retryable"),
    PLACE("source", KIND_TEXT, source),
    PLACE("end", KIND_TEXT, end),
    NOTHING("attempts"),
    PLACE("prompt_tokens", KIND_COUNT, facts.usage.prompt),
    PLACE("completion_tokens", KIND_COUNT, facts.usage.completion),
    PLACE("total_tokens", KIND_COUNT, facts.usage.total),
    PLACE("cached_tokens", KIND_COUNT, facts.usage.cached),
    PLACE("reasoning_tokens", KIND_COUNT, facts.usage.reasoning),
    NOTHING("usage_source"),
    PLACE("cost_usd", KIND_COST, facts.cost),
    NOTHING("bytes_in"),
    NOTHING("bytes_out"),
    NOTHING("connect_ms"),
    PLACE("ttfb_ms", KIND_DURATION, ttfb_us),
    PLACE("duration_ms", KIND_DURATION, facts.duration_us),
    PLACE("trace_id", KIND_TEXT, facts.trace_id),
    PLACE("span_id", KIND_TEXT, facts.span_id),
    NOTHING("pid"),
};

#define PLACES (sizeof places / sizeof *places)

/* The place of that name, `*next` tried first and then moved behind it; PLACES: none. */
static size_t find_place(struct json_value name, size_t *next)
{
    for (size_t i = 0; i < PLACES; i++) {
        size_t place = (*next + i) % PLACES;
        if (json_name_is(name, places[place].name)) {
            *next = place + 1;
            return place;
        }
    }
    return PLACES;
}

/* Ends a text where its last quotation mark is; one with escapes is decoded elsewhere. */
static const char *take_text(struct json_value value, struct arena *arena)
{
    if (json_kind(value) != JSON_STRING)
        return NULL;
    if (memchr(value.at, '\\', value.length))
        return json_string(arena, value, NULL);
    char *text = (char *)value.at;
    text[value.length - 1] = '\0';
    return text + 1;
}

static int64_t take_count(struct json_value value)
{
    int64_t count;
    return json_integer(value, &count) && count >= 0 ? count : -1;
}

/* An amount of money, or of milliseconds: either has its decimals, and neither becomes a double. */
static bool take_amount(struct json_value value, int64_t *billionths)
{
    char text[AMOUNT_MAX + 1] = "";
    if (json_kind(value) != JSON_NUMBER || value.length > AMOUNT_MAX)
        return false;
    memcpy(text, value.at, value.length);
    return money_parse(text, billionths);
}

static int64_t take_duration(struct json_value value)
{
    int64_t billionths;
    return take_amount(value, &billionths) ? billionths / (MONEY_USD / 1000) : -1;
}

static int64_t take_cost(struct json_value value)
{
    int64_t cost;
    return take_amount(value, &cost) ? cost : COST_UNKNOWN;
}

/* The log has milliseconds, which a date need not have. */
int64_t usage_log_time(const char *text)
{
    int64_t second, fraction = 0, unit = 100000;
    if (!text || !date_parse(text, &second))
        return -1;
    const char *point = strchr(text, '.');
    for (point += point != NULL; point && *point >= '0' && *point <= '9'; point++, unit /= 10)
        fraction += (*point - '0') * unit;
    return second * 1000000 + fraction;
}

static void put(struct usage_log_entry *entry, const struct place *place, struct json_value value,
                struct arena *arena)
{
    void *field = (char *)entry + place->offset;
    switch (place->kind) {
    case KIND_TIME:
        entry->ts = take_text(value, arena);
        *(int64_t *)field = usage_log_time(entry->ts);
        break;
    case KIND_TEXT:
        *(const char **)field = take_text(value, arena);
        break;
    case KIND_COUNT:
        *(int64_t *)field = take_count(value);
        break;
    case KIND_BOOL:
        *(bool *)field = json_kind(value) == JSON_TRUE;
        break;
    case KIND_COST:
        *(int64_t *)field = take_cost(value);
        break;
    case KIND_DURATION:
        *(int64_t *)field = take_duration(value);
        break;
    case KIND_NONE:
        break;
    }
}

static bool take_members(struct json_value record, struct arena *arena, struct usage_log_entry *entry)
{
    struct json_value rest = json_members(record);
    struct json_member member;
    size_t next = 0;
    while (json_next_member(&rest, &member)) {
        size_t place = find_place(member.name, &next);
        if (place < PLACES)
            put(entry, &places[place], member.value, arena);
    }
    return entry->facts.wall_us >= 0 && entry->facts.request_id;
}

static bool is_balance(struct json_value record, struct json_value *balance)
{
    struct json_value rest = json_members(record);
    struct json_member member;
    if (!json_next_member(&rest, &member) || !json_name_is(member.name, "balance"))
        return false;
    *balance = member.value;
    return json_kind(member.value) == JSON_OBJECT;
}

enum usage_log_line usage_log_entry_read(char *line, size_t length, struct arena *arena,
                                         struct usage_log_entry *entry, struct json_value *balance)
{
    struct json_value root = {0};
    struct json_fault fault;
    *entry = (struct usage_log_entry){
        .facts = {.wall_us = -1, .duration_us = -1, .usage = token_usage_unknown(), .cost = COST_UNKNOWN},
        .status = -1,
        .provider_status = -1,
        .ttfb_us = -1,
    };
    if (!json_check((struct json_value){line, length}, DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return LOG_LINE_TORN;
    if (is_balance(root, balance))
        return LOG_LINE_CHECKPOINT;
    return take_members(root, arena, entry) ? LOG_LINE_ENTRY : LOG_LINE_TORN;
}
