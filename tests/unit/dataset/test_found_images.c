/* SPDX-License-Identifier: Apache-2.0 */
/* Files beside images that are no channels. */
#include "unit/dataset/found_test.h"

/* Images, labels, and a file of each case whose values are few. */
static void add_lines(struct list *l, const char *lines)
{
    for (int i = 1; i < 9; i++) {
        add(l, "images/p%02d-image.nii", i);
        add(l, "seg/p%02d-rib-seg.nii", i);
        add(l, "%s/p%02d-rib-%s.nii", lines, i, lines);
    }
}

static void values_of_labels_are_no_channel(void **state)
{
    struct list l = {NULL, 0};
    struct tree tree;
    struct found f;
    struct told t = {.labels = {"-seg"}, .thin = "-cl"};
    (void)state;
    add_lines(&l, "cl");
    OK(search(&l, &t, &f, &tree, &e));
    assert_string_equal(f.images, "images/{id}-image.nii");
    assert_string_equal(f.labels, "seg/{id}-rib-seg.nii");
    assert_int_equal(f.asides, 1);
    assert_non_null(strstr(f.aside[0].why, "values of labels"));
    assert_int_equal(f.aside[0].count, 8);
    found_free(&f);
    tree_free(&tree);
    forget(&l);
    add_lines(&l, "ct"); /* but many values are */
    expect(&l, t, "ct/{id}-rib-ct.nii;images/{id}-image.nii", "seg/{id}-rib-seg.nii");
    t.thin = "nii"; /* and so are images of few grey levels */
    add_lines(&l, "ct");
    expect(&l, t, "ct/{id}-rib-ct.nii;images/{id}-image.nii", "seg/{id}-rib-seg.nii");
}

/* Nor are images that have no labels, though they have the numbers of others, and probabilities. */
static void unlabelled_images_and_probabilities_are_no_channels(void **state)
{
    struct list l = {NULL, 0};
    const struct told t = {.labels = {"/gt/", "_seg"}};
    (void)state;
    for (int i = 1; i < 9; i++) {
        add(&l, "labeled/img/set_labeled_%d.nii", i);
        add(&l, "labeled/gt/set_labeled_%d_mask.nii", i);
        add(&l, "unlabeled/set_unlabeled_%d.nii", i);
    }
    expect(&l, t, "labeled/img/{id}.nii", "labeled/gt/{id}_mask.nii");
    for (int i = 1; i < 9; i++) {
        add(&l, "p%d/brain.nii", i);
        add(&l, "p%d/brain_seg.nii", i);
        add(&l, "p%d/brain_pve_0.nii", i);
        add(&l, "p%d/brain_pve_1.nii", i);
    }
    expect(&l, t, "{id}/brain.nii", "{id}/brain_seg.nii");
}

/* Of other images, though there are more of them than labels. */
static void predictions_come_after_labels(void **state)
{
    static const char *const folder[] = {"inferTs", "predictionsTs", "results"};
    struct list l = {NULL, 0};
    const struct told t = {.labels = {"labelsTr/", "inferTs/", "predictionsTs/", "results/"}};
    (void)state;
    for (size_t k = 0; k < sizeof folder / sizeof *folder; k++) {
        for (int i = 1; i < 5; i++) {
            add(&l, "imagesTr/c_%02d_0000.nii", i);
            if (i > 1) add(&l, "labelsTr/c_%02d.nii", i);
        }
        for (int i = 6; i < 12; i++) {
            add(&l, "imagesTs/c_%02d_0000.nii", i);
            add(&l, "%s/c_%02d.nii", folder[k], i);
        }
        expect(&l, t, "imagesTr/{id}_0000.nii", "labelsTr/{id}.nii");
    }
}

/* An image or an overlay: also where no mask can be read, and so no option be tried. */
static void overlays_are_asked_about(void **state)
{
    struct list l = {NULL, 0};
    struct told t = {.labels = {"masks/"}};
    (void)state;
    for (int unread = 0; unread < 2; unread++) {
        for (int i = 1; i < 9; i++) {
            add(&l, "set/rgbs/a%02d.png", i);
            add(&l, "set/vis/a%02d.png", i);
            add(&l, "set/masks/a%02d.png", i);
        }
        if (unread) t.pair[0] = (struct told_pair){"masks/", "masks/", 100, 100, 100, false};
        refuse(&l, t,
            unread ? "has 2 files for each case that may be its image, and neither names nor "
                     "contents say which; give patterns (docs/data.md); no mask such as "
                     "set/masks/a01.png can be read"
                   : ", or `images` 'set/rgbs/{id}.png' `labels` 'set/masks/{id}.png', or");
    }
}

/* An image with the labels drawn over it is no second channel. */
static void overlays_are_no_channels_beside_their_images(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int first = 0; first < 2; first++) { /* whichever comes first by its name */
        const char *const over = first ? "check" : "vis";
        char options[256];
        for (int i = 1; i < 9; i++) {
            add(&l, "set/rgbs/a%02d.png", i);
            add(&l, "set/%s/a%02d.png", over, i);
            add(&l, "set/masks/a%02d.png", i);
        }
        snprintf(options, sizeof options,
            "say which; give `images` 'set/rgbs/{id}.png' `labels` 'set/masks/{id}.png', or "
            "`images` 'set/%s/{id}.png' `labels` 'set/masks/{id}.png'",
            over);
        refuse(&l, (struct told){.labels = {"masks/"}, .drawn = over}, options);
    }
}

/* As dcm2niix names them: all series of a visit have its date, or each has its own time. */
static void dates_count_for_nothing(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int times = 0; times < 2; times++) {
        for (int i = 1; i < 9; i++) {
            add(&l, "p%d/p%d_ADC_2021%02d%02d_8.nii.gz", i, i, i, i);
            add(&l, "p%d/p%d_t2_2021%02d%02d_5.nii.gz", i, i, i, times ? 20 + i : i);
            add(&l, "p%d/%s_seg.nii.gz", i, "tumour");
        }
        expect(&l, (struct told){.labels = {"seg"}},
            "{id}/{id}_ADC_*_8.nii.gz;{id}/{id}_t2_*_5.nii.gz", "{id}/tumour_seg.nii.gz");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_count_for_nothing),
        cmocka_unit_test(values_of_labels_are_no_channel),
        cmocka_unit_test(unlabelled_images_and_probabilities_are_no_channels),
        cmocka_unit_test(predictions_come_after_labels),
        cmocka_unit_test(overlays_are_asked_about),
        cmocka_unit_test(overlays_are_no_channels_beside_their_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
