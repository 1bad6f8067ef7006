/* SPDX-License-Identifier: Apache-2.0 */
/* Labels made slab by slab against those of the logits of the whole image, window by window as it
 * is written in textbooks. */
#include "unit/predict/predict_test.h"

#include "model/prepare.h"
#include "predict/predict_window.h"

static const struct setting {
    const char *name, *spec;
    int dims, classes, regions, size[3], window[3];
    double overlap;
    double spacing[3];
    int resize[3], shrink[3];
} settings[] = {
    {"one window", "widths=4,4", 3, 3, 0, {5, 6, 7}, {8, 8, 8}, .5, {0}, {0}, {0}},
    {"odd sizes", "widths=4,4", 3, 3, 0, {21, 13, 17}, {8, 8, 8}, .5, {0}, {0}, {0}},
    {"large overlap", "widths=4,4", 3, 4, 0, {19, 11, 16}, {8, 6, 8}, .8, {0}, {0}, {0}},
    {"no overlap", "widths=4,4", 3, 2, 0, {16, 24, 17}, {8, 8, 8}, 1e-11, {0}, {0}, {0}},
    {"padded planes", "widths=4,4", 3, 3, 0, {3, 21, 19}, {8, 8, 8}, .5, {0}, {0}, {0}},
    {"slices", "widths=4,4", 2, 3, 0, {6, 17, 21}, {1, 8, 8}, .5, {0}, {0}, {0}},
    {"regions", "widths=4,4", 3, 3, 3, {13, 11, 14}, {8, 8, 8}, .5, {0}, {0}, {0}},
    {"one output", "widths=4,4", 3, 1, 0, {13, 11, 14}, {8, 8, 8}, .5, {0}, {0}, {0}},
    {"a finer spacing", "widths=4,4", 3, 3, 0, {10, 9, 12}, {8, 8, 8}, .5, {.6, .7, .8}, {0}, {0}},
    {"a coarser spacing", "widths=4,4", 3, 3, 0, {31, 26, 25}, {8, 8, 8}, .5, {1.8, 1.4, 1.5}, {0},
        {0}},
    {"thick slices", "widths=4,4", 3, 3, 0, {9, 16, 17}, {8, 8, 8}, .5, {4, 1.3, .8}, {0}, {0}},
    {"regions of a spacing", "widths=4,4", 3, 3, 3, {14, 13, 12}, {8, 8, 8}, .5, {.8, 1.2, 1}, {0},
        {0}},
    {"a size", "widths=4,4", 3, 3, 0, {9, 13, 11}, {8, 8, 8}, .5, {0}, {17, 18, 19}, {0}},
    {"a smaller size", "widths=4,4", 3, 3, 0, {29, 33, 31}, {8, 8, 8}, .5, {0}, {13, 12, 17}, {0}},
    {"blocks", "widths=4,4", 3, 3, 0, {29, 33, 31}, {8, 8, 8}, .5, {0}, {0}, {2, 3, 2}},
    {"blocks of a spacing", "widths=4,4", 3, 3, 0, {14, 13, 16}, {8, 8, 8}, .5, {.5, .6, .7}, {0},
        {2, 1, 2}},
};

static void make(const struct setting *s, struct model *m, struct image *x)
{
    char text[96];
    struct labelling l = plain_labels(s->classes > 1 ? s->classes : 2);
    struct preparation p = plain_preparation(1, s->window[0], s->window[1], s->window[2]);
    l.regions = s->regions;
    for (int k = 0; k < s->regions; k++) {
        l.region[k] = class_set_bits((uint64_t)k + 2);
        l.region_value[k] = (uint16_t)(30 - 10 * k);
        snprintf(l.region_name[k], LABELLING_NAME, "r%d", k);
    }
    memcpy(p.spacing, s->spacing, sizeof p.spacing);
    memcpy(p.resize, s->resize, sizeof p.resize);
    memcpy(p.shrink, s->shrink, sizeof p.shrink);
    snprintf(
        text, sizeof text, "arch=unet dims=%d in=1 classes=%d %s", s->dims, s->classes, s->spec);
    make_seeded(m, text, p, l, 11);
    *x = make_image(1, s->size[0], s->size[1], s->size[2]);
    x->geometry.valid = true;
    fill_image(x, 9, 3);
    for (size_t i = 0; i < image_voxels(x->size); i += (size_t)x->size[2])
        x->data[i] = 0; /* a plane that a spacing cuts off */
}

/* The window's part of the image, 0 where there is none. */
static struct image cut(const struct image *x, const int from[3], const int window[3])
{
    struct image part = make_image(1, window[0], window[1], window[2]);
    for (int d = 0; d < window[0]; d++)
        for (int h = 0; h < window[1]; h++)
            for (int w = 0; w < window[2]; w++) {
                int at[3] = {from[0] + d, from[1] + h, from[2] + w};
                bool inside = true;
                for (int i = 0; i < 3; i++) inside = inside && at[i] >= 0 && at[i] < x->size[i];
                if (inside)
                    part.data[(d * window[1] + h) * window[2] + w] =
                        x->data[(at[0] * x->size[1] + at[1]) * x->size[2] + at[2]];
            }
    return part;
}

static void add_windows(
    const struct setting *s, const struct model *m, const struct image *x, float *sum)
{
    struct window_axis a[3];
    int window[3];
    const struct box whole = box_whole(x->size);
    for (int i = 0; i < 3; i++) {
        int multiple = m->facts.multiple[i], up = (x->size[i] + multiple - 1) / multiple * multiple;
        window[i] = s->window[i] < up ? s->window[i] : up;
        OK(window_axis_make(x->size[i], window[i], s->overlap, 1, &a[i], &e));
    }
    for (int n = 0; n < a[0].count * a[1].count * a[2].count; n++) {
        int index[3] = {n / a[2].count / a[1].count, n / a[2].count % a[1].count, n % a[2].count};
        struct image part = cut(
            x, (int[]){a[0].first[index[0]], a[1].first[index[1]], a[2].first[index[2]]}, window);
        float *logits = direct_logits(m, &part);
        struct tensor t = {
            logits, {1, m->facts.classes, window[0], window[1], window[2]}, 1, false};
        window_add(a, index, &t, 1, &whole, sum, NULL);
        mem_free(logits);
        image_free(&part);
    }
    for (int i = 0; i < 3; i++) window_axis_free(&a[i]);
}

static int decide(const struct setting *s, const float *logits, size_t stride)
{
    int best = 0;
    for (int c = 0; c < s->classes; c++) {
        if ((s->regions || s->classes == 1) && logits[(size_t)c * stride] > 0) best = c + 1;
        if (!s->regions && s->classes > 1 &&
            logits[(size_t)c * stride] > logits[(size_t)best * stride])
            best = c;
    }
    return best;
}

static void check_against_the_whole(const struct setting *s, const struct model *m,
    const struct image *image, const struct prediction *out)
{
    struct image x = make_image(1, image->size[0], image->size[1], image->size[2]);
    struct placed w;
    float outside[8];
    for (int c = 0; c < s->classes; c++)
        outside[c] = c == 0 && s->classes > 1 && !s->regions ? 16 : -16;
    memcpy(x.data, image->data, image_voxels(x.size) * sizeof *x.data);
    x.geometry = image->geometry;
    OK(prepare_image(&m->prep, &x, NULL, &w, &e));
    size_t voxels = image_voxels(w.whole), different = 0, found[9] = {0};
    float *sum = mem_array(image_voxels(w.size), (size_t)s->classes * sizeof *sum),
          *back = mem_array(voxels, (size_t)s->classes * sizeof *back);
    add_windows(s, m, &x, sum);
    OK(prepare_back(&w, sum, s->classes, outside, back, NULL, &e));
    for (size_t i = 0; i < voxels; i++) {
        int class = decide(s, back + i, voxels);
        found[class]++;
        different += class != out->classes[i];
    }
    if (different) fail_msg("%s: %zu of %zu voxels differ", s->name, different, voxels);
    assert_true(found[0] < voxels &&
        found[s->classes - 1 + (s->regions || s->classes == 1)] <
            voxels); /* not one class throughout */
    mem_free(sum);
    mem_free(back);
    image_free(&x);
}

static void labels_are_those_of_the_whole(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(settings); k++) {
        struct model m;
        struct image x;
        struct prediction out;
        make(&settings[k], &m, &x);
        predict_with(&m, (struct predict_options){.overlap = settings[k].overlap}, NULL, &x, &out);
        check_against_the_whole(&settings[k], &m, &x, &out);
        prediction_free(&out);
        image_free(&x);
        model_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_those_of_the_whole),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
