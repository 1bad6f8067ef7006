/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of the same images that hardly share a case: classes, one class, or readers? */
#include "unit/dataset/found_test.h"

/* The name with two digits for '#' and a kind for '@'. */
static void add_as(struct list *l, const char *name, int number, const char *kind)
{
    char text[200] = "";
    for (size_t used = 0; *name; name++, used = strlen(text))
        if (*name == '#')
            snprintf(text + used, sizeof text - used, "%02d", number);
        else
            snprintf(text + used, sizeof text - used, "%.*s", *name == '@' ? (int)strlen(kind) : 1,
                *name == '@' ? kind : name);
    add(l, "%s", text);
}

/* Cases with a label of one kind each, in turn. */
static void add_kinds(
    struct list *l, const char *image, const char *label, const char *const *kind, int kinds)
{
    for (int i = 0; i < 12; i++) {
        add_as(l, image, i, "");
        add_as(l, label, i, kind[i % kinds]);
    }
}

static void kinds_without_a_common_case_are_asked_about(void **state)
{
    static const struct {
        const char *image, *label, *kinds[3], *words;
    } sets[] = {
        {"img/#.png", "masks/@/#.png", {"benign", "malign"},
            "give `images` 'img/{id}.png' `labels` "
            "'masks/benign/{id}.png;masks/malign/{id}.png'; if they mark one class"},
        {"us/#.png", "@/#.png", {"cyst", "fibroma", "tumour"}, "{id}.png;tumour/{id}.png' `mask"},
        {"#.png", "#_@.png", {"cyst", "tumour"}, "'{id}_cyst.png;{id}_tumour.png' `mask-values` o"},
        {"c#/t1.nii", "c#/@.nii", {"HGG", "LGG"}, "'{id}/HGG.nii;{id}/LGG.nii' `mask-values` one"},
        {"t2/#.nii", "@_seg/#.nii", {"AM", "KS"}, "'AM_seg/{id}.nii;KS_seg/{id}.nii' `mask-va"},
        {"img/#.png", "masks/class@/#.png", {"1", "2"}, "if these are classes, give `images`"},
    };
    struct list l = {NULL, 0};
    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const int kinds = sets[i].kinds[2] ? 3 : 2;
        struct told t = {.both = 0};
        add_kinds(&l, sets[i].image, sets[i].label, sets[i].kinds, kinds);
        for (int k = 0; k < kinds; k++) t.labels[k] = sets[i].kinds[k];
        if (*t.labels[0] == '1') t.labels[0] = t.labels[1] = "masks/";
        refuse(&l, t, sets[i].words);
    }
    /* one case with both labels */
    static const char *const organs[] = {"liver", "kidney"};
    add_kinds(&l, "scans/P#.nii", "masks/P#_@.nii", organs, 2);
    add(&l, "masks/P04_kidney.nii");
    refuse(&l, (struct told){.labels = {"masks/"}}, "'masks/{id}_kidney.nii;masks/{id}_liver.nii'");
    /* two readers who saw the same */
    static const char *const readers[] = {"reader_A", "reader_B"};
    add_kinds(&l, "t2/c#.nii", "@/c#.nii", readers, 2);
    add(&l, "reader_B/c04.nii");
    refuse(&l,
        (struct told){.labels = {"reader"}, .both = 90, .pair = {{"none", "none", 0, 0, 0, 0}}},
        "hardly one has both");
    /* files with several values are no single classes */
    for (int i = 0; i < 24; i++) {
        add(&l, "batch_%d/1%05d_00001_0000.nii", 1 + i / 6, i);
        add(&l, "labels/%s/1%05d_00001.nii", i % 3 ? "automatic_labels" : "manual_labels", i);
    }
    refuse(&l, (struct told){.labels = {"labels"}, .values = 4},
        "hardly one has both; if their values mean the same, give `images` 'batch_");
    /* a pattern of each kind is named, and none is cut */
    for (int i = 1; i < 8; i++) {
        static const char *const names[] = {"T2w_label-SC", "T2star_label-GM", "T2star_label-WM"};
        add(&l, "data-multi-subject/sub-%02d/anat/sub-%02d_T2w.nii", i, i);
        add(&l, "data-multi-subject/sub-%02d/anat/sub-%02d_T2star.nii", i, i);
        for (int k = 0; k < 3; k++)
            add(&l, "data-multi-subject/derivatives/labels/sub-%02d/anat/sub-%02d_%s_seg.nii", i, i,
                names[k]);
    }
    refuse(&l, (struct told){.labels = {"_seg"}},
        "have a label 'data-multi-subject/derivatives/labels/{part}/anat/{id}_label-GM_seg.nii', "
        "others 'data-multi-subject/derivatives/labels/{part}/anat/{id}_label-SC_seg.nii', and "
        "hardly one has both");
}

/* Parts of a set, other spellings and the folders of a large set are no kinds. */
static void parts_of_one_kind_stay(void **state)
{
    static const struct {
        const char *image, *label, *kinds[2];
    } sets[] = {
        {"img/#.png", "@/#.png", {"train_masks", "test_masks"}},
        {"img/#.png", "#_@.png", {"mask", "Maske"}},
        {"img/#.nii", "@_gt/#.nii", {"ct", "mr"}},
    };
    struct list l = {NULL, 0};
    struct tree tree;
    struct found f;
    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct told t = {.labels = {"mask", "Maske", "_gt/"}};
        add_kinds(&l, sets[i].image, sets[i].label, sets[i].kinds, 2);
        OK(search(&l, &t, &f, &tree, &e));
        assert_int_equal(f.pairs, 12);
        found_free(&f);
        tree_free(&tree);
        forget(&l);
    }
    for (int i = 0; i < 16; i++) {
        add(&l, "img/%d.png", i);
        add(&l, "anno/%d/%05d_hair.png", i / 8, i);
        add(&l, "anno/%d/%05d_nose.png", i / 8, i);
    }
    struct told t = {.labels = {"anno"}};
    OK(search(&l, &t, &f, &tree, &e));
    assert_int_equal(f.pairs, 16);
    found_free(&f);
    tree_free(&tree);
    forget(&l);
}

/* Each part is written once, and a class that few cases have is one. */
static void rare_classes_are_kept(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int every = 3; every < 14; every += 10)
        for (int kind = 0; kind < 3; kind++) {
            for (int i = 0; i < 40; i++) {
                const bool rare = i % every == 0;
                if (kind == 0) {
                    add(&l, "p%02d/us.png", i);
                    add(&l, "p%02d/masks/liver.png", i);
                    if (rare) add(&l, "p%02d/masks/tumour.png", i);
                } else if (kind == 1) {
                    add(&l, "p%02d.png", i);
                    add(&l, "p%02d_liver.png", i);
                    if (rare) add(&l, "p%02d_tumour.png", i);
                } else {
                    add(&l, "us/%02d.png", i);
                    add(&l, "liver/%02d.png", i);
                    if (rare) add(&l, "tumour/%02d.png", i);
                }
            }
            expect(&l, (struct told){.labels = {"liver", "tumour"}},
                kind == 0       ? "{id}/us.png"
                    : kind == 1 ? "{id}.png"
                                : "us/{id}.png",
                kind == 0       ? "{id}/masks/liver.png;{id}/masks/tumour.png"
                    : kind == 1 ? "{id}_liver.png;{id}_tumour.png"
                                : "liver/{id}.png;tumour/{id}.png");
        }
}

static void add_beside(struct list *l, const char *image, const char *label, const char *more)
{
    for (int i = 1; i < 9; i++) {
        add(l, "%s%d.png", image, i);
        add(l, "%s%d.png", label, i);
        add(l, "%s%d.png", more, i);
    }
}

/* Outlines, masks by a program and masks without a word for labels are no first choice. */
static void names_tell_which_label_is_meant(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    add_beside(&l, "img/", "mask/", "contours/");
    expect(&l,
        (struct told){
            .labels = {"mask", "contours"}, .pair = {{"mask", "contours", 100, 30, 30, false}}},
        "img/{id}.png", "mask/{id}.png");
    add_beside(&l, "img/", "mask/human/", "mask/computer/");
    expect(
        &l, (struct told){.labels = {"mask"}, .both = 90}, "img/{id}.png", "mask/human/{id}.png");
    add_beside(&l, "img/", "mask/john/", "mask/ai/");
    expect(&l, (struct told){.labels = {"mask"}, .both = 90}, "img/{id}.png", "mask/john/{id}.png");
    add_beside(&l, "img/", "mask/", "generated/");
    expect(
        &l, (struct told){.labels = {"mask", "gen"}, .both = 90}, "img/{id}.png", "mask/{id}.png");
    add_beside(&l, "img/", "mask_fixed/", "mask/");
    expect(
        &l, (struct told){.labels = {"mask"}, .both = 90}, "img/{id}.png", "mask_fixed/{id}.png");
    add_beside(&l, "img/", "staple/", "r1/");
    expect(&l, (struct told){.labels = {"staple", "r1"}, .both = 90}, "img/{id}.png",
        "staple/{id}.png");
    add_beside(&l, "img/", "mask/", "trimap/");
    expect(&l, (struct told){.labels = {"mask", "trimap"}, .both = 90}, "img/{id}.png",
        "mask/{id}.png");
}

/* The likeliest image first; an image with another name belongs to no label that has its own. */
static void names_tell_which_image_is_meant(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    add_beside(&l, "img/", "mask/", "check/");
    refuse(&l, (struct told){.labels = {"mask"}},
        "give `images` 'img/{id}.png' `labels` 'mask/{id}.png', or");
    add_beside(&l, "tumor/img/", "tumor/mask/", "normal/img/");
    refuse(&l, (struct told){.labels = {"mask"}},
        "give `images` 'tumor/img/{id}.png' `labels` 'tumor/mask/{id}.png', or");
    add_beside(&l, "tumor/img/t", "tumor/mask/t", "normal/img/n");
    expect(&l, (struct told){.labels = {"mask"}}, "tumor/img/{id}.png", "tumor/mask/{id}.png");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_without_a_common_case_are_asked_about),
        cmocka_unit_test(parts_of_one_kind_stay),
        cmocka_unit_test(names_tell_which_label_is_meant),
        cmocka_unit_test(names_tell_which_image_is_meant),
        cmocka_unit_test(rare_classes_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
