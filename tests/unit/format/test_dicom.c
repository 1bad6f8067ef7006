/* SPDX-License-Identifier: Apache-2.0 */
/* Which folders hold DICOM, and how attunet-dicom is called; a script stands in for it. */
#include "format/dicom.h"

#include "unit/format/format_test.h"
#include "unit/program_test.h"

static void put_dicom(const char *path)
{
    char head[132] = {0};
    memcpy(head + 128, "DICM", 4);
    write_scratch(path, head, sizeof head);
}

static void a_folder_of_dicom_is_found(void **state)
{
    (void)state;
    OK(file_make_folders("s/a/b", &e));
    assert_false(dicom_is("s"));
    put_dicom("s/a/b/IM1");
    write_scratch("s/a/README", "x", 1);
    assert_true(dicom_is("s"));
    assert_true(dicom_is("s/a/b/IM1"));
    assert_false(dicom_is("s/a/README"));
    assert_false(dicom_is("missing"));
    write_scratch("s/a/a.nii", "x", 1); /* a folder of images with DICOM in it is a data set */
    assert_false(dicom_is("s"));
    assert_true(dicom_any("s")); /* which may be one of DICOM */
    unlink("s/a/a.nii"), unlink("s/a/README"), unlink("s/a/b/IM1");
    rmdir("s/a/b"), rmdir("s/a"), rmdir("s");
}

static char said[200];
static const struct dicom_mask *masks; /* or NULL: makes a volume */

static int said_level;

static void take(void *user, int level, const char *text)
{
    (void)user;
    said_level = level;
    snprintf(said + strlen(said), sizeof said - strlen(said), "%s|", text);
}

static void images_beside_dicom_are_named(void **state)
{
    (void)state;
    struct host host = {.log = {.message = take}};
    bool is;
    OK(file_make_folders("s/low", &e));
    put_dicom("s/IM1"), put_dicom("s/IM2");
    write_scratch("s/A.png", "x", 1);
    OK(dicom_check("s", &host, &is, &e));
    assert_true(is && dicom_is("s"));
    assert_string_equal(said, "s: ignored 1 image among the DICOM files, such as s/A.png|");
    write_scratch("s/low/mask.nii.gz", "x", 1); /* as many as DICOM */
    REFUSED(dicom_check("s", &host, &is, &e), ATT_DATA,
        "s holds DICOM files, such as s/IM1, and other images, such as s/A.png; move one kind into "
        "another folder");
    unlink("s/A.png");
    OK(dicom_check("s", &host, &is, &e));
    assert_true(is);
    *said = 0;
    put_dicom("s/low/B");
    REFUSED(dicom_check("s/low", &host, &is, &e), ATT_DATA, "such as s/low/mask.nii.gz");
    unlink("s/IM1"), unlink("s/IM2"), unlink("s/low/mask.nii.gz");
    write_scratch("s/z.nii", "x", 1);
    OK(dicom_check("s", &host, &is, &e)); /* though low/ is listed first */
    assert_false(is || dicom_is("s"));
    assert_string_equal(said, "s: ignored DICOM in folders below the images, such as s/low/B|");
    unlink("s/low/B");
    *said = 0;
    OK(dicom_check("s", &host, &is, &e));
    assert_false(is);
    OK(dicom_check("s/z.nii", &host, &is, &e));
    assert_false(is);
    assert_string_equal(said, "");
    unlink("s/z.nii"), rmdir("s/low"), rmdir("s");
}

/* Its header ends with the class. */
static void put_class(const char *path, const char *name, size_t bytes)
{
    static const char tag[] = {2, 0, 2, 0, 'U', 'I'};
    char head[600] = {0};
    memcpy(head + 128, "DICM", 4);
    memcpy(head + 150, tag, sizeof tag);
    head[150 + sizeof tag] = (char)strlen(name);
    strcpy(head + 150 + sizeof tag + 2, name);
    write_scratch(path, head, bytes);
}

static void labels_in_dicom_are_no_images(void **state)
{
    (void)state;
    struct host host = {.log = {.message = take}};
    bool is;
    static const char seg[] = "1.2.840.10008.5.1.4.1.1.66.4", ct[] = "1.2.840.10008.5.1.4.1.1.2";
    OK(file_make_folders("s", &e));
    for (size_t bytes = 128; bytes < 158 + sizeof seg; bytes++) { /* cut anywhere */
        put_class("s/a.dcm", seg, bytes);
        assert_int_equal(dicom_is_label("s/a.dcm"), bytes > 158 + strlen(seg) - 2);
    }
    put_class("s/a.dcm", "1.2.840.10008.5.1.4.1.1.481.3", 600);
    assert_true(dicom_is_label("s/a.dcm"));
    put_class("s/a.dcm", ct, 600);
    assert_false(dicom_is_label("s/a.dcm") || dicom_is_label("s/missing") || dicom_is_label("s"));
    put_class("s/a.dcm", seg, 600);
    write_scratch("s/a.nii.gz", "x", 1); /* as predict leaves them */
    *said = 0;
    OK(dicom_check("s", &host, &is, &e));
    assert_true(is); /* attunet-dicom says what it is */
    put_class("s/b.dcm", ct, 600);
    write_scratch("s/b.nii.gz", "x", 1);
    REFUSED(dicom_check("s", &host, &is, &e), ATT_DATA, "move one kind into another folder");
    assert_string_equal(said, "");
    unlink("s/a.dcm"), unlink("s/b.dcm"), unlink("s/a.nii.gz"), unlink("s/b.nii.gz"), rmdir("s");
}

static void dicom_without_a_preamble_is_found(void **state)
{
    (void)state;
    static const struct {
        unsigned char head[20];
        bool dicom;
    } list[] = {{{8, 0, 8, 0, 4, 0, 0, 0, 'A', '\\', 'B', ' ', 8, 0, 0x16, 0}, true},
        {{8, 0, 0, 0, 4, 0, 0, 0, 1, 2, 0, 0, 8, 0, 5, 0}, true},
        {{8, 0, 5, 0, 'C', 'S', 10, 0, 'I', 'S', 'O'}, true},
        /* samples that begin with 8 */
        {{8, 0, 0, 0}, false}, {{8, 0, 8, 0, 8, 0, 8, 0, 8, 0, 8, 0}, false},
        {{8, 0, 8, 0, 4, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0}, false}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        char file[300] = {0};
        memcpy(file, list[i].head, sizeof list[i].head);
        write_scratch("old", file, sizeof file);
        assert_int_equal(dicom_is("old"), list[i].dicom);
        write_scratch("old", file, 100); /* too short for an image */
        assert_false(dicom_is("old"));
    }
    unlink("old");
}

static att_status call(const char *script, const struct dicom_choice *choice, struct err *e)
{
    struct host host = {.log = {.message = take}};
    unlink("attunet-dicom");
    *said = 0;
    if (script) put_program("attunet-dicom", script);
    const att_status status = masks ? dicom_seg("in", masks, "out.nii.gz", choice, ".", &host, e)
                                    : dicom_volume("in", "out.nii.gz", choice, NULL, ".", &host, e);
    unlink("attunet-dicom");
    return status;
}

static void the_program_is_called_and_heard(void **state)
{
    (void)state;
    const struct dicom_choice none = {.select = NULL},
                              both = {"Modality=CT", true, true, "CT,MR", false};
    OK(call("#!/bin/sh\necho \"$*\"; echo two\n", &none, &e));
    assert_string_equal(said, "volume in -o out.nii.gz --straighten|two|");
    OK(call("#!/bin/sh\necho \"$*\"\n", &both, &e));
    assert_string_equal(said,
        "volume in -o out.nii.gz --straighten --modality CT,MR --select Modality=CT --allow-gaps "
        "--identify|");
    OK(call("#!/bin/sh\necho 'warning: in is MR'\n", &none, &e));
    assert_string_equal(said, "in is MR|");
    assert_int_equal(said_level, LOG_WARN);
    OK(call("#!/bin/sh\necho 'warning of values: in is dark'\n", &none, &e));
    assert_string_equal(said, "in is dark|");
    assert_int_equal(said_level, LOG_WARN);
    const char *const segments[] = {"1=a b", "2=c"};
    struct dicom_mask mask = {
        .path = "m.nii.gz", .codes = "codes.json", .segments = segments, .count = 2};
    masks = &mask;
    OK(call("#!/bin/sh\nprintf '%s ' \"$@\"\n", &both, &e));
    assert_string_equal(said,
        "seg in --straighten -o out.nii.gz --mask m.nii.gz --segment 1=a b --segment 2=c "
        "--codes codes.json --select Modality=CT --allow-gaps --identify |");
    struct host host = {.log = {.message = take}};
    put_program("attunet-dicom", "#!/bin/sh\nprintf '%s ' \"$@\"\n");
    *said = 0;
    struct dicom_mask check = mask;
    check.check = true;
    OK(dicom_seg("in", &check, NULL, &none, ".", &host, &e));
    assert_string_equal(
        said, "seg in --straighten --check --segment 1=a b --segment 2=c --codes codes.json |");
    *said = 0;
    OK(dicom_check_segments("in", &mask, ".", &host, &e));
    assert_string_equal(said, "segments --segment 1=a b --segment 2=c --codes codes.json |");
    masks = NULL;
    REFUSED(call("#!/bin/sh\necho 'attunet-dicom: in has gaps' >&2; exit 3\n", &none, &e), ATT_DATA,
        "in has gaps");
    REFUSED(call("#!/bin/sh\necho 'attunet-dicom: no disk' >&2; exit 6\n", &none, &e), ATT_IO,
        "no disk");
    REFUSED(call("#!/bin/sh\nprintf 'attunet-dicom: two:\\n a\\n b\\n' >&2; exit 3\n", &none, &e),
        ATT_DATA, "two: a; b");
    REFUSED(call("#!/bin/sh\nkill -9 $$\n", &none, &e), ATT_DATA,
        "in: attunet-dicom ended without reading this DICOM");
    REFUSED(call(NULL, &none, &e), ATT_DATA,
        "in is DICOM, which the program attunet-dicom reads; install the package attunet-dicom");
    assert_string_equal(said, "");
    assert_false(file_exists("out.txt") || file_exists("errors.txt"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_of_dicom_is_found),
        cmocka_unit_test(images_beside_dicom_are_named),
        cmocka_unit_test(labels_in_dicom_are_no_images),
        cmocka_unit_test(dicom_without_a_preamble_is_found),
        cmocka_unit_test(the_program_is_called_and_heard),
    };
    setenv("PATH", ".:/usr/bin:/bin", 1);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
