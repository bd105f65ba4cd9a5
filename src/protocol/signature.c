/* What a provider wants back unchanged, carried through a client that speaks another dialect. */
#include "protocol/signature.h"

#include <string.h>

#include "base/buffer.h"
#include "protocol/conversation.h"
#include "protocol/conversation_build.h"
#include "protocol/json_pieces.h"

#define PREFIX "penstock:"

static const char letters[] = {'s', 'o'}; /* by kind */

void signature_write(struct json_writer *writer, const char *name, const struct conversation *conversation,
                     enum signature_kind kind, const struct buffer *inside)
{
    if (!conversation || !conversation->mark)
        return;
    json_put_name(writer, name);
    write_text(writer, "\"" PREFIX);
    write_text(writer, conversation->mark);
    write_bytes(writer, (const char[]){':', letters[kind], ':'}, 3);
    write_bytes(writer, inside->bytes, inside->length);
    write_text(writer, "\"");
}

struct json_value signature_read(const struct conversation *conversation, struct json_value string,
                                 enum signature_kind *kind)
{
    struct json_value inside = inside_of_string(string), none = {0};
    size_t prefix = strlen(PREFIX), mark = conversation->mark ? strlen(conversation->mark) : 0;
    if (!mark || inside.length <= prefix + mark + 3 || memcmp(inside.at, PREFIX, prefix) != 0 ||
        memcmp(inside.at + prefix, conversation->mark, mark) != 0 || inside.at[prefix + mark] != ':')
        return none;
    *kind = inside.at[prefix + mark + 1] == letters[SIGNATURE_OPAQUE] ? SIGNATURE_OPAQUE
                                                                      : SIGNATURE_REASONING;
    return (struct json_value){inside.at + prefix + mark + 3, inside.length - prefix - mark - 3};
}
