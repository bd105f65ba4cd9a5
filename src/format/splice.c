/* Changes single members of a JSON object and leaves every other byte unchanged.
 *
 * The new text consists of pieces of the old one and of new values: no value is parsed into a tree or copied.
 * Commas need care: a dropped member is removed with the comma after it, and a run of dropped members at the
 * end with the comma before it. */
#include "format/splice.h"

#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "format/json_name.h"

#define MEMBERS_USUAL 8

static void add_member(struct splice *splice, size_t *room, const struct json_member *member)
{
    if (splice->count == *room) {
        *room = 2 * *room + MEMBERS_USUAL;
        struct splice_member *more = arena_alloc(splice->arena, *room * sizeof *more);
        if (splice->count)
            memcpy(more, splice->members, splice->count * sizeof *more);
        splice->members = more;
    }
    splice->members[splice->count++].was = *member;
}

static bool collect_members(struct splice *splice, struct failure *why)
{
    struct json_value rest = json_members(splice->object);
    struct json_member member;
    size_t room = 0;
    while (json_next_member(&rest, &member)) {
        if (splice->count == SPLICE_MEMBERS_MAX)
            return fail(why, FAILURE_BAD_REQUEST, "the request has more than %d members", SPLICE_MEMBERS_MAX);
        add_member(splice, &room, &member);
    }
    return true;
}

/* Some clients write a byte order mark, which many providers refuse. */
static struct json_value after_mark(struct json_value text)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t length = text.length >= 3 && memcmp(text.at, mark, 3) == 0 ? 3 : 0;
    return (struct json_value){text.at + length, text.length - length};
}

bool splice_open(struct splice *splice, struct arena *arena, struct json_value text, unsigned depth,
                 struct failure *why)
{
    *splice = (struct splice){.arena = arena, .start = text.at, .text = after_mark(text)};
    struct json_fault fault;
    if (!json_check(splice->text, depth, JSON_UTF8_STRICT, &splice->object, &fault))
        return fail(why, FAILURE_BAD_REQUEST, "the body is not JSON: %s at byte %zu", fault.what,
                    fault.offset + (size_t)(splice->text.at - splice->start));
    if (json_kind(splice->object) != JSON_OBJECT)
        return fail(why, FAILURE_BAD_REQUEST, "the body must be a JSON object");
    return collect_members(splice, why);
}

struct json_value splice_original(const struct splice *splice, const char *name)
{
    for (size_t i = 0; i < splice->count; i++)
        if (json_name_is(splice->members[i].was.name, name))
            return splice->members[i].was.value;
    return (struct json_value){0};
}

static struct json_value name_of(const struct splice_member *member)
{
    return member->new_name ? (struct json_value){member->new_name, strlen(member->new_name)}
                            : member->was.name;
}

static enum name_match match_name(const struct splice_member *member, const char *name)
{
    return member->dropped ? NAME_OTHER : json_name_match(name_of(member), name);
}

bool splice_find(struct splice *splice, const char *name, struct splice_member **member, struct failure *why)
{
    *member = NULL;
    for (size_t i = 0; i < splice->count; i++) {
        enum name_match match = match_name(&splice->members[i], name);
        if (match == NAME_OTHER)
            continue;
        if (*member || match != NAME_SAME)
            return json_name_refuse(name_of(&splice->members[i]), name, match,
                                    splice->members[i].new_name ? NULL : splice->start, why);
        *member = &splice->members[i];
    }
    return true;
}

/* Returns the added member of that name, or adds one. Few members are ever added, so the list grows by
 * one. */
static struct splice_added *find_or_add(struct splice *splice, const char *name)
{
    for (size_t i = 0; i < splice->added_count; i++)
        if (strcmp(splice->added[i].name, name) == 0)
            return &splice->added[i];
    struct splice_added *more = arena_alloc(splice->arena, (splice->added_count + 1) * sizeof *more);
    if (splice->added_count)
        memcpy(more, splice->added, splice->added_count * sizeof *more);
    splice->added = more;
    return &more[splice->added_count++];
}

void splice_set(struct splice *splice, struct splice_member *member, const char *name, const char *value)
{
    if (member)
        member->new_value = value;
    else
        *find_or_add(splice, name) = (struct splice_added){
            .name = name, .text = arena_format(splice->arena, "\"%s\":%s", name, value)};
}

void splice_reset(struct splice *splice)
{
    for (size_t i = 0; i < splice->count; i++)
        splice->members[i] = (struct splice_member){.was = splice->members[i].was};
    splice->added = NULL;
    splice->added_count = 0;
}

struct reader {
    struct json_value *pieces;
    size_t count;
    const char *at; /* the next byte of the old text */
};

static void put_piece(struct reader *reader, const char *at, size_t length)
{
    if (length)
        reader->pieces[reader->count++] = (struct json_value){at, length};
}

static void read_up_to(struct reader *reader, const char *stop)
{
    put_piece(reader, reader->at, (size_t)(stop - reader->at));
    reader->at = stop;
}

static void put_instead(struct reader *reader, struct json_value old, const char *text)
{
    if (!text)
        return;
    read_up_to(reader, old.at);
    put_piece(reader, text, strlen(text));
    reader->at = old.at + old.length;
}

static size_t kept_after(const struct splice *splice, size_t index)
{
    while (index < splice->count && splice->members[index].dropped)
        index++;
    return index;
}

static const char *value_end(const struct splice_member *member)
{
    return member->was.value.at + member->was.value.length;
}

/* Skips the run of dropped members from `first` to before `next`. */
static void skip_run(const struct splice *splice, struct reader *reader, size_t first, size_t next)
{
    if (next < splice->count) {
        read_up_to(reader, splice->members[first].was.name.at);
        reader->at = splice->members[next].was.name.at;
        return;
    }
    if (first == 0)
        read_up_to(reader, splice->members[0].was.name.at);
    else
        read_up_to(reader, value_end(&splice->members[first - 1]));
    reader->at = value_end(&splice->members[splice->count - 1]);
}

static void read_added(const struct splice *splice, struct reader *reader)
{
    if (!splice->added_count)
        return;
    bool others = kept_after(splice, 0) < splice->count;
    read_up_to(reader, splice->object.at + 1);
    for (size_t i = 0; i < splice->added_count; i++) {
        put_piece(reader, splice->added[i].text, strlen(splice->added[i].text));
        put_piece(reader, ",", i + 1 < splice->added_count || others);
    }
}

size_t splice_pieces(const struct splice *splice, struct json_value **pieces)
{
    size_t most = 2 * splice->added_count + 4 * splice->count + 3;
    struct reader reader = {.at = splice->text.at,
                            .pieces = arena_alloc(splice->arena, most * sizeof **pieces)};
    read_added(splice, &reader);
    for (size_t i = 0; i < splice->count;) {
        const struct splice_member *member = &splice->members[i];
        size_t next = kept_after(splice, i);
        if (next > i) {
            skip_run(splice, &reader, i, next);
            i = next;
            continue;
        }
        put_instead(&reader, member->was.name, member->new_name);
        put_instead(&reader, member->was.value, member->new_value);
        i++;
    }
    read_up_to(&reader, splice->text.at + splice->text.length);
    *pieces = reader.pieces;
    return reader.count;
}

struct json_value splice_join(const struct splice *splice)
{
    struct json_value *pieces;
    size_t count = splice_pieces(splice, &pieces), length = 0;
    for (size_t i = 0; i < count; i++)
        length += pieces[i].length;
    char *text = arena_alloc(splice->arena, length + 1), *to = text;
    for (size_t i = 0; i < count; i++) {
        memcpy(to, pieces[i].at, pieces[i].length);
        to += pieces[i].length;
    }
    return (struct json_value){text, length};
}
