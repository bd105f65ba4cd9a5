/* A unit test program: a list of tests, run by CUnit. */
#ifndef UNIT_H
#define UNIT_H

#include <CUnit/CUnit.h>
#include <stddef.h>

struct unit_test {
    const char *name; /* describes the behaviour */
    void (*run)(void);
};

/* Runs them and prints what failed; the exit status of the program. */
int unit_run(const char *suite, const struct unit_test *tests, size_t count);

#define UNIT_MAIN(suite, tests)                                                                              \
    int main(void)                                                                                           \
    {                                                                                                        \
        return unit_run(suite, tests, sizeof(tests) / sizeof *(tests));                                      \
    }

#endif
