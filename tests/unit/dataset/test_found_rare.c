/* SPDX-License-Identifier: Apache-2.0 */
/* A label of one case, as of a rare class, is not passed over. */
#include "unit/dataset/found_test.h"

static void add_flat(struct list *l)
{
    for (int i = 0; i < 12; i++) {
        add(l, "%02d.png", i);
        add(l, "%02d_lv.png", i);
        add(l, "%02d_rv.png", i);
    }
}

static void add_folders(struct list *l)
{
    for (int i = 0; i < 12; i++) {
        add(l, "Pat %d/MRT.nii", i);
        add(l, "Pat %d/masks/left_kidney.nii", i);
    }
}

static void a_label_of_one_case_is_asked_about(void **state)
{
    struct list l = {NULL, 0};
    const struct told flat = {.labels = {"_lv", "_rv", "_thrombus"}},
                      folders = {.labels = {"kidn", "cyst", "tumour"}};
    (void)state;
    add_flat(&l);
    add(&l, "04_thrombus.png");
    refuse(&l, flat,
        "04_thrombus.png seems to be a label, but other images have none of this name; if it marks "
        "a class of its own, give `images` '{id}.png' `labels` "
        "'{id}_lv.png;{id}_rv.png;{id}_thrombus.png'; to leave it out, give `images` '{id}.png' "
        "`labels` '{id}_lv.png;{id}_rv.png'");
    add_folders(&l);
    add(&l, "Pat 3/masks/cyst.nii");
    refuse(&l, folders, "'{id}/masks/left_kidney.nii;{id}/masks/cyst.nii'");
    for (int i = 0; i < 12; i++) {
        add(&l, "us/%02d.png", i);
        add(&l, "kidney/%02d.png", i);
    }
    add(&l, "tumour/07.png");
    refuse(&l, folders, "'kidney/{id}.png;tumour/{id}.png'");
    add_folders(&l); /* a slip of the pen */
    l.name[1][strlen(l.name[1]) - 6] = 'n';
    refuse(&l, folders, "Pat 0/masks/left_kidnny.nii seems to be a label");
}

/* An image, what its name puts aside, and a label with an image of its own. */
static void what_is_no_label_of_a_case_stays_aside(void **state)
{
    static const char *const names[] = {"04_photo.png", "04_overlay_lv.png", "13_thrombus.png"};
    struct list l = {NULL, 0};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        add_flat(&l);
        add(&l, "%s", names[i]);
        expect(&l, (struct told){.labels = {"_lv", "_rv", "_thrombus"}}, "{id}.png",
            "{id}_lv.png;{id}_rv.png");
    }
    for (int i = 0; i < 12; i++) {
        add(&l, "raw/b%02d_raw.png", i);
        add(&l, "some/b%02d_labels.png", i);
    }
    add(&l, "other/b01_raw.png");
    add(&l, "other/b01_labels.png");
    expect(&l, (struct told){.labels = {"_labels"}}, "raw/{id}_raw.png", "some/{id}_labels.png");
}

static void a_channel_in_two_letter_cases_is_named(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 0; i < 8; i++) {
        add(&l, "s%d/T1.nii", i);
        add(&l, "s%d/%s.nii", i, i % 2 ? "FLAIR" : "Flair");
        add(&l, "s%d/wmh.nii", i);
    }
    refuse(&l, (struct told){.labels = {"wmh"}},
        "s0/Flair.nii and s1/FLAIR.nii differ only in letter case");
}

/* Slice 0 and the mask of slice 5, which alone are left over, are no pair; nor are slice 3 of one
 * patient and mask 4 of another. */
static void other_numbers_are_other_cases(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int p = 1; p < 5; p++)
        for (int i = 0; i < 5; i++) {
            add(&l, "p%02d_img_%d.png", p, i);
            add(&l, "p%02d_mask_%d.png", p, i + 1);
        }
    expect(&l, (struct told){.labels = {"mask"}}, "{part}_img_{id}.png", "{part}_mask_{id}.png");
    for (int p = 1; p < 5; p++)
        for (int i = 0; i < 2 + p; i++) {
            add(&l, "%d_p%d_img.png", i, p);
            add(&l, "%03d_p%d_mask.png", i, p);
        }
    expect(&l, (struct told){.labels = {"mask"}}, "{id}_img.png", "{id}_mask.png");
}

/* Where at most half of the images have one, "img_03_2" may be a second mask of "img_03", or that
 * of an image that is lost. */
static void second_masks_of_some_images_are_asked_about(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int more = 1; more < 7; more++) {
        for (int i = 0; i < 11; i++) {
            add(&l, "in/img_%02d.png", i);
            add(&l, "out/img_%02d.png", i);
            if (i < more) add(&l, "out/img_%02d_2.png", i);
        }
        if (more <= 11 / 2)
            refuse(&l, (struct told){.labels = {"out"}},
                "may be one of several masks of an image, but the other masks have the names of "
                "their images");
        else
            expect(
                &l, (struct told){.labels = {"out"}}, "in/{id}.png", "out/{id}.png;out/{id}_#.png");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_of_one_case_is_asked_about),
        cmocka_unit_test(what_is_no_label_of_a_case_stays_aside),
        cmocka_unit_test(other_numbers_are_other_cases),
        cmocka_unit_test(second_masks_of_some_images_are_asked_about),
        cmocka_unit_test(a_channel_in_two_letter_cases_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
