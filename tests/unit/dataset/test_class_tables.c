/* SPDX-License-Identifier: Apache-2.0 */
/* Names of classes in the files of other programs, for values, colours and palettes. */
#include "dataset/problems.h"
#include "unit/dataset/dataset_test.h"

enum { SIDE = 8 };

/* Masks of three values; as colours, these of the table below, or of a palette. */
static const unsigned char rgb[3][3] = {{0, 0, 0}, {128, 64, 128}, {250, 50, 83}};
#define LABELMAP "# label:color_rgb:parts:actions\nbackground:0,0,0::\nroad:128,64,128::\n"
#define TREE "tree:250, 50, 83:leaf,stem:grow\n"

static int value_at(int i) { return i % SIDE < 2 ? 0 : i / SIDE < 4 ? 1 : 2; }

static void put_coloured(const char *path)
{
    unsigned char x[SIDE * SIDE][3];
    for (int i = 0; i < SIDE * SIDE; i++) memcpy(x[i], rgb[value_at(i)], 3);
    make_parent(path);
    OK(png_write_rgb(path, SIDE, SIDE, x[0], &e));
}

/* A BMP of 8 bits with three colours. */
static void put_indexed(const char *path)
{
    enum { HEAD = 54, COLOURS = 12 };
    unsigned char b[HEAD + COLOURS + SIDE * SIDE] = {'B', 'M', [10] = HEAD + COLOURS, [14] = 40,
        [18] = SIDE, [22] = SIDE, [26] = 1, [28] = 8, [46] = 3};
    for (int i = 0; i < COLOURS; i++) b[HEAD + i] = i % 4 < 3 ? rgb[i / 4][2 - i % 4] : 0;
    for (int i = 0; i < SIDE * SIDE; i++) b[HEAD + COLOURS + i] = (unsigned char)value_at(i);
    make_parent(path);
    OK(file_write_all(path, b, sizeof b, &e));
}

static void put_plain(const char *path)
{
    int values[SIDE * SIDE + 1];
    for (int i = 0; i < SIDE * SIDE; i++) values[i] = value_at(i);
    values[SIDE * SIDE] = -1;
    put_labels_at(path, 1, SIDE, SIDE, values, NULL);
}

static void put_set(void (*put)(const char *), const char *ending)
{
    for (int i = 0; i < 6; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/images/p%d.png", i);
        put_photo(path, SIDE, SIDE);
        snprintf(path, sizeof path, "set/labels/p%d%s", i, ending);
        put(path);
    }
}

/* The names of both classes in the order of the colours, and the number of questions. */
static void expect(const char *first, const char *second, int questions, const char *warning)
{
    struct problems p = {.count = 0};
    struct dataset d;
    OK(dataset_open_patterns("set", NULL, &d, &p, NULL, &e));
    assert_int_equal(d.labels.count, 3);
    const bool turned = d.labels.value[1] > 255; /* numbers of colours have another order */
    assert_string_equal(d.labels.name[turned ? 2 : 1], first);
    assert_string_equal(d.labels.name[turned ? 1 : 2], second);
    assert_int_equal(p.errors, questions);
    assert_int_equal(p.count, questions + (warning != NULL));
    for (int i = 0; i < p.count; i++)
        if (!problem_is_error(p.list[i].kind)) assert_string_equal(p.list[i].text, warning);
    dataset_free(&d);
    problems_free(&p);
}

static void colours_have_names(void **state)
{
    (void)state;
    put_set(put_coloured, ".png");
    expect("#804080", "#ff3050", 1, NULL); /* classes, or objects? */
    put_text("set/labelmap.txt", LABELMAP TREE);
    expect("road", "tree", 0, NULL);
    put_text("set/labelmap.txt", LABELMAP);
    expect("road", "#ff3050", 1, NULL);
    put_text("set/labelmap.txt", "road\ntree\n"); /* of another program */
    put_text("set/class_dict.csv", "name, r, g, b\nRoad, 128, 64, 128\n\"Tree, old\",250,50,83\n");
    expect("Road", "Tree, old", 0, NULL);
    put_text("set/class_dict.csv", "name,r,g,b\nRoad,128,64,128\nRoad,250,50,83\n");
    expect("#804080", "#ff3050", 1, NULL); /* one name, two classes */
}

static void palettes_have_names(void **state)
{
    (void)state;
    put_set(put_indexed, ".bmp");
    expect("label 1", "label 2", 0, NULL);
    put_text("set/labels/labelmap.txt", LABELMAP TREE);
    expect("road", "tree", 0, NULL);
}

static void values_have_names(void **state)
{
    (void)state;
    put_set(put_plain, ".png");
    put_text("set/labels/_classes.csv", "Pixel Value, Class\r\n0, background\r\n1, liver\r\n");
    expect("liver", "label 2", 0, NULL);
    put_text("set/class_mapping.csv", "id,label\n2,stone\n");
    expect("liver", "stone", 0, NULL);
    put_text("set/_classes.csv", "filename, liver, stone\nz.png, 0, 1\n"); /* another table */
    expect("liver", "stone", 0, NULL);
    put_text("set/dataset.json", "{\"labels\": {\"background\": 0, \"a\": 1, \"b\": 2}}");
    expect("a", "b", 0, NULL);
}

static void wrong_files_are_named(void **state)
{
    (void)state;
    put_set(put_plain, ".png");
    put_text("set/labelmap.txt", LABELMAP "tree:250,50::\n");
    expect("label 1", "label 2", 0,
        "set/labelmap.txt, line 4, is no class with its colour or value; write it as in "
        "road:128,64,128::; attunet ignores the names of classes there");
    put_text("set/labelmap.txt", "");
    put_text("set/labels/_classes.csv", "Pixel Value, Class\n1, liver\n70000, stone\n");
    expect("label 1", "label 2", 0,
        "set/labels/_classes.csv, line 3, is no class with its colour or value; write it as in "
        "Pixel Value, Class; attunet ignores the names of classes there");
    put_text("set/labels/_classes.csv", "Pixel Value, Class\n1, liver\n2, stone\n");
    put_text("set/_classes.csv", "Pixel Value, Class\n1, kidney\n");
    expect("label 1", "label 2", 0,
        "set/labels/_classes.csv names a class \"liver\" that set/_classes.csv names \"kidney\"; "
        "correct one of them; attunet ignores the names of classes there");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(colours_have_names, clear_set),
        cmocka_unit_test_setup(palettes_have_names, clear_set),
        cmocka_unit_test_setup(values_have_names, clear_set),
        cmocka_unit_test_setup(wrong_files_are_named, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
