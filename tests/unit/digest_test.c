/* Digests, and random names that no two processes share. */
#include "base/digest.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

/* FIPS 180-4's own example. */
static void digests_are_right(void)
{
    unsigned char digest[DIGEST_BYTES], parsed[DIGEST_BYTES];
    digest_sha256("abc", 3, digest);
    CU_ASSERT_TRUE(digest_parse("BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", parsed));
    CU_ASSERT_TRUE(digest_equal(digest, parsed));
    parsed[31] ^= 1;
    CU_ASSERT_FALSE(digest_equal(digest, parsed));
    CU_ASSERT_FALSE(digest_parse("ba78", parsed));
    CU_ASSERT_FALSE(digest_parse("ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", parsed));
}

static void random_names_differ(void)
{
    char one[2 * RANDOM_NAME_BYTES + 1], other[2 * RANDOM_NAME_BYTES + 1];
    digest_random_name(one);
    digest_random_name(other);
    CU_ASSERT_EQUAL(strspn(one, "0123456789abcdef"), 32);
    CU_ASSERT_STRING_NOT_EQUAL(one, other);
}

/* Both processes may have the same random bytes in store. */
static void a_child_process_makes_other_names(void)
{
    char name[2 * RANDOM_NAME_BYTES + 1], own[sizeof name];
    int from_child[2];
    digest_random_name(name);
    CU_ASSERT_EQUAL_FATAL(pipe(from_child), 0);
    pid_t child = fork();
    digest_random_name(name);
    if (child == 0)
        _exit(write(from_child[1], name, sizeof name) != sizeof name);
    CU_ASSERT_EQUAL(waitpid(child, NULL, 0), child);
    CU_ASSERT_EQUAL_FATAL(read(from_child[0], own, sizeof own), sizeof own);
    CU_ASSERT_STRING_NOT_EQUAL(name, own);
    close(from_child[0]);
    close(from_child[1]);
}

static const struct unit_test tests[] = {
    {"digests are right", digests_are_right},
    {"random names differ", random_names_differ},
    {"a child process makes other names", a_child_process_makes_other_names},
};

UNIT_MAIN("digest", tests)
