/* SPDX-License-Identifier: Apache-2.0 */
/* A data set in memory is read as the same one in files. */
#include "dataset/memory_set.h"

#include <math.h>

#include "dataset/data_hash.h"
#include "unit/dataset/dataset_test.h"

enum { CASES = 3, D = 2, H = 4, W = 5, VOXELS = D * H * W };

static float samples[CASES][2 * VOXELS];
static uint16_t labels[CASES][VOXELS];
static const double affine[3][4] = {{-.5, 0, 0, 2}, {0, -.75, 0, 3}, {0, 0, 3, 4}};

static struct image image_of(int i)
{
    struct image m = {.channels = 2, .size = {D, H, W}, .data = samples[i]};
    m.geometry = (struct geometry){.spacing = {3, .75F, .5F}, .valid = true, .oriented = true};
    memcpy(m.geometry.affine, affine, sizeof affine);
    return m;
}

static void fill(void)
{
    for (int i = 0; i < CASES; i++)
        for (int k = 0; k < 2 * VOXELS; k++) samples[i][k] = (float)(i * 1000 + k);
    memset(labels, 0, sizeof labels);
    for (int i = 0; i < CASES; i++) labels[i][7 + i] = 3;
}

/* Each second case belongs to group x. */
static void put_memory(const char *path, const char *about, struct host *host)
{
    static const char *const names[CASES] = {"c", "a", "b"};
    struct memory_set *s = NULL;
    OK(memory_create(path, about, CASES, &s, &e));
    for (int i = 0; i < CASES; i++) {
        const struct image m = image_of(i);
        OK(memory_add(s, names[i], &m, labels[i], i % 2 ? "x" : NULL, &e));
    }
    memory_put(s, host);
}

static void put_files(void)
{
    static const char *const names[CASES] = {"c", "a", "b"};
    for (int i = 0; i < CASES; i++) {
        char path[64];
        const struct image m = image_of(i);
        struct labelmap l = {.size = {D, H, W}, .data = labels[i], .geometry = m.geometry};
        snprintf(path, sizeof path, "set/images/%s.nii.gz", names[i]);
        make_parent(path);
        OK(format_save_image(path, &m, &e));
        snprintf(path, sizeof path, "set/labels/%s.nii.gz", names[i]);
        make_parent(path);
        OK(format_save_labels(path, &l, &e));
    }
}

static void its_cases_are_those_of_files(void **state)
{
    (void)state;
    struct host host = {.memory = NULL};
    struct dataset d[2];
    fill();
    put_files();
    put_memory("memory:set", NULL, &host);
    OK(dataset_open("set", &d[0], &host, &e));
    OK(dataset_open("memory:set", &d[1], &host, &e));
    assert_int_equal(d[1].count, CASES);
    assert_int_equal(d[1].channels, 2);
    assert_int_equal(d[1].dims, 3);
    assert_true(d[1].has_groups);
    assert_int_equal(d[1].labels.count, d[0].labels.count);
    for (int i = 0; i < CASES; i++) {
        struct sample x, y;
        assert_string_equal(d[0].cases[i].id, d[1].cases[i].id);
        assert_string_equal(d[0].cases[i].axes, d[1].cases[i].axes);
        assert_true(d[0].cases[i].samples == d[1].cases[i].samples);
        memcpy(d[0].axes, "RAS", 4);
        memcpy(d[1].axes, "RAS", 4);
        OK(dataset_load(&d[0], i, &x, &e));
        OK(dataset_load(&d[1], i, &y, &e));
        assert_memory_equal(x.image.size, y.image.size, sizeof x.image.size);
        assert_memory_equal(x.image.data, y.image.data, 2 * VOXELS * sizeof(float));
        assert_memory_equal(x.classes, y.classes, VOXELS);
        assert_memory_equal(
            x.image.geometry.spacing, y.image.geometry.spacing, sizeof x.image.geometry.spacing);
        assert_true(geometry_difference(&x.image.geometry, &y.image.geometry, x.image.size) < 1e-6);
        assert_true(y.image.data != samples[i]); /* a copy: training normalises it */
        sample_free(&x);
        sample_free(&y);
    }
    assert_string_equal(d[1].cases[0].group, "x");
    assert_null(d[1].cases[1].group);
    dataset_free(&d[0]);
    dataset_free(&d[1]);
    memory_free_all(&host);
}

static uint64_t hash_of(const struct host *host)
{
    struct dataset d;
    uint64_t value;
    int files;
    OK(dataset_open("memory:set", &d, (struct host *)(uintptr_t)host, &e));
    OK(data_hash(&d, (const int[]){0, 1, 2}, CASES, &value, &files, &e));
    assert_int_equal(files, 2 * CASES);
    dataset_free(&d);
    return value;
}

static void its_samples_count_for_its_hash(void **state)
{
    (void)state;
    struct host host = {.memory = NULL};
    fill();
    put_memory("memory:set", NULL, &host);
    const uint64_t first = hash_of(&host);
    samples[2][2 * VOXELS - 1]++;
    assert_true(hash_of(&host) != first);
    samples[2][2 * VOXELS - 1]--;
    assert_true(hash_of(&host) == first);
    labels[0][0] = 3;
    assert_true(hash_of(&host) != first);
    memory_free_all(&host);
}

static void sets_are_found_by_path_and_replaced(void **state)
{
    (void)state;
    struct host host = {.memory = NULL};
    struct dataset d;
    struct memory_set *s;
    fill();
    REFUSED(dataset_open("memory:set", &d, &host, &e), ATT_DATA, "write ./memory:set for a folder");
    REFUSED(dataset_open("memory:set", &d, NULL, &e), ATT_DATA, "in memory, but none");
    put_memory("memory:set", "{\"labels\": {\"background\": 0, \"thing\": 3}}", &host);
    put_memory("memory:other", NULL, &host);
    put_memory("memory:other", NULL, &host);
    assert_null(memory_find(&host, "memory:se"));
    assert_ptr_not_equal(memory_find(&host, "memory:set"), memory_find(&host, "memory:other"));
    OK(dataset_open("memory:set", &d, &host, &e));
    assert_string_equal(d.labels.name[1], "thing");
    dataset_free(&d);
    OK(memory_create("memory:set", NULL, 0, &s, &e));
    memory_put(s, &host); /* removes it */
    assert_null(memory_find(&host, "memory:set"));
    assert_non_null(memory_find(&host, "memory:other"));
    memory_free_all(&host);
    assert_null(host.memory);
}

static void what_no_file_could_hold_is_refused(void **state)
{
    (void)state;
    struct host host = {.memory = NULL};
    struct memory_set *s;
    struct dataset d;
    fill();
    struct image m = image_of(0);
    OK(memory_create("memory:set", NULL, 3, &s, &e));
    REFUSED(memory_add(s, "a/b", &m, labels[0], NULL, &e), ATT_USAGE, "\"a/b\" cannot be the name");
    m.channels = 0;
    REFUSED(memory_add(s, "a", &m, labels[0], NULL, &e), ATT_USAGE, "0 channels");
    m = image_of(0);
    m.size[1] = 0;
    REFUSED(memory_add(s, "a", &m, labels[0], NULL, &e), ATT_USAGE, "the size 2x0x5");
    memory_free(s);
    put_memory("memory:set", "{\"labels\": ", &host);
    REFUSED(dataset_open("memory:set", &d, &host, &e), ATT_DATA, "line 1");
    put_memory("memory:set", NULL, &host);
    OK(dataset_open("memory:set", &d, &host, &e));
    struct sample x;
    samples[1][3] = NAN;
    REFUSED(dataset_load(&d, 0, &x, &e), ATT_DATA, "memory:set/images/a.nii.gz");
    dataset_free(&d);
    memory_free_all(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(its_cases_are_those_of_files, clear_set),
        cmocka_unit_test(its_samples_count_for_its_hash),
        cmocka_unit_test(sets_are_found_by_path_and_replaced),
        cmocka_unit_test(what_no_file_could_hold_is_refused)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
