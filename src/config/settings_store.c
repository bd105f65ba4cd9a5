/* One value of one setting: from text into its field.
 *
 * The file's values have a form of their own (a number, a string), and it has to be the right one: a port in
 * quotation marks or a mode without them is a slip that should be told, not guessed at. What the environment
 * and the command line say is text only, and the setting's type decides how it is read. Both ways then go
 * through the same readers, so no value is good in one place and bad in another. */
#include "config/settings_store.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/money.h"
#include "config/settings_table.h"
#include "config/settings_types.h"
#include "format/json.h"

/* Which forms a type takes from the file. */
static bool takes(enum setting_type type, enum value_form form)
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
    case SETTING_JSON:
        return form == VALUE_JSON;
    default:
        return form == VALUE_STRING;
    }
}

/* The table's "chunk comment" as people read it: "chunk" or "comment", in quotation marks. */
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
        [SETTING_MONEY] = "an amount of USD from 0 to 1000000000 such as 2.5; the last place is a billionth",
        [SETTING_MODE] = "a string of octal digits such as \"0660\", with the quotes",
        [SETTING_BOOLEAN] = "true or false",
        [SETTING_NAMES] = "an array of strings such as [ \"one\", \"two\" ]",
        [SETTING_PAIR] = "a string",
        [SETTING_JSON] = "a value that JSON has too",
    };
    long long least = row->least, most = row->most;
    if (row->type == SETTING_INTEGER)
        snprintf(words, SETTING_EXPECTS_SIZE, "a whole number from %lld to %lld", least, most);
    else if (row->type == SETTING_DURATION)
        snprintf(words, SETTING_EXPECTS_SIZE, "a number of seconds from %lld to %lld", least / 1000,
                 most / 1000);
    else if (row->type == SETTING_SIZE)
        snprintf(words, SETTING_EXPECTS_SIZE, "a size from %lld to %lld bytes such as \"32M\"", least, most);
    else if (row->type == SETTING_CHOICE)
        list_choices(row->choices, words, SETTING_EXPECTS_SIZE);
    else
        snprintf(words, SETTING_EXPECTS_SIZE, "%s", plain[row->type]);
}

/* ---- text to number: each is true only for a whole text that fits ---- */

/* strtoll() and strtod() would take white space, signs and more before the digits. */
static bool read_integer(const char *text, int base, int64_t *value)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, base);
    *value = number;
    return is_digit(text[*text == '-']) && !*end && !errno;
}

/* Seconds into milliseconds. What is not 0 does not become 0, for that means "no limit". */
static bool read_duration(const char *text, int64_t *value)
{
    char *end;
    double seconds = strtod(text, &end);
    if (!is_digit(*text) || strspn(text, "0123456789.eE+-") != strlen(text) || *end || seconds > 1e12)
        return false;
    *value = (int64_t)(seconds * 1000 + 0.5);
    return *value != 0 || seconds == 0;
}

/* "M" is 2^20, as everywhere near a web server; a letter alone, or "MB", is no size. */
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

/* The value is the place among the choices, which is the order of the enum that the field stands for. */
static bool read_choice(const char *text, const char *choices, int64_t *value)
{
    size_t length = strlen(text);
    *value = 0;
    for (const char *choice = choices; *choice; choice += strspn(choice, " ")) {
        size_t here = strcspn(choice, " ");
        if (here == length && memcmp(choice, text, length) == 0)
            return true;
        choice += here;
        ++*value;
    }
    return false;
}

/* No yes, on or 1: libconfig knows these two only, and one spelling is enough. */
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
        return read_duration(text, value) && *value >= row->least && *value <= row->most;
    case SETTING_SIZE:
        return read_size(text, value) && *value >= row->least && *value <= row->most;
    case SETTING_MONEY:
        return money_parse(text, value) && *value >= row->least && *value <= row->most;
    case SETTING_MODE:
        return strspn(text, "01234567") == strlen(text) && read_integer(text, 8, value) &&
               *value <= row->most;
    default:
        return read_integer(text, 10, value) && *value >= row->least && *value <= row->most;
    }
}

/* ---- into the field ---- */

/* A newline in a path or a name would forge lines in logs and headers later on. */
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

/* An element of the file's array is added; a text lists all of them, with commas, and replaces. */
static void store_names(struct string_list *list, const struct settings_value *said)
{
    if (said->form == VALUE_ELEMENT) {
        add_name(list, said->text, strlen(said->text));
        return;
    }
    clear_names(list);
    for (const char *name = said->text; *name; name += *name == ',') {
        size_t length = strcspn(name, ",");
        if (length)
            add_name(list, name, length);
        name += length;
    }
}

/* A name that is there already gets the new value: the command line changes one member of a map. */
static void store_pair(struct name_value_list *list, const struct settings_value *said)
{
    const char *name = strrchr(said->path, '.') + 1;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0) {
            store_text(&list->items[i].value, said->text);
            return;
        }
    list->items = memory_resize(list->items, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (struct name_value){
        .name = memory_copy(name, strlen(name)),
        .value = memory_copy(said->text, strlen(said->text)),
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

/* What was said is quoted, unless it could be a key. */
static bool refuse(const struct setting_row *row, const struct settings_value *said, struct failure *why)
{
    char words[SETTING_EXPECTS_SIZE];
    setting_expects(row, words);
    if (said->form == VALUE_GROUP || row->type == SETTING_SECRET)
        return fail(why, FAILURE_SETTING, "must be %s", words);
    bool is_text = said->form == VALUE_TEXT || said->form == VALUE_STRING || said->form == VALUE_ELEMENT;
    const char *mark = is_text ? "\"" : "";
    return fail(why, FAILURE_SETTING, "must be %s, not %s%.60s%s", words, mark, said->text, mark);
}

static bool store_string(const struct setting_row *row, char **field, const struct settings_value *said,
                         struct failure *why)
{
    bool may_be_empty = row->least == 0; /* else "" means the default, as it does for a socket's path */
    if (row->type == SETTING_PATH && *said->text && *said->text != '/')
        return refuse(row, said, why);
    if (has_controls(said->text))
        return fail(why, FAILURE_SETTING, "holds a control character");
    store_text(field, *said->text || may_be_empty ? said->text : row->standard);
    return true;
}

static bool store_boolean(const struct setting_row *row, bool *field, const struct settings_value *said,
                          struct failure *why)
{
    bool value;
    if (!read_boolean(said->text, &value))
        return refuse(row, said, why);
    *field = value;
    return true;
}

static bool store_number(const struct setting_row *row, int64_t *field, const struct settings_value *said,
                         struct failure *why)
{
    int64_t value;
    if (!read_number(row, said->text, &value))
        return refuse(row, said, why);
    *field = value;
    return true;
}

/* The file's values were made JSON on their way here; a text has to be JSON already. */
static bool store_json(struct name_value_list *field, const struct settings_value *said, struct failure *why)
{
    struct json_value text = {said->text, strlen(said->text)}, root;
    struct json_fault fault;
    if (said->form == VALUE_TEXT && !json_check(text, JSON_DEPTH_MAX, JSON_UTF8_STRICT, &root, &fault))
        return fail(why, FAILURE_SETTING, "must be JSON (a string needs its quotation marks): byte %zu: %s",
                    fault.offset, fault.what);
    store_pair(field, said);
    return true;
}

bool setting_store(const struct setting_row *row, void *base, const struct settings_value *said,
                   struct failure *why)
{
    void *field = (char *)base + row->offset;
    if (said->form != VALUE_TEXT && !takes(row->type, said->form))
        return refuse(row, said, why);
    switch (row->type) {
    case SETTING_TEXT:
    case SETTING_PATH:
        return store_string(row, field, said, why);
    case SETTING_SECRET:
        secret_wipe(field);
        *(struct secret *)field = secret_copy(said->text, strlen(said->text));
        return true;
    case SETTING_NAMES:
        store_names(field, said);
        return true;
    case SETTING_PAIR:
        store_pair(field, said);
        return true;
    case SETTING_JSON:
        return store_json(field, said, why);
    case SETTING_BOOLEAN:
        return store_boolean(row, field, said, why);
    default:
        return store_number(row, field, said, why);
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
    case SETTING_PAIR:
    case SETTING_JSON:
        clear_pairs(field);
        break;
    default:
        break;
    }
}
