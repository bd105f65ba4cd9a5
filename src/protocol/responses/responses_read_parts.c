/* Reads the parts of a Responses item.
 *
 * The parts are input_text, input_image and input_file, and in the assistant's turns output_text and refusal
 * (API reference, "input"). input_video is an extension that some model servers support. */
#include "base/failure.h"
#include "protocol/conversation_build.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_read.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *const text_types[] = {"input_text", "output_text", "text"};

struct reader {
    struct conversation *conversation;
    struct turn *turn;
    struct part *result;
    const struct place *place;
};

static struct part *add(const struct reader *reader, enum part_kind kind)
{
    struct arena *arena = reader->conversation->arena;
    return reader->result ? result_add(arena, reader->result, kind) : turn_add(arena, reader->turn, kind);
}

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

/* A URL is a string, or an object as in chat completions. */
static struct json_value url_of(struct json_value value)
{
    return json_kind(value) == JSON_OBJECT ? json_get(value, "url") : value;
}

static bool read_picture(const struct reader *reader, struct json_value value, struct failure *why)
{
    static const char *const names[] = {"image_url", "detail", "file_id"};
    struct json_value members[COUNT(names)];
    if (!read_members(reader->place, value, names, COUNT(names), members, why))
        return false;
    if (!members[0].at && members[2].at)
        return refuse_at(reader->place, why,
                         "input_image by file_id: files are not kept here, give an image_url");
    if (!is_filled(url_of(members[0])))
        return refuse_at(reader->place, why, "input_image requires a non-empty image_url");
    if (!members[1].at)
        members[1] = json_get(members[0], "detail");
    struct part *part = add(reader, PART_IMAGE);
    part->media.detail = json_kind(members[1]) == JSON_STRING ? members[1]
                                                              : (struct json_value){"\"auto\"", 6};
    media_read_url(&part->media, reader->conversation->arena, inside_of_string(url_of(members[0])));
    return true;
}

static bool read_video(const struct reader *reader, struct json_value value, struct failure *why)
{
    static const char *const names[] = {"video_url", "video"};
    struct json_value members[COUNT(names)];
    if (!read_members(reader->place, value, names, COUNT(names), members, why))
        return false;
    struct json_value url = url_of(members[0].at ? members[0] : members[1]);
    if (!is_filled(url))
        return refuse_at(reader->place, why, "input_video requires a non-empty video_url");
    media_read_url(&add(reader, PART_VIDEO)->media, reader->conversation->arena, inside_of_string(url));
    return true;
}

static bool read_file(const struct reader *reader, struct json_value value, struct failure *why)
{
    enum { NAME, DATA, ID, URL, MEMBERS };
    static const char *const names[MEMBERS] = {"filename", "file_data", "file_id", "file_url"};
    struct json_value members[MEMBERS];
    if (!read_members(reader->place, value, names, MEMBERS, members, why))
        return false;
    if (!is_filled(members[DATA]) && !is_filled(members[ID]) && !is_filled(members[URL]))
        return refuse_at(reader->place, why, "input_file requires file_data or a file_id");
    struct part *part = add(reader, PART_FILE);
    struct media *media = &part->media;
    media->title = members[NAME];
    if (is_filled(members[DATA])) {
        media_read_url(media, reader->conversation->arena, inside_of_string(members[DATA]));
        if (media->source == MEDIA_URL) /* bare base64, which OpenAI accepts too */
            *media = (struct media){
                .source = MEDIA_BASE64, .data = media->data, .url = media->data, .title = members[NAME]};
    } else if (is_filled(members[ID])) {
        media->source = MEDIA_ID;
        media->data = inside_of_string(members[ID]);
    } else {
        media_read_url(media, reader->conversation->arena, inside_of_string(members[URL]));
    }
    return true;
}

static bool read_part(const struct reader *reader, struct json_value part, struct failure *why)
{
    struct json_value type = json_get(part, "type"), text = text_of(part);
    if (json_kind(text) == JSON_STRING) {
        add(reader, PART_TEXT)->text = text;
        return true;
    }
    if (is_word(type, "input_image"))
        return read_picture(reader, part, why);
    if (is_word(type, "input_file"))
        return read_file(reader, part, why);
    if (is_word(type, "input_video"))
        return read_video(reader, part, why);
    if (word_index(type, text_types, COUNT(text_types)) < COUNT(text_types))
        return refuse_at(reader->place, why, "a text part needs its \"text\"");
    return refuse_at(reader->place, why, "Unsupported part param type: %s", shown(reader->place, type));
}

bool responses_read_parts(struct conversation *conversation, struct turn *turn, struct part *result,
                          const struct place *place, struct json_value content, struct failure *why)
{
    struct reader reader = {conversation, turn, result, place};
    struct json_value rest = json_elements(content), part;
    bool plain = json_kind(content) == JSON_STRING;
    if (plain)
        add(&reader, PART_TEXT)->text = content;
    if (result)
        result->plain = plain;
    else
        turn->plain = plain;
    if (!plain && json_kind(content) != JSON_ARRAY)
        return refuse_at(place, why, "\"%s\" must be a string or a list of parts",
                         result ? "output" : "content");
    while (json_next_element(&rest, &part))
        if (!read_part(&reader, part, why))
            return false;
    return true;
}
