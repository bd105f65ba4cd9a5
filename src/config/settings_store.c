/* Stores one value of one setting: from text into its field.
 *
 * A value in the file has a form (a number, a string), which must fit the setting: a number in quotation
 * marks or a mode without them is reported, not guessed at. The environment and the command line have only
 * texts, which are parsed according to the type of the setting. All values pass the same parsers, so that the
 * same values are valid in every source. */
#include "config/settings_store.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/money.h"
#include "config/settings_table.h"
#include "config/settings_types.h"
#include "format/json.h"

#define WEIGHT_MAX 1000000

/* True if the type accepts the form in the file. */
static bool accepts(enum setting_type type, enum value_form form)
{
    switch (type) {
    case SETTING_INTEGER:
        return form == VALUE_INTEGER;
    case SETTING_DURATION:
        return form == VALUE_INTEGER || form == VALUE_FLOAT;
    case SETTING_MONEY:
        return form == VALUE_INTEGER || form == VALUE_FLOAT || form == VALUE_STRING;
    case SETTING_SIZE:
        return form == VALUE_INTEGER || form == VALUE_STRING;
    case SETTING_BOOLEAN:
        return form == VALUE_BOOLEAN;
    case SETTING_NAMES:
        return form == VALUE_ELEMENT;
    case SETTING_TARGETS:
        return form == VALUE_ELEMENT || form == VALUE_JSON;
    case SETTING_JSON:
        return form == VALUE_JSON;
    default:
        return form == VALUE_STRING;
    }
}

/* Turns "chunk comment" of the table into "chunk" or "comment", with the quotation marks. */
static void list_choices(const char *choices, char *words, size_t size)
{
    size_t used = 0;
    for (const char *choice = choices; *choice && used < size; choice += strspn(choice, " ")) {
        size_t length = strcspn(choice, " ");
        const char *glue = choice == choices ? "" : choice[length] ? ", " : " or ";
        used += (size_t)snprintf(words + used, size - used, "%s\"%.*s\"", glue, (int)length, choice);
        choice += length;
    }
}

void setting_expects(const struct setting_row *row, char words[static SETTING_EXPECTS_SIZE])
{
    static const char *const plain[] = {
        [SETTING_TEXT] = "a string",
        [SETTING_PATH] = "a string with an absolute path",
        [SETTING_SECRET] = "a string",
        [SETTING_MONEY] = "an amount in USD from 0 to 1000000000, such as 2.5, with at most 9 decimal places",
        [SETTING_MODE] = "a string of octal digits such as \"0660\", with the quotation marks",
        [SETTING_BOOLEAN] = "true or false",
        [SETTING_NAMES] = "an array of strings such as [ \"one\", \"two\" ]",
        [SETTING_PAIR] = "a string",
        [SETTING_JSON] = "a value that JSON can represent",
        [SETTING_TARGETS] = "an array of strings such as [ \"one\", \"two\" ], or a list of groups such as "
                            "( { model = \"one\"; weight = 3; } )",
    };
    long long min = row->min, max = row->max;
    if (row->type == SETTING_INTEGER)
        snprintf(words, SETTING_EXPECTS_SIZE, "a whole number from %lld to %lld", min, max);
    else if (row->type == SETTING_DURATION)
        snprintf(words, SETTING_EXPECTS_SIZE, "a number of seconds from %lld to %lld", min / 1000,
                 max / 1000);
    else if (row->type == SETTING_SIZE)
        snprintf(words, SETTING_EXPECTS_SIZE, "a size from %lld to %lld bytes such as \"32M\"", min, max);
    else if (row->type == SETTING_CHOICE)
        list_choices(row->choices, words, SETTING_EXPECTS_SIZE);
    else
        snprintf(words, SETTING_EXPECTS_SIZE, "%s", plain[row->type]);
}

/* ---- text to number: true only if the entire text is a number in range ---- */

/* strtoll() and strtod() accept white space, signs and more before the digits. */
static bool read_integer(const char *text, int base, int64_t *value)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, base);
    *value = number;
    return is_digit(text[*text == '-']) && !*end && !errno;
}

/* Seconds to milliseconds. A value other than 0 must not become 0, which means "no limit". */
static bool read_duration(const char *text, int64_t *value)
{
    char *end;
    double seconds = strtod(text, &end);
    if (!is_digit(*text) || strspn(text, "0123456789.eE+-") != strlen(text) || *end || seconds > 1e12)
        return false;
    *value = (int64_t)(seconds * 1000 + 0.5);
    return *value != 0 || seconds == 0;
}

/* "M" is 2^20, as in the configuration of web servers; "M" alone and "MB" are not sizes. */
static bool read_size(const char *text, int64_t *value)
{
    static const char units[] = "KMG";
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    const char *unit = *end ? strchr(units, *end & ~0x20) : NULL;
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    if (!is_digit(*text) || errno || end[unit != NULL] || number > INT64_MAX >> shift)
        return false;
    *value = number << shift;
    return true;
}

/* The value is the index of the choice, which is the value of the enum that the field holds. */
static bool read_choice(const char *text, const char *choices, int64_t *value)
{
    size_t length = strlen(text);
    *value = 0;
    for (const char *choice = choices; *choice; choice += strspn(choice, " ")) {
        size_t choice_length = strcspn(choice, " ");
        if (choice_length == length && memcmp(choice, text, length) == 0)
            return true;
        choice += choice_length;
        ++*value;
    }
    return false;
}

/* Accepts the same words as libconfig; "yes", "on" and "1" are not booleans. */
static bool read_boolean(const char *text, bool *value)
{
    *value = strcasecmp(text, "true") == 0;
    return *value || strcasecmp(text, "false") == 0;
}

static bool read_number(const struct setting_row *row, const char *text, int64_t *value)
{
    switch (row->type) {
    case SETTING_CHOICE:
        return read_choice(text, row->choices, value);
    case SETTING_DURATION:
        return read_duration(text, value) && *value >= row->min && *value <= row->max;
    case SETTING_SIZE:
        return read_size(text, value) && *value >= row->min && *value <= row->max;
    case SETTING_MONEY:
        return money_parse(text, value) && *value >= row->min && *value <= row->max;
    case SETTING_MODE:
        return strspn(text, "01234567") == strlen(text) && read_integer(text, 8, value) && *value <= row->max;
    default:
        return read_integer(text, 10, value) && *value >= row->min && *value <= row->max;
    }
}

/* ---- into the field ---- */

/* A newline in a path or a name would forge lines in logs or headers. */
static bool has_controls(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

static void store_text(char **field, const char *text)
{
    free(*field);
    *field = memory_copy(text, strlen(text));
}

static void add_name(struct string_list *list, const char *name, size_t length)
{
    list->items = memory_resize(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = memory_copy(name, length);
}

static void clear_names(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct string_list){0};
}

/* Adds an element of an array in the file; a text is a list with commas that replaces all elements. */
static void store_names(struct string_list *list, const struct settings_value *value)
{
    if (value->form == VALUE_ELEMENT) {
        add_name(list, value->text, strlen(value->text));
        return;
    }
    clear_names(list);
    for (const char *name = value->text; *name; name += *name == ',') {
        size_t length = strcspn(name, ",");
        if (length)
            add_name(list, name, length);
        name += length;
    }
}

static void add_target(struct target_list *list, const char *name, size_t length,
                       struct target_options options)
{
    list->items = memory_resize(list->items, list->count + 1, sizeof *list->items);
    list->options = memory_resize(list->options, list->count + 1, sizeof *list->options);
    list->items[list->count] = memory_copy(name, length);
    list->options[list->count++] = options;
}

static void clear_targets(struct target_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    free(list->options);
    *list = (struct target_list){0};
}

/* Reads one member of a target's group. */
static bool read_target_member(struct arena *arena, const struct json_member *member, const char **model,
                               struct target_options *options, struct failure *why)
{
    const char *name = json_string(arena, member->name, NULL);
    struct json_value value = member->value;
    if (strcmp(name, "model") == 0) {
        *model = json_kind(value) == JSON_STRING ? json_string(arena, value, NULL) : "";
        return true;
    }
    if (strcmp(name, "weight") == 0)
        return (json_integer(value, &options->weight) && options->weight >= 0 &&
                options->weight <= WEIGHT_MAX) ||
               fail(why, FAILURE_SETTING,
                    "the weight of a target must be a whole number from 0 to %d, not %.*s", WEIGHT_MAX,
                    (int)min_size(value.length, 60), value.at);
    if (strcmp(name, "larger") == 0) {
        options->larger = json_kind(value) == JSON_TRUE;
        return json_kind(value) == JSON_TRUE || json_kind(value) == JSON_FALSE ||
               fail(why, FAILURE_SETTING, "\"larger\" of a target must be true or false");
    }
    return fail(why, FAILURE_SETTING,
                "a target has no \"%.60s\"; its group may contain model, weight and larger", name);
}

static bool add_target_group(struct target_list *list, struct arena *arena, const char *json,
                             struct failure *why)
{
    struct json_value text = {json, strlen(json)}, root, rest;
    struct json_fault fault;
    struct json_member member;
    struct target_options options = {.weight = -1};
    const char *model = "";
    if (!json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return fail(why, FAILURE_SETTING, "%s", fault.what);
    for (rest = json_members(root); json_next_member(&rest, &member);)
        if (!read_target_member(arena, &member, &model, &options, why))
            return false;
    if (!*model)
        return fail(why, FAILURE_SETTING, "a target needs a model, as in { model = \"PROVIDER:MODEL\"; }");
    add_target(list, model, strlen(model), options);
    return true;
}

/* Adds an element of a list in the file; a text is a list with commas that replaces all elements. */
static bool store_targets(struct target_list *list, const struct settings_value *value, struct failure *why)
{
    static const struct target_options none = {.weight = -1};
    if (value->form == VALUE_JSON) {
        struct arena *arena = arena_create();
        bool good = add_target_group(list, arena, value->text, why);
        arena_destroy(arena);
        if (!good) /* one error is enough: the list is not empty */
            add_target(list, "", 0, none);
        return good;
    }
    if (value->form == VALUE_ELEMENT) {
        add_target(list, value->text, strlen(value->text), none);
        return true;
    }
    clear_targets(list);
    for (const char *name = value->text; *name; name += *name == ',') {
        size_t length = strcspn(name, ",");
        if (length)
            add_target(list, name, length, none);
        name += length;
    }
    return true;
}

/* Replaces the value of an existing name, so that the command line can change one member of a map. */
static void store_pair(struct name_value_list *list, const struct settings_value *value)
{
    const char *name = strrchr(value->path, '.') + 1;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0) {
            store_text(&list->items[i].value, value->text);
            return;
        }
    list->items = memory_resize(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (struct name_value){
        .name = memory_copy(name, strlen(name)),
        .value = memory_copy(value->text, strlen(value->text)),
    };
}

static void clear_pairs(struct name_value_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        free(list->items[i].value);
    }
    free(list->items);
    *list = (struct name_value_list){0};
}

/* Reports the value as invalid and quotes the value, unless it may be a key. A mode without quotation marks
 * is not quoted either, because libconfig 1.5 reads 0660 as decimal and 1.7 as octal, so the number in the
 * message could differ from the number in the file. */
static bool reject(const struct setting_row *row, const struct settings_value *value, struct failure *why)
{
    char words[SETTING_EXPECTS_SIZE];
    setting_expects(row, words);
    if (value->form == VALUE_GROUP || (row->type == SETTING_MODE && value->form == VALUE_INTEGER) ||
        row->type == SETTING_SECRET)
        return fail(why, FAILURE_SETTING, "must be %s", words);
    bool is_text = value->form == VALUE_TEXT || value->form == VALUE_STRING || value->form == VALUE_ELEMENT;
    const char *mark = is_text ? "\"" : "";
    return fail(why, FAILURE_SETTING, "must be %s, not %s%.60s%s", words, mark, value->text, mark);
}

static bool store_string(const struct setting_row *row, char **field, const struct settings_value *value,
                         struct failure *why)
{
    if (row->type == SETTING_PATH && *value->text && *value->text != '/')
        return reject(row, value, why);
    if (has_controls(value->text))
        return fail(why, FAILURE_SETTING, "contains a control character");
    store_text(field, *value->text || !row->empty_is_default ? value->text : setting_default(row));
    return true;
}

static bool store_boolean(const struct setting_row *row, bool *field, const struct settings_value *value,
                          struct failure *why)
{
    bool parsed;
    if (!read_boolean(value->text, &parsed))
        return reject(row, value, why);
    *field = parsed;
    return true;
}

static bool store_number(const struct setting_row *row, int64_t *field, const struct settings_value *value,
                         struct failure *why)
{
    int64_t parsed;
    if (!read_number(row, value->text, &parsed))
        return reject(row, value, why);
    *field = parsed;
    return true;
}

/* Values from the file have been converted to JSON; a text must be JSON. */
static bool store_json(struct name_value_list *field, const struct settings_value *value, struct failure *why)
{
    struct json_value text = {value->text, strlen(value->text)}, root;
    struct json_fault error;
    if (value->form == VALUE_TEXT && !json_check(text, JSON_DEPTH_MAX, JSON_UTF8_STRICT, &root, &error))
        return fail(why, FAILURE_SETTING, "must be JSON (a string needs quotation marks): byte %zu: %s",
                    error.offset, error.what);
    store_pair(field, value);
    return true;
}

bool setting_store(const struct setting_row *row, void *base, const struct settings_value *value,
                   struct failure *why)
{
    void *field = (char *)base + row->offset;
    if (value->form != VALUE_TEXT && !accepts(row->type, value->form))
        return reject(row, value, why);
    switch (row->type) {
    case SETTING_TEXT:
    case SETTING_PATH:
        return store_string(row, field, value, why);
    case SETTING_SECRET:
        secret_wipe(field);
        *(struct secret *)field = secret_copy(value->text, strlen(value->text));
        return true;
    case SETTING_NAMES:
        store_names(field, value);
        return true;
    case SETTING_TARGETS:
        return store_targets(field, value, why);
    case SETTING_PAIR:
        store_pair(field, value);
        return true;
    case SETTING_JSON:
        return store_json(field, value, why);
    case SETTING_BOOLEAN:
        return store_boolean(row, field, value, why);
    default:
        return store_number(row, field, value, why);
    }
}

void setting_clear(const struct setting_row *row, void *base)
{
    void *field = (char *)base + row->offset;
    switch (row->type) {
    case SETTING_TEXT:
    case SETTING_PATH:
        free(*(char **)field);
        *(char **)field = NULL;
        break;
    case SETTING_SECRET:
        secret_wipe(field);
        break;
    case SETTING_NAMES:
        clear_names(field);
        break;
    case SETTING_TARGETS:
        clear_targets(field);
        break;
    case SETTING_PAIR:
    case SETTING_JSON:
        clear_pairs(field);
        break;
    default:
        break;
    }
}
