/* A tool whose argument is a text, for dialects in which a tool has a schema. */
#include "protocol/custom_tool.h"

#include "base/arena.h"
#include "protocol/conversation_build.h"

struct json_value custom_tool_description(struct arena *arena, const struct tool *tool)
{
    const char *description = json_string(arena, tool->description, NULL);
    const char *grammar = json_string(arena, json_get(tool->format, "definition"), NULL);
    const char *syntax = json_string(arena, json_get(tool->format, "syntax"), NULL);
    if (!grammar)
        return tool->description;
    return quote_text(arena, arena_format(arena, "%s%sThe text in \"input\" must match this %s grammar:\n%s",
                                          description ? description : "", description ? "\n\n" : "",
                                          syntax ? syntax : "", grammar));
}
