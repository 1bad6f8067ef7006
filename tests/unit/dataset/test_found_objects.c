/* SPDX-License-Identifier: Apache-2.0 */
/* A label file for each object: numbers in names are no classes, but words are. */
#include "unit/dataset/found_test.h"

enum { CASES = 9, SAME = 3 };

/* How many objects of a type an image has: 1 to 4, or always SAME. */
static int objects_of(int image, int type, bool same)
{
    return same ? SAME : 1 + (7 * image + 3 * type + image / 3) % 4;
}

/* In a name: # the image, @ the type, $ the number, & a hash, % a number that all objects share. */
static void add_object(struct list *l, const char *name, int image, const char *type, int number)
{
    char text[200] = "";
    for (; *name; name++) {
        char part[40];
        snprintf(part, sizeof part, "%c", *name);
        if (*name == '#') snprintf(part, sizeof part, "%02d", image);
        if (*name == '@') snprintf(part, sizeof part, "%s", type);
        if (*name == '$') snprintf(part, sizeof part, "%d", number);
        if (*name == '%') snprintf(part, sizeof part, "%04d", l->count);
        if (*name == '&')
            snprintf(part, sizeof part, "%016llx",
                (unsigned long long)fnv_bytes(FNV_START, (char *)&l->count, sizeof l->count));
        strcat(text, part);
    }
    add(l, "%s", text);
}

/* Images with objects of types; the last type misses in every third image, unless `same`. */
static void add_types(
    struct list *l, const char *image, const char *label, const char *const *type, bool same)
{
    for (int i = 1; i <= CASES; i++) {
        add_object(l, image, i, "", 0);
        for (int k = 0; type[k]; k++) {
            const bool misses = !same && !type[k + 1] && i % 3 == 0;
            for (int n = 1; n <= objects_of(i, k, same) && !misses; n++)
                add_object(l, label, i, type[k], n);
        }
    }
}

static const char *const types[] = {"immune", "stroma", "tumour", NULL};

static const struct {
    const char *image, *label, *images, *labels, *word;
} layouts[] = {
    {"#/image.png", "#/@/$.png", "{id}/image.png",
        "{id}/immune/#.png;{id}/stroma/#.png;{id}/tumour/#.png", "u"},
    {"images/#.png", "masks/@/#_$.tif", "images/{id}.png",
        "masks/immune/{id}_#.tif;masks/stroma/{id}_#.tif;masks/tumour/{id}_#.tif", "masks"},
    {"images/#.jpg", "masks/@/#/$.png", "images/{id}.jpg",
        "masks/immune/{id}/#.png;masks/stroma/{id}/#.png;masks/tumour/{id}/#.png", "masks"},
    {"images/#.png", "masks/#/@_$.png", "images/{id}.png",
        "masks/{id}/immune_#.png;masks/{id}/stroma_#.png;masks/{id}/tumour_#.png", "masks"},
    {"images/#.png", "masks/#-$-@.png", "images/{id}.png",
        "masks/{id}-#-immune.png;masks/{id}-#-stroma.png;masks/{id}-#-tumour.png", "masks"},
    {"x#/img.png", "x#/masks/@/&.png", "{id}/img.png",
        "{id}/masks/immune/*.png;{id}/masks/stroma/*.png;{id}/masks/tumour/*.png", "masks"},
    {"images/#.png", "masks/@/#_%.png", "images/{id}.png",
        "masks/immune/{id}_#.png;masks/stroma/{id}_#.png;masks/tumour/{id}_#.png", "masks"},
    {"#/image.png", "#/@_&.png", "{id}/image.png",
        "{id}/immune_*.png;{id}/stroma_*.png;{id}/tumour_*.png", "u"},
    {"a#.png", "masks/&.a#.@.png", "a{id}.png",
        "masks/*.a{id}.immune.png;masks/*.a{id}.stroma.png;masks/*.a{id}.tumour.png", "masks"},
};
enum { LAYOUTS = sizeof layouts / sizeof *layouts, WITH_NUMBERS = 5 };

static struct told told_of(const char *word)
{
    struct told t = {.scattered = true, .labels = {word}};
    if (*word == 'u')
        t = (struct told){.scattered = true, .labels = {types[0], types[1], types[2]}};
    return t;
}

static void objects_of_types_are_classes_by_their_words(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 0; i < LAYOUTS; i++) {
        add_types(&l, layouts[i].image, layouts[i].label, types, false);
        expect(&l, told_of(layouts[i].word), layouts[i].images, layouts[i].labels);
    }
}

/* Also where some are under names that no label has. */
static void predictions_of_objects_are_no_classes(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    add_types(&l, "images/#.png", "masks/@/#_$.png", types, false);
    for (int i = 0, count = l.count; i < count; i++)
        if (*l.name[i] == 'm' && i % 2) add(&l, "results/fold_0/%s", l.name[i]);
    for (int i = 1; i <= CASES; i++) add(&l, "results/fold_0/masks/stroma/%02d_9.png", i);
    expect(&l, (struct told){.scattered = true, .labels = {"masks"}}, "images/{id}.png",
        "masks/immune/{id}_#.png;masks/stroma/{id}_#.png;masks/tumour/{id}_#.png");
}

static void as_many_objects_everywhere_may_be_classes(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 0; i < WITH_NUMBERS; i++) {
        add_types(&l, layouts[i].image, layouts[i].label, types, true);
        refuse(&l, told_of(layouts[i].word), layouts[i].labels);
        add_types(&l, layouts[i].image, layouts[i].label, types, true);
        refuse(&l, told_of(layouts[i].word), "; if each number is a class, give `images` ");
    }
    /* each in its place, as ribs are */
    static const char *const sides[] = {"left", "right", NULL};
    add_types(&l, "ct/#.nii", "seg/#/rib_@_$.nii", sides, true);
    expect(&l, (struct told){.labels = {"seg/"}}, "ct/{id}.nii", "seg/{id}/{class}.nii");
    add_types(&l, "ct/#.nii", "seg/#/rib_@_$.nii", sides, false);
    refuse(&l, (struct told){.labels = {"seg/"}}, "if each number is a class, give `images`");
}

static void hashes_are_objects_of_one_class(void **state)
{
    static const char *const one[] = {"", NULL};
    struct list l = {NULL, 0};
    (void)state;
    add_types(&l, "images/img_#.png", "masks/img_#_&.png", one, true);
    expect(&l, (struct told){.scattered = true, .labels = {"masks"}}, "images/img_{id}.png",
        "masks/img_{id}_*.png");
    add_types(&l, "#.jpg", "&-#.png", one, true);
    expect(&l, (struct told){.scattered = true, .labels = {"-"}}, "{id}.jpg", "*-{id}.png");
}

/* "3_2" is object 2 of image 3 where other masks of image 2 would share voxels. */
static void names_of_two_images_are_asked_about(void **state)
{
    enum { COUNT = 4 };
    struct list l = {NULL, 0};
    (void)state;
    for (int both = 0; both < 2; both++) {
        for (int i = 1; i <= COUNT; i++) {
            add(&l, "images/%d.png", i);
            for (int k = 1; k <= (i > 1 ? COUNT : COUNT - 1); k++) add(&l, "masks/%d_%d.png", i, k);
        }
        struct told t = {.scattered = true, .labels = {"masks"}};
        for (int k = 0; k < 3 && both; k++)
            t.pair[k] = (struct told_pair){"masks/2_",
                (const char *const[]){"masks/1_", "masks/3_", "masks/4_"}[k], 100, 100, 50, false};
        if (both)
            expect(&l, t, "images/{id}.png", "masks/{id}_#.png");
        else
            refuse(&l, t, "whose name holds the numbers of two images; give `images`");
    }
}

static void numbers_of_types_are_asked_about(void **state)
{
    static const char *const numbers[] = {"1", "2", NULL};
    struct list l = {NULL, 0};
    (void)state;
    add_types(&l, "#/image.png", "#/type@/$.png", numbers, false);
    refuse(&l, (struct told){.scattered = true, .labels = {"type"}},
        "'{id}/type1/#.png;{id}/type2/#.png'; if all are objects of one class, give `images` "
        "'{id}/image.png' `labels` '{id}/type#/#.png'");
}

static void types_of_other_images_are_asked_about(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i <= 2 * CASES; i++) {
        add_object(&l, "images/#.png", i, "", 0);
        for (int n = 1; n <= objects_of(i, 0, false); n++)
            add_object(&l, "masks/@/#_$.png", i, types[i % 2], n);
    }
    refuse(&l, (struct told){.scattered = true, .labels = {"masks/"}},
        "'masks/immune/{id}_#.png;masks/stroma/{id}_#.png'; if they mark one class, give");
}

static void objects_that_two_people_marked_are_asked_about(void **state)
{
    static const char *const readers[] = {"anna", "ben", NULL};
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i <= CASES; i++) {
        add_object(&l, "images/#.png", i, "", 0);
        for (int k = 0; readers[k]; k++)
            for (int n = 1; n <= objects_of(i, 0, false); n++)
                add_object(&l, "masks/@/#_$.png", i, readers[k], n);
    }
    refuse(&l,
        (struct told){.scattered = true,
            .labels = {"masks/"},
            .pair = {{"anna", "ben", 100, 100, 90, false}}},
        "on the same voxels; give one kind: `images` 'images/{id}.png' `labels` "
        "'masks/anna/{id}_#.png', or `images` 'images/{id}.png' `labels` 'masks/ben/{id}_#.png'");
}

static void objects_beside_a_class_without_a_number_keep_it(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i <= CASES; i++) {
        add_object(&l, "#/image.png", i, "", 0);
        add_object(&l, "#/masks/liver.png", i, "", 0);
        for (int n = 1; n <= objects_of(i, 0, false); n++)
            add_object(&l, "#/masks/lesion_$.png", i, "", n);
    }
    expect(&l, (struct told){.scattered = true, .labels = {"masks/"}}, "{id}/image.png",
        "{id}/masks/lesion_#.png;{id}/masks/liver.png");
}

/* "1/2.png" is object 2 of image 1, though there is an image 2. */
static void numbers_may_be_those_of_images_by_chance(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i <= CASES; i++) {
        add(&l, "images/%d.png", i);
        for (int k = 0; k < 2; k++)
            for (int n = 1; n <= objects_of(i, k, false); n++)
                add(&l, "masks/%s/%d/%d.png", types[k], i, n);
    }
    expect(&l, (struct told){.scattered = true, .labels = {"masks/"}}, "images/{id}.png",
        "masks/immune/{id}/#.png;masks/stroma/{id}/#.png");
}

/* One type: where each number has its place, it may be a class. */
static void objects_of_one_type_have_no_places(void **state)
{
    static const char *const one[] = {"", NULL};
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i <= CASES; i++) {
        add_object(&l, "images/#.png", i, "", 0);
        for (int n = 1; n <= 2 + i % 3; n++) add_object(&l, "masks/#_$.png", i, "", n);
    }
    expect(&l, (struct told){.scattered = true, .labels = {"masks/"}}, "images/{id}.png",
        "masks/{id}_#.png");
    for (int i = 1; i <= CASES; i++) {
        add_object(&l, "images/#.png", i, "", 0);
        for (int n = 1; n <= 2 + i % 3; n++) add_object(&l, "masks/#_$.png", i, "", n);
    }
    refuse(&l, (struct told){.labels = {"masks/"}},
        "if each is an object, give `images` 'images/{id}.png' `labels` 'masks/{id}_#.png'; if "
        "each number is a class, give `images` 'images/{id}.png' `labels` 'masks/{id}_1.png;"
        "masks/{id}_2.png;masks/{id}_3.png;masks/{id}_4.png'");
    add_types(&l, "#/image.png", "#/masks/@$.png", one, true);
    refuse(&l, (struct told){.scattered = true, .labels = {"masks/"}},
        "if each is an object, give `images` '{id}/image.png' `labels` '{id}/masks/#.png'; if each "
        "number is a class, give");
    add_types(&l, "#/image.png", "#/masks/@$.png", one, true); /* the likeliest first */
    refuse(&l, (struct told){.labels = {"masks/"}},
        "give `images` '{id}/image.png' `labels` '{id}/masks/1.png;{id}/masks/2.png");
}

static void options_free_numbers_of_objects(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i < 9; i++)
        add(&l, "xr/%02d.png", i), add(&l, "lung_masks/%02d_%02d.png", i, i < 2 ? 1 : 10 - i);
    refuse(&l, (struct told){.labels = {"lung"}},
        "to pair them, too, give `images` 'xr/{id}.png' `labels` 'lung_masks/{id}_#.png'");
}

/* Numbers that count from 3, as Gleason grades, number no objects, wherever they lie. */
static void numbers_that_count_nothing_are_classes_first(void **state)
{
    const struct told t = {.scattered = true, .labels = {"masks"}};
    struct list l = {NULL, 0};
    (void)state;
    for (int first = 1; first < 4; first += 2) {
        for (int i = 0; i < CASES; i++) {
            add(&l, "images/%02d.png", i);
            add(&l, "masks/%02d/%s_mask.png", i, i % 2 ? "normal" : "stroma");
            for (int k = 0; k < 3; k++)
                if (i % 3 != k) add(&l, "masks/%02d/G%d_mask.png", i, first + k);
        }
        refuse(&l, t,
            first == 1
                ? "; if each number is a class, give `images` 'images/{id}.png' `labels` "
                  "'masks/{id}/G1_mask.png;masks/{id}/G2_mask.png;masks/{id}/G3_mask.png;"
                  "masks/{id}/normal_mask.png;masks/{id}/stroma_mask.png'; if each is an object"
                : "; if each number is a class, give `images` 'images/{id}.png' `labels` "
                  "'masks/{id}/G3_mask.png;masks/{id}/G4_mask.png;masks/{id}/G5_mask.png;"
                  "masks/{id}/normal_mask.png;masks/{id}/stroma_mask.png'; if each is an object");
    }
    for (int i = 0; i < CASES; i++) { /* some are lost, or numbered from 0 */
        add(&l, "images/%02d.png", i);
        for (int k = i % 2; k < 5; k++)
            if (i > 1 || k != 1) add(&l, "masks/%02d/G%d_mask.png", i, k);
    }
    expect(&l, t, "images/{id}.png", "masks/{id}/G#_mask.png");
    for (int i = 0; i < CASES; i++) { /* or number on over all types */
        add(&l, "images/%02d.png", i);
        for (int k = 1; k < 6; k++)
            add(&l, "masks/%02d/%s_%d.png", i, k < 2 + i % 3 ? "tumour" : "stroma", k);
    }
    expect(&l, t, "images/{id}.png", "masks/{id}/stroma_#.png;masks/{id}/tumour_#.png");
}

/* Of two numbers one may be that of a class, and the other that of its reader. */
static void one_of_two_numbers_may_be_a_class(void **state)
{
    static const int organ[] = {58, 86, 170, 302};
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 10; i < 10 + CASES; i++) {
        add(&l, "volumes/%03d_ct.nii", i);
        for (int k = 0; k < 4; k++)
            add(&l, "masks/%03d_ct_%d_%d.nii", i, organ[k], 5 + (i + k) % 3);
    }
    refuse(&l, (struct told){.scattered = true, .labels = {"masks"}},
        "; if one number is a class, and the others are none, give `images` 'volumes/{id}.nii' "
        "`labels` "
        "'masks/{id}_170_#.nii;masks/{id}_302_#.nii;masks/{id}_58_#.nii;masks/{id}_86_#.nii'; if "
        "all numbers together are a class, give");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_free_numbers_of_objects),
        cmocka_unit_test(objects_of_types_are_classes_by_their_words),
        cmocka_unit_test(predictions_of_objects_are_no_classes),
        cmocka_unit_test(as_many_objects_everywhere_may_be_classes),
        cmocka_unit_test(hashes_are_objects_of_one_class),
        cmocka_unit_test(names_of_two_images_are_asked_about),
        cmocka_unit_test(numbers_of_types_are_asked_about),
        cmocka_unit_test(types_of_other_images_are_asked_about),
        cmocka_unit_test(objects_that_two_people_marked_are_asked_about),
        cmocka_unit_test(objects_beside_a_class_without_a_number_keep_it),
        cmocka_unit_test(objects_of_one_type_have_no_places),
        cmocka_unit_test(numbers_may_be_those_of_images_by_chance),
        cmocka_unit_test(numbers_that_count_nothing_are_classes_first),
        cmocka_unit_test(one_of_two_numbers_may_be_a_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
