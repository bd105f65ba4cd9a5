/* The keys of the ledger's table: a kind, then numbers and names in an order that can be walked. */
#include "ledger/ledger_key.h"

#include <endian.h>
#include <string.h>

#include "base/process_identity.h"

#define NAME_MAX 128 /* as long as the id of a run may be */

struct ledger_key ledger_key_kind(enum ledger_kind kind)
{
    struct ledger_key key; /* the bytes behind the key are never read, and there are many keys a request */
    key.length = 1;
    key.bytes[0] = (unsigned char)kind;
    return key;
}

static void add(struct ledger_key *key, const void *bytes, size_t length)
{
    if (length > sizeof key->bytes - key->length)
        length = sizeof key->bytes - key->length;
    memcpy(key->bytes + key->length, bytes, length);
    key->length += length;
}

void ledger_key_add_name(struct ledger_key *key, const char *name)
{
    if (name)
        add(key, name, strnlen(name, NAME_MAX));
    add(key, "", 1);
}

void ledger_key_add_number(struct ledger_key *key, uint64_t number)
{
    uint64_t bytes = htobe64(number);
    add(key, &bytes, sizeof bytes);
}

void ledger_key_add_process(struct ledger_key *key, const struct process_identity *process)
{
    ledger_key_add_number(key, process->boot);
    ledger_key_add_number(key, process->space);
    ledger_key_add_number(key, (uint64_t)process->start);
    ledger_key_add_number(key, (uint64_t)process->pid);
}

void ledger_key_next(struct ledger_key *key)
{
    add(key, "", 1);
}
