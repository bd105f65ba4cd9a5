/* How a check says that something is not as it must be. */
#ifndef SERVERS_EXPECT_H
#define SERVERS_EXPECT_H

#include "../kit/expect.h"
#include "../kit/process.h"

/* As EXPECT, but the condition has time to become true. */
#define EXPECT_SOON(condition, ...)                                                                          \
    do {                                                                                                     \
        for (int64_t end_ = now_ms() + PATIENCE_MS; !(condition) && now_ms() < end_;)                        \
            rest();                                                                                          \
        EXPECT(condition, __VA_ARGS__);                                                                      \
    } while (0)

#endif
