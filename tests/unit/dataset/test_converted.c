/* SPDX-License-Identifier: Apache-2.0 */
/* Which folders are data sets of DICOM, and how attunet-dicom is called for them; a script stands
 * in for it, which copies a set made before. */
#include "dataset/converted.h"

#include "files/dry_run.h"
#include "unit/dataset/dataset_test.h"
#include "unit/program_test.h"

static void put_dicom(const char *path)
{
    char head[132] = {0}, *folder = mem_text("%.*s", (int)(strrchr(path, '/') - path), path);
    OK(file_make_folders(folder, &e));
    mem_free(folder);
    memcpy(head + 128, "DICM", 4);
    FILE *f = fopen(path, "wb");
    assert_int_equal(fwrite(head, 1, sizeof head, f), sizeof head);
    fclose(f);
}

static void a_set_of_dicom_is_read_through_its_volumes(void **state)
{
    struct dataset d;
    struct heard h;
    char *made;
    bool is;
    (void)state;
    put_image("made/images/a.png", 1, 1, 3, 4);
    put_labels("made/labels/a.png", 1, 3, 4, 0, 1);
    put_dicom("set/images/a/IM1");
    put_dicom("set/labels/a.dcm");
    put_program(
        "attunet-dicom", "#!/bin/sh\necho \"$*\"\nmkdir -p \"$4\" && cp -r made/* \"$4\"\n");
    hear(&h);
    OK(converted_is("set", &h.host, &is, &e));
    assert_true(is);
    OK(dataset_open("set/", &d, &h.host, &e));
    assert_non_null(strstr(h.text, "set set/ -o set/" CONVERTED));
    assert_string_equal(d.path, "set");
    assert_string_equal(d.root, "set/" CONVERTED);
    assert_int_equal(d.count, 1);
    assert_string_equal(d.cases[0].image[0], "set/" CONVERTED "/images/a.png");
    dataset_free(&d);
    OK(converted_open("made", NULL, &made, &e));
    assert_null(made);
    OK(converted_is("made", &h.host, &is, &e));
    assert_false(is);
}

static void other_trees_with_dicom_are_sets_too(void **state)
{
    char *made;
    (void)state;
    put_program("attunet-dicom", "#!/bin/sh\nexit 0\n");
    put_image("tree/p1/a_label.png", 1, 1, 3, 4);
    put_dicom("tree/p1/ct/IM1");
    OK(converted_open("tree", NULL, &made, &e));
    assert_string_equal(made, "tree/" CONVERTED);
    mem_free(made);
    put_image("beside/images/a.png", 1, 1, 3, 4);
    put_labels("beside/labels/a.png", 1, 3, 4, 0, 1);
    put_dicom("beside/dicom/a/IM1");
    OK(converted_open("beside", NULL, &made, &e));
    assert_null(made); /* images/ has no DICOM */
    put_dicom("beside/images/b/IM1");
    OK(converted_open("beside", NULL, &made, &e));
    assert_non_null(made); /* images of both kinds */
    mem_free(made);
}

/* Their parent is neither a tree of DICOM nor a series. */
static void sets_side_by_side_are_named(void **state)
{
    struct dataset d;
    bool is;
    (void)state;
    put_program("attunet-dicom", "#!/bin/sh\nmkdir -p \"$4\"\n");
    put_dicom("clinic/ct/images/a/IM1");
    put_image("clinic/ct/labels/a.png", 1, 1, 3, 4);
    put_image("clinic/mr/images/a.png", 1, 1, 3, 4);
    put_labels("clinic/mr/labels/a.png", 1, 3, 4, 0, 1);
    OK(converted_is("clinic", NULL, &is, &e));
    assert_true(is);
    REFUSED(dataset_open("clinic", &d, NULL, &e), ATT_DATA,
        "clinic is not a data set, but contains some (ct, mr); give one of them");
    assert_false(file_exists("clinic/" CONVERTED));
    put_dicom("patients/p1/images/IM1");
    put_dicom("patients/p2/images/IM1");
    OK(dataset_holds_sets("patients", &is, &e));
    assert_false(is);
}

static void labels_make_a_tree_a_set(void **state)
{
    struct host host = {0};
    struct dry_run list = {0};
    bool is;
    (void)state;
    put_dicom("study/ct/IM1");
    put_program(
        "attunet-dicom", "#!/bin/sh\necho 'attunet-dicom: study holds no labels' >&2; exit 3\n");
    OK(converted_is("study", &host, &is, &e));
    assert_false(is);
    put_program("attunet-dicom", "#!/bin/sh\nexit 0\n");
    host.dry_run = &list;
    OK(converted_is("study", &host, &is, &e));
    assert_false(is); /* a dry run converts nothing */
    host.dry_run = NULL;
    OK(converted_is("study", &host, &is, &e));
    assert_true(is);
    put_program(
        "attunet-dicom", "#!/bin/sh\necho 'attunet-dicom: a gap' >&2; mkdir -p \"$4\"; exit 3\n");
    put_dicom("gap/ct/IM1");
    OK(converted_is("gap", &host, &is, &e));
    assert_true(is); /* its labels were read */
    put_program("attunet-dicom", "#!/bin/sh\necho 'attunet-dicom: no memory' >&2; exit 4\n");
    put_dicom("large/ct/IM1");
    REFUSED(converted_is("large", &host, &is, &e), ATT_MEMORY, "no memory");
}

static void a_refusal_is_passed_and_a_dry_run_converts_nothing(void **state)
{
    struct host host = {0};
    struct dry_run list = {0};
    char *made;
    (void)state;
    put_program(
        "attunet-dicom", "#!/bin/sh\necho 'attunet-dicom: set/images/a has gaps' >&2; exit 3\n");
    put_dicom("dry/images/a/IM1");
    REFUSED(converted_open("dry", &host, &made, &e), ATT_DATA, "set/images/a has gaps");
    assert_null(made);
    host.dry_run = &list;
    REFUSED(converted_open("dry", &host, &made, &e), ATT_DATA,
        "dry holds DICOM, whose series a dry run does not convert; first run: attunet info dry");
    OK(file_make_folders("dry/" CONVERTED, &e)); /* of a set that was refused */
    REFUSED(converted_open("dry", &host, &made, &e), ATT_DATA, "first run: attunet info dry");
    put_program("dry/" CONVERTED "/.attunet-dicom", "");
    OK(converted_open("dry", &host, &made, &e));
    assert_string_equal(made, "dry/" CONVERTED);
    mem_free(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_of_dicom_is_read_through_its_volumes),
        cmocka_unit_test(other_trees_with_dicom_are_sets_too),
        cmocka_unit_test(sets_side_by_side_are_named),
        cmocka_unit_test(labels_make_a_tree_a_set),
        cmocka_unit_test(a_refusal_is_passed_and_a_dry_run_converts_nothing),
    };
    setenv("PATH", ".:/usr/bin:/bin", 1);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
