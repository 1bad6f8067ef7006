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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tables_hold_masks, clear_set),
        cmocka_unit_test_setup(hdf5_is_known_by_content, clear_set),
        cmocka_unit_test_setup(folders_of_arrays_are_not_walked, clear_set),
        cmocka_unit_test_setup(json_needs_words_of_annotations, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
