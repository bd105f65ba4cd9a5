/* Remembers the signatures of calls for clients that do not send them back.
 *
 * A fixed number of small files bounds the memory: the digest of provider and call chooses the file, and a
 * later signature replaces an earlier one. A file is replaced as a whole, so that any process may read it at
 * any time. What cannot be written is forgotten; the provider then gets what its dialect has for that. */
#include "protocol/signature_memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/digest.h"
#include "protocol/answer.h"
#include "protocol/conversation.h"
#include "protocol/conversation_build.h"
#include "protocol/json_pieces.h"

#define SLOTS 4096
#define SIGNATURE_MAX 32768
#define LIFE_S (24 * 3600)
#define PATH_SIZE 4096

struct slot {
    unsigned char digest[DIGEST_BYTES];
    char path[PATH_SIZE];
};

/* Returns false if the path is too long. */
static bool find_slot(struct slot *slot, const char *folder, const char *mark, const char *id, size_t length)
{
    struct arena *arena = arena_create();
    const char *key = arena_format(arena, "%s\n%.*s", mark, (int)length, id);
    digest_sha256(key, strlen(key), slot->digest);
    arena_destroy(arena);
    unsigned number = ((unsigned)slot->digest[0] << 8 | slot->digest[1]) % SLOTS;
    return snprintf(slot->path, sizeof slot->path, "%s/signatures/%03x", folder, number) <
           (int)sizeof slot->path;
}

/* ---- written ---- */

static bool write_all(int file, const void *bytes, size_t length)
{
    return write(file, bytes, length) == (ssize_t)length;
}

static void write_slot(const struct slot *slot, const struct buffer *signature)
{
    char temporary[PATH_SIZE + 32];
    snprintf(temporary, sizeof temporary, "%s.%ld", slot->path, (long)getpid());
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return;
    bool good = write_all(file, slot->digest, DIGEST_BYTES) &&
                write_all(file, signature->bytes, signature->length);
    good = close(file) == 0 && good;
    if (!good || rename(temporary, slot->path) != 0)
        unlink(temporary);
}

static void make_folder(const char *folder)
{
    char path[PATH_SIZE];
    if (snprintf(path, sizeof path, "%s/signatures", folder) < (int)sizeof path)
        (void)mkdir(path, 0700);
}

void signatures_remember(const char *folder, const struct conversation *conversation,
                         const struct answer *answer)
{
    struct slot slot;
    for (size_t i = 0; i < answer->count; i++) {
        const struct answer_item *item = answer->items[i];
        if (item->kind != ANSWER_CALL || !item->signature.length || item->signature.length > SIGNATURE_MAX ||
            !find_slot(&slot, folder, conversation->mark, item->call_id.bytes, item->call_id.length))
            continue;
        make_folder(folder);
        write_slot(&slot, &item->signature);
    }
}

/* ---- read ---- */

static bool is_fresh(int file)
{
    struct stat facts;
    return fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && time(NULL) - facts.st_mtime < LIFE_S;
}

/* Returns the signature as a JSON string in the arena; absent if none is remembered. */
static struct json_value read_slot(const struct slot *slot, struct arena *arena)
{
    char bytes[DIGEST_BYTES + SIGNATURE_MAX];
    struct json_value none = {0};
    int file = open(slot->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return none;
    ssize_t length = is_fresh(file) ? read(file, bytes, sizeof bytes) : -1;
    close(file);
    if (length <= DIGEST_BYTES || memcmp(bytes, slot->digest, DIGEST_BYTES) != 0)
        return none;
    return quote_inside(arena, bytes + DIGEST_BYTES, (size_t)length - DIGEST_BYTES);
}

void signatures_recall(const char *folder, struct conversation *conversation)
{
    struct slot slot;
    for (struct turn *turn = conversation->turns; turn; turn = turn->next)
        for (struct part *part = turn->parts; part; part = part->next) {
            struct json_value id = inside_of_string(part->id);
            if (part->kind == PART_CALL && !is_filled(part->signature) &&
                find_slot(&slot, folder, conversation->mark, id.at, id.length))
                part->signature = read_slot(&slot, conversation->arena);
        }
}
