/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of hard models: what they are by default, how time is shared, and that other networks
 * refuse them. */
#include "hard/hard_settings.h"

#include <math.h>

#include "unit/train/train_test.h"

static void close_to(double x, double wanted) { assert_true(fabs(x - wanted) < 1e-9); }

static void by_default(void **state)
{
    (void)state;
    struct hard_settings s;
    struct options o;
    set_options(&o, (const char *const[]){NULL});
    OK(hard_settings_read(&o, &s, &e));
    const double wanted[HARD_STAGES] = {315, 315, 90, 180}; /* of a quarter of an hour */
    for (int i = 0; i < HARD_STAGES; i++) close_to(s.seconds[i], wanted[i]);
    assert_int_equal(s.reinforce.advantage, ADVANTAGE_LOCAL);
    assert_int_equal(s.reinforce.samples, 16);
    assert_true(s.policy_steps == 0 && s.joint_steps == 0 && s.cost == 0);
    options_free(&o);
}

static void shares_of_the_time(void **state)
{
    (void)state;
    struct hard_settings s;
    struct options o;
    SET_OPTIONS(&o, "time=20", "shares=1,2,1,4");
    OK(hard_settings_read(&o, &s, &e));
    close_to(s.seconds[HARD_COARSE], 2.5);
    close_to(s.seconds[HARD_FINE], 5);
    close_to(s.seconds[HARD_JOINT], 10);
    options_free(&o);
    SET_OPTIONS(&o, "steps=20", "coarse-steps=9", "policy-steps=7", "policy-baseline=learned",
        "policy-samples=1");
    OK(hard_settings_read(&o, &s, &e));
    for (int i = 0; i < HARD_STAGES; i++) assert_true(s.seconds[i] == 0);
    assert_true(s.coarse_steps == 9 && s.policy_steps == 7 && s.samples == 1 &&
        s.reinforce.advantage == ADVANTAGE_LEARNED);
    options_free(&o);
}

static void what_makes_no_sense(void **state)
{
    (void)state;
    static const char *const shares[] = {
        "shares=1,2,3", "shares=1,2,3,0", "shares=1,2,3,4,5", "shares=a,1,1,1", "shares=1,1,1,-1"};
    struct hard_settings s;
    struct options o;
    for (int i = 0; i < COUNT(shares); i++) {
        SET_OPTIONS(&o, shares[i]);
        REFUSED(hard_settings_read(&o, &s, &e), ATT_USAGE, "give four numbers above 0");
        options_free(&o);
    }
    SET_OPTIONS(&o, "policy-samples=1");
    REFUSED(hard_settings_read(&o, &s, &e), ATT_USAGE, "too few");
    options_free(&o);
}

/* Every option of the group is one of these settings, and nothing else is. */
static void the_group_of_options(void **state)
{
    (void)state;
    int found = 0;
    for (int i = 0; i < option_table_rows; i++) {
        const struct option_row *r = &option_table[i];
        const bool grouped =
            r->group && !strcmp(r->group, "Hard attention") && strstr(r->commands, "train");
        assert_int_equal(grouped, hard_settings_has(r->name));
        found += grouped;
    }
    assert_true(found == 12);
}

static void other_networks_refuse_them(void **state)
{
    (void)state;
    struct options o;
    SET_OPTIONS(&o, "steps=3");
    OK(hard_settings_refuse(&o, &e));
    options_free(&o);
    SET_OPTIONS(&o, "steps=3", "joint-rate=.5");
    REFUSED(hard_settings_refuse(&o, &e), ATT_USAGE, "`joint-rate` is for hard attention only");
    options_free(&o);
}

/* As numbers where they are numbers, under the flags' names. */
static void written_as_settings(void **state)
{
    (void)state;
    struct options o;
    json_t *j = json_object();
    SET_OPTIONS(&o, "policy-cost=0.25", "joint-steps=40");
    hard_settings_to_json(&o, j);
    assert_true(json_real_value(json_object_get(j, "policy_cost")) == .25);
    assert_int_equal(json_integer_value(json_object_get(j, "joint_steps")), 40);
    assert_true(json_is_null(json_object_get(j, "policy_steps")));
    assert_string_equal(json_string_value(json_object_get(j, "shares")), "35,35,10,20");
    options_free(&o);
    struct options again;
    SET_OPTIONS(&again, "policy-cost=1");
    OK(options_load_json(&again, j, "settings.json", &e));
    assert_true(options_read_real(&again, "policy-cost") == 1 &&
        options_read_int(&again, "joint-steps") == 40);
    options_free(&again);
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_default),
        cmocka_unit_test(shares_of_the_time),
        cmocka_unit_test(what_makes_no_sense),
        cmocka_unit_test(the_group_of_options),
        cmocka_unit_test(other_networks_refuse_them),
        cmocka_unit_test(written_as_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
