/* A unit test program: a list of tests, run by CUnit. */
#include "unit.h"

#include <CUnit/Basic.h>
#include <stdlib.h>

int unit_run(const char *suite, const struct unit_test *tests, size_t count)
{
    if (CU_initialize_registry() != CUE_SUCCESS)
        return EXIT_FAILURE;
    CU_pSuite registered = CU_add_suite(suite, NULL, NULL);
    for (size_t i = 0; i < count; i++)
        CU_add_test(registered, tests[i].name, tests[i].run);
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures || !registered ? EXIT_FAILURE : EXIT_SUCCESS;
}
