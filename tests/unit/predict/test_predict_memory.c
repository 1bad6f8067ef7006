/* SPDX-License-Identifier: Apache-2.0 */
/* Limits on memory: kept, and without a trace in the labels.  Every case runs in a child of its
 * own, whose peak is its own. */
#include "unit/predict/child_test.h"
#include "unit/predict/predict_test.h"

#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limit.h"

enum { CLASSES = 50 };

static const struct setting {
    const char *name;
    int dims, models, regions, size[3], window[3];
    double overlap;
    bool mirror, post;
    double spacing[3];
    int shrink[3];
} settings[] = {
    {"odd sizes", 3, 1, 0, {17, 107, 93}, {8, 16, 16}, .5, false, false, {0}, {0}},
    {"large overlap", 3, 1, 0, {9, 71, 66}, {8, 16, 16}, .8, false, false, {0}, {0}},
    {"three models of two kinds, mirrored", 3, 3, 0, {11, 71, 66}, {8, 16, 16}, .5, true, false,
        {0}, {0}},
    {"regions", 3, 1, CLASSES, {13, 87, 93}, {8, 16, 16}, .25, false, false, {0}, {0}},
    {"a spacing", 3, 1, 0, {13, 67, 61}, {8, 16, 16}, .25, false, true, {.8, .7, .65}, {0}},
    {"a coarser spacing", 3, 1, 0, {21, 150, 143}, {8, 16, 16}, .25, false, false, {1.2, 1.7, 1.5},
        {0}},
    {"thick slices", 3, 1, 0, {7, 87, 91}, {8, 16, 16}, .25, false, false, {4, 1.1, .9}, {0}},
    {"blocks", 3, 1, 0, {31, 230, 200}, {8, 16, 16}, .25, false, false, {0}, {2, 2, 2}},
    {"slices", 2, 1, 0, {3, 293, 301}, {1, 64, 64}, .5, false, false, {0}, {0}},
};

static void make(const struct setting *s, struct model m[3], struct image *x)
{
    struct labelling l = labels_of_regions(CLASSES, s->regions);
    struct preparation p = plain_preparation(1, s->window[0], s->window[1], s->window[2]);
    memcpy(p.spacing, s->spacing, sizeof p.spacing);
    memcpy(p.shrink, s->shrink, sizeof p.shrink);
    for (int i = 0; i < s->models; i++) {
        char text[96];
        snprintf(text, sizeof text, "arch=unet dims=%d in=1 classes=%d widths=4,%d", s->dims,
            CLASSES, i == 1 ? 6 : 4);
        if (i == 2) memcpy(p.patch, (int[]){4, 12, 12}, sizeof p.patch);
        make_seeded(&m[i], text, p, l, (uint64_t)(11 + i));
    }
    *x = make_image(1, s->size[0], s->size[1], s->size[2]);
    x->geometry.valid = true;
    fill_image(x, 9, 3);
    for (size_t i = 0; i < image_voxels(x->size); i += (size_t)x->size[2])
        x->data[i] = 0; /* a plane that a spacing cuts off */
}

static att_status run(const struct setting *s, const struct model *m, const struct image *x,
    double limit, struct prediction *out, struct err *cause)
{
    struct predictor *p;
    struct postprocess post = {.all_foreground = true};
    struct predict_options o = {
        .overlap = s->overlap, .max_memory = limit, .mirror = {false, s->mirror, s->mirror}};
    if (s->post) o.post = post;
    OK(predictor_create_several(m, s->models, best_kernels(), NULL, &o, &p, &e));
    att_status status = predict_image(p, x, out, NULL, cause);
    predictor_free(p);
    return status;
}

/* The smallest limit, in MiB, as the sentence says. */
static double smallest(const struct setting *s, const struct model *m, const struct image *x)
{
    struct prediction out;
    struct err cause = {0};
    assert_int_equal(run(s, m, x, 1, &out, &cause), ATT_MEMORY);
    const char *at = strstr(cause.text, "`max-memory` ");
    if (!at) fail_msg("%s", cause.text);
    double mib = strtod(at + 13, NULL);
    assert_non_null(strstr(at, "MiB"));
    return mib;
}

#ifdef ATT_SANITIZED /* keeps what was freed */
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static void check(const void *setting)
{
    const struct setting *s = setting;
    struct model m[3];
    struct image x;
    struct prediction cut, whole;
    make(s, m, &x);
    double min = smallest(s, m, &x) * (1 << 20);
    REFUSED(run(s, m, &x, min - (8 << 20), &cut, &e), ATT_MEMORY,
        "the smallest limit that would do is");
    min += SANITIZED * (256 << 20);
    OK(run(s, m, &x, min, &cut, &e));
    size_t peak = resident_peak();
    OK(run(s, m, &x, 0, &whole, &e));
    if (!SANITIZED && cut.windows <= whole.windows)
        fail_msg("%s: %d windows, and %d without a limit", s->name, cut.windows, whole.windows);
    assert_true(SANITIZED || (double)peak <= min);
    assert_memory_equal(cut.classes, whole.classes, image_voxels(x.size));
    assert_memory_equal(
        cut.labels.data, whole.labels.data, image_voxels(x.size) * sizeof *whole.labels.data);
    assert_memory_equal(cut.voxels, whole.voxels, sizeof cut.voxels);
    assert_memory_equal(cut.dropped, whole.dropped, sizeof cut.dropped);
    prediction_free(&cut);
    prediction_free(&whole);
    for (int i = 0; i < s->models; i++) model_free(&m[i]);
    image_free(&x);
}

static void limits_are_kept_and_change_nothing(void **state)
{
    (void)state;
    if (!resident_now()) skip(); /* a system that does not say */
    for (size_t k = 0; k < COUNT(settings); k++) in_child(check, &settings[k], settings[k].name);
}

/* So many bytes of memory, all of them touched; of a file, or of none: -1. */
static unsigned char *touched(size_t bytes, int file)
{
    unsigned char *p = mmap(NULL, bytes, file < 0 ? PROT_READ | PROT_WRITE : PROT_READ,
        MAP_PRIVATE | (file < 0 ? MAP_ANONYMOUS : 0), file, 0);
    unsigned sum = 0;
    assert_true(p != MAP_FAILED);
    if (file < 0) memset(p, 1, bytes);
    for (size_t i = 0; i < bytes; i += 512) sum += p[i];
    assert_true(file >= 0 || sum > 0);
    return p;
}

static void check_past(const void *setting)
{
    const struct setting *s = setting;
    const size_t bytes = (size_t)(128 + SANITIZED * 512) << 20;
    struct model m[3];
    struct image x;
    struct prediction out;
    make(s, m, &x);
    double min = smallest(s, m, &x) * (1 << 20) + SANITIZED * (256 << 20);
    munmap(touched(bytes, -1), bytes);
    assert_true((double)resident_peak() > min);
    OK(run(s, m, &x, min, &out, &e)); /* what was held once is not held now */
    prediction_free(&out);
    FILE *f = fopen("mapped", "w+");
    assert_true(f && ftruncate(fileno(f), (off_t)bytes) == 0);
    unsigned char *pages = touched(bytes, fileno(f));
    assert_true((double)resident_now() > min && (double)resident_pinned() < min);
    OK(run(s, m, &x, min, &out, &e)); /* and a file's pages go when memory is needed */
    prediction_free(&out);
    munmap(pages, bytes);
    fclose(f);
    unlink("mapped");
    unsigned char *held = touched(bytes, -1);
    REFUSED(run(s, m, &x, min, &out, &e), ATT_MEMORY,
        "the smallest limit that would do is"); /* but what is held counts */
    munmap(held, bytes);
    for (int i = 0; i < s->models; i++) model_free(&m[i]);
    image_free(&x);
}

static void only_what_is_held_counts(void **state)
{
    (void)state;
    if (!resident_now()) skip();
    in_child(check_past, &settings[0], settings[0].name);
}

/* Maps and probabilities take memory, which is foreseen; windows that make maps are computed once.
 */
static void maps_are_not_cut(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct predictor *p;
    struct image x = make_image(1, 16, 32, 32);
    fill_image(&x, 9, 5);
    make_model(&m, "arch=attunet dims=3 in=1 classes=3 widths=4,8,8",
        plain_preparation(1, 8, 16, 16), plain_labels(3));
    struct predict_options o = {
        .overlap = .5, .attention = true, .probabilities = true, .max_memory = 1};
    OK(predictor_create(&m, best_kernels(), NULL, &o, &p, &e));
    REFUSED(predict_image(p, &x, &out, NULL, &e), ATT_MEMORY,
        "predicting this image takes more than 1 B; the smallest limit that would do is "
        "`max-memory` ");
    predictor_free(p);
    o.max_memory = 0x1p40;
    OK(predictor_create(&m, best_kernels(), NULL, &o, &p, &e));
    OK(predict_image(p, &x, &out, NULL, &e));
    assert_int_equal(out.windows, 27);
    prediction_free(&out);
    predictor_free(p);
    image_free(&x);
    model_free(&m);
}

/* Known from its header alone, an image that cannot be loaded is refused, with a limit that is
 * enough for all of it. */
static void refused_before_loading(void **state)
{
    (void)state;
    struct model m;
    struct predictor *p;
    struct image x = {
        .channels = 1, .size = {700, 700, 700}, .geometry = {.spacing = {1, 1, 1}, .valid = true}};
    make_model(&m, "arch=unet dims=3 in=1 classes=3 widths=4,4", plain_preparation(1, 16, 16, 16),
        plain_labels(3));
    struct predict_options o = {.overlap = .5, .max_memory = 0x1p30};
    OK(predictor_create(&m, best_kernels(), NULL, &o, &p, &e));
    struct err cause = {0};
    assert_int_equal(
        predict_estimate(p, &x, &(struct predict_reading){1, true, 0}, &(bool){false}, &cause),
        ATT_MEMORY);
    double mib = strtod(strstr(cause.text, "`max-memory` ") + 13, NULL),
           image = 700. * 700 * 700 * 4 / (1 << 20);
    assert_true(mib > image * 1.25 &&
        mib < image * 1.25 + 200); /* samples as float, labels as a byte; columns of sums */
    predictor_free(p);
    o.max_memory = 0x1p31;
    OK(predictor_create(&m, best_kernels(), NULL, &o, &p, &e));
    OK(predict_estimate(p, &x, &(struct predict_reading){1, true, 0}, &(bool){false},
        &e)); /* it can be loaded, and may be mostly zeros */
    predictor_free(p);
    model_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_kept_and_change_nothing),
        cmocka_unit_test(only_what_is_held_counts),
        cmocka_unit_test(maps_are_not_cut),
        cmocka_unit_test(refused_before_loading),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
