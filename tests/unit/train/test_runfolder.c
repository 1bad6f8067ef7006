/* SPDX-License-Identifier: Apache-2.0 */
/* Where a run trained last, by its settings.json or that of its first fold. */
#include "train/runfolder.h"

#include "unit/train/train_test.h"

static void trained_on(const char *run, const char *wanted)
{
    char *device;
    OK(runfolder_device(run, &device, &e));
    if (wanted)
        assert_string_equal(device, wanted);
    else
        assert_null(device);
    mem_free(device);
}

static void a_run_names_its_device(void **state)
{
    (void)state;
    trained_on("set/none", NULL);
    put_text("set/run/settings.json", "{\"device\": \"gpu:1\", \"train\": []}");
    trained_on("set/run", "gpu:1");
    put_text("set/folds/fold_0/settings.json", "{\"device\": \"cpu\"}");
    put_text("set/folds/fold_1/settings.json", "{\"device\": \"gpu:0\"}");
    trained_on("set/folds", "cpu");
}

static void older_and_damaged_ones_do_not(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"train\": []}", "{\"device\": 3}", "{\"device\": ", ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put_text("set/run/settings.json", texts[i]);
        trained_on("set/run", NULL);
    }
    file_remove("set/run/settings.json");
    OK(file_make_folders("set/run/settings.json", &e));
    char *device;
    REFUSED(runfolder_device("set/run", &device, &e), ATT_IO, "set/run/settings.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_run_names_its_device, clear_set),
        cmocka_unit_test_setup(older_and_damaged_ones_do_not, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
