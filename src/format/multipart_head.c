/* Reads the headers of a form and of its parts, and refuses those that parsers read in different ways.
 *
 * The parsers of Go, Python (email, cgi, Werkzeug, python-multipart), PHP, Java (commons-fileupload), Node
 * (busboy, formidable) and Ruby (Rack) agree about a plain header only. They differ about escapes in quoted
 * texts, continued lines, parameters in the notation of RFC 2231 (name*, name*0), repeated headers and
 * parameters, encoded words, charsets and transfer encodings, and about names that some shorten or compare
 * without case. */
#include "format/multipart_head.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/base.h"
#include "format/fold.h"
#include "format/picking_name.h"
#include "format/plain_name.h"

#define NAME_SIZE 64
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- parameters ---- */

struct parameter {
    const char *name, *value;
    size_t name_length, length;
};

static bool is_token(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_digit(byte) ||
           (byte && strchr("!#$%&'*+-.^_`|~", byte));
}

static size_t token_length(const char *at)
{
    size_t length = 0;
    while (is_token(at[length]))
        length++;
    return length;
}

/* Skips `"value"`. Before a closing quotation mark a backslash is an escape for some and a letter for others.
 * Returns NULL if the end is not certain. */
static const char *skip_quoted(const char *at)
{
    const char *end = strchr(at + 1, '"');
    return end && end[-1] != '\\' ? end + 1 : NULL;
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* Reads the next of "; name=value; name="value"". Returns NULL if the parameters are malformed, as with a
 * semicolon at their end, for which busboy drops the part, or a character in a value that needs quotation
 * marks, at which Python ends it. At their end the name is empty. */
static const char *next_parameter(const char *at, struct parameter *parameter)
{
    *parameter = (struct parameter){.name = ""};
    at = skip_blanks(at);
    if (!*at)
        return at;
    if (*at != ';')
        return NULL;
    at = skip_blanks(at + 1);
    parameter->name = at;
    parameter->name_length = token_length(at);
    at += parameter->name_length;
    if (!parameter->name_length || *at != '=')
        return NULL;
    parameter->value = ++at;
    const char *end = *at == '"' ? skip_quoted(at) : at + token_length(at);
    if (!end || end == at)
        return NULL;
    parameter->length = (size_t)(end - at);
    if (*at == '"') {
        parameter->value++;
        parameter->length -= 2;
    }
    return end;
}

static bool is_named(const struct parameter *parameter, const char *name)
{
    return strlen(name) == parameter->name_length &&
           strncasecmp(parameter->name, name, parameter->name_length) == 0;
}

/* True if the text contains the word, in any case. */
static bool contains(const char *text, size_t length, const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i + size <= length; i++)
        if (strncasecmp(text + i, word, size) == 0)
            return true;
    return false;
}

static bool is_value(const struct parameter *parameter, const char *text)
{
    return strlen(text) == parameter->length && strncasecmp(parameter->value, text, parameter->length) == 0;
}

enum charset { CHARSET_UTF8, CHARSET_OF_ASCII, CHARSET_OTHER };

/* Charsets in which the bytes of ASCII are ASCII. */
static enum charset read_charset(const struct parameter *parameter)
{
    static const char *const of_ascii[] = {"us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252"};
    if (is_value(parameter, "utf-8") || is_value(parameter, "utf8"))
        return CHARSET_UTF8;
    for (size_t i = 0; i < COUNT(of_ascii); i++)
        if (is_value(parameter, of_ascii[i]))
            return CHARSET_OF_ASCII;
    return CHARSET_OTHER;
}

/* ---- the name of a part ---- */

/* Fields that have one meaning in all forms, so that nothing is gained by another case or a second value. */
static const char *const once[] = {"stream",         "n",
                                   "max_tokens",     "max_completion_tokens",
                                   "best_of",        "max_output_tokens",
                                   "stream_options", "service_tier",
                                   "partial_images", "response_format"};

/* Copies the name as the most lenient parsers read it: without percent-encoding (browsers), blanks around it
 * and brackets behind it (PHP, Rack, qs). Cuts it to fit. */
static size_t simplify(const char *name, size_t length, char simple[static NAME_SIZE])
{
    size_t count = 0;
    for (size_t i = 0; i < length && count < NAME_SIZE; i++) {
        bool encoded = name[i] == '%' && i + 2 < length && hex_value(name[i + 1]) >= 0 &&
                       hex_value(name[i + 2]) >= 0;
        char byte = encoded ? (char)(hex_value(name[i + 1]) * 16 + hex_value(name[i + 2])) : name[i];
        i += encoded ? 2 : 0;
        if (byte == '[' || byte == '\0')
            break;
        if (count || !strchr(" \t", byte))
            simple[count++] = byte;
    }
    while (count && strchr(" \t", simple[count - 1]))
        count--;
    return count;
}

/* Writes the letters and digits of ASCII alone: some parsers trim other blanks, and PHP changes dots. */
static void write_plain(const struct parameter *part, char plain[static PLAIN_NAME_SIZE])
{
    char simple[NAME_SIZE], *to = plain;
    plain_name(simple, simplify(part->value, part->length, simple), plain);
    for (const char *at = plain; *at; at++)
        if (*at != '?')
            *to++ = *at;
    *to = '\0';
}

static bool is_same(const struct parameter *part, const char *name)
{
    return strlen(name) == part->length && memcmp(part->value, name, part->length) == 0;
}

/* Compares the part's name, of which `plain` are the letters. Returns false if only some parsers would find
 * it equal. */
static bool compare_name(const struct parameter *part, const char *plain, const char *name, bool *same)
{
    char other[PLAIN_NAME_SIZE];
    *same = is_same(part, name);
    plain_name(name, strlen(name), other);
    return *same || strcmp(plain, other) != 0;
}

/* A form is a request in JSON for LiteLLM and others. */
static void note_picking(const struct parameter *part, const char *plain, struct part_head *head)
{
    bool picks = picking_name(plain) != PICKS_NOTHING || strcmp(plain, "route") == 0 ||
                 strcmp(plain, "extrabody") == 0;
    if (!picks || head->found)
        return;
    head->picks = true;
    memcpy(head->field, part->value, min_size(part->length, sizeof head->field - 1));
}

/* PHP takes apostrophes for quotation marks. */
static const char *judge_name(const struct parameter *part, const char *name, struct part_head *head)
{
    static const char other_case[] = "a field's name that differs from one that is read only in case or "
                                     "encoding";
    char plain[PLAIN_NAME_SIZE], simple[NAME_SIZE];
    bool same;
    if (memchr(part->value, '\\', part->length) || contains(part->value, part->length, "=?"))
        return "a field's name with an escape";
    if (part->length && (part->value[0] == '\'' || part->value[part->length - 1] == '\''))
        return "a field's name in apostrophes";
    if (fold_equal(simple, simplify(part->value, part->length, simple), "_charset_"))
        return "a field \"_charset_\"";
    write_plain(part, plain);
    head->counts = is_same(part, "n");
    if (!compare_name(part, plain, name, &head->found))
        return "a field's name that differs from the model's only in case or encoding";
    for (size_t i = 0; i < COUNT(once); i++) {
        if (!compare_name(part, plain, once[i], &same))
            return other_case;
        head->once |= same ? 1u << i : 0;
    }
    note_picking(part, plain, head);
    return NULL;
}

/* ---- the lines of a part ---- */

/* What the lines of a part have said so far. */
struct part {
    const char *name; /* of the field to find */
    struct part_head *head;
    bool has_disposition, is_file;
    const char *fault_of_field; /* what is wrong if the part is the field; NULL: nothing */
};

static const char *read_disposition(struct part *part, const char *value)
{
    static const char kind[] = "form-data";
    size_t length = sizeof kind - 1;
    struct parameter parameter, name = {.name = NULL};
    if (part->has_disposition)
        return "a second Content-Disposition in a part";
    part->has_disposition = true;
    if (strncasecmp(value, kind, length) != 0)
        return "a Content-Disposition other than form-data";
    for (value += length;;) {
        value = next_parameter(value, &parameter);
        if (!value)
            return "a Content-Disposition whose parameters can be read in two ways";
        if (!parameter.name_length)
            break;
        bool file = parameter.name_length >= 8 && strncasecmp(parameter.name, "filename", 8) == 0;
        part->is_file = part->is_file || file;
        if (!is_named(&parameter, "name") && !file &&
            (contains(parameter.name, parameter.name_length, "name") ||
             contains(parameter.name, parameter.name_length, "boundary")))
            return "a parameter like name* in a Content-Disposition";
        if (!is_named(&parameter, "name"))
            continue;
        if (name.name)
            return "a second name in a Content-Disposition";
        name = parameter;
    }
    return name.name ? judge_name(&name, part->name, part->head) : "a part without a name";
}

/* A field's value is the bytes themselves only for a plain text in a charset that includes ASCII. */
static const char *check_field_type(struct part *part, const char *value)
{
    static const char kind[] = "text/plain";
    struct parameter parameter;
    if (strncasecmp(value, kind, sizeof kind - 1) != 0)
        return "a model whose type is not text/plain";
    for (value += sizeof kind - 1;;) {
        value = next_parameter(value, &parameter);
        if (!value)
            return "a model with a malformed Content-Type";
        if (!parameter.name_length)
            return NULL;
        if (!is_named(&parameter, "charset") || read_charset(&parameter) == CHARSET_OTHER)
            return "a model in another charset";
        part->head->ascii_only = read_charset(&parameter) == CHARSET_OF_ASCII;
    }
}

static const char *read_type(struct part *part, const char *value)
{
    size_t length = strlen(value);
    if (strncasecmp(value, "multipart/", 10) == 0 || strncasecmp(value, "message/", 8) == 0)
        return "parts within a part";
    if (contains(value, length, "name*") || contains(value, length, "boundary"))
        return "a parameter like name* or boundary in a part's Content-Type";
    const char *fault = *value ? check_field_type(part, value) : NULL;
    part->fault_of_field = part->fault_of_field ? part->fault_of_field : fault;
    return NULL;
}

static void read_transfer_encoding(struct part *part, const char *value)
{
    static const char *const unchanged[] = {"7bit", "8bit", "binary"};
    for (size_t i = 0; i < COUNT(unchanged); i++)
        if (strcasecmp(value, unchanged[i]) == 0)
            return;
    part->fault_of_field = "a model in a Content-Transfer-Encoding";
}

static const char *read_line(struct part *part, char *line)
{
    size_t name = token_length(line), length = strlen(line);
    if (!name || line[name] != ':')
        return "a header line that is continued or malformed";
    while (length > name + 1 && strchr(" \t", line[length - 1]))
        line[--length] = '\0';
    const char *value = skip_blanks(line + name + 1);
    struct parameter header = {.name = line, .name_length = name};
    if (is_named(&header, "Content-Disposition"))
        return read_disposition(part, value);
    if (is_named(&header, "Content-Type"))
        return read_type(part, value);
    if (is_named(&header, "Content-Transfer-Encoding"))
        read_transfer_encoding(part, value);
    if (contains(value, strlen(value), "name*") || contains(value, strlen(value), "boundary*"))
        return "a parameter like name* in a part's header";
    return NULL;
}

const char *multipart_read_head(char *lines, const char *name, struct part_head *head)
{
    struct part part = {.name = name, .head = head};
    const char *fault = NULL;
    *head = (struct part_head){0};
    for (char *line = lines, *end; !fault && (end = strstr(line, "\r\n")) && end > line; line = end + 2) {
        *end = '\0';
        fault = read_line(&part, line);
    }
    if (fault)
        return fault;
    if (!part.has_disposition)
        return "a part without a Content-Disposition";
    if (head->found && part.is_file)
        return "a model with a file name";
    return head->found ? part.fault_of_field : NULL;
}

/* ---- the boundary ---- */

/* The characters of RFC 2046, 5.1.1, but for the comma, at which PHP ends a boundary. */
static bool is_boundary(const struct parameter *parameter)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+_-./:=? ";
    for (size_t i = 0; i < parameter->length; i++)
        if (!strchr(allowed, parameter->value[i]))
            return false;
    return parameter->length && parameter->value[parameter->length - 1] != ' ';
}

const char *multipart_read_boundary(const char *parameters, char *boundary)
{
    struct parameter parameter;
    *boundary = '\0';
    for (;;) {
        parameters = next_parameter(parameters, &parameter);
        if (!parameters)
            return "a Content-Type whose parameters can be read in two ways";
        if (!parameter.name_length)
            return *boundary ? NULL : "a Content-Type without a boundary";
        if (is_named(&parameter, "charset") && read_charset(&parameter) != CHARSET_OTHER)
            continue;
        if (!is_named(&parameter, "boundary"))
            return "a Content-Type with other parameters than a boundary";
        if (*boundary)
            return "a second boundary";
        if (!is_boundary(&parameter))
            return "a boundary with characters that RFC 2046 does not allow";
        memcpy(boundary, parameter.value, parameter.length);
        boundary[parameter.length] = '\0';
    }
}
