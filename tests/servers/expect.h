/* How a check says that something is not as it must be. */
#ifndef SERVERS_EXPECT_H
#define SERVERS_EXPECT_H

#include "../kit/process.h"

#define EXPECT(condition, ...)                                                                               \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            check_failed(#condition, __VA_ARGS__);                                                           \
    } while (0)

/* The same, but the condition has time to become true. */
#define EXPECT_SOON(condition, ...)                                                                          \
    do {                                                                                                     \
        for (int64_t end_ = now_ms() + PATIENCE_MS; !(condition) && now_ms() < end_;)                        \
            rest();                                                                                          \
        EXPECT(condition, __VA_ARGS__);                                                                      \
    } while (0)

/* Ends the check, which is a process of its own, as failed. */
_Noreturn void check_failed(const char *condition, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
