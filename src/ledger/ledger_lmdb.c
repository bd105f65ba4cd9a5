/* The embedded store of the ledger: one file of LMDB, shared by every process of this host.
 *
 * A transaction that was not committed has no effect, so a process may be killed at any instruction.
 * Nothing is forced to the disk (MDB_NOSYNC): after a power loss the ledger is rebuilt from the usage log.
 * Reads happen in write transactions too, because a reader of LMDB that is killed would keep old pages
 * forever.
 *
 * Where room on the disk can be kept (ledger_file_is_in_place()) the file is written through the map
 * (MDB_WRITEMAP): all that a transaction may touch is allocated before, so that a full disk is a fault and
 * not a SIGBUS. That saves eight writes per request, half of what the ledger costs. On other file systems
 * pages are written by calls that can fail. Processes of both kinds can use one file together.
 *
 * Four things keep processes apart, always taken in this order:
 *
 * Folder lock: flock() on the folder, ledger_file_lock(). Held while a process opens or closes the ledger,
 * makes, replaces or removes one of its files, or enlarges its map. Only one process at a time may be within
 * mdb_env_open(), because the first process to open the ledger initializes the lock file. If this process
 * is killed before it has stored the number of the last transaction, processes that wait within LMDB go on
 * with 0, and the last committed transaction is lost. Nor may a process be within mdb_env_close() then: since
 * 0.9.25 LMDB destroys the mutexes when the last process closes the ledger, and a process that waits for the
 * lock file meanwhile would go on with them (EINVAL, until all processes have closed it).
 *
 * Lock file: LMDB's fcntl() lock on ledger.mdb-lock, shared by all processes that have the ledger open.
 * LMDB takes it in mdb_env_open() and keeps it. POSIX drops it as soon as the process closes any descriptor
 * of that file, so ledger_file_prepare() runs only while this process has no environment open. A ledger
 * with the lock file of another ledger would be two ledgers in one. Therefore each process remembers the
 * inode of the lock file, and closes its two files if they no longer have their names.
 *
 * Writer's lock: LMDB's robust mutex in the lock file, held from ledger_lmdb_begin() to commit or abort. If
 * its holder dies, the kernel passes it on. A process that waits for the folder lock does not hold the
 * writer's lock. A process that opens the ledger takes the writer's lock for a moment, in open_table().
 *
 * Guard: not a lock, but a mark that this process holds the writer's lock. A fault is then blamed on the file
 * (file_guard.c).
 *
 * Opening, with the folder locked:
 *
 *   ledger_lmdb_open()  open_existing(), and if there is no sound file, open_or_replace()
 *   open_existing()     opens the existing file; never makes a file
 *   open_or_replace()   makes a missing file, and replaces an unusable file
 *   open_env()          opens one file, through the map if that is possible
 *   open_mode()         opens one file in one of the two ways to write */
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
#include "ledger/file_guard.h"
#include "ledger/ledger_file.h"

#define FILE_NAME "ledger.mdb"
#define MAP_MIN ((size_t)64 << 20)
#define SLACK ((uint64_t)256 << 10) /* what a transaction may touch besides the table's pages */
#define READERS 4096
#define LOCK_SIZE                                                                                            \
    (READERS * 64 + 4096) /* more than LMDB needs for READERS; LMDB uses the length that it finds */
#define MARKS_BEGIN ((off_t)1 << (sizeof(off_t) > 4 ? 48 : 30)) /* beyond the file */
#define MARKS ((uint64_t)1 << (sizeof(off_t) > 4 ? 48 : 29))
#ifndef MDB_PROBLEM
#define MDB_PROBLEM (-30779) /* a code of newer versions of LMDB than this header */
#endif

struct ledger_lmdb {
    char *path;
    MDB_env *env;
    ino_t inode; /* inode of the open file */
    dev_t device;
    uint64_t length;     /* minimum length of the file */
    uint64_t lock_inode; /* inode of the lock file */
    bool mapped;         /* the file is written through the map */
    uint64_t mark;       /* of this process; 0: none */
    bool marked;         /* the kernel has it */
    bool looking;        /* the file is only read */
    bool unlocked;       /* there is no lock file that could be used */
    uint64_t allocated;  /* number of bytes, from the first, that have room on the disk */
    uint64_t begun;      /* number of bytes in use when the transaction began */
    MDB_txn *txn;
    MDB_dbi table;
    int fault;  /* the first error within the transaction */
    int result; /* result of the last transaction */
};

static bool fail_with(struct failure *why, const struct ledger_lmdb *lmdb, int code)
{
    return fail(why, FAILURE_UNAVAILABLE, "the ledger %s cannot be used: %s", lmdb->path,
                code == LEDGER_FILE_NOT_ORDINARY
                    ? "it, or its lock, is no ordinary file, or has a second name"
                    : mdb_strerror(code));
}

/* True if `code` means that the file is damaged or foreign. A machine that stops during a write may leave
 * such a file, or another program. */
static bool is_broken(int code)
{
    return code == MDB_INVALID || code == MDB_VERSION_MISMATCH || code == MDB_CORRUPTED ||
           code == MDB_PAGE_NOTFOUND || code == MDB_INCOMPATIBLE || code == MDB_BAD_VALSIZE ||
           code == MDB_BAD_DBI || code == MDB_PAGE_FULL || code == MDB_CURSOR_FULL || code == MDB_PROBLEM;
}

static void close_env(struct ledger_lmdb *lmdb)
{
    if (lmdb->env)
        mdb_env_close(lmdb->env);
    lmdb->env = NULL;
}

/* Returns where the pages in use end, 0 if this cannot be known. */
static uint64_t used_bytes(const struct ledger_lmdb *lmdb)
{
    MDB_envinfo info;
    MDB_stat stat;
    bool known = mdb_env_info(lmdb->env, &info) == 0 && mdb_env_stat(lmdb->env, &stat) == 0;
    return known ? (uint64_t)(info.me_last_pgno + 1) * stat.ms_psize : 0;
}

/* Returns a code of LMDB or an errno. mdb_env_get_fd() sets no errno of its own. */
static int stat_env(const struct ledger_lmdb *lmdb, int *descriptor, struct stat *file)
{
    int code = mdb_env_get_fd(lmdb->env, descriptor);
    if (code)
        return code;
    return fstat(*descriptor, file) ? errno : 0;
}

/* ---- opening ---- */

/* LMDB maps pages that the file may no longer have, and touching such a page raises SIGBUS. lengthen()
 * ensures that no page is missing unless the file is cut. If the last pages are missing and LMDB has
 * stretched the file to the map's length, the file is cut again, so that the next process finds them
 * missing, too. */
static int check_length(struct ledger_lmdb *lmdb, uint64_t map)
{
    struct stat file;
    int descriptor;
    uint64_t used = used_bytes(lmdb);
    int code = stat_env(lmdb, &descriptor, &file);
    if (!code && lmdb->mapped && used > map)
        code = ftruncate(descriptor, (off_t)map) || fstat(descriptor, &file) ? errno : 0;
    if (code)
        return code;
    lmdb->inode = file.st_ino;
    lmdb->device = file.st_dev;
    lmdb->length = (uint64_t)file.st_size;
    return !used || (lmdb->length && lmdb->length < used) ? MDB_CORRUPTED : 0;
}

static int open_table(struct ledger_lmdb *lmdb)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(lmdb->env, NULL, lmdb->unlocked ? MDB_RDONLY : 0, &txn);
    if (code)
        return code;
    code = mdb_dbi_open(txn, NULL, 0, &lmdb->table);
    mdb_txn_abort(txn);
    return code;
}

/* A writable map sets the length of the file, so the map is never smaller than the file. */
static size_t map_size(uint64_t length, size_t min)
{
    return length > min ? (size_t)ledger_file_round(length) : min;
}

static int open_mode(struct ledger_lmdb *lmdb, unsigned mode)
{
    int code = mdb_env_create(&lmdb->env);
    if (code)
        return code;
    size_t map = map_size(lmdb->length, MAP_MIN);
    lmdb->mapped = mode & MDB_WRITEMAP;
    lmdb->allocated = 0;
    code = mdb_env_set_mapsize(lmdb->env, map);
    if (!code)
        code = mdb_env_set_maxreaders(lmdb->env, READERS);
    if (!code)
        code = mdb_env_open(lmdb->env, lmdb->path,
                            mode | MDB_NOSUBDIR | MDB_NOSYNC | MDB_NOTLS | MDB_NORDAHEAD, 0600);
    if (!code)
        code = check_length(lmdb, map);
    if (!code)
        code = open_table(lmdb);
    if (code)
        close_env(lmdb);
    return code;
}

/* Opening through the map stretches the file to the map's length, which hides missing pages. So a file of
 * another length is first opened and checked without a writable map. */
static int open_env(struct ledger_lmdb *lmdb)
{
    close_env(lmdb);
    lmdb->length = ledger_file_length(lmdb->path);
    if (lmdb->looking)
        return open_mode(lmdb, lmdb->unlocked ? MDB_RDONLY | MDB_NOLOCK : 0);
    int code = ledger_file_prepare(lmdb->path, LOCK_SIZE);
    bool has_map_length = lmdb->length == map_size(lmdb->length, MAP_MIN);
    bool opened = !code && has_map_length && ledger_file_is_in_place(lmdb->path) &&
                  open_mode(lmdb, MDB_WRITEMAP) == 0;
    if (!code && !opened) {
        code = open_mode(lmdb, 0);
        if (!code && ledger_file_is_in_place(lmdb->path)) {
            close_env(lmdb);
            code = open_mode(lmdb, MDB_WRITEMAP);
        }
    }
    lmdb->lock_inode = ledger_file_lock_inode(lmdb->path);
    return code;
}

/* Reads every page. */
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
    mdb_txn_abort(txn); /* an open reader would keep old pages */
    close_env(lmdb);
    return code == MDB_NOTFOUND ? 0 : code;
}

/* LMDB trusts its pages, and after a power loss damaged pages may crash it. Therefore a child process reads
 * all pages first, with the folder locked. */
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

/* Makes no file: a new file beside the lock file of a ledger that was just removed would share the lock
 * file with processes that still have that ledger open. LEDGER_FILE_REPLACED: there is no file, or it
 * changed meanwhile. */
static int open_existing(struct ledger_lmdb *lmdb)
{
    int lock = ledger_file_lock(lmdb->path);
    int held = open(lmdb->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat file;
    bool exists = held >= 0 && fstat(held, &file) == 0 && file.st_size;
    int code = exists ? open_env(lmdb) : LEDGER_FILE_REPLACED;
    if (!code && (file.st_ino != lmdb->inode || file.st_dev != lmdb->device))
        code = LEDGER_FILE_REPLACED;
    if (held >= 0)
        close(held);
    ledger_file_unlock(lock);
    return code;
}

/* `code`: why open_existing() failed. Another process may have fixed that since. */
static int open_or_replace(struct ledger_lmdb *lmdb, int code)
{
    char because[256];
    int lock = ledger_file_lock(lmdb->path);
    bool made_by_mistake = code == LEDGER_FILE_REPLACED && lmdb->env && has_our_name(lmdb) &&
                           ledger_file_lock_inode(lmdb->path) == lmdb->lock_inode;
    if (made_by_mistake || ledger_file_is_empty(lmdb->path))
        ledger_file_remove(lmdb->path);
    bool sound = !ledger_file_is_from_before_boot(lmdb->path) || is_sound(lmdb);
    code = sound ? open_env(lmdb) : MDB_CORRUPTED;
    if (is_broken(code)) {
        snprintf(because, sizeof because, "cannot be read (%s)", mdb_strerror(code));
        ledger_file_set_aside(lmdb->path, because);
        code = open_env(lmdb);
    }
    ledger_file_unlock(lock);
    return code;
}

/* With the folder locked. */
static void free_lmdb(struct ledger_lmdb *lmdb)
{
    close_env(lmdb);
    free(lmdb->path);
    free(lmdb);
}

static void lock_and_free(struct ledger_lmdb *lmdb)
{
    int lock = ledger_file_lock(lmdb->path);
    free_lmdb(lmdb);
    ledger_file_unlock(lock);
}

static struct ledger_lmdb *create(const char *folder)
{
    char path[LEDGER_FILE_PATH_SIZE];
    struct ledger_lmdb *lmdb = memory_alloc(1, sizeof *lmdb);
    int length = snprintf(path, sizeof path, "%s/" FILE_NAME, folder);
    lmdb->path = memory_copy(path, (size_t)length < sizeof path ? (size_t)length : sizeof path - 1);
    return lmdb;
}

bool ledger_lmdb_open(const char *folder, struct ledger_lmdb **opened, struct failure *why)
{
    struct ledger_lmdb *lmdb = create(folder);
    if (mkdir(folder, 0750) == 0)
        log_info("made the folder %s", folder);
    ledger_file_act_as_owner(lmdb->path);
    int code = ledger_file_is_from_before_boot(lmdb->path) ? MDB_CORRUPTED : open_existing(lmdb);
    if (is_broken(code) || code == LEDGER_FILE_REPLACED || code == ENOENT) /* removed while LMDB opened it */
        code = open_or_replace(lmdb, code);
    ledger_file_act_as_ourselves();
    if (code) {
        fail_with(why, lmdb, code);
        lock_and_free(lmdb);
        return false;
    }
    *opened = lmdb;
    return true;
}

/* Without the lock file, or the right to write to it, no process of another account can be kept from changing
 * the file meanwhile; it is then read as a file that no process uses. */
static int look(struct ledger_lmdb *lmdb)
{
    lmdb->looking = true;
    if (!ledger_file_is_ordinary(lmdb->path))
        return LEDGER_FILE_NOT_ORDINARY;
    int opened = open(lmdb->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    lmdb->unlocked = opened < 0 || !ledger_file_can_lock(lmdb->path);
    if (opened < 0 && (opened = open(lmdb->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
        return errno;
    close(opened);
    int lock = ledger_file_lock(lmdb->path);
    bool sound = !ledger_file_is_from_before_boot(lmdb->path) || is_sound(lmdb);
    ledger_file_unlock(lock);
    return sound ? open_existing(lmdb) : MDB_CORRUPTED;
}

bool ledger_lmdb_look(const char *folder, struct ledger_lmdb **opened, struct failure *why)
{
    struct ledger_lmdb *lmdb = create(folder);
    struct stat named;
    *opened = NULL;
    ledger_file_act_as_owner(lmdb->path);
    bool missing = lstat(lmdb->path, &named) != 0 ? errno == ENOENT : named.st_size == 0;
    int code = missing ? 0 : look(lmdb);
    ledger_file_act_as_ourselves();
    if (code)
        fail_with(why, lmdb, code);
    if (missing || code)
        lock_and_free(lmdb);
    else
        *opened = lmdb;
    return !code;
}

void ledger_lmdb_close(struct ledger_lmdb *lmdb)
{
    ledger_lmdb_abort(lmdb);
    lock_and_free(lmdb);
}

bool ledger_lmdb_is_current(const struct ledger_lmdb *lmdb)
{
    struct stat named;
    return lmdb->env && lstat(lmdb->path, &named) == 0 && named.st_ino == lmdb->inode &&
           named.st_dev == lmdb->device && (uint64_t)named.st_size >= lmdb->length &&
           ledger_file_lock_inode(lmdb->path) == lmdb->lock_inode;
}

void ledger_lmdb_leave(struct ledger_lmdb *lmdb)
{
    int lock = ledger_file_lock(lmdb->path);
    if (ledger_file_lock_inode(lmdb->path) == lmdb->lock_inode && !has_our_name(lmdb))
        ledger_file_remove_lock(lmdb->path);
    free_lmdb(lmdb);
    ledger_file_unlock(lock);
}

void ledger_lmdb_set_aside(struct ledger_lmdb *lmdb)
{
    char because[256];
    snprintf(because, sizeof because, "cannot be read (%s)", mdb_strerror(lmdb->result));
    int lock = ledger_file_lock(lmdb->path);
    ledger_lmdb_abort(lmdb);
    if (ledger_lmdb_is_current(lmdb)) /* else another process has put a new one there */
        ledger_file_set_aside(lmdb->path, because);
    free_lmdb(lmdb);
    ledger_file_unlock(lock);
}

bool ledger_lmdb_is_broken(const struct ledger_lmdb *lmdb)
{
    return is_broken(lmdb->result);
}

/* ---- marks ---- */

/* Locks of an open file description (fcntl(2)) do not depend on process ids. LMDB takes none on this file. */
static struct flock lock_of(uint64_t mark)
{
    return (struct flock){
        .l_type = F_WRLCK,
        .l_whence = SEEK_SET,
        .l_start = MARKS_BEGIN + (off_t)(mark % MARKS),
        .l_len = 1,
    };
}

void ledger_lmdb_mark(struct ledger_lmdb *lmdb, uint64_t mark)
{
    struct flock lock = lock_of(mark);
    int descriptor;
    lmdb->mark = mark;
    lmdb->marked = mdb_env_get_fd(lmdb->env, &descriptor) == 0 && fcntl(descriptor, F_OFD_SETLK, &lock) == 0;
}

bool ledger_lmdb_lacks_mark(const struct ledger_lmdb *lmdb, uint64_t mark)
{
    struct flock lock = lock_of(mark);
    int descriptor;
    return lmdb->marked && mdb_env_get_fd(lmdb->env, &descriptor) == 0 &&
           fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
}

/* ---- room for a transaction ---- */

/* Without the writable map, a page that is allocated and freed in one transaction is never written, so the
 * file may end before its last page and look cut. So the file grows ahead of its pages, as a hole. If
 * growing fails, writing the page reports the error. */
static void lengthen(struct ledger_lmdb *lmdb)
{
    struct stat file;
    int descriptor;
    uint64_t wanted = used_bytes(lmdb) + LEDGER_FILE_STEP;
    if (wanted <= lmdb->length || stat_env(lmdb, &descriptor, &file))
        return;
    lmdb->length = (uint64_t)file.st_size;
    if (wanted > lmdb->length && ftruncate(descriptor, (off_t)(wanted + LEDGER_FILE_STEP)) == 0)
        lmdb->length = wanted + LEDGER_FILE_STEP;
}

/* A transaction takes no more new pages than the table has in the end, apart from the pages of the free
 * list, because each page is copied once. */
static int allocate(struct ledger_lmdb *lmdb, size_t length)
{
    MDB_stat table;
    int descriptor, code;
    if (!lmdb->mapped)
        return 0;
    if ((code = mdb_stat(lmdb->txn, lmdb->table, &table)) || (code = mdb_env_get_fd(lmdb->env, &descriptor)))
        return code;
    uint64_t pages = table.ms_branch_pages + table.ms_leaf_pages + table.ms_overflow_pages;
    uint64_t needed = lmdb->begun + pages * table.ms_psize + length + SLACK;
    if (needed <= lmdb->allocated)
        return 0;
    uint64_t wanted = ledger_file_round(needed);
    code = ledger_file_allocate(descriptor, lmdb->allocated, wanted);
    if (!code)
        lmdb->allocated = wanted;
    return code;
}

/* The map grows with the file, which another process may have made larger. */
static bool enlarge_map(struct ledger_lmdb *lmdb, unsigned times)
{
    MDB_envinfo info;
    struct stat file;
    int descriptor, lock = ledger_file_lock(lmdb->path);
    bool known = mdb_env_info(lmdb->env, &info) == 0 && stat_env(lmdb, &descriptor, &file) == 0;
    bool done = known && mdb_env_set_mapsize(lmdb->env,
                                             map_size((uint64_t)file.st_size, times * info.me_mapsize)) == 0;
    ledger_file_unlock(lock);
    return done;
}

/* Enlarges the map if `code` requires this. Returns false for another code, or if enlarging fails. */
static bool fit_map(struct ledger_lmdb *lmdb, int code)
{
    if (code == MDB_MAP_RESIZED)
        return enlarge_map(lmdb, 1);
    return code == MDB_MAP_FULL && enlarge_map(lmdb, 2);
}

/* Enlarges the map long before it is full, so that no request finds it full. */
static void grow_map(struct ledger_lmdb *lmdb)
{
    MDB_envinfo info;
    if (lmdb->env && !lmdb->looking && mdb_env_info(lmdb->env, &info) == 0 &&
        used_bytes(lmdb) > info.me_mapsize / 2)
        enlarge_map(lmdb, 2);
}

/* ---- transactions ---- */

/* Called if another process has enlarged the file, or if a write failed and LMDB requires the environment
 * to be opened again. Returns true if the transaction can be begun again. */
static bool recover(struct ledger_lmdb *lmdb, int code)
{
    if (code == MDB_MAP_RESIZED)
        return fit_map(lmdb, code);
    if (code != MDB_PANIC || open_existing(lmdb) != 0)
        return false;
    if (lmdb->mark)
        ledger_lmdb_mark(lmdb, lmdb->mark); /* closing the file has dropped it */
    return true;
}

static void end_txn(struct ledger_lmdb *lmdb)
{
    lmdb->txn = NULL;
    file_guard_end();
}

static int begin_txn(struct ledger_lmdb *lmdb)
{
    unsigned mode = lmdb->unlocked ? MDB_RDONLY : 0;
    int code = lmdb->env ? mdb_txn_begin(lmdb->env, NULL, mode, &lmdb->txn) : MDB_PANIC;
    if (recover(lmdb, code))
        code = mdb_txn_begin(lmdb->env, NULL, mode, &lmdb->txn);
    if (code)
        end_txn(lmdb);
    if (code || lmdb->looking)
        return code;
    file_guard_begin(lmdb->path, lmdb->inode);
    if (!lmdb->mapped)
        lengthen(lmdb);
    lmdb->begun = used_bytes(lmdb);
    code = allocate(lmdb, 0);
    if (code)
        ledger_lmdb_abort(lmdb);
    return code;
}

bool ledger_lmdb_begin(struct ledger_lmdb *lmdb, struct failure *why)
{
    grow_map(lmdb);
    lmdb->fault = 0;
    lmdb->result = begin_txn(lmdb);
    return !lmdb->result || fail_with(why, lmdb, lmdb->result);
}

void ledger_lmdb_abort(struct ledger_lmdb *lmdb)
{
    if (lmdb->txn)
        mdb_txn_abort(lmdb->txn);
    end_txn(lmdb);
}

bool ledger_lmdb_commit(struct ledger_lmdb *lmdb, struct failure *why)
{
    int code = lmdb->fault;
    if (!code)
        code = mdb_txn_commit(lmdb->txn);
    else
        mdb_txn_abort(lmdb->txn);
    end_txn(lmdb);
    lmdb->result = code;
    if (code)
        fit_map(lmdb, code); /* for the next attempt */
    return !code || fail_with(why, lmdb, code);
}

static MDB_val key_of(const struct ledger_key *key)
{
    return (MDB_val){key->length, (void *)(uintptr_t)key->bytes};
}

/* MDB_NOTFOUND is not an error. */
static bool note_fault(struct ledger_lmdb *lmdb, int code)
{
    if (code && code != MDB_NOTFOUND && !lmdb->fault)
        lmdb->fault = code;
    return !code;
}

struct ledger_bytes ledger_lmdb_get(struct ledger_lmdb *lmdb, const struct ledger_key *key)
{
    MDB_val name = key_of(key), value = {0};
    if (!note_fault(lmdb, mdb_get(lmdb->txn, lmdb->table, &name, &value)))
        return (struct ledger_bytes){0};
    return (struct ledger_bytes){value.mv_data, value.mv_size};
}

void *ledger_lmdb_put(struct ledger_lmdb *lmdb, const struct ledger_key *key, size_t length)
{
    MDB_val name = key_of(key), value = {length, NULL};
    if (lmdb->fault || !note_fault(lmdb, allocate(lmdb, length)) ||
        !note_fault(lmdb, mdb_put(lmdb->txn, lmdb->table, &name, &value, MDB_RESERVE)))
        return NULL;
    return value.mv_data;
}

void ledger_lmdb_remove(struct ledger_lmdb *lmdb, const struct ledger_key *key)
{
    MDB_val name = key_of(key);
    if (note_fault(lmdb, allocate(lmdb, 0)))
        note_fault(lmdb, mdb_del(lmdb->txn, lmdb->table, &name, NULL));
}

bool ledger_lmdb_seek(struct ledger_lmdb *lmdb, struct ledger_key *key, struct ledger_bytes *value)
{
    MDB_cursor *cursor;
    MDB_val name = key_of(key), bytes;
    if (!note_fault(lmdb, mdb_cursor_open(lmdb->txn, lmdb->table, &cursor)))
        return false;
    bool found = note_fault(lmdb, mdb_cursor_get(cursor, &name, &bytes, MDB_SET_RANGE));
    mdb_cursor_close(cursor);
    if (found && name.mv_size > sizeof key->bytes)
        found = note_fault(lmdb, MDB_CORRUPTED);
    if (!found)
        return false;
    memmove(key->bytes, name.mv_data, name.mv_size);
    key->length = name.mv_size;
    *value = (struct ledger_bytes){bytes.mv_data, bytes.mv_size};
    return true;
}
