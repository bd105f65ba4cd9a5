/* Reports a failed check and ends it. */
#ifndef KIT_EXPECT_H
#define KIT_EXPECT_H

#define EXPECT(condition, ...)                                                                               \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            check_failed(#condition, __VA_ARGS__);                                                           \
    } while (0)

/* Ends the check, which is a process of its own, as failed, with a message. */
_Noreturn void check_failed(const char *condition, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
