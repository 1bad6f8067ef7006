/* SPDX-License-Identifier: Apache-2.0 */
/* An image that stays in its files is segmented to the same bits as one in memory, without a limit,
 * within the smallest one, and between; and the process stays within it.  Every case runs in a
 * child of its own, whose peak is its own. */
#include "unit/predict/child_test.h"
#include "unit/predict/predict_test.h"

#include <math.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limit.h"
#include "predict/predict_mask.h"

enum { CLASSES = 40 };

enum store {
    PLAIN,
    PACKED,
    SCALED,
    BIG,
    PARTED,
    NRRD,
    META,
    ARRAY,
    PAGES,
    STORES
}; /* float32; deflated; int16 with a scale; the same big-endian; a file a channel; deflated behind
      a header, planar and not; NPY; TIFF */

static const struct setting {
    const char *name;
    enum store store;
    int dims, models, regions, slices, size[3], window[3];
    double overlap;
    bool mirror, nonzero;
    double spacing[3], trained[3];
    int resize[3], shrink[3];
    enum normalise_scheme scheme;
    struct postprocess post;
} settings[] = {
    {"odd sizes", PLAIN, 3, 1, .size = {17, 87, 93}, .window = {8, 16, 16}, .overlap = .5},
    {"an image smaller than its window", PACKED, 3, 1, .size = {5, 31, 93}, .window = {8, 32, 32},
        .overlap = .25, .scheme = NORMALISE_ZSCORE},
    {"three models of two kinds, mirrored", SCALED, 3, 3, .size = {11, 51, 46},
        .window = {8, 16, 16}, .overlap = .5, .mirror = true, .scheme = NORMALISE_ZSCORE},
    {"regions", BIG, 3, 1, .regions = CLASSES, .size = {13, 67, 73}, .window = {8, 16, 16},
        .overlap = .5, .scheme = NORMALISE_CT},
    {"regions, post-processed", PACKED, 3, 1, .regions = CLASSES, .size = {13, 67, 73},
        .window = {8, 16, 16}, .overlap = .25, .scheme = NORMALISE_CT,
        .post = {.largest = {{0xfff0}}}},
    {"what is not zero", BIG, 3, 1, .size = {13, 67, 61}, .window = {8, 16, 16}, .overlap = .25,
        .nonzero = true, .scheme = NORMALISE_ZSCORE, .post = {.smallest = {0, 3, 40, 7, 9}}},
    {"a spacing", SCALED, 3, 1, .size = {13, 67, 61}, .window = {8, 16, 16}, .overlap = .25,
        .nonzero = true, .spacing = {.8, .7, .65}, .scheme = NORMALISE_ZSCORE,
        .post = {.all_foreground = true}},
    {"a coarser spacing", PARTED, 3, 1, .size = {21, 110, 103}, .window = {8, 16, 16},
        .overlap = .25, .spacing = {1.2, 1.7, 1.5}, .scheme = NORMALISE_MINMAX01},
    {"two models and a spacing", PACKED, 3, 2, .size = {13, 67, 61}, .window = {8, 16, 16},
        .overlap = .5, .nonzero = true, .spacing = {.8, .7, 1.3}, .scheme = NORMALISE_ZSCORE},
    {"voxels that stray", PACKED, 3, 2, .size = {13, 67, 61}, .window = {8, 16, 16}, .overlap = .25,
        .nonzero = true, .trained = {.8, .7, 1.3}, .scheme = NORMALISE_ZSCORE},
    {"thick slices", PACKED, 3, 1, .size = {7, 67, 71}, .window = {8, 16, 16}, .overlap = .25,
        .spacing = {4, 1.1, .9}, .scheme = NORMALISE_ZSCORE},
    {"a size", PACKED, 3, 1, .size = {13, 67, 71}, .window = {8, 16, 16}, .overlap = .25,
        .resize = {20, 50, 80}, .scheme = NORMALISE_ZSCORE},
    {"blocks", PARTED, 3, 1, .size = {31, 130, 100}, .window = {8, 16, 16}, .overlap = .5,
        .nonzero = true, .shrink = {2, 2, 2}, .scheme = NORMALISE_ZSCORE,
        .post = {.all_foreground = true}},
    {"slices", SCALED, 2, 1, .size = {3, 193, 201}, .window = {1, 64, 64}, .overlap = .5,
        .scheme = NORMALISE_ZSCORE},
    {"slices of another spacing", BIG, 2, 1, .size = {3, 133, 141}, .window = {1, 64, 64},
        .overlap = .25, .mirror = true, .nonzero = true, .spacing = {0, .8, 1.2},
        .scheme = NORMALISE_ZSCORE, .post = {.largest = {{0xff}}}},
    {"slices with neighbours", PACKED, 2, 1, .slices = 5, .size = {4, 133, 141},
        .window = {1, 64, 64}, .overlap = .5, .nonzero = true, .scheme = NORMALISE_ZSCORE},
    {"NRRD", NRRD, 3, 1, .size = {13, 67, 61}, .window = {8, 16, 16}, .overlap = .25,
        .spacing = {.8, .7, 1.3}, .scheme = NORMALISE_ZSCORE},
    {"MetaImage", META, 3, 1, .size = {11, 51, 46}, .window = {8, 16, 16}, .overlap = .25,
        .nonzero = true, .scheme = NORMALISE_ZSCORE},
#ifdef ATT_TIFF
    {"TIFF", PAGES, 3, 1, .size = {13, 67, 61}, .window = {8, 16, 16}, .overlap = .25,
        .spacing = {.8, .7, 1.3}, .scheme = NORMALISE_ZSCORE},
#endif
    {"an array", ARRAY, 3, 1, .size = {13, 67, 61}, .window = {8, 16, 16}, .overlap = .25,
        .scheme = NORMALISE_MINMAX01},
};

static void put(unsigned char *at, size_t bytes, const void *value, bool big)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = ((const unsigned char *)value)[big ? bytes - 1 - i : i];
}

/* int16 = (value - 3) * 4: two channels in a NIfTI-1 file. */
static void write_scaled(const char *path, const struct image *m, bool big)
{
    const size_t count = image_voxels(m->size) * (size_t)m->channels;
    const int32_t size = 348;
    const int16_t dim[5] = {4, (int16_t)m->size[2], (int16_t)m->size[1], (int16_t)m->size[0],
        (int16_t)m->channels},
                  type[2] = {4, 16}, form = 1;
    const float pixdim[4] = {1, 1, 1, 1}, scale[3] = {352, .25f, 3}, one = 1;
    unsigned char *file = mem_alloc(352 + 2 * count);
    put(file, 4, &size, big);
    for (int i = 0; i < 5; i++) put(file + 40 + 2 * i, 2, &dim[i], big);
    for (int i = 0; i < 2; i++) put(file + 70 + 2 * i, 2, &type[i], big);
    for (int i = 0; i < 4; i++) put(file + 76 + 4 * i, 4, &pixdim[i], big);
    for (int i = 0; i < 3; i++) put(file + 108 + 4 * i, 4, &scale[i], big);
    put(file + 254, 2, &form, big);
    for (int i = 0; i < 3; i++) put(file + 280 + 20 * i, 4, &one, big);
    memcpy(file + 344, "n+1", 4);
    for (size_t i = 0; i < count; i++) {
        int16_t v = (int16_t)((m->data[i] - 3) * 4);
        put(file + 352 + 2 * i, 2, &v, big);
    }
    OK(file_write_all(path, file, 352 + 2 * count, &e));
    mem_free(file);
}

/* Two channels, zero around a body with holes. */
static struct data_case write_case(const struct setting *s)
{
    static char *const names[STORES] = {
        "x.nii", "x.nii.gz", "x.nii", "x.nii", "x_0000.nii", "x.nrrd", "x.mha", "x.npy", "x.tif"};
    struct data_case c = {
        .nimages = 1, .image = {names[s->store], (char *)(uintptr_t) "x_0001.nii.gz"}};
    struct image m = make_image(2, s->size[0], s->size[1], s->size[2]);
    m.geometry.valid = true;
    fill_image(&m, 9, 3);
    for (size_t i = 0; i < 2 * image_voxels(m.size); i++) {
        int w = (int)(i % (size_t)m.size[2]), h = (int)(i / (size_t)m.size[2]) % m.size[1];
        if (w < 1 || h > m.size[1] - 4 || (h / 9 + w / 11) % 4 == 0) m.data[i] = 0;
    }
    if (s->store == PARTED) {
        m.channels = 1;
        OK(format_save_image(c.image[0], &m, &e));
        memmove(m.data, m.data + image_voxels(m.size), image_voxels(m.size) * sizeof *m.data);
        OK(format_save_image(c.image[1], &m, &e));
        c.nimages = 2;
    } else if (s->store == SCALED || s->store == BIG) {
        write_scaled(c.image[0], &m, s->store == BIG);
    } else {
        OK(format_save_image(c.image[0], &m, &e));
    }
    image_free(&m);
    return c;
}

static void make_models(const struct setting *s, struct model m[3])
{
    struct labelling l = labels_of_regions(CLASSES, s->regions);
    struct preparation p = plain_preparation(2, s->window[0], s->window[1], s->window[2]);
    memcpy(p.spacing, s->spacing, sizeof p.spacing);
    memcpy(p.trained, s->trained, sizeof p.trained);
    memcpy(p.resize, s->resize, sizeof p.resize);
    memcpy(p.shrink, s->shrink, sizeof p.shrink);
    p.nonzero = s->nonzero;
    for (int c = 0; c < 2; c++) p.normalise[c] = (struct normalise){s->scheme, 1, 7, 3.5, 2.25};
    for (int i = 0; i < s->models; i++) {
        char text[96];
        snprintf(text, sizeof text, "arch=unet dims=%d in=2 slices=%d classes=%d widths=4,%d",
            s->dims, s->slices ? s->slices : 1, CLASSES, i == 1 ? 6 : 4);
        if (i == 1) p.normalise[1].scheme = NORMALISE_RGB; /* another prepared image */
        if (i == 2) memcpy(p.patch, (int[]){4, 12, 12}, sizeof p.patch);
        make_seeded(&m[i], text, p, l, (uint64_t)(11 + i));
    }
}

static struct predictor *predictor(const struct setting *s, const struct model *m, double limit)
{
    struct predictor *p;
    struct predict_options o = {
        .overlap = s->overlap, .max_memory = limit, .mirror = {false, s->mirror, s->mirror}};
    if (postprocess_any(&s->post)) o.post = s->post;
    OK(predictor_create_several(m, s->models, best_kernels(), NULL, &o, &p, &e));
    return p;
}

static att_status run(const struct setting *s, const struct model *m, const struct data_case *c,
    double limit, struct prediction *out, struct err *cause)
{
    struct predictor *p = predictor(s, m, limit);
    struct scan scan;
    bool can;
    OK(scan_peek(c, &scan, &can, &e));
    att_status status = predict_scan(p, &scan, ".", out, NULL, cause);
    scan_close(&scan);
    predictor_free(p);
    return status;
}

#ifdef ATT_SANITIZED /* keeps what was freed */
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static void compare(const struct setting *s, const struct model *m, const struct prediction *filed,
    const struct prediction *whole)
{
    const char *ending = s->store == NRRD ? "nrrd"
        : s->store == META                ? "mha"
        : s->store == ARRAY               ? "npy"
        : s->store == PAGES               ? "tif"
                                          : "nii";
    char one[32], other[32];
    const size_t voxels = image_voxels(whole->labels.size);
    uint8_t *classes = mem_alloc(voxels);
    char *a, *b;
    size_t n, k;
    assert_true(!filed->classes && !filed->labels.data);
    OK(scratch_read(filed->mask, 0, classes, voxels, &e));
    for (size_t i = 0; i < voxels; i++)
        if (classes[i] != whole->classes[i])
            fail_msg("%s: voxel %zu is %d, not %d", s->name, i, classes[i], whole->classes[i]);
    assert_memory_equal(filed->voxels, whole->voxels, sizeof filed->voxels);
    assert_memory_equal(filed->dropped, whole->dropped, sizeof filed->dropped);
    snprintf(one, sizeof one, "whole.%s", ending);
    snprintf(other, sizeof other, "filed.%s", ending);
    OK(format_save_labels(one, &whole->labels, &e));
    OK(mask_save(other, filed, &m->labels, &e));
    OK(file_read(one, 1 << 24, &a, &n, &e));
    OK(file_read(other, 1 << 24, &b, &k, &e));
    assert_int_equal(n, k);
    assert_memory_equal(a, b, n);
    mem_free(a);
    mem_free(b);
    mem_free(classes);
}

static void check(const void *setting)
{
    const struct setting *s = setting;
    struct model m[3];
    struct prediction cut, free, whole;
    struct err cause = {0};
    struct data_case c = write_case(s);
    make_models(s, m);
    assert_int_equal(run(s, m, &c, 1, &cut, &cause), ATT_MEMORY);
    const char *at = strstr(cause.text, "`max-memory` ");
    if (!at) fail_msg("%s", cause.text);
    double min = strtod(at + 13, NULL) * (1 << 20);
    assert_int_equal(run(s, m, &c, min - (8 << 20), &cut, &cause), ATT_MEMORY);
    min += SANITIZED * (64 << 20);
    OK(run(s, m, &c, min, &cut, &e));
    size_t peak = resident_peak();
    if (!SANITIZED && (double)peak > min)
        fail_msg("%s: a peak of %zu where %.0f is the limit", s->name, peak, min);
    OK(run(s, m, &c, 0x1p40, &free, &e));
    struct predictor *p = predictor(s, m, 0);
    struct image x;
    OK(dataset_load_image(&(struct dataset){.cases = &c}, 0, &x, &e));
    OK(predict_image(p, &x, &whole, NULL, &e));
    compare(s, m, &cut, &whole);
    compare(s, m, &free, &whole);
    assert_true(free.windows == whole.windows && cut.windows >= whole.windows);
    predictor_free(p);
    image_free(&x);
    prediction_free(&cut);
    prediction_free(&free);
    prediction_free(&whole);
    for (int i = 0; i < s->models; i++) model_free(&m[i]);
}

static void no_bit_changes_and_limits_are_kept(void **state)
{
    (void)state;
    if (!resident_now()) skip(); /* a system that does not say */
    for (size_t k = 0; k < COUNT(settings); k++) in_child(check, &settings[k], settings[k].name);
}

/* What is in memory is preferred where it costs no more windows; where nothing may be cut off, too
 * little is refused from sizes alone. */
static void where_an_image_stays(void **state)
{
    (void)state;
    struct model m;
    struct err cause = {0};
    bool stay = true;
    struct image x = {
        .channels = 1, .size = {700, 700, 700}, .geometry = {.spacing = {1, 1, 1}, .valid = true}};
    make_model(&m, "arch=unet dims=3 in=1 classes=3 widths=4,4", plain_preparation(1, 16, 16, 16),
        plain_labels(3));
    struct predict_options o = {.overlap = .5, .max_memory = 0x1p33};
    struct predictor *p;
    OK(predictor_create(&m, best_kernels(), NULL, &o, &p, &e));
    OK(predict_estimate(p, &x, &(struct predict_reading){1, true, 0}, &stay, &e));
    assert_false(stay); /* fits */
    predictor_free(p);
    o.max_memory = 0x1p29;
    OK(predictor_create(&m, best_kernels(), NULL, &o, &p, &e));
    stay = true;
    OK(predict_estimate(p, &x, &(struct predict_reading){1, true, 0}, &stay, &e));
    assert_true(stay); /* 1.3 GiB of floats */
    predictor_free(p);
    o.max_memory = 0x1p20;
    OK(predictor_create(&m, best_kernels(), NULL, &o, &p, &e));
    stay = true;
    assert_int_equal(
        predict_estimate(p, &x, &(struct predict_reading){1, true, 0}, &stay, &cause), ATT_MEMORY);
    assert_true(strtod(strstr(cause.text, "`max-memory` ") + 13, NULL) < 256);
    predictor_free(p);
    o.attention = true;
    OK(predictor_create(&m, best_kernels(), NULL, &o, &p, &e));
    stay = true;
    assert_int_equal(
        predict_estimate(p, &x, &(struct predict_reading){1, true, 0}, &stay, &cause), ATT_MEMORY);
    assert_false(stay); /* maps are held as a whole */
    predictor_free(p);
    model_free(&m);
}

/* ---- a disk that is too small */

static void stop_at_once(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    (void)what, (void)done, (void)total, (void)detail;
    atomic_store((atomic_int *)user, 1);
}

/* An image of which so many copies, a byte a voxel, fill the disk: a hole in a file. */
static bool write_hole(double copies)
{
    struct statvfs v;
    assert_int_equal(statvfs(".", &v), 0);
    const double side = cbrt((double)v.f_bavail * (double)v.f_frsize / copies);
    if (side < 16 || side > INT16_MAX) return false;
    const int32_t size = 348;
    const int16_t dim[4] = {3, (int16_t)side, (int16_t)side, (int16_t)side}, type[2] = {2, 8},
                  form = 1;
    const float pixdim[4] = {1, 1, 1, 1}, first = 352, one = 1;
    unsigned char header[352] = {0};
    put(header, 4, &size, false);
    for (int i = 0; i < 4; i++) put(header + 40 + 2 * i, 2, &dim[i], false);
    for (int i = 0; i < 2; i++) put(header + 70 + 2 * i, 2, &type[i], false);
    for (int i = 0; i < 4; i++) put(header + 76 + 4 * i, 4, &pixdim[i], false);
    put(header + 108, 4, &first, false);
    put(header + 254, 2, &form, false);
    for (int i = 0; i < 3; i++) put(header + 280 + 20 * i, 4, &one, false);
    memcpy(header + 344, "n+1", 4);
    OK(file_write_all("hole.nii", header, sizeof header, &e));
    return truncate("hole.nii", 352 + (off_t)dim[1] * dim[2] * dim[3]) == 0;
}

static att_status try_hole(struct preparation prep, struct labelling labels, struct err *cause)
{
    struct model m;
    struct scan scan;
    struct prediction out;
    struct predictor *p;
    struct host host = {.log = {.progress = stop_at_once, .user = &host.stop}};
    bool can;
    make_model(&m, "arch=unet dims=3 in=1 classes=3 widths=4,4", prep, labels);
    OK(predictor_create(
        &m, best_kernels(), NULL, &(struct predict_options){.overlap = .5}, &p, &e));
    OK(scan_peek(&(struct data_case){.nimages = 1, .image = {(char *)(uintptr_t) "hole.nii"}},
        &scan, &can, &e));
    assert_true(can);
    att_status status = predict_scan(p, &scan, ".", &out, &host, cause);
    scan_close(&scan);
    predictor_free(p);
    model_free(&m);
    return status;
}

/* The temporaries and the mask in the end are asked for before a sample is read. */
static void a_small_disk_is_told_first(void **state)
{
    struct preparation prep = plain_preparation(1, 16, 16, 16);
    struct labelling labels = plain_labels(3), wide = labels;
    struct err cause = {0};
    (void)state;
    prep.nonzero = true;
    wide.value[2] = 300;
    if (!write_hole(3.5)) skip(); /* no such file can be here */
    assert_int_equal(try_hole(prep, labels, &cause),
        ATT_INTERRUPTED); /* classes, what is not zero, the mask: three bytes fit */
    assert_string_equal(cause.text, "stopped while reading");
    REFUSED(try_hole(prep, wide, &e), ATT_IO,
        " of temporary files in ., but only "); /* a fourth does not */
    unlink("hole.nii");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_bit_changes_and_limits_are_kept),
        cmocka_unit_test(where_an_image_stays), cmocka_unit_test(a_small_disk_is_told_first)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
