/* The cache of model lists: a list is fresh for a while and readable for longer. */
#include "pages/model_cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "unit.h"

static char folder[] = "/tmp/model_cache_test.XXXXXX";
static struct arena *arena;
static struct buffer ids;
static bool fresh;

static void open_folder(void)
{
    strcpy(strrchr(folder, '.') + 1, "XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    arena = arena_create();
    buffer_init(&ids, 65536);
}

static void close_folder(void)
{
    static const char *const names[] = {"p.json", "p.down", "q.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(arena_format(arena, "%s/models-%s", folder, names[i]));
    CU_ASSERT_EQUAL(rmdir(folder), 0);
    buffer_free(&ids);
    arena_destroy(arena);
}

static void age(const char *name, time_t seconds)
{
    struct timespec times[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};
    CU_ASSERT_EQUAL(utimensat(AT_FDCWD, arena_format(arena, "%s/%s", folder, name), times, 0), 0);
}

static bool read_list(const char *provider)
{
    buffer_consume(&ids, ids.length);
    return model_cache_read(folder, provider, arena, &ids, &fresh);
}

static void a_list_ages_and_stays(void)
{
    open_folder();
    CU_ASSERT_FALSE(read_list("p"));
    CU_ASSERT_TRUE_FATAL(buffer_append(&ids, "[\"a\"]", 5));
    model_cache_write(folder, "p", arena, &ids);
    CU_ASSERT_TRUE(read_list("p"));
    CU_ASSERT_TRUE(fresh);
    CU_ASSERT(ids.length == 5 && memcmp(ids.bytes, "[\"a\"]", 5) == 0);
    CU_ASSERT_FALSE(read_list("q"));
    age("models-p.json", MODEL_CACHE_SECONDS - 5);
    CU_ASSERT(read_list("p") && fresh);
    age("models-p.json", MODEL_CACHE_SECONDS + 5);
    CU_ASSERT(read_list("p") && !fresh);
    age("models-p.json", -60); /* from the future: the clock was set back */
    CU_ASSERT(read_list("p") && !fresh);
    close_folder();
}

static void a_provider_is_marked_down_for_a_while(void)
{
    open_folder();
    CU_ASSERT_FALSE(model_cache_is_down(folder, "p", arena));
    model_cache_mark_down(folder, "p", arena);
    CU_ASSERT_TRUE(model_cache_is_down(folder, "p", arena));
    CU_ASSERT_FALSE(model_cache_is_down(folder, "q", arena));
    age("models-p.down", MODEL_CACHE_DOWN_SECONDS + 5);
    CU_ASSERT_FALSE(model_cache_is_down(folder, "p", arena));
    model_cache_mark_down(folder, "p", arena);
    CU_ASSERT_TRUE(model_cache_is_down(folder, "p", arena));
    close_folder();
}

static void links_are_not_followed(void)
{
    open_folder();
    CU_ASSERT_TRUE_FATAL(buffer_append(&ids, "[]", 2));
    model_cache_write(folder, "q", arena, &ids);
    CU_ASSERT_EQUAL(symlink("models-q.json", arena_format(arena, "%s/models-p.json", folder)), 0);
    CU_ASSERT_FALSE(read_list("p"));
    close_folder();
}

static void a_list_that_cannot_be_written_is_not_cached(void)
{
    open_folder();
    CU_ASSERT_TRUE_FATAL(buffer_append(&ids, "[]", 2));
    model_cache_write("/nowhere/at/all", "p", arena, &ids);
    model_cache_mark_down("/nowhere/at/all", "p", arena);
    CU_ASSERT_FALSE(model_cache_is_down("/nowhere/at/all", "p", arena));
    close_folder();
}

static const struct unit_test tests[] = {
    {"a list ages and stays", a_list_ages_and_stays},
    {"a provider is marked down for a while", a_provider_is_marked_down_for_a_while},
    {"links are not followed", links_are_not_followed},
    {"a list that cannot be written is not cached", a_list_that_cannot_be_written_is_not_cached},
};

UNIT_MAIN("model cache", tests)
