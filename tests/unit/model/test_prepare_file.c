/* SPDX-License-Identifier: Apache-2.0 */
/* An image that stays in its files is prepared to the bits of one in memory, however little of it
 * is held at a time. */
#include "model/prepare_file.h"

#include <math.h>

#include "format/format.h"
#include "unit/predict/predict_test.h"

static const struct setting {
    const char *name;
    int size[3];
    float own[3];
    double spacing[3];
    int resize[3], shrink[3];
    bool nonzero;
    enum normalise_scheme scheme[2];
} settings[] = {
    {"as it is", {9, 17, 23}, {1, 1, 1}, {0}, {0}, {0}, false, {NORMALISE_NONE, NORMALISE_RGB}},
    {"normalised", {19, 47, 53}, {1, 1, 1}, {0}, {0}, {0}, false,
        {NORMALISE_ZSCORE, NORMALISE_MINMAX01}},
    {"by a data set's numbers", {9, 17, 23}, {1, 1, 1}, {0}, {0}, {0}, false,
        {NORMALISE_CT, NORMALISE_ZSCORE}},
    {"what is not zero", {19, 47, 53}, {1, 1, 1}, {0}, {0}, {0}, true,
        {NORMALISE_ZSCORE, NORMALISE_MINMAX01}},
    {"a finer spacing", {9, 17, 23}, {1, 1, 1}, {.8, .7, .6}, {0}, {0}, false,
        {NORMALISE_ZSCORE, NORMALISE_CT}},
    {"a coarser spacing", {19, 47, 53}, {1, 1, 1}, {1.5, 1.3, 1.7}, {0}, {0}, true,
        {NORMALISE_ZSCORE, NORMALISE_NONE}},
    {"one axis finer, one coarser", {19, 47, 53}, {1, 1, 1}, {1.5, 1, .7}, {0}, {0}, true,
        {NORMALISE_ZSCORE, NORMALISE_ZSCORE}},
    {"thick slices", {9, 47, 33}, {5, 1, 1}, {4, 1.2, .9}, {0}, {0}, true,
        {NORMALISE_ZSCORE, NORMALISE_NONE}},
    {"thick columns", {19, 11, 33}, {1, 5, 1}, {.8, 4, .9}, {0}, {0}, false,
        {NORMALISE_ZSCORE, NORMALISE_NONE}},
    {"thick rows alone", {19, 21, 9}, {1, 1, 5}, {1, 1, 4}, {0}, {0}, false,
        {NORMALISE_ZSCORE, NORMALISE_NONE}},
    {"a size", {19, 47, 53}, {1, 1, 1}, {0}, {13, 60, 21}, {0}, false,
        {NORMALISE_ZSCORE, NORMALISE_MINMAX01}},
    {"a size of slices", {5, 47, 53}, {1, 1, 1}, {0}, {1, 60, 21}, {0}, false,
        {NORMALISE_ZSCORE, NORMALISE_MINMAX01}},
    {"blocks", {19, 47, 53}, {1, 1, 1}, {0}, {0}, {2, 3, 2}, false,
        {NORMALISE_ZSCORE, NORMALISE_MINMAX01}},
    {"blocks of another spacing", {19, 47, 53}, {1, 1, 1}, {.8, 1.2, .9}, {0}, {2, 3, 2}, true,
        {NORMALISE_ZSCORE, NORMALISE_CT}},
    {"flat", {1, 47, 53}, {1, 1, 1}, {.8, 1.2, .9}, {0}, {1, 2, 2}, true,
        {NORMALISE_ZSCORE, NORMALISE_CT}},
};

/* Zeros around, and holes of them inside. */
static struct image picture(const struct setting *s)
{
    struct image m = make_image(2, s->size[0], s->size[1], s->size[2]);
    struct rng r = rng_stream(5, RNG_TEST, 0, 0);
    m.geometry.valid = true;
    for (int i = 0; i < 3; i++) {
        m.geometry.spacing[i] = s->own[i];
        m.geometry.affine[2 - i][2 - i] = (double)s->own[i];
    }
    m.geometry.affine[0][0] = (double)s->own[2];
    m.geometry.affine[1][1] = (double)s->own[1];
    m.geometry.affine[2][2] = (double)s->own[0];
    for (size_t i = 0; i < 2 * image_voxels(m.size); i++) {
        size_t v = i % image_voxels(m.size);
        int w = (int)(v % (size_t)m.size[2]), h = (int)(v / (size_t)m.size[2]) % m.size[1];
        float x = (float)rng_range(&r, -100, 300);
        m.data[i] =
            h < 2 || w > m.size[2] - 4 || rng_below(&r, 3) == 0 || (h / 4 + w / 4) % 3 == 0 ? 0 : x;
    }
    return m;
}

static struct preparation preparation(const struct setting *s)
{
    struct preparation p = plain_preparation(2, 8, 8, 8);
    memcpy(p.spacing, s->spacing, sizeof p.spacing);
    memcpy(p.resize, s->resize, sizeof p.resize);
    memcpy(p.shrink, s->shrink, sizeof p.shrink);
    p.nonzero = s->nonzero;
    for (int c = 0; c < 2; c++)
        p.normalise[c] = (struct normalise){s->scheme[c], -50, 200, 31.5, 77.25};
    return p;
}

static void check(const struct setting *s, const char *path, size_t bytes, struct pool *pool)
{
    struct preparation prep = preparation(s);
    struct data_case c = {.nimages = 1, .image = {(char *)(uintptr_t)path}};
    struct scan scan;
    struct image m;
    struct box taken;
    struct placed where, there;
    struct prepared_file p;
    bool can;
    OK(dataset_load_image(&(struct dataset){.cases = &c}, 0, &m, &e));
    OK(scan_peek(&c, &scan, &can, &e));
    OK(scan_begin(&scan, ".", NULL, &e));
    OK(scan_survey(&scan, bytes / 8, &taken, NULL, &e));
    if (!prepare_crops(&prep)) taken = box_whole(m.size);
    OK(prepare_place_box(&prep, &scan.m, &taken, &where, &e));
    OK(prepare_image(&prep, &m, pool, &there, &e));
    assert_true(prepare_agree(&where, &there));
    OK(prepare_file_begin(&prep, &scan, &where, bytes, ".", pool, NULL, &p, &e));
    struct box b = box_whole(where.size), part = {.size = {0}};
    b.from[1] = b.size[1] / 4; /* a part that is no whole plane, too */
    b.size[1] -= b.from[1];
    b.from[2] = b.size[2] / 5;
    b.size[2] -= b.from[2];
    float *x = mem_array(2 * box_voxels(&b), sizeof *x);
    uint8_t *mask = mem_alloc(box_voxels(&b));
    while (box_next(&b, 777, &part)) {
        OK(prepare_file_read(&p, &part, x, mask, &e));
        for (size_t i = 0; i < 2 * box_voxels(&part); i++) {
            size_t k = i / box_voxels(&part);
            const float *wanted =
                &m.data[k * image_voxels(m.size) + box_voxel(&part, m.size, i % box_voxels(&part))];
            if (memcmp(&x[i], wanted, sizeof *x) != 0)
                fail_msg("%s, %s by %zu bytes: voxel %zu of channel %zu is %g, not %g", s->name,
                    path, bytes, i, k, (double)x[i], (double)*wanted);
        }
    }
    mem_free(x);
    mem_free(mask);
    prepare_file_close(&p);
    scan_close(&scan);
    image_free(&m);
}

static void images_in_files_are_prepared_alike(void **state)
{
    struct pool *pool = pool_create(3);
    (void)state;
    for (size_t i = 0; i < COUNT(settings); i++) {
        struct image m = picture(&settings[i]);
        OK(format_save_image("x.nii", &m, &e));
        OK(format_save_image("x.nii.gz", &m, &e));
        image_free(&m);
        for (size_t bytes = 1; bytes < 1 << 26; bytes *= 2000) {
            check(&settings[i], "x.nii", bytes, NULL);
            check(&settings[i], "x.nii.gz", bytes, pool);
        }
    }
    pool_destroy(pool);
}

/* ---- work that is stopped */

struct patience {
    struct host *host;
    int left; /* so many parts are borne */
    char last[32];
};

static void hear(void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct patience *p = user;
    assert_null(detail);
    assert_true(done > 0 && done <= total);
    snprintf(p->last, sizeof p->last, "%s", what);
    if (p->left-- == 0) atomic_store(&p->host->stop, 1);
}

static att_status try_all(
    const struct preparation *prep, struct scan *scan, struct host *host, struct err *cause)
{
    struct prepared_file p;
    struct placed where;
    struct box taken;
    TRY(scan_begin(scan, ".", host, cause));
    TRY(scan_survey(scan, 200, &taken, host, cause));
    TRY(prepare_place_box(prep, &scan->m, &taken, &where, cause));
    TRY(prepare_file_begin(prep, scan, &where, 1000, ".", NULL, host, &p, cause));
    prepare_file_close(&p);
    return ATT_OK;
}

/* Wherever a signal comes: the next part is not begun, and the sentence says what was being done.
 */
static void every_part_can_be_the_last(void **state)
{
    static const char *const stages[] = {
        "inflating", "reading", "masking", "filling", "measuring", "resampling"};
    const struct setting s = {"all of it", {9, 17, 23}, {1, 1, 1}, {.8f, .7f, .6f}, {0}, {1, 2, 2},
        true, {NORMALISE_ZSCORE, NORMALISE_NONE}};
    struct preparation prep = preparation(&s);
    int stopped[COUNT(stages)] = {0};
    (void)state;
    struct image m = picture(&s);
    OK(format_save_image("x.nii.gz", &m, &e));
    image_free(&m);
    bool done = false;
    for (int left = 0; !done; left++) {
        struct data_case c = {.nimages = 1, .image = {"x.nii.gz"}};
        struct patience p = {.left = left};
        struct host host = {.log = {.progress = hear, .user = &p}};
        struct err cause = {0};
        struct scan scan;
        bool can;
        p.host = &host;
        OK(scan_peek(&c, &scan, &can, &e));
        done = try_all(&prep, &scan, &host, &cause) == ATT_OK;
        scan_close(&scan);
        assert_true(done == (p.left >= 0)); /* one word more, and it would have gone on */
        if (done) break;
        assert_int_equal(cause.status, ATT_INTERRUPTED);
        assert_memory_equal(cause.text, "stopped while ", 14);
        assert_string_equal(cause.text + 14, p.last);
        for (size_t i = 0; i < COUNT(stages); i++) stopped[i] += !strcmp(p.last, stages[i]);
    }
    for (size_t i = 0; i < COUNT(stages); i++)
        if (!stopped[i]) fail_msg("%s was never stopped", stages[i]);
}

/* Channels in files of their own, and what is refused. */
static void files_are_one_image(void **state)
{
    struct scan s;
    struct box box;
    bool can = true;
    float x[6];
    (void)state;
    struct image m = make_image(1, 3, 4, 5);
    m.geometry.valid = true;
    m.data[33] = 7;
    OK(format_save_image("a.nii", &m, &e));
    m.data[33] = 0;
    m.data[47] = 8;
    OK(format_save_image("b.nii.gz", &m, &e));
    struct data_case c = {.nimages = 2, .image = {"a.nii", "b.nii.gz"}};
    OK(scan_peek(&c, &s, &can, &e));
    assert_true(can && s.m.channels == 2 && scan_temporary(&s) == 3 * 4 * 5 * 4);
    OK(scan_begin(&s, ".", NULL, &e));
    OK(scan_survey(&s, 1, &box, NULL, &e));
    assert_memory_equal(&box, (&(struct box){{1, 1, 2}, {2, 2, 2}}), sizeof box);
    OK(scan_read(&s, 1, &(struct box){{2, 1, 0}, {1, 1, 5}}, x, &e));
    assert_true(x[2] == 8 && x[1] == 0);
    scan_close(&s);
    m.geometry.affine[0][3] = 3;
    OK(format_save_image("b.nii.gz", &m, &e));
    REFUSED(scan_peek(&c, &s, &can, &e), ATT_DATA,
        "b.nii.gz: by its header it is 3 voxels (3 mm) off from a.nii");
    m.geometry.affine[0][3] = 0;
    m.data[21] = NAN;
    OK(format_save_image("b.nii.gz", &m, &e));
    OK(scan_peek(&c, &s, &can, &e));
    OK(scan_begin(&s, ".", NULL, &e));
    REFUSED(scan_survey(&s, 7, &box, NULL, &e), ATT_DATA,
        "b.nii.gz: 1 of 60 samples are NaN or infinite in float32, the first at voxel (1,0,1) "
        "of channel 0");
    scan_close(&s);
    write_png("c.png", 1);
    OK(scan_peek(&(struct data_case){.nimages = 1, .image = {"c.png"}}, &s, &can, &e));
    assert_true(can && scan_working(&s) > 0);
    scan_close(&s);
    static const char text[] = "ObjectType = Image\n"
                               "NDims = 3\n"
                               "BinaryData = False\n"
                               "DimSize = 2 1 1\n"
                               "ElementType = MET_UCHAR\n"
                               "ElementDataFile = LOCAL\n"
                               "1 2\n";
    OK(file_write_all("c.mha", text, sizeof text - 1, &e));
    OK(scan_peek(&(struct data_case){.nimages = 1, .image = {"c.mha"}}, &s, &can, &e));
    assert_false(can);
    image_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(images_in_files_are_prepared_alike),
        cmocka_unit_test(every_part_can_be_the_last), cmocka_unit_test(files_are_one_image)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
