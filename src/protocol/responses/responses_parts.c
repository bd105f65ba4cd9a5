/* Converts the parts of a Responses item to parts of a chat message.
 *
 * The parts of an item are input_text, input_image and input_file, and in the assistant's turns output_text
 * and refusal (API reference, "input"). The parts of a chat message are text, image_url and file
 * ("messages"). input_video is an extension that some model servers support. */
#include "protocol/responses/responses_parts.h"

#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *const text_types[] = {"input_text", "output_text", "text"};

/* Returns the text of a text part; absent for any other part. */
static struct json_value text_of(struct json_value part)
{
    struct json_value type = json_get(part, "type");
    if (word_index(type, text_types, COUNT(text_types)) < COUNT(text_types))
        return json_get(part, "text");
    if (is_word(type, "refusal"))
        return json_get(part, "refusal");
    return (struct json_value){0};
}

static void put_text_part(struct json_writer *list, size_t *count, struct json_value text)
{
    struct json_writer part = write_element(list, count);
    json_put_string(&part, "type", "text");
    write_value(&part, "text", text);
    json_write_end(&part);
}

/* {"type": TYPE, TYPE: {"url": …, "detail": …}} */
static void put_url_part(struct json_writer *list, size_t *count, const char *type, struct json_value url,
                         struct json_value detail)
{
    struct json_writer part = write_element(list, count);
    json_put_string(&part, "type", type);
    struct json_writer inner = json_put_object(&part, type);
    write_value(&inner, "url", url);
    write_value(&inner, "detail", detail);
    json_write_end(&inner);
    json_write_end(&part);
}

/* A URL is a string, or an object as in chat completions. */
static struct json_value url_of(struct json_value value)
{
    return json_kind(value) == JSON_OBJECT ? json_get(value, "url") : value;
}

static bool put_image(struct json_writer *list, size_t *count, const struct place *place,
                      struct json_value part, struct failure *why)
{
    static const char *const names[] = {"image_url", "detail", "file_id"};
    static const char automatic[] = "\"auto\"";
    struct json_value members[COUNT(names)], detail = {automatic, sizeof automatic - 1};
    if (!read_members(place, part, names, COUNT(names), members, why))
        return false;
    if (!members[0].at && members[2].at)
        return refuse_at(place, why, "input_image by file_id: files are not kept here, give an image_url");
    if (!is_filled(url_of(members[0])))
        return refuse_at(place, why, "input_image requires a non-empty image_url");
    if (!members[1].at)
        members[1] = json_get(members[0], "detail");
    put_url_part(list, count, "image_url", url_of(members[0]),
                 json_kind(members[1]) == JSON_STRING ? members[1] : detail);
    return true;
}

static bool put_video(struct json_writer *list, size_t *count, const struct place *place,
                      struct json_value part, struct failure *why)
{
    static const char *const names[] = {"video_url", "video"};
    struct json_value members[COUNT(names)], none = {0};
    if (!read_members(place, part, names, COUNT(names), members, why))
        return false;
    struct json_value url = url_of(members[0].at ? members[0] : members[1]);
    if (!is_filled(url))
        return refuse_at(place, why, "input_video requires a non-empty video_url");
    put_url_part(list, count, "video_url", url, none);
    return true;
}

static bool put_file(struct json_writer *list, size_t *count, const struct place *place,
                     struct json_value part, struct failure *why)
{
    static const char *const names[] = {"filename", "file_data", "file_id", "file_url"};
    struct json_value members[COUNT(names)];
    if (!read_members(place, part, names, COUNT(names), members, why))
        return false;
    if (members[3].at)
        return refuse_at(place, why, "input_file by file_url has no Chat Completions representation");
    if (!is_filled(members[1]) && !is_filled(members[2]))
        return refuse_at(place, why, "input_file requires file_data or a file_id");
    struct json_writer file = write_element(list, count);
    json_put_string(&file, "type", "file");
    struct json_writer inner = json_put_object(&file, "file");
    for (size_t i = 0; i < 3; i++)
        write_value(&inner, names[i], members[i]);
    json_write_end(&inner);
    json_write_end(&file);
    return true;
}

static bool put_part(struct json_writer *list, size_t *count, const struct place *place,
                     struct json_value part, struct failure *why)
{
    struct json_value type = json_get(part, "type"), text = text_of(part);
    if (json_kind(text) == JSON_STRING) {
        put_text_part(list, count, text);
        return true;
    }
    if (is_word(type, "input_image"))
        return put_image(list, count, place, part, why);
    if (is_word(type, "input_file"))
        return put_file(list, count, place, part, why);
    if (is_word(type, "input_video"))
        return put_video(list, count, place, part, why);
    if (word_index(type, text_types, COUNT(text_types)) < COUNT(text_types))
        return refuse_at(place, why, "a text part needs its \"text\"");
    return refuse_at(place, why, "Unsupported part param type: %s", shown(place, type));
}

static bool put_list(struct json_writer *writer, const struct place *place, struct json_value content,
                     struct failure *why)
{
    struct json_value rest = json_elements(content), part;
    size_t count = 0;
    json_put_name(writer, "content");
    write_text(writer, "[");
    while (json_next_element(&rest, &part))
        if (!put_part(writer, &count, place, part, why))
            return false;
    write_text(writer, "]");
    return writer->ok || refuse_size(why);
}

bool parts_write(struct json_writer *writer, const struct place *place, struct json_value content,
                 struct failure *why)
{
    if (json_kind(content) == JSON_ARRAY)
        return put_list(writer, place, content, why);
    if (json_kind(content) != JSON_STRING)
        return refuse_at(place, why, "\"content\" must be a string or a list of parts");
    write_value(writer, "content", content);
    return writer->ok || refuse_size(why);
}

/* Returns the first part that is not text; absent if all parts are text. */
static struct json_value not_text(struct json_value content)
{
    struct json_value rest = json_elements(content), part;
    while (json_next_element(&rest, &part))
        if (json_kind(text_of(part)) != JSON_STRING)
            return part;
    return (struct json_value){0};
}

bool parts_are_text(struct json_value content)
{
    enum json_kind kind = json_kind(content);
    return kind == JSON_STRING || (kind == JSON_ARRAY && !not_text(content).at);
}

bool parts_write_output(struct json_writer *writer, const struct place *place, struct json_value output,
                        struct failure *why)
{
    struct json_value other = not_text(output);
    if (other.at)
        return refuse_at(place, why, "'%s' in a function's output has no Chat Completions representation",
                         shown(place, json_get(other, "type")));
    if (json_kind(output) != JSON_STRING && json_kind(output) != JSON_ARRAY)
        return refuse_at(place, why, "\"output\" must be a string or a list of parts");
    struct json_value rest = json_elements(output), part;
    if (json_kind(output) == JSON_ARRAY && !json_next_element(&rest, &part)) {
        json_put_string(writer, "content", ""); /* providers refuse an empty list */
        return writer->ok || refuse_size(why);
    }
    return parts_write(writer, place, output, why);
}

bool parts_gather(struct buffer *inside, const struct place *place, struct json_value content,
                  struct failure *why)
{
    if (content.at && !parts_are_text(content))
        return refuse_at(place, why, "this \"content\" must be a string or a list of texts, not '%s'",
                         shown(place, json_get(not_text(content), "type")));
    bool fits = take_inside(inside, content);
    struct json_value rest = json_elements(content), part;
    while (fits && json_next_element(&rest, &part))
        fits = take_inside(inside, text_of(part));
    return fits || refuse_size(why);
}
