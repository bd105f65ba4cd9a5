/* penstock-errors(7) has every reason, its usual status and whether to retry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "unit.h"

static char manual[65536];

/* Tests run in the build's folder, which need not be the source's. */
static void read_manual(void)
{
    const char *folder = getenv("srcdir");
    char path[4096];
    snprintf(path, sizeof path, "%s/src/manual/penstock-errors.7", folder ? folder : ".");
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    manual[fread(manual, 1, sizeof manual - 1, file)] = '\0';
    fclose(file);
}

static void every_reason_has_its_entry(void)
{
    read_manual();
    for (enum failure_reason reason = FAILURE_NONE + 1; reason < FAILURE_REASONS; reason++) {
        struct failure usual;
        char entry[128];
        if (reason == FAILURE_SETTING) /* never reaches a client */
            continue;
        fail(&usual, reason, "%s", "");
        snprintf(entry, sizeof entry, "\n.It Ic %s Pq %d, %s\n", failure_reason_name(reason), usual.status,
                 usual.retryable ? "yes" : "no");
        if (!strstr(manual, entry))
            printf("\n  not in the manual: %s", entry + 1);
        CU_ASSERT_PTR_NOT_NULL(strstr(manual, entry));
    }
}

static void every_category_and_source_is_named(void)
{
    read_manual();
    for (enum failure_category category = 0; category <= CATEGORY_PROVIDER; category++) {
        char entry[128];
        snprintf(entry, sizeof entry, "\n.Ql %s", failure_category_name(category));
        CU_ASSERT_PTR_NOT_NULL(strstr(manual, entry));
    }
    for (enum failure_source source = 0; source <= SOURCE_NETWORK; source++) {
        char entry[128];
        snprintf(entry, sizeof entry, "\n.Ql %s", failure_source_name(source));
        CU_ASSERT_PTR_NOT_NULL(strstr(manual, entry));
    }
}

/* The manual has no reason that the program lacks. */
static void every_entry_is_a_reason(void)
{
    read_manual();
    size_t entries = 0, reasons = 0;
    for (const char *at = strstr(manual, "\n.Sh REASONS"); at && (at = strstr(at, "\n.It Ic ")); at++)
        entries++;
    for (enum failure_reason reason = FAILURE_NONE + 1; reason < FAILURE_REASONS; reason++)
        reasons += reason != FAILURE_SETTING;
    CU_ASSERT_EQUAL(entries, reasons);
}

static const struct unit_test tests[] = {
    {"every reason has its entry", every_reason_has_its_entry},
    {"every category and source is named", every_category_and_source_is_named},
    {"every entry is a reason", every_entry_is_a_reason},
};

UNIT_MAIN("failure_manual", tests)
