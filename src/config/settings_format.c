/* Prints values in the syntax of penstock.conf, so that settings_store.c reads them back. */
#include "config/settings_format.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/money.h"
#include "config/settings_table.h"
#include "config/settings_types.h"
#include "format/json.h"

/* Escapes the characters that would end the string or the line, in the form that libconfig's lexer unescapes.
 * UTF-8 is unchanged. */
void config_print_string(const char *text, FILE *out)
{
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20 || *text == 0x7f)
            fprintf(out, "\\x%02x", (unsigned char)*text);
        else
            putc(*text, out);
    }
    putc('"', out);
}

/* ---- JSON ---- */

bool config_is_name(const char *name)
{
    bool good = isalpha((unsigned char)*name) || *name == '*';
    for (; good && *name; name++)
        good = isalnum((unsigned char)*name) || strchr("-_*", *name);
    return good;
}

static bool fits_libconfig(struct arena *arena, struct json_value value)
{
    struct json_value rest, element;
    struct json_member member;
    enum json_kind kind = json_kind(value);
    if (kind == JSON_NULL || kind == JSON_NONE)
        return false;
    for (rest = json_elements(value); json_next_element(&rest, &element);)
        if (!fits_libconfig(arena, element))
            return false;
    for (rest = json_members(value); json_next_member(&rest, &member);)
        if (!config_is_name(json_string(arena, member.name, NULL)) || !fits_libconfig(arena, member.value))
            return false;
    return true;
}

/* libconfig reads an integer beyond 32 bits only with an L after it. */
static void print_number(struct json_value number, FILE *out)
{
    int64_t integer;
    bool wide = json_integer(number, &integer) && (integer > INT32_MAX || integer < INT32_MIN);
    fprintf(out, "%.*s%s", (int)number.length, number.at, wide ? "L" : "");
}

static void print_value(struct arena *arena, struct json_value value, FILE *out)
{
    struct json_value rest, element;
    struct json_member member;
    const char *glue = "";
    switch (json_kind(value)) {
    case JSON_OBJECT:
        fputs("{ ", out);
        for (rest = json_members(value); json_next_member(&rest, &member); fputs("; ", out)) {
            fprintf(out, "%s = ", json_string(arena, member.name, NULL));
            print_value(arena, member.value, out);
        }
        putc('}', out);
        break;
    case JSON_ARRAY:
        fputs("( ", out);
        for (rest = json_elements(value); json_next_element(&rest, &element); glue = ", ") {
            fputs(glue, out);
            print_value(arena, element, out);
        }
        fputs(" )", out);
        break;
    case JSON_STRING:
        config_print_string(json_string(arena, value, NULL), out);
        break;
    case JSON_NUMBER:
        print_number(value, out);
        break;
    default:
        fprintf(out, "%.*s", (int)value.length, value.at);
    }
}

/* Returns the value of a JSON text that json_check() accepted when the setting was stored. */
static struct json_value root_of(const char *json)
{
    struct json_value root = {0};
    struct json_fault fault;
    struct json_value text = {json, strlen(json)};
    return json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault) ? root : (struct json_value){0};
}

bool config_can_hold_json(const char *json)
{
    struct arena *arena = arena_create();
    bool good = fits_libconfig(arena, root_of(json));
    arena_destroy(arena);
    return good;
}

void config_print_json(const char *json, FILE *out)
{
    struct arena *arena = arena_create();
    print_value(arena, root_of(json), out);
    arena_destroy(arena);
}

/* ---- fields ---- */

/* Uses the largest unit that leaves no remainder, so that "32M" is printed as "32M". */
static void print_size(int64_t bytes, FILE *out)
{
    static const char units[] = "KMG";
    int unit = -1;
    for (; bytes && bytes % 1024 == 0 && unit < 2; unit++)
        bytes /= 1024;
    fprintf(out, unit < 0 ? "\"%" PRId64 "\"" : "\"%" PRId64 "%c\"", bytes, unit < 0 ? 0 : units[unit]);
}

static void print_duration(int64_t milliseconds, FILE *out)
{
    if (milliseconds % 1000)
        fprintf(out, "%" PRId64 ".%03d", milliseconds / 1000, (int)(milliseconds % 1000));
    else
        fprintf(out, "%" PRId64, milliseconds / 1000);
}

/* libconfig stores a number with a point as a double, which keeps 15 digits; an amount with more digits is
 * printed as a string. */
static void print_money(int64_t billionths, FILE *out)
{
    char text[MONEY_TEXT_SIZE];
    money_print(billionths, text);
    bool too_long = strlen(text) > 15 + 1;
    fprintf(out, too_long ? "\"%s\"" : "%s", text);
}

static void print_choice(const char *choices, int64_t index, FILE *out)
{
    for (; index > 0; index--)
        choices += strcspn(choices, " ") + 1;
    fprintf(out, "\"%.*s\"", (int)strcspn(choices, " "), choices);
}

static void print_names(const struct string_list *names, FILE *out)
{
    fputs("[ ", out);
    for (size_t i = 0; i < names->count; i++) {
        fputs(i ? ", " : "", out);
        config_print_string(names->items[i], out);
    }
    fputs(names->count ? " ]" : "]", out);
}

/* Prints names if no target has options, and groups otherwise. */
static void print_targets(const struct target_list *targets, FILE *out)
{
    bool plain = true;
    for (size_t i = 0; i < targets->count; i++)
        plain = plain && targets->options[i].weight < 0 && !targets->options[i].larger;
    if (plain) {
        print_names(&(struct string_list){targets->count, targets->items}, out);
        return;
    }
    fputs("( ", out);
    for (size_t i = 0; i < targets->count; i++) {
        fputs(i ? ", { model = " : "{ model = ", out);
        config_print_string(targets->items[i], out);
        if (targets->options[i].weight >= 0)
            fprintf(out, "; weight = %" PRId64, targets->options[i].weight);
        fputs(targets->options[i].larger ? "; larger = true; }" : "; }", out);
    }
    fputs(" )", out);
}

void setting_print(const struct setting_row *row, const void *base, FILE *out)
{
    const void *field = (const char *)base + row->offset;
    const char *text = row->type <= SETTING_PATH ? *(char *const *)field : NULL;
    int64_t number = row->type >= SETTING_INTEGER && row->type <= SETTING_CHOICE ? *(const int64_t *)field
                                                                                 : 0;
    switch (row->type) {
    case SETTING_DURATION:
        print_duration(number, out);
        break;
    case SETTING_SIZE:
        print_size(number, out);
        break;
    case SETTING_MONEY:
        print_money(number, out);
        break;
    case SETTING_MODE:
        fprintf(out, "\"%04o\"", (unsigned)number);
        break;
    case SETTING_CHOICE:
        print_choice(row->choices, number, out);
        break;
    case SETTING_BOOLEAN:
        fputs(*(const bool *)field ? "true" : "false", out);
        break;
    case SETTING_NAMES:
        print_names(field, out);
        break;
    case SETTING_TARGETS:
        print_targets(field, out);
        break;
    case SETTING_INTEGER:
        fprintf(out, "%" PRId64, number);
        break;
    default:
        config_print_string(text ? text : "", out);
    }
}
