/* SPDX-License-Identifier: Apache-2.0 */
/* What a packed set knows of the files it is made from: the samples of a header lie in another
 * file, which counts as much. */
#include <time.h>

#include "dataset/pack.h"
#include "unit/dataset/dataset_test.h"

static struct data_case two[] = {
    {.id = (char *)(uintptr_t) "a", .nimages = 1}, {.id = (char *)(uintptr_t) "b", .nimages = 1}};
static const char *const images[][2] = {
    {"a.hdr", "b.hdr"}, {"a.mhd", "b.mhd"}, {"a.nhdr", "b.nhdr"}};

/* Later than what was there before, as clocks of file systems tick. */
static void put(const char *path, float first)
{
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    struct image m = {.channels = 1, .size = {2, 3, 4}, .data = (float[24]){0}};
    m.data[0] = first;
    OK(format_save_image(path, &m, &e));
}

static void samples_beside_a_header_count(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(images); k++) {
        struct pack_case known[2] = {{.sources = NULL}, {.sources = NULL}};
        struct pack p = {.folder = (char *)(uintptr_t) "packed",
            .source = (char *)(uintptr_t) "set",
            .cases = known,
            .count = 2};
        const struct dataset d = {.cases = two, .count = 2};
        struct file_facts f;
        bool there;
        int missing;
        for (int i = 0; i < 2; i++) {
            put(images[k][i], (float)(i + 1));
            two[i].image[0] = (char *)(uintptr_t)images[k][i];
            OK(pack_take_sources(&two[i], &known[i], &e));
        }
        assert_true(pack_name(&known[0], "so") != pack_name(&known[1], "so"));
        OK(pack_check(&p, &d, &missing, &e));
        assert_int_equal(missing, 0);
        OK(pack_source_facts(images[k][1], &f, &there, &e));
        assert_true(there && f.size > 24 * (int64_t)sizeof(float));
        put(images[k][1], 3);
        REFUSED(pack_check(&p, &d, &missing, &e), ATT_DATA,
            "has changed since it was packed into packed");
        put(images[k][1], 2); /* as it was, at another time */
        OK(pack_check(&p, &d, &missing, &e));
        file_remove(images[k][0]);
        OK(pack_check(&p, &d, &missing, &e));
        assert_int_equal(missing, 1);
        for (int i = 0; i < 2; i++) mem_free(known[i].sources);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_beside_a_header_count),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
