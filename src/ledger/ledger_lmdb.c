/* The embedded store of the ledger: one file of LMDB, shared by every process of this host.
 *
 * Writers take turns by a lock that survives its holder's death, and a transaction that was not committed has
 * never been: a process may be killed at any instruction. Nothing is forced to the disk (MDB_NOSYNC); what
 * the machine's power takes along is rebuilt from the usage log. Reads happen in write transactions too: a
 * reader of LMDB that is killed would keep old pages for ever.
 *
 * Where room on the disk can be kept (ledger_room.c) the file is written through the map (MDB_WRITEMAP): all
 * that a transaction may touch is taken before, so that a full disk is a fault and no SIGBUS. It saves eight
 * writes a request, half of what the ledger costs. Elsewhere pages are written by calls that can fail; both
 * ways can be at one file together. */
#include "ledger/ledger_lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error_log.h"
#include "base/failure.h"
#include "base/memory.h"
#include "ledger/ledger_crash.h"
#include "ledger/ledger_file.h"
#include "ledger/ledger_prealloc.h"

#define FILE_NAME "ledger.mdb"
#define MAP_MIN ((size_t)64 << 20)
#define SLACK ((uint64_t)256 << 10) /* what a transaction may touch besides the table's pages */
#define READERS 4096
#define LOCK_SIZE (READERS * 64 + 4096) /* more than LMDB gives to so many; it then takes what is there */
#ifndef MDB_PROBLEM
#define MDB_PROBLEM (-30779) /* of newer versions than the one whose header this is */
#endif

struct ledger_lmdb {
    char *path;
    MDB_env *env;
    ino_t inode; /* of the file that is open */
    dev_t device;
    uint64_t length; /* which it has at least */
    uint64_t lock;   /* the inode of its lock */
    bool mapped;     /* it is written through the map */
    uint64_t room;   /* so many of its bytes, from the first, are sure to have room */
    uint64_t begun;  /* so many were in use when the transaction began */
    MDB_txn *txn;
    MDB_dbi table;
    int fault;  /* the first within the transaction */
    int failed; /* how the last one ended */
};

static bool say(struct failure *why, const struct ledger_lmdb *lmdb, int code)
{
    return fail(why, FAILURE_UNAVAILABLE, "the ledger %s cannot be used: %s", lmdb->path,
                code == LEDGER_FILE_NOT_ORDINARY ? "it, or its lock, is no ordinary file"
                                                 : mdb_strerror(code));
}

/* Can the file not be what we, or a machine that did not stop in its middle, have written? */
static bool is_broken(int code)
{
    return code == MDB_INVALID || code == MDB_VERSION_MISMATCH || code == MDB_CORRUPTED ||
           code == MDB_PAGE_NOTFOUND || code == MDB_INCOMPATIBLE || code == MDB_BAD_VALSIZE ||
           code == MDB_BAD_DBI || code == MDB_PAGE_FULL || code == MDB_CURSOR_FULL || code == MDB_PROBLEM;
}

static void drop_env(struct ledger_lmdb *lmdb)
{
    if (lmdb->env)
        mdb_env_close(lmdb->env);
    lmdb->env = NULL;
}

/* Up to where pages are in use; 0: it cannot be known. */
static uint64_t used(const struct ledger_lmdb *lmdb)
{
    MDB_envinfo info;
    MDB_stat stat;
    bool known = mdb_env_info(lmdb->env, &info) == 0 && mdb_env_stat(lmdb->env, &stat) == 0;
    return known ? (uint64_t)(info.me_last_pgno + 1) * stat.ms_psize : 0;
}

/* LMDB maps pages that the file may not have any more: touching one would be SIGBUS. lengthen() sees to it
 * that none is missing as long as nobody cuts the file. One that had to be stretched for them is cut again,
 * so that whoever looks at it next sees the same. */
static int check_length(struct ledger_lmdb *lmdb, uint64_t map)
{
    struct stat file;
    int descriptor;
    uint64_t least = used(lmdb);
    bool stretched = lmdb->mapped && least > map;
    if (mdb_env_get_fd(lmdb->env, &descriptor) || (stretched && ftruncate(descriptor, (off_t)map)) ||
        fstat(descriptor, &file))
        return errno;
    lmdb->inode = file.st_ino;
    lmdb->device = file.st_dev;
    lmdb->length = (uint64_t)file.st_size;
    return !least || (lmdb->length && lmdb->length < least) ? MDB_CORRUPTED : 0;
}

/* A page that is taken and given back in the same transaction is never written: the file may end before the
 * last of its pages, and would look torn. So it grows ahead of them; a hole takes no room. */
static void lengthen(struct ledger_lmdb *lmdb)
{
    struct stat file;
    int descriptor;
    uint64_t least = used(lmdb) + LEDGER_PREALLOC_STEP;
    if (least <= lmdb->length || mdb_env_get_fd(lmdb->env, &descriptor) || fstat(descriptor, &file))
        return;
    lmdb->length = (uint64_t)file.st_size;
    if (least > lmdb->length && ftruncate(descriptor, (off_t)(least + LEDGER_PREALLOC_STEP)) == 0)
        lmdb->length = least + LEDGER_PREALLOC_STEP;
}

/* No transaction takes more new pages than the table has in the end, but for those of the list of free ones:
 * each page is copied once. */
static int take_room(struct ledger_lmdb *lmdb, size_t length)
{
    MDB_stat table;
    int descriptor;
    if (!lmdb->mapped || mdb_stat(lmdb->txn, lmdb->table, &table) || mdb_env_get_fd(lmdb->env, &descriptor))
        return 0;
    uint64_t pages = table.ms_branch_pages + table.ms_leaf_pages + table.ms_overflow_pages;
    uint64_t least = lmdb->begun + pages * table.ms_psize + length + SLACK;
    if (least <= lmdb->room)
        return 0;
    uint64_t wanted = ledger_prealloc_round(least);
    int code = ledger_prealloc_take(descriptor, lmdb->room, wanted);
    if (!code)
        lmdb->room = wanted;
    return code;
}

static int open_table(struct ledger_lmdb *lmdb)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(lmdb->env, NULL, 0, &txn);
    if (code)
        return code;
    code = mdb_dbi_open(txn, NULL, 0, &lmdb->table);
    mdb_txn_abort(txn);
    return code;
}

/* A map that is written to sets the length of the file: it is never smaller than the file is. */
static size_t map_size(uint64_t length, size_t least)
{
    return length > least ? (size_t)ledger_prealloc_round(length) : least;
}

static int open_file(struct ledger_lmdb *lmdb, unsigned flags)
{
    int code = mdb_env_create(&lmdb->env);
    if (code)
        return code;
    size_t map = map_size(lmdb->length, MAP_MIN);
    lmdb->mapped = flags & MDB_WRITEMAP;
    lmdb->room = 0;
    mdb_env_set_mapsize(lmdb->env, map);
    mdb_env_set_maxreaders(lmdb->env, READERS);
    code = mdb_env_open(lmdb->env, lmdb->path, flags | MDB_NOSUBDIR | MDB_NOSYNC | MDB_NOTLS | MDB_NORDAHEAD,
                        0600);
    if (!code)
        code = check_length(lmdb, map);
    if (!code)
        code = open_table(lmdb);
    if (code)
        drop_env(lmdb);
    return code;
}

/* Whether it is whole can no longer be seen once it has been given the map's length. */
static int look_and_open(struct ledger_lmdb *lmdb)
{
    int code = open_file(lmdb, 0);
    if (!code && ledger_prealloc_is_kept(lmdb->path)) {
        drop_env(lmdb);
        code = open_file(lmdb, MDB_WRITEMAP);
    }
    return code;
}

static int open_env(struct ledger_lmdb *lmdb)
{
    drop_env(lmdb);
    int code = ledger_file_prepare(lmdb->path, LOCK_SIZE);
    lmdb->length = ledger_file_length(lmdb->path);
    bool fits = lmdb->length == map_size(lmdb->length, MAP_MIN) && ledger_prealloc_is_kept(lmdb->path);
    if (!code && !(fits && open_file(lmdb, MDB_WRITEMAP) == 0))
        code = look_and_open(lmdb);
    lmdb->lock = ledger_file_lock_inode(lmdb->path);
    return code;
}

/* Touches every page there is. */
static int walk(struct ledger_lmdb *lmdb)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    unsigned long sum = 0;
    int code = open_env(lmdb);
    if (code || (code = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &txn)) ||
        (code = mdb_cursor_open(txn, lmdb->table, &cursor)))
        return code;
    while (!(code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)))
        for (size_t i = 0; i < value.mv_size; i += 512)
            sum += ((const unsigned char *)value.mv_data)[i];
    (void)sum;
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn); /* whose place among the readers would keep old pages */
    drop_env(lmdb);
    return code == MDB_NOTFOUND ? 0 : code;
}

/* LMDB trusts its pages: those of a machine that lost its power may lead it astray. A child finds out. */
static bool is_sound(struct ledger_lmdb *lmdb)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(walk(lmdb) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
}

static bool has_our_name(const struct ledger_lmdb *lmdb)
{
    struct stat named;
    return lstat(lmdb->path, &named) == 0 && named.st_ino == lmdb->inode && named.st_dev == lmdb->device;
}

/* Whoever is not alone opens what is there, and makes nothing: a ledger that is made under the lock of one
 * that was just removed would share it with those who still have that open. */
static int open_locked(struct ledger_lmdb *lmdb)
{
    int lock = ledger_file_lock(lmdb->path);
    int held = open(lmdb->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat file;
    int code = held >= 0 && fstat(held, &file) == 0 && file.st_size ? open_env(lmdb) : ESTALE;
    if (!code && (file.st_ino != lmdb->inode || file.st_dev != lmdb->device))
        code = ESTALE;
    if (held >= 0)
        close(held);
    ledger_file_unlock(lock);
    return code;
}

/* `failed` is how it went with others about. */
static int open_carefully(struct ledger_lmdb *lmdb, int failed)
{
    char because[256];
    int lock = ledger_file_lock(lmdb->path);
    bool by_mistake = failed == ESTALE && lmdb->env && has_our_name(lmdb) &&
                      ledger_file_lock_inode(lmdb->path) == lmdb->lock;
    if (by_mistake || ledger_file_is_empty(lmdb->path))
        ledger_file_clear(lmdb->path);
    bool sound = !ledger_file_is_from_before(lmdb->path) || is_sound(lmdb);
    int code = sound ? open_env(lmdb) : MDB_CORRUPTED;
    if (is_broken(code)) {
        snprintf(because, sizeof because, "cannot be read (%s)", mdb_strerror(code));
        ledger_file_set_aside(lmdb->path, because);
        code = open_env(lmdb);
    }
    ledger_file_unlock(lock);
    return code;
}

static void free_lmdb(struct ledger_lmdb *lmdb)
{
    drop_env(lmdb);
    free(lmdb->path);
    free(lmdb);
}

bool ledger_lmdb_open(const char *folder, struct ledger_lmdb **opened, struct failure *why)
{
    char path[LEDGER_FILE_PATH_SIZE];
    struct ledger_lmdb *lmdb = memory_alloc(1, sizeof *lmdb);
    int length = snprintf(path, sizeof path, "%s/" FILE_NAME, folder);
    lmdb->path = memory_copy(path, (size_t)length < sizeof path ? (size_t)length : sizeof path - 1);
    if (mkdir(folder, 0750) == 0)
        log_info("made the folder %s", folder);
    int code = ledger_file_is_from_before(lmdb->path) ? MDB_CORRUPTED : open_locked(lmdb);
    if (is_broken(code) || code == ESTALE || code == ENOENT) /* it went while LMDB was opening it */
        code = open_carefully(lmdb, code);
    if (code) {
        say(why, lmdb, code);
        free_lmdb(lmdb);
        return false;
    }
    ledger_file_give(lmdb->path);
    *opened = lmdb;
    return true;
}

void ledger_lmdb_close(struct ledger_lmdb *lmdb)
{
    ledger_lmdb_abort(lmdb);
    free_lmdb(lmdb);
}

bool ledger_lmdb_is_current(const struct ledger_lmdb *lmdb)
{
    struct stat named;
    return lmdb->env && lstat(lmdb->path, &named) == 0 && named.st_ino == lmdb->inode &&
           named.st_dev == lmdb->device && (uint64_t)named.st_size >= lmdb->length &&
           ledger_file_lock_inode(lmdb->path) == lmdb->lock;
}

void ledger_lmdb_leave(struct ledger_lmdb *lmdb)
{
    int lock = ledger_file_lock(lmdb->path);
    if (ledger_file_lock_inode(lmdb->path) == lmdb->lock && !has_our_name(lmdb))
        ledger_file_drop_lock(lmdb->path);
    free_lmdb(lmdb);
    ledger_file_unlock(lock);
}

void ledger_lmdb_set_aside(struct ledger_lmdb *lmdb)
{
    char because[256];
    snprintf(because, sizeof because, "cannot be read (%s)", mdb_strerror(lmdb->failed));
    int lock = ledger_file_lock(lmdb->path);
    ledger_lmdb_abort(lmdb);
    if (ledger_lmdb_is_current(lmdb)) /* else somebody has put a new one there, which is theirs */
        ledger_file_set_aside(lmdb->path, because);
    free_lmdb(lmdb);
    ledger_file_unlock(lock);
}

bool ledger_lmdb_is_broken(const struct ledger_lmdb *lmdb)
{
    return is_broken(lmdb->failed);
}

/* ---- transactions ---- */

/* The map grows with the file, which another process may have made larger; nobody opens it meanwhile. */
static bool enlarge_map(struct ledger_lmdb *lmdb, unsigned times)
{
    MDB_envinfo info;
    struct stat file;
    int descriptor, lock = ledger_file_lock(lmdb->path);
    bool known = mdb_env_info(lmdb->env, &info) == 0 && mdb_env_get_fd(lmdb->env, &descriptor) == 0 &&
                 fstat(descriptor, &file) == 0;
    bool done = known && mdb_env_set_mapsize(lmdb->env,
                                             map_size((uint64_t)file.st_size, times * info.me_mapsize)) == 0;
    ledger_file_unlock(lock);
    return done;
}

static bool fit_map(struct ledger_lmdb *lmdb, int code)
{
    if (code == MDB_MAP_RESIZED)
        return enlarge_map(lmdb, 1);
    return code == MDB_MAP_FULL && enlarge_map(lmdb, 2);
}

/* What another process has done to the file, or a write that failed, can be got over by this one. */
static bool recover(struct ledger_lmdb *lmdb, int code)
{
    if (code == MDB_MAP_RESIZED)
        return fit_map(lmdb, code);
    if (code != MDB_PANIC || open_locked(lmdb) != 0)
        return false;
    ledger_crash_guard_enter(lmdb->path, lmdb->inode); /* which may be another file than before */
    return true;
}

/* Long before the map is full it is made larger, so that no request meets its end. */
static void grow_map(struct ledger_lmdb *lmdb)
{
    MDB_envinfo info;
    if (lmdb->env && mdb_env_info(lmdb->env, &info) == 0 && used(lmdb) > info.me_mapsize / 2)
        enlarge_map(lmdb, 2);
}

static void leave(struct ledger_lmdb *lmdb)
{
    lmdb->txn = NULL;
    ledger_crash_guard_leave();
}

/* Room for what the transaction is going to write. */
static int make_ready(struct ledger_lmdb *lmdb)
{
    if (!lmdb->mapped)
        lengthen(lmdb);
    lmdb->begun = used(lmdb);
    int code = take_room(lmdb, 0);
    if (code)
        ledger_lmdb_abort(lmdb);
    return code;
}

bool ledger_lmdb_begin(struct ledger_lmdb *lmdb, struct failure *why)
{
    grow_map(lmdb);
    ledger_crash_guard_enter(lmdb->path, lmdb->inode);
    int code = lmdb->env ? mdb_txn_begin(lmdb->env, NULL, 0, &lmdb->txn) : MDB_PANIC;
    if (recover(lmdb, code))
        code = mdb_txn_begin(lmdb->env, NULL, 0, &lmdb->txn);
    lmdb->fault = 0;
    if (code)
        leave(lmdb);
    else
        code = make_ready(lmdb);
    lmdb->failed = code;
    return !code || say(why, lmdb, code);
}

void ledger_lmdb_abort(struct ledger_lmdb *lmdb)
{
    if (lmdb->txn)
        mdb_txn_abort(lmdb->txn);
    leave(lmdb);
}

bool ledger_lmdb_commit(struct ledger_lmdb *lmdb, struct failure *why)
{
    int code = lmdb->fault;
    if (!code)
        code = mdb_txn_commit(lmdb->txn);
    else
        mdb_txn_abort(lmdb->txn);
    leave(lmdb);
    lmdb->failed = code;
    if (code)
        fit_map(lmdb, code);
    return !code || say(why, lmdb, code);
}

static MDB_val key_of(const struct ledger_key *key)
{
    return (MDB_val){key->length, (void *)(uintptr_t)key->bytes};
}

static bool remember(struct ledger_lmdb *lmdb, int code)
{
    if (code && code != MDB_NOTFOUND && !lmdb->fault)
        lmdb->fault = code;
    return !code;
}

struct ledger_bytes ledger_lmdb_get(struct ledger_lmdb *lmdb, const struct ledger_key *key)
{
    MDB_val name = key_of(key), value = {0};
    if (!remember(lmdb, mdb_get(lmdb->txn, lmdb->table, &name, &value)))
        return (struct ledger_bytes){0};
    return (struct ledger_bytes){value.mv_data, value.mv_size};
}

void *ledger_lmdb_put(struct ledger_lmdb *lmdb, const struct ledger_key *key, size_t length)
{
    MDB_val name = key_of(key), value = {length, NULL};
    if (lmdb->fault || !remember(lmdb, take_room(lmdb, length)) ||
        !remember(lmdb, mdb_put(lmdb->txn, lmdb->table, &name, &value, MDB_RESERVE)))
        return NULL;
    return value.mv_data;
}

void ledger_lmdb_remove(struct ledger_lmdb *lmdb, const struct ledger_key *key)
{
    MDB_val name = key_of(key);
    if (remember(lmdb, take_room(lmdb, 0)))
        remember(lmdb, mdb_del(lmdb->txn, lmdb->table, &name, NULL));
}

bool ledger_lmdb_seek(struct ledger_lmdb *lmdb, struct ledger_key *key, struct ledger_bytes *value)
{
    MDB_cursor *cursor;
    MDB_val name = key_of(key), bytes;
    if (!remember(lmdb, mdb_cursor_open(lmdb->txn, lmdb->table, &cursor)))
        return false;
    bool found = remember(lmdb, mdb_cursor_get(cursor, &name, &bytes, MDB_SET_RANGE));
    mdb_cursor_close(cursor);
    if (found && name.mv_size > sizeof key->bytes)
        found = remember(lmdb, MDB_CORRUPTED);
    if (!found)
        return false;
    memmove(key->bytes, name.mv_data, name.mv_size);
    key->length = name.mv_size;
    *value = (struct ledger_bytes){bytes.mv_data, bytes.mv_size};
    return true;
}

void ledger_lmdb_clear(struct ledger_lmdb *lmdb)
{
    remember(lmdb, mdb_drop(lmdb->txn, lmdb->table, 0));
}
