/* SPDX-License-Identifier: Apache-2.0 */
/* Numbered objects among labels: told from classes by how many there are in each image, and in how
 * many pieces. */
#include "dataset/mask_values.h"
#include "unit/dataset/dataset_test.h"

enum { SIDE = 40 };

/* Frees the mask; beside it comes an image. */
static void put_mask(const char *name, struct labelmap *m)
{
    char path[64];
    snprintf(path, sizeof path, "set/labels/%s.png", name);
    make_parent(path);
    OK(format_save_labels(path, m, &e));
    mem_free(m->data);
    snprintf(path, sizeof path, "set/images/%s.png", name);
    put_image(path, 1, 1, m->size[1], m->size[2]);
}

/* A mask with squares of 3 x 3 in a grid; the k-th has the value values[k]; 0 leaves its place
 * empty. */
static void put_squares(const char *name, const int *values, int count)
{
    struct labelmap m = {.size = {1, SIDE, SIDE}};
    m.data = mem_array(SIDE * SIDE, sizeof *m.data);
    for (int k = 0; k < count; k++)
        for (int i = 0; i < 9; i++)
            m.data[(k / 10 * 4 + i / 3) * SIDE + k % 10 * 4 + i % 3] = (uint16_t)values[k];
    put_mask(name, &m);
}

static void put_numbered(const char *name, int count)
{
    int values[100];
    for (int k = 0; k < count; k++) values[k] = k + 1;
    put_squares(name, values, count);
}

/* They may as well be organs, each in some images only, so a training asks. */
static void objects_are_classes_unless_one_is_asked_for(void **state)
{
    struct dataset d;
    (void)state;
    put_numbered("a", 7);
    put_numbered("b", 3);
    put_numbered("c", 0);
    put_numbered("d", 5);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 8);
    assert_true(!d.labels.nonzero && d.numbered && d.undeclared);
    REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA,
        "the labels of set have 7 values besides 0, each in one piece and not the same in every "
        "image; "
        "if these are classes, give `mask-values` classes, or name them in a dataset.json; if they "
        "number objects, give `instances` to train single objects, or `mask-values` one to make "
        "them one class");
    OK(mask_values_choose("classes", &d, &e));
    assert_int_equal(d.labels.count, 8);
    OK(mask_values_choose("one", &d, &e));
    assert_int_equal(d.labels.count, 2);
    assert_true(d.labels.nonzero);
    assert_int_equal(d.labels.value[1], 1);
    struct sample s;
    OK(dataset_load(&d, 0, &s, &e));
    assert_int_equal(s.classes[0], 1);
    assert_int_equal(s.classes[6 * 4], 1);
    assert_int_equal(s.classes[7 * 4], 0);
    sample_free(&s);
    dataset_free(&d);
}

static void more_objects_than_classes_are_welcome(void **state)
{
    struct dataset d;
    (void)state;
    put_numbered("a", 99);
    put_numbered("b", 30);
    put_numbered("c", 20);
    struct labelmap m = {.size = {1, SIDE, SIDE}};
    m.data = mem_array(SIDE * SIDE, sizeof *m.data);
    for (int k = 0; k < 300; k++) m.data[k / 20 * 2 * SIDE + k % 20 * 2] = (uint16_t)(k + 1);
    OK(format_save_labels("set/labels/a.png", &m, &e)); /* no network has as many classes */
    mem_free(m.data);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 2);
    assert_true(d.labels.nonzero && d.numbered);
    REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA,
        "the labels of set have 300 values besides 0, too many for classes; if they number "
        "objects, give `instances`");
    OK(mask_values_choose("one", &d, &e));
    REFUSED(mask_values_choose("classes", &d, &e), ATT_DATA,
        "the labels of set have too many values for classes; give `instances`, or `mask-values` "
        "one");
    OK(mask_values_choose("objects", &d, &e));
    assert_true(d.labels.objects && d.labels.count == 3);
    dataset_free(&d);
}

/* A BMP file with colours for the values: squares with 255 in between, as in PASCAL VOC. */
static void put_with_void(const char *name, int count)
{
    enum { HEAD = 54, ENTRIES = 4 * 256 };
    static const unsigned char head[HEAD] = {
        'B', 'M', [10] = HEAD, 4, [14] = 40, [18] = SIDE, [22] = SIDE, [26] = 1, [28] = 8};
    unsigned char file[HEAD + ENTRIES + SIDE * SIDE] = {0};
    char path[64];
    memcpy(file, head, HEAD);
    for (int i = 0; i < ENTRIES; i++) file[HEAD + i] = (unsigned char)(i % 4 * (i / 4));
    for (int k = 0; k < count; k++)
        for (int i = 0; i < 12; i++)
            file[HEAD + ENTRIES + (k / 10 * 4 + i / 3) * SIDE + k % 10 * 4 + i % 3] =
                (unsigned char)(i < 9 ? k + 1 : 255);
    snprintf(path, sizeof path, "set/labels/%s.bmp", name);
    make_parent(path);
    OK(file_write_all(path, (const char *)file, sizeof file, &e));
    snprintf(path, sizeof path, "set/images/%s.png", name);
    put_image(path, 1, 1, SIDE, SIDE);
}

static void void_hides_no_objects(void **state)
{
    struct dataset d;
    struct sample s;
    (void)state;
    put_with_void("a", 7);
    put_with_void("b", 3);
    put_with_void("c", 5);
    OK(dataset_open("set", &d, NULL, &e));
    REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA,
        "the labels of set have 7 values besides 0, each in one piece and not the same in every "
        "image");
    assert_int_equal(d.labels.ignore, 255);
    OK(mask_values_choose("objects", &d, &e));
    OK(dataset_load(&d, 0, &s, &e));
    int ignored = 0;
    for (int i = 0; i < SIDE * SIDE; i++) ignored += s.classes[i] == LABELLING_IGNORE;
    assert_int_equal(ignored, 7 * 3);
    sample_free(&s);
    dataset_free(&d);
}

/* As many in every image: organs. */
static void all_values_everywhere_are_classes(void **state)
{
    struct dataset d;
    (void)state;
    put_numbered("a", 7);
    put_numbered("b", 7);
    put_numbered("c", 6);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 8);
    dataset_free(&d);
}

static void values_in_several_pieces_are_classes(void **state)
{
    struct dataset d;
    (void)state;
    put_squares("a", (const int[]){1, 2, 3, 4, 5, 6, 1, 2, 3}, 9);
    put_squares("b", (const int[]){1, 2, 3, 1, 1, 2}, 6);
    put_squares("c", (const int[]){1, 1, 2, 2, 3, 1}, 6);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 7);
    dataset_free(&d);
}

static void values_with_gaps_are_classes(void **state)
{
    struct dataset d;
    (void)state;
    put_squares("a", (const int[]){1, 2, 3, 4, 5, 6}, 6);
    put_squares("b", (const int[]){2, 5, 6}, 3);
    put_squares("c", (const int[]){3, 6}, 2);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 7);
    dataset_free(&d);
}

/* Objects of which some were taken away look like classes of which no image shows all: nobody can
 * tell, so it is said. */
static void many_values_with_gaps_are_warned_of(void **state)
{
    struct dataset d;
    (void)state;
    put_squares("a", (const int[]){1, 2, 4, 5, 6, 7, 9, 10, 11, 12}, 10);
    put_squares("b", (const int[]){1, 3, 4, 6, 7}, 5);
    put_squares("c", (const int[]){2, 3, 4, 5, 7, 8, 9}, 7);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 13);
    assert_non_null(
        strstr(d.doubt, "the labels of set have 12 values besides 0, nearly all in one piece"));
    dataset_free(&d);
    put_squares("c", (const int[]){2, 3, 4, 5, 7, 2, 3, 4, 5, 7}, 10); /* in two pieces each */
    put_squares("b", (const int[]){1, 3, 4, 6, 7, 3, 4, 6}, 8);
    OK(dataset_open("set", &d, NULL, &e));
    assert_null(d.doubt);
    dataset_free(&d);
}

enum { LARGE = 64 };

/* Squares of `side`, the k-th with value first + k at at[k]; that of value `cut` is in two pieces.
 */
static void put_from(const char *name, int side, const int (*at)[2], int count, int first, int cut)
{
    struct labelmap m = {.size = {1, LARGE, LARGE}};
    m.data = mem_array(LARGE * LARGE, sizeof *m.data);
    for (int k = 0; k < count; k++)
        for (int i = 0; i < side * side; i++)
            if (first + k != cut || i % side != side / 2)
                m.data[(at[k][0] + i / side) * LARGE + at[k][1] + i % side] = (uint16_t)(first + k);
    put_mask(name, &m);
}

static void put_at(const char *name, int side, const int (*at)[2], int count)
{
    put_from(name, side, at, count, 1, 0);
}

/* Up to four objects in an image, at any place. */
static void few_objects_are_asked_for(void **state)
{
    struct dataset d;
    (void)state;
    put_at("a", 5, (const int[][2]){{3, 50}, {20, 9}}, 2);
    put_at("b", 5, (const int[][2]){{40, 7}}, 1);
    put_at("c", 5, (const int[][2]){{9, 9}, {30, 40}, {50, 20}}, 3);
    put_at("d", 5, (const int[][2]){{30, 30}}, 1);
    OK(dataset_open("set", &d, NULL, &e));
    assert_null(d.doubt); /* too few images to tell */
    dataset_free(&d);
    put_at("e", 5, (const int[][2]){{22, 31}, {55, 50}}, 2);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 4);
    REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA,
        "the labels of set have 3 values besides 0, each in one piece and numbered from 1 in every "
        "image; if these are classes, give `mask-values` classes");
    OK(mask_values_choose("objects", &d, &e));
    assert_true(d.labels.objects);
    dataset_free(&d);
    put_squares("f", (const int[]){2}, 1); /* an object would be the first */
    OK(dataset_open("set", &d, NULL, &e));
    assert_null(d.doubt);
    dataset_free(&d);
}

/* As many in each image, numbered row by row; or organs, of which each image shows another part. */
static void as_many_objects_everywhere_are_asked_for(void **state)
{
    static const int counts[] = {2, 3, 6};
    struct dataset d;
    char name[8], text[100];
    (void)state;
    for (int n = 0; n < 6; n++) {
        const int count = counts[n / 2], organs = n % 2;
        for (int i = 0; i < (count == 6 ? 6 : 10); i++) {
            int at[6][2];
            for (int k = 0; k < count; k++) {
                at[k][0] = organs ? 5 * k + 3 * i : 9 * k + i % 3;
                at[k][1] = organs ? 4 + k * 35 % 48 + i : 5 + (31 * k + 17 * i + 11 * k * i) % 50;
            }
            snprintf(name, sizeof name, "c%d", i);
            put_at(name, 4, at, count);
        }
        OK(dataset_open("set", &d, NULL, &e));
        assert_int_equal(d.labels.count, count + 1);
        snprintf(text, sizeof text,
            "have %d values besides 0, each in one piece and numbered from 1 in every image",
            count);
        if (organs || count == 2) /* two may be organs at any places */
            assert_null(d.doubt);
        else
            REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA, text);
        dataset_free(&d);
    }
}

/* Each value is in neighbouring planes of one volume; `again`: and in those of a second volume. */
static void put_planes(bool again)
{
    static const int from[] = {7, 1, 4, 9, 2, 5};
    for (int plane = 1; plane <= 12; plane++) {
        int values[6], count = 0;
        char name[8];
        for (int v = 0; v < 6; v++) {
            const int at = again ? (plane - 1) % 6 + 1 : plane, first = again ? v : from[v];
            if (at >= first && at < first + (again ? 2 : 4)) values[count++] = v + 1;
        }
        snprintf(name, sizeof name, "z%d", plane);
        put_squares(name, values, count);
    }
}

/* As many in one image, or in each of a few at any places; organs have their order. */
static void many_objects_of_few_images_are_asked_for(void **state)
{
    static const int order[3][9] = {
        {1, 2, 3, 4, 5, 6, 7, 8, 9}, {2, 6, 1, 5, 9, 4, 8, 3, 7}, {6, 8, 1, 3, 5, 7, 9, 2, 4}};
    static const char *const names[] = {"a", "b", "c"};
    struct dataset d;
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        for (int i = 0; i < (kind ? 3 : 1); i++) put_squares(names[i], order[kind == 1 ? i : 0], 9);
        OK(dataset_open("set", &d, NULL, &e));
        if (kind == 2)
            assert_null(d.doubt);
        else
            REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA, "numbered from 1 in every image");
        dataset_free(&d);
    }
}

static void values_of_neighbouring_planes_are_asked_for(void **state)
{
    struct dataset d;
    (void)state;
    put_planes(false);
    OK(dataset_open("set", &d, NULL, &e));
    REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA,
        "the labels of set have 6 values besides 0, nearly all in one piece and not the same in "
        "every image; if these are classes, give `mask-values` classes, or name them in a "
        "dataset.json; if they number objects, give `instances` to train single objects, or "
        "`mask-values` one to make them one class");
    dataset_free(&d);
    put_planes(true);
    OK(dataset_open("set", &d, NULL, &e));
    assert_null(d.doubt);
    assert_int_equal(d.labels.count, 7);
    dataset_free(&d);
}

/* Objects whose numbers go on in the next image, or of which one in each image is cut; or
 * vertebrae, of which each image shows others. */
static void moving_and_cut_objects_are_asked_for(void **state)
{
    struct dataset d;
    char name[8];
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        for (int i = 0; i < 8; i++) {
            int at[6][2];
            const int count = kind == 1 ? 3 + i % 4 : 5;
            for (int k = 0; k < count; k++) {
                at[k][0] = 9 * k + i % 3;
                at[k][1] = kind == 2 ? 20 + i : 5 + (31 * k + 17 * i + 11 * k * i) % 50;
            }
            snprintf(name, sizeof name, "c%d", i);
            put_from(name, 5, at, count, kind == 1 ? 1 : 1 + i, kind == 1 ? 1 + i % 3 : 0);
        }
        OK(dataset_open("set", &d, NULL, &e));
        if (kind == 2)
            assert_null(d.doubt);
        else
            REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA,
                "nearly all in one piece and not the same in every image");
        dataset_free(&d);
    }
}

/* Organs, of which some lack the second or third. */
static void few_values_in_their_places_are_classes(void **state)
{
    struct dataset d;
    char name[8];
    (void)state;
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "c%d", i);
        put_at(name, 9, (const int[][2]){{10 + i % 3, 8}, {12, 40 + i % 4}, {44, 20 + i % 5}},
            1 + i % 3);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 4);
    assert_null(d.doubt);
    dataset_free(&d);
}

/* A lesion within an organ that lies anywhere. */
static void few_values_within_each_other_are_classes(void **state)
{
    struct dataset d;
    char name[8];
    (void)state;
    for (int i = 0; i < 8; i++) {
        const int h = 4 + 5 * i, w = 50 - 6 * i;
        struct labelmap m = {.size = {1, LARGE, LARGE}};
        m.data = mem_array(LARGE * LARGE, sizeof *m.data);
        for (int k = 0; k < 100; k++)
            m.data[(h + k / 10) * LARGE + w + k % 10] =
                i % 2 && k / 10 > 2 && k / 10 < 6 && k % 10 > 3 && k % 10 < 8 ? 2 : 1;
        snprintf(name, sizeof name, "c%d", i);
        put_mask(name, &m);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 3);
    assert_null(d.doubt);
    dataset_free(&d);
}

/* Of many cases some are looked at: empty ones say nothing. */
static void empty_masks_are_passed_over(void **state)
{
    struct dataset d;
    char name[16];
    (void)state;
    for (int i = 0; i < 48; i++) {
        snprintf(name, sizeof name, "c%02d", i);
        if (i % 2)
            put_squares(
                name, (const int[]){1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6}, i % 4 == 1 ? 12 : 9);
        else
            put_squares(name, (const int[]){0}, 1);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 7);
    dataset_free(&d);
    for (int i = 1; i < 48; i += 2) {
        snprintf(name, sizeof name, "c%02d", i);
        put_numbered(name, 3 + i % 7);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 10);
    assert_non_null(d.doubt);
    dataset_free(&d);
}

/* Parallel diagonals: one piece each, in boxes that all overlap. */
static void values_through_each_other_are_classes(void **state)
{
    enum { WIDE = 200, LINES = 50 };
    struct dataset d;
    struct labelmap m = {.size = {1, WIDE, WIDE}};
    (void)state;
    put_numbered("b", 3);
    put_numbered("c", 2);
    m.data = mem_array(WIDE * WIDE, sizeof *m.data);
    for (int k = 0; k < LINES; k++)
        for (int h = 0; h + k < WIDE; h++) m.data[h * WIDE + h + k] = (uint16_t)(k + 1);
    OK(format_save_labels("set/labels/a.png", &m, &e));
    mem_free(m.data);
    put_image("set/images/a.png", 1, 1, WIDE, WIDE);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 1 + LINES);
    dataset_free(&d);
}

/* Some masks number their objects, others mark all of theirs with 1. */
static void numbers_in_some_masks_are_asked_for(void **state)
{
    static const int ones[] = {1, 1, 1, 1, 1};
    struct dataset d;
    (void)state;
    for (int i = 0; i < 4; i++) {
        put_squares((const char *const[]){"a", "b", "c", "d"}[i], ones, 5 - i % 2);
        put_numbered((const char *const[]){"e", "f", "g", "h"}[i], 4 + i);
    }
    OK(dataset_open("set", &d, NULL, &e));
    REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA,
        "some labels of set have up to 7 values besides 0, each in one piece, but others mark "
        "several pieces with one value; if these are classes");
    OK(mask_values_choose("classes", &d, &e));
    dataset_free(&d);
}

/* The same of two or three objects; a second class would have its place, or touch the first. */
static void few_numbers_in_some_masks_are_asked_for(void **state)
{
    static const int ones[] = {1, 1, 1};
    static const int places[][3][2] = {{{3, 50}, {20, 9}, {50, 30}}, {{40, 7}, {8, 30}, {22, 50}},
        {{9, 9}, {50, 40}, {30, 20}}, {{30, 30}, {4, 50}, {55, 5}}};
    static const int organs[][3][2] = {{{5, 5}, {40, 40}}, {{5, 5}, {40, 40}}, {{6, 5}, {41, 40}},
        {{5, 6}, {40, 41}}},
                     next[][2] = {{5, 5}, {5, 9}};
    static const char *const names[] = {"a", "b", "c", "d"}, *const more[] = {"e", "f", "g", "h"};
    struct dataset d;
    for (int k = 0; k < 4; k++) {
        clear_set(state);
        for (int i = 0; i < 4; i++) {
            put_squares(names[i], ones, 2 + i % 2);
            if (k < 2) put_at(more[i], 5, places[i], 2 + k);
            if (k == 2) put_at(more[i], 5, organs[i], 2);
            if (k == 3) put_at(more[i], 4, next, 2);
        }
        OK(dataset_open("set", &d, NULL, &e));
        const char *said = d.doubt ? strstr(d.doubt, "others mark several pieces with one") : NULL;
        if (!said != (k > 1)) fail_msg("%d: %s", k, d.doubt ? d.doubt : "no doubt");
        dataset_free(&d);
    }
}

/* One or two masks that number three objects or more; a rare class is in masks like others. */
static void numbers_in_one_mask_are_asked_for(void **state)
{
    enum { CASES = 40 }; /* more than are read for other questions */
    static const struct {
        int values[9], count; /* of a mask */
        int masks;            /* with these */
        int least;            /* pieces of the others */
        bool asked;
    } sets[] = {
        {{1, 2, 3}, 3, 1, 2, true}, {{1, 2, 3}, 3, 2, 2, true},
        {{1, 2, 3, 4, 5, 6, 7, 8, 9}, 9, 1, 2, true}, {{1, 1, 2, 1}, 4, 1, 2, false},
        {{1, 1, 2, 3}, 4, 2, 2, false}, {{1, 2}, 2, 1, 2, false}, {{1, 2, 3, 3}, 4, 1, 2, false},
        {{1, 2, 3}, 3, 1, 1, false}, /* of others, too, many mark one piece */
    };
    static const int ones[] = {1, 1, 1, 1};
    struct dataset d;
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        clear_set(state);
        for (int i = 0; i < CASES; i++) {
            char name[8];
            snprintf(name, sizeof name, "m%02d", i);
            if (i == 5 || (i == 38 && sets[k].masks > 1))
                put_squares(name, sets[k].values, sets[k].count);
            else
                put_squares(name, ones, sets[k].least + i % 2);
        }
        OK(dataset_open("set", &d, NULL, &e));
        const char *said = d.doubt ? strstr(d.doubt, "others mark several pieces with one") : NULL;
        if (!said == sets[k].asked) fail_msg("%d: %s", (int)k, d.doubt ? d.doubt : "no doubt");
        dataset_free(&d);
    }
}

/* 99 and 101 lie beside 100, which fills an object. */
static void noise_along_edges_is_asked_for(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct labelmap m = {.size = {1, SIDE, SIDE}};
        m.data = mem_array(SIDE * SIDE, sizeof *m.data);
        for (int k = 0; k < 200; k++)
            m.data[k / 10 * SIDE + k % 10] = (uint16_t)(k < 100 ? 100 : 200);
        m.data[0] = 99;
        m.data[9] = 101;
        m.data[19 * SIDE] = 201;
        put_mask((const char *const[]){"a", "b", "c"}[i], &m);
    }
    OK(dataset_open("set", &d, NULL, &e));
    REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA,
        "the labels of set have values such as 201 only along edges, beside 200; if these are "
        "classes");
    OK(mask_values_choose("classes", &d, &e));
    assert_int_equal(d.labels.count, 6);
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(objects_are_classes_unless_one_is_asked_for, clear_set),
        cmocka_unit_test_setup(more_objects_than_classes_are_welcome, clear_set),
        cmocka_unit_test_setup(void_hides_no_objects, clear_set),
        cmocka_unit_test_setup(all_values_everywhere_are_classes, clear_set),
        cmocka_unit_test_setup(values_in_several_pieces_are_classes, clear_set),
        cmocka_unit_test_setup(values_with_gaps_are_classes, clear_set),
        cmocka_unit_test_setup(many_values_with_gaps_are_warned_of, clear_set),
        cmocka_unit_test_setup(empty_masks_are_passed_over, clear_set),
        cmocka_unit_test_setup(few_objects_are_asked_for, clear_set),
        cmocka_unit_test_setup(as_many_objects_everywhere_are_asked_for, clear_set),
        cmocka_unit_test_setup(moving_and_cut_objects_are_asked_for, clear_set),
        cmocka_unit_test_setup(few_values_in_their_places_are_classes, clear_set),
        cmocka_unit_test_setup(few_values_within_each_other_are_classes, clear_set),
        cmocka_unit_test_setup(numbers_in_some_masks_are_asked_for, clear_set),
        cmocka_unit_test_setup(few_numbers_in_some_masks_are_asked_for, clear_set),
        cmocka_unit_test_setup(numbers_in_one_mask_are_asked_for, clear_set),
        cmocka_unit_test_setup(noise_along_edges_is_asked_for, clear_set),
        cmocka_unit_test_setup(values_of_neighbouring_planes_are_asked_for, clear_set),
        cmocka_unit_test_setup(many_objects_of_few_images_are_asked_for, clear_set),
        cmocka_unit_test_setup(values_through_each_other_are_classes, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
