/* SPDX-License-Identifier: Apache-2.0 */
/* Names of segments in .seg.nrrd files of 3D Slicer. */
#include "dataset/layout_found.h"
#include "dataset/segments.h"

#include "unit/dataset/dataset_test.h"

/* A label of 1, 2 and 0, whose header has these fields. */
static void put_segments(const char *stem, const char *fields)
{
    char path[64], text[1000];
    snprintf(path, sizeof path, "set/%s.nii", stem);
    put_image(path, 1, 2, 3, 4);
    snprintf(path, sizeof path, "set/%s_seg.nrrd", stem);
    snprintf(text, sizeof text,
        "NRRD0005\ntype: uint8\ndimension: 3\nsizes: 4 3 2\nencoding: ascii\n%s\n"
        "1 2 0 0 1 1 2 2 0 0 0 0\n1 2 0 0 1 1 2 2 0 0 0 0\n",
        fields);
    put_text(path, text);
}

static const char liver_tumour[] =
    "Segment0_ID:=Segment_1\nSegment0_Name:=liver\nSegment0_LabelValue:=1\n"
    "Segment1_LabelValue:=2\nSegment1_Name:=tumour: left\n";

static void segments_name_classes(void **state)
{
    struct dataset d;
    (void)state;
    put_segments("a", liver_tumour);
    put_segments("b", "Segment4_Name:=Liver\nSegment4_LabelValue:=1\n");
    OK(dataset_open("set", &d, NULL, &e));
    assert_null(d.doubt);
    assert_int_equal(d.labels.count, 3);
    assert_string_equal(d.labels.name[1], "liver");
    assert_string_equal(d.labels.name[2], "tumour: left");
    dataset_free(&d);
    put_segments("b", "Segment0_Name:=tumour: left\nSegment0_LabelValue:=1\n");
    OK(dataset_open("set", &d, NULL, &e));
    assert_non_null(strstr(d.doubt,
        "the value 1 is the segment \"liver\" in set/a_seg.nrrd, but \"tumour: left\" in "
        "set/b_seg.nrrd; if these are classes, give `mask-values` classes"));
    assert_string_equal(d.labels.name[1], "label 1");
    dataset_free(&d);
}

/* A name becomes UTF-8 of at most 63 bytes, so that a model can hold it. */
static void names_are_cut_between_letters(void **state)
{
    struct dataset d;
    (void)state;
    put_segments("a",
        "Segment0_Name:=l\xe9sion\nSegment0_LabelValue:=1\nSegment1_LabelValue:=2\n"
        "Segment1_Name:=a\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
        "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
        "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\n");
    put_segments("b", "");
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.labels.name[1], "l?sion");
    assert_int_equal(strlen(d.labels.name[2]), 63);
    json_t *j = labelling_to_json(&d.labels);
    assert_non_null(j);
    json_decref(j);
    dataset_free(&d);
}

/* Neither names without voxels count, nor names of two values, nor those of the background. */
static void other_names_do_not_count(void **state)
{
    struct dataset d;
    (void)state;
    put_segments("a", "Segment0_Name:=bone\nSegment0_LabelValue:=3\nSegment1_LabelValue:=1\n");
    put_segments("b",
        "Segment0_Name:=skin\nSegment0_LabelValue:=3\nSegment1_Name:=ignore\n"
        "Segment1_LabelValue:=1\n");
    OK(dataset_open("set", &d, NULL, &e));
    assert_null(d.doubt);
    assert_string_equal(d.labels.name[1], "label 1");
    dataset_free(&d);
    put_segments("a",
        "Segment0_Name:=bone\nSegment0_LabelValue:=2\nSegment1_Name:=bone\n"
        "Segment1_LabelValue:=1\n");
    put_segments("b", "");
    OK(dataset_open("set", &d, NULL, &e));
    assert_null(d.doubt);
    assert_string_equal(d.labels.name[2], "label 2");
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(segments_name_classes, clear_set),
        cmocka_unit_test_setup(names_are_cut_between_letters, clear_set),
        cmocka_unit_test_setup(other_names_do_not_count, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
