/* SPDX-License-Identifier: Apache-2.0 */
/* What a folder holds that attunet does not read. */
#include "dataset/unread_files.h"

#include "unit/dataset/dataset_test.h"

enum { SIZE = 700 };

static void say(char text[SIZE]) { OK(unread_files_say("set", text, SIZE, &e)); }

static void tables_hold_masks(void **state)
{
    static const struct {
        const char *table, *what; /* NULL: nothing */
    } tables[] = {
        {"ImageId,ClassId,EncodedPixels\n5.jpg,1,29102 12\n", "run lengths"},
        {"id,mask_rle\na,\n", "run lengths"},
        {"id,place\na,12 5 40 3\n", "run lengths"},
        {"#filename,region_shape_attributes\na,\"\"\n", "outlines"},
        {"Image Index,Landmarks,Height\na,\"\",3\n", "outlines"},
        {"id,Polygons\r\na,1\r\n", "outlines"},
        {"Frame_number, Cell_number, Position_X, Position_Y\n1,1,20,30\n", "points"},
        {"id,position\na,left\n", NULL},
        {"id,Charles,parlement\na,1,2\n", NULL},
    };
    char text[SIZE], wanted[SIZE];
    (void)state;
    for (int k = 0; k < COUNT(tables); k++)
        for (int inner = 0; inner < 2; inner++) {
            const char *path = inner ? "set/tables/x.csv" : "set/x.csv";
            put_text(path, tables[k].table);
            say(text);
            snprintf(wanted, sizeof wanted,
                "%s holds masks as %s, which attunet does not read; draw them into masks", path,
                tables[k].what ? tables[k].what : "");
            assert_string_equal(text, tables[k].what ? wanted : "");
            file_remove(path);
        }
}

/* Beside images, JSON files are mostly their headers. */
static void outlines_beside_images_are_known(void **state)
{
    char text[SIZE];
    (void)state;
    for (int outlines = 0; outlines < 2; outlines++) {
        for (int i = 0; i < 3; i++) {
            char path[64];
            snprintf(path, sizeof path, "set/t2_%d.nii.gz", i);
            put_image(path, 1, 2, 3, 4);
            snprintf(path, sizeof path, "set/t2_%d.json", i);
            put_text(path,
                outlines ? "{\"shapes\": [{\"points\": [[1, 2]]}]}" : "{\"Modality\": \"MR\"}");
        }
        say(text);
        assert_true(!strstr(text, "draw outlines in them into masks") == !outlines);
    }
}

static void hdf5_is_known_by_content(void **state)
{
    char text[SIZE];
    (void)state;
    put_text("set/train/a.im", "\x89HDF\r\n\x1a\n.");
    say(text);
    assert_string_equal(text,
        "it has 0 image files that attunet reads, and 1 file such as train/a.im: HDF5 files, which "
        "attunet does not read; save each volume as NIfTI");
    put_text("set/train/a.im", "\x89HDX\r\n\x1a\n.");
    say(text);
    assert_string_equal(text, "");
}

static void folders_of_arrays_are_not_walked(void **state)
{
    char text[SIZE];
    (void)state;
    put_text("set/a/em.zarr/s0/0/0", "x");
    put_image("set/a/em.zarr/preview.png", 1, 1, 3, 4);
    put_text("set/b/em.n5/0", "x");
    put_image("set/b/x.png", 1, 1, 3, 4);
    say(text);
    assert_non_null(strstr(text, "it has 1 image file that attunet reads, and 2 folders such as "));
    assert_non_null(strstr(text, ": Zarr or N5 arrays, which attunet does not read; save each"));
}

/* Settings and statistics in JSON hold no labels. */
static void json_needs_words_of_annotations(void **state)
{
    char text[SIZE];
    (void)state;
    put_image("set/a.png", 1, 1, 3, 4);
    put_text("set/norm.json", "{\"mean\": [1, 2], \"labelling\": 3}");
    say(text);
    assert_string_equal(text, "");
    put_text("set/norm.json", "{\"images\": [1, 2]}");
    say(text);
    assert_non_null(strstr(text, "1 file such as norm.json: JSON files"));
    put_text("set/norm.json", "{}");
    assert_int_equal(rename("set/norm.json", "set/via_region_data.json"), 0);
    say(text);
    assert_non_null(strstr(text, "1 file such as via_region_data.json: JSON files"));
}

/* As in PASTIS: arrays of times and channels. */
static void four_axes_are_named(void **state)
{
    char text[SIZE];
    (void)state;
    put_labels("set/labels/1.npy", 1, 3, 4, 0, 1);
    say(text);
    assert_string_equal(text, "");
    put_image("set/images/1.npy", 20, 10, 3, 4);
    say(text);
    assert_string_equal(text,
        "attunet reads the axes of set/images/1.npy as 20 channels of 10 slices of 3x4, and finds "
        "no labels for them; if the first axes are times and channels, save an array "
        "[channel][1][h][w] of each time");
}

/* Labels of as many classes as there are channels fit such arrays. */
static void few_slices_of_arrays_are_doubtful(void **state)
{
    (void)state;
    for (int slices = 4; slices < 6; slices++) {
        struct dataset d;
        struct heard h;
        clear_set(state);
        for (int i = 1; i < 4; i++) {
            char path[40];
            snprintf(path, sizeof path, "set/images/%d.npy", i);
            put_image(path, 6, slices, 3, 4);
            snprintf(path, sizeof path, "set/labels/%d.npy", i);
            put_labels(path, slices, 3, 4, 0, 1);
        }
        hear(&h);
        OK(dataset_open("set", &d, &h.host, &e));
        assert_int_equal(strstr(h.text,
                             "3 images such as set/images/1.npy hold four axes, which attunet "
                             "reads as channels and a few slices; if they are times and channels, "
                             "save an array [channel][1][h][w] of each time") != NULL,
            slices == 4);
        dataset_free(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tables_hold_masks, clear_set),
        cmocka_unit_test_setup(outlines_beside_images_are_known, clear_set),
        cmocka_unit_test_setup(hdf5_is_known_by_content, clear_set),
        cmocka_unit_test_setup(folders_of_arrays_are_not_walked, clear_set),
        cmocka_unit_test_setup(json_needs_words_of_annotations, clear_set),
        cmocka_unit_test_setup(four_axes_are_named, clear_set),
        cmocka_unit_test_setup(few_slices_of_arrays_are_doubtful, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
