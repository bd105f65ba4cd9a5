/* An exchange as the ledger stores it: numbers first, then the texts one after the other, then the line. */
#include "ledger/ledger_entry.h"

#include <string.h>

#define ENTRY_VERSION 7

/* In the order in which they are stored. */
static const size_t texts[] = {
    offsetof(struct ledger_entry, facts.id),
    offsetof(struct ledger_entry, facts.request_id),
    offsetof(struct ledger_entry, facts.remote_addr),
    offsetof(struct ledger_entry, facts.endpoint),
    offsetof(struct ledger_entry, facts.client),
    offsetof(struct ledger_entry, facts.run_id),
    offsetof(struct ledger_entry, facts.requested_model),
    offsetof(struct ledger_entry, facts.provider),
    offsetof(struct ledger_entry, facts.model),
    offsetof(struct ledger_entry, facts.trace_id),
    offsetof(struct ledger_entry, facts.span_id),
    offsetof(struct ledger_entry, remote_id),
};
#define TEXTS (sizeof texts / sizeof *texts)

/* The pointers within `facts` mean nothing here. */
struct stored_head {
    uint32_t version;
    uint32_t present; /* a bit for each text; a NULL text takes no byte, not even its NUL */
    struct exchange_facts facts;
    struct entry_status status;
};

static const char **text_of(struct ledger_entry *entry, size_t index)
{
    return (const char **)(void *)((char *)entry + texts[index]);
}

static const char *text_in(const struct ledger_entry *entry, size_t index)
{
    return *(const char *const *)(const void *)((const char *)entry + texts[index]);
}

bool ledger_entry_is_over(const struct ledger_entry *entry)
{
    return entry->status.state >= LEDGER_SETTLED;
}

size_t ledger_entry_size(const struct ledger_entry *entry)
{
    size_t size = sizeof(struct stored_head) + entry->line_length;
    for (size_t i = 0; i < TEXTS; i++)
        size += text_in(entry, i) ? strlen(text_in(entry, i)) + 1 : 0;
    return size;
}

void ledger_entry_write(const struct ledger_entry *entry, void *bytes)
{
    struct stored_head head;
    memset(&head, 0, sizeof head); /* the gaps too: equal entries are equal bytes */
    head.version = ENTRY_VERSION;
    head.facts = entry->facts;
    head.status = entry->status;
    char *at = (char *)bytes + sizeof head;
    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = text_in(entry, i);
        if (!text)
            continue;
        size_t size = strlen(text) + 1;
        memcpy(at, text, size);
        head.present |= 1u << i;
        at += size;
    }
    if (entry->line_length)
        memcpy(at, entry->line, entry->line_length);
    memcpy(bytes, &head, sizeof head);
}

bool ledger_entry_read(struct ledger_entry *entry, const void *bytes, size_t length)
{
    struct stored_head head;
    *entry = (struct ledger_entry){0};
    if (length < sizeof head)
        return false;
    memcpy(&head, bytes, sizeof head);
    if (head.version != ENTRY_VERSION)
        return false;
    entry->facts = head.facts;
    entry->status = head.status;
    const char *at = (const char *)bytes + sizeof head, *end = (const char *)bytes + length;
    for (size_t i = 0; i < TEXTS; i++) {
        *text_of(entry, i) = NULL;
        if (!(head.present & 1u << i))
            continue;
        const char *stop = memchr(at, '\0', (size_t)(end - at));
        if (!stop)
            return false;
        *text_of(entry, i) = at;
        at = stop + 1;
    }
    entry->line_length = (size_t)(end - at);
    entry->line = entry->line_length ? at : NULL;
    return true;
}
