/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/expect.h"

#include <stdlib.h>

#include "base/team.h"

static void launchers_are_found_by_their_variables(void **unused)
{
    (void)unused;
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
    for (int i = 0; i < 3; i++) unsetenv(names[i]);
    assert_int_equal(1, team_launched());
    for (int i = 0; i < 3; i++) {
        setenv(names[i], "3", 1);
        assert_int_equal(3, team_launched());
        setenv(names[i], "99999999999", 1);
        assert_int_equal(2147483647, team_launched());
        setenv(names[i], "1", 1);
        assert_int_equal(1, team_launched());
        setenv(names[i], "none", 1);
        assert_int_equal(1, team_launched());
        unsetenv(names[i]);
    }
}

static void plain_srun_connects_nobody(void **unused)
{
    (void)unused;
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"};
    for (int i = 0; i < 3; i++) unsetenv(names[i]);
    assert_false(team_connected());
    for (int i = 0; i < 3; i++) {
        setenv(names[i], "0", 1);
        assert_true(team_connected());
        unsetenv(names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(launchers_are_found_by_their_variables),
        cmocka_unit_test(plain_srun_connects_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
