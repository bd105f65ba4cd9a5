/* Ids of calls that a provider accepts. */
#ifndef PENSTOCK_PROTOCOL_TOOL_ID_H
#define PENSTOCK_PROTOCOL_TOOL_ID_H

#include "format/json.h"

struct arena;

/* Returns the id, a JSON string, in letters, digits, '_' and '-' only. The same id becomes the same, and
 * different ids stay different. */
struct json_value tool_id_valid(struct arena *arena, struct json_value id);

#endif
