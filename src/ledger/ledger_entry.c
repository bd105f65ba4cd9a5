/* An open exchange as the ledger holds it: the facts, then the texts one after the other, then the line. */
#include "ledger/ledger_entry.h"

#include <string.h>

#define ENTRY_VERSION 2

/* What stands first; a text that is not there has no bytes, not even its NUL. */
struct head {
    uint32_t version, present; /* a bit for each text */
    struct entry_facts facts;
};

size_t ledger_entry_size(const struct ledger_entry *entry)
{
    size_t size = sizeof(struct head) + entry->line_length;
    for (size_t i = 0; i < ENTRY_TEXTS; i++)
        size += entry->texts[i] ? strlen(entry->texts[i]) + 1 : 0;
    return size;
}

void ledger_entry_write(const struct ledger_entry *entry, void *bytes)
{
    struct head head;
    memset(&head, 0, sizeof head); /* gaps too: what is stored is the same for the same facts */
    head.version = ENTRY_VERSION;
    head.facts = entry->facts;
    char *at = (char *)bytes + sizeof head;
    for (size_t i = 0; i < ENTRY_TEXTS; i++) {
        if (!entry->texts[i])
            continue;
        size_t size = strlen(entry->texts[i]) + 1;
        memcpy(at, entry->texts[i], size);
        head.present |= 1u << i;
        at += size;
    }
    if (entry->line_length)
        memcpy(at, entry->line, entry->line_length);
    memcpy(bytes, &head, sizeof head);
}

bool ledger_entry_read(struct ledger_entry *entry, const void *bytes, size_t length)
{
    struct head head;
    *entry = (struct ledger_entry){0};
    if (length < sizeof head)
        return false;
    memcpy(&head, bytes, sizeof head);
    if (head.version != ENTRY_VERSION)
        return false;
    entry->facts = head.facts;
    const char *at = (const char *)bytes + sizeof head, *end = (const char *)bytes + length;
    for (size_t i = 0; i < ENTRY_TEXTS; i++) {
        if (!(head.present & 1u << i))
            continue;
        const char *stop = memchr(at, '\0', (size_t)(end - at));
        if (!stop)
            return false;
        entry->texts[i] = at;
        at = stop + 1;
    }
    entry->line_length = (size_t)(end - at);
    entry->line = entry->line_length ? at : NULL;
    return true;
}
