/* SPDX-License-Identifier: Apache-2.0 */
/* Which format a file has: by content on reading, by name on writing; and what all images must hold
 * to. */
#include "format/format.h"

#include <math.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/resource.h>

#include "unit/format/format_test.h"

static void reading_goes_by_content(void **state)
{
    (void)state;
    size_t size;
    struct image m;
    unsigned char *file = read_fixture("nifti/i2.nii.gz", &size);
    write_scratch("liar.png", file, size);
    OK(format_load_image("liar.png", &m, &e));
    assert_int_equal(m.size[IMAGE_D], 5);
    image_free(&m);
    mem_free(file);
    file = read_fixture("png/grey8.png", &size);
    write_scratch("liar.nii", file, size);
    OK(format_load_image("liar.nii", &m, &e));
    assert_int_equal(m.size[IMAGE_D], 1);
    image_free(&m);
    mem_free(file);
}

static void unknown_files_are_refused(void **state)
{
    (void)state;
    struct image m;
    struct labelmap l;
    write_scratch("text.nii", "hello, world", 12);
    write_scratch("empty.nii", "", 0);
    char names[FORMAT_NAMES], words[256];
    snprintf(words, sizeof words, "text.nii: not an image that attunet can read; give %s",
        format_names(names));
    assert_non_null(strstr(names, "NIfTI, NRRD, MetaImage, NPY, PNG"));
    REFUSED(format_load_image("text.nii", &m, &e), ATT_DATA, words);
    write_scratch("model.bin", "\2\0\0\0\0\0\0\0{}", 10);
    REFUSED(format_load_image("model.bin", &m, &e), ATT_DATA,
        "model.bin: safetensors weights, not an image");
    REFUSED(format_load_labels("empty.nii", &l, &e), ATT_DATA, "empty");
    REFUSED(format_load_image("absent.nii", &m, &e), ATT_IO, "absent.nii");
}

static void writing_goes_by_name(void **state)
{
    (void)state;
    size_t ending;
    assert_ptr_equal(format_by_name("a/b.nii.gz", &ending), &format_nifti);
    assert_int_equal(ending, 7);
    assert_ptr_equal(format_by_name("B.NII", &ending), &format_nifti);
    assert_int_equal(ending, 4);
    assert_ptr_equal(format_by_name("b.png", &ending), &format_png);
    assert_null(format_by_name("b.gz", &ending));
    assert_null(format_by_name("png", &ending));
    struct labelmap l = {.size = {1, 1, 1}, .data = (uint16_t[]){0}};
    REFUSED(format_save_labels("b.xyz", &l, &e), ATT_USAGE,
        "the ending does not say which image format to write; use .nii.gz, .nii");
}

static void results_have_an_ending_that_can_be_written(void **state)
{
    (void)state;
    size_t ending, size;
    char name[64];
    static const struct format *const all[] = {&format_nifti, &format_nrrd, &format_metaimage,
        &format_npy, &format_png, &format_jpeg, &format_tiff, &format_bmp, &format_pnm, &format_gif,
        &format_webp, &format_jp2};
    for (size_t f = 0; f < sizeof all / sizeof *all; f++)
        for (int i = 0; all[f]->endings[i]; i++) {
            snprintf(name, sizeof name, "a%s", all[f]->endings[i]);
            const struct format *to = format_by_name(format_result_ending(name), &ending);
            assert_true(to && (to->missing || format_writes(to)));
        }
    assert_string_equal(format_result_ending("a/B.NII"), ".NII");
    unsigned char *file = read_fixture("png/grey8.png", &size);
    write_scratch("unnamed", file, size);
    mem_free(file);
    assert_string_equal(format_result_ending("unnamed"), ".png"); /* by content */
}

static void not_a_number_is_named(void **state)
{
    (void)state;
    float data[24] = {0};
    struct image m = {.channels = 2, .size = {2, 2, 3}, .data = data}, back;
    data[12 + 10] = NAN; /* channel 1, (1,1,1) */
    data[12 + 11] = -INFINITY;
    OK(format_save_image("nan.nii", &m, &e));
    REFUSED(format_load_image("nan.nii", &back, &e), ATT_DATA,
        "nan.nii: 2 of 24 samples are NaN or infinite in float32, the first at voxel (1,1,1) of "
        "channel 1");
    assert_null(back.data);
#ifdef ATT_TIFF
    OK(format_save_image("nan.tif", &m, &e));
    REFUSED(format_load_image("nan.tif", &back, &e), ATT_DATA, "nan.tif: 2 of 24 samples are NaN");
#endif
    static float many[2 * 100 * 100];
    m = (struct image){.channels = 2, .size = {1, 100, 100}, .data = many};
    many[9999] = INFINITY;
    many[10000 + 4321] = many[10000 + 4400] = NAN;
    OK(format_save_image("nan.nii", &m, &e));
    REFUSED(format_load_image("nan.nii", &back, &e), ATT_DATA,
        "nan.nii: 3 of 20000 samples are NaN or infinite in float32, the first at voxel "
        "(99,99,0) of channel 0");
}

/* Integers are not looked at, but where their scale leaves float32. */
static void scaled_integers_may_be_infinite(void **state)
{
    (void)state;
    struct labelmap l = {.size = {1, 1, 2}, .data = (uint16_t[]){1, 40}};
    struct image back;
    char *file;
    size_t size;
    const float slope = 1e38F;
    OK(format_save_labels("scaled.nii", &l, &e));
    OK(file_read("scaled.nii", 1 << 12, &file, &size, &e));
    memcpy(file + 112, &slope, sizeof slope); /* scl_slope */
    write_scratch("scaled.nii", file, size);
    mem_free(file);
    REFUSED(format_load_image("scaled.nii", &back, &e), ATT_DATA,
        "scaled.nii: 1 of 2 samples are NaN or infinite in float32, the first at voxel (1,0,0)");
}

/* Labels of a file whose header scales what is stored: whole but for the rounding of its float, or
 * refused. */
static void scaled_labels_are_whole(void **state)
{
    (void)state;
    struct labelmap l = {.size = {1, 1, 3}, .data = (uint16_t[]){0, 3, 600}}, back;
    char *file;
    size_t size;
    float slope = 1.F / 3;
    OK(format_save_labels("third.nii", &l, &e));
    OK(file_read("third.nii", 1 << 12, &file, &size, &e));
    memcpy(file + 112, &slope, sizeof slope); /* scl_slope */
    write_scratch("third.nii", file, size);
    OK(format_load_labels("third.nii", &back, &e));
    assert_memory_equal(back.data, ((uint16_t[]){0, 1, 200}), 3 * sizeof *back.data);
    labelmap_free(&back);
    slope = .3333F;
    memcpy(file + 112, &slope, sizeof slope);
    write_scratch("third.nii", file, size);
    mem_free(file);
    REFUSED(format_load_labels("third.nii", &back, &e), ATT_DATA,
        "voxel (1,0,0) has the value 0.99989");
}

/* As a header names it, whether or not it is there; no other format has such files. */
static void headers_name_their_samples(void **state)
{
    (void)state;
    static const struct {
        const char *header, *beside;
    } files[] = {{"metaimage/beside.mhd", "beside.zraw"},
        {"metaimage/beside_raw.mhd", "beside_raw.raw"}, {"metaimage/i2.mha", NULL},
        {"nrrd/beside.nhdr", "beside.raw.gz"}, {"nrrd/below.nhdr", "deep/raw.raw"},
        {"nrrd/raw.nrrd", NULL}, {"nifti/i2.nii.gz", NULL}, {"png/grey8.png", NULL}};
    char *beside;
    for (size_t i = 0; i < COUNT(files); i++) {
        OK(format_companion(fixture(files[i].header), &beside, &e));
        if (!files[i].beside) {
            assert_null(beside);
            continue;
        }
        assert_non_null(beside);
        size_t folder = (size_t)(file_base(fixture(files[i].header)) - fixture(files[i].header));
        assert_memory_equal(beside, fixture(files[i].header), folder);
        assert_string_equal(beside + folder, files[i].beside);
        mem_free(beside);
    }
    struct image m;
    OK(format_load_image(fixture("nifti/i2.nii.gz"), &m, &e));
    OK(format_save_image("pair.nii", &m, &e));
    image_free(&m);
    char *pair;
    size_t size;
    OK(file_read("pair.nii", 1 << 20, &pair, &size, &e));
    memcpy(pair + 344, "ni1", 4);
    write_scratch("pair.hdr", pair, 352);
    mem_free(pair);
    OK(format_companion("pair.hdr", &beside, &e));
    assert_string_equal(beside, "pair.img");
    mem_free(beside);
    write_scratch("pair.img.gz", "x", 1);
    OK(format_companion("pair.hdr", &beside, &e));
    assert_string_equal(beside, "pair.img.gz");
    mem_free(beside);
    write_scratch("notes.txt", "words", 5);
    REFUSED(format_companion("notes.txt", &beside, &e), ATT_DATA,
        ": not an image that attunet can read; give ");
    assert_null(beside);
}

/* What happens to a name in the folder, as one letter: it goes, or it comes. */
static void note_event(
    const struct inotify_event *event, const char *header, const char *data, char *story)
{
    if (event->len == 0) return;
    if (strcmp(event->name, header) == 0)
        strcat(story, event->mask & (IN_MOVED_FROM | IN_DELETE) ? "h" : "H");
    if (strcmp(event->name, data) == 0)
        strcat(story, event->mask & (IN_MOVED_FROM | IN_DELETE) ? "d" : "D");
}

/* At no time does an old header stand beside new samples; where the new samples cannot take their
 * place, all is as it was. */
static void old_headers_go_before_new_samples_come(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"over.hdr", "over.img"}, {"over.nhdr", "over.raw.gz"}, {"over.mhd", "over.zraw"}};
    struct image m, back;
    OK(format_load_image(fixture("nifti/i2.nii"), &m, &e));
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *header = names[i][0], *data = names[i][1];
        char events[4096] __attribute__((aligned(8))), story[64] = "";
        if (i == 0) { /* a pair is written on the header of one */
            memcpy(m.geometry.header + 344, "ni1", 4);
            write_scratch("over.hdr", m.geometry.header, m.geometry.header_size);
        }
        OK(format_save_image(header, &m, &e));
        m.data[0] = 77;
        int watch = inotify_init1(IN_CLOEXEC);
        assert_true(inotify_add_watch(watch, ".", IN_MOVE | IN_DELETE) >= 0);
        OK(format_save_image(header, &m, &e));
        ssize_t size = read(watch, events, sizeof events);
        close(watch);
        for (ssize_t at = 0; at < size;) {
            const struct inotify_event *event = (const void *)(events + at);
            note_event(event, header, data, story);
            at += (ssize_t)(sizeof *event + event->len);
        }
        assert_string_equal(story, "hDH");
        OK(format_load_image(header, &back, &e));
        assert_true(back.data[0] == 77);
        image_free(&back);
        m.data[0] = -60;
    }
    image_free(&m);
    struct file_writer *data, *header;
    struct file_list l;
    char *text;
    size_t size;
    OK(file_write_all("old.hdr", "old", 3, &e));
    OK(file_create("old.img", &data, &e));
    OK(file_create("old.hdr", &header, &e));
    OK(file_write(data, "new", 3, &e));
    OK(file_write(header, "new", 3, &e));
    OK(file_make_folders("old.img/full", &e));
    REFUSED(file_commit_pair(data, header, &e), ATT_IO, "cannot write");
    OK(file_read("old.hdr", 10, &text, &size, &e));
    assert_string_equal(text, "old");
    mem_free(text);
    file_remove_folder("old.img/full");
    file_remove_folder("old.img");
    OK(file_list(".", &l, &e));
    for (int i = 0; i < l.count; i++) assert_null(strstr(l.names[i], ".tmp-"));
    file_list_free(&l);
}

static void failed_writes_are_told(void **state)
{
    (void)state;
    static const char *const names[] = {"full.nii", "full.nii.gz", "full.png"};
    enum { SIDE = 400 };
    struct image m = {
        .channels = 1, .size = {1, SIDE, SIDE}, .data = mem_array(SIDE * SIDE, sizeof(float))};
    for (int i = 0; i < SIDE * SIDE; i++) m.data[i] = (float)(i * 7919 % 65536) / 65536;
    struct rlimit before, little;
    getrlimit(RLIMIT_FSIZE, &before);
    little = before;
    little.rlim_cur = 1 << 12; /* fewer bytes than any of the files has */
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < COUNT(names); i++) {
        setrlimit(RLIMIT_FSIZE, &little);
        REFUSED(format_save_image(names[i], &m, &e), ATT_IO, names[i]);
        setrlimit(RLIMIT_FSIZE, &before);
        assert_false(file_exists(names[i]));
    }
    image_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_goes_by_content),
        cmocka_unit_test(unknown_files_are_refused),
        cmocka_unit_test(writing_goes_by_name),
        cmocka_unit_test(results_have_an_ending_that_can_be_written),
        cmocka_unit_test(not_a_number_is_named),
        cmocka_unit_test(scaled_integers_may_be_infinite),
        cmocka_unit_test(scaled_labels_are_whole),
        cmocka_unit_test(failed_writes_are_told),
        cmocka_unit_test(headers_name_their_samples),
        cmocka_unit_test(old_headers_go_before_new_samples_come),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
