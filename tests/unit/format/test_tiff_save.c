/* SPDX-License-Identifier: Apache-2.0 */
/* TIFF: what is written, and what comes back of it. */
#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/format/raster_test.h"

#ifdef ATT_TIFF
#include <tiffio.h>

static struct geometry spaced(float d, float h, float w)
{
    struct geometry g = geometry_none();
    g.valid = true;
    g.spacing[0] = d;
    g.spacing[1] = h;
    g.spacing[2] = w;
    return g;
}

static void labels_come_back(void **state)
{
    (void)state;
    enum { D = 3, H = 5, W = 4, N = D * H * W };
    uint16_t data[N];
    for (int i = 0; i < N; i++) data[i] = (uint16_t)(i * 4);
    for (int wide = 0; wide < 2; wide++)
        for (int known = 0; known < 2; known++) {
            struct labelmap l = {.size = {D, H, W},
                                .data = data,
                                .geometry = known ? spaced(2.5f, 0.75f, 0.3f) : geometry_none()},
                            back;
            data[7] = wide ? 65535 : 255;
            OK(format_save_labels("labels.tif", &l, &e));
            OK(format_load_labels("labels.tif", &back, &e));
            assert_memory_equal(back.size, l.size, sizeof l.size);
            assert_memory_equal(back.data, data, sizeof data);
            assert_int_equal(back.geometry.valid, known);
            for (int a = 0; a < 3; a++)
                assert_true(fabsf(back.geometry.spacing[a] - l.geometry.spacing[a]) < 1e-6f);
            labelmap_free(&back);
            TIFF *t = TIFFOpen("labels.tif", "r");
            uint16_t bits = 0;
            TIFFGetField(t, TIFFTAG_BITSPERSAMPLE, &bits);
            assert_int_equal(bits, wide ? 16 : 8);
            assert_int_equal(TIFFNumberOfDirectories(t), D);
            TIFFClose(t);
        }
}

static void check_description(const char *path, const char *words, const char *none)
{
    const char *text = NULL;
    TIFF *t = TIFFOpen(path, "r");
    if (!TIFFGetField(t, TIFFTAG_IMAGEDESCRIPTION, &text) || !strstr(text, words) ||
        (none && strstr(text, none)))
        fail_msg("%s: %s", path, text ? text : "nothing");
    TIFFClose(t);
}

/* Fiji shows um where pixels are small; one slice has no distance to a next, unless it was said. */
static void lengths_come_back(void **state)
{
    (void)state;
    static const struct {
        int depth;
        bool thick;
        float spacing[3];
        const char *words, *none;
    } files[] = {{3, true, {.0007f, .00025f, .00025f}, "unit=um\nspacing=0.7\n", NULL},
        {1, true, {.0007f, .00025f, .00025f}, "unit=um\nspacing=0.7\n", NULL},
        {1, false, {1, .00025f, .00025f}, "unit=um\n", "spacing"},
        {1, false, {1, .5f, .5f}, "unit=mm\n", "spacing"},
        {2, true, {5, .5f, .0003f}, "unit=mm\nspacing=5\n", NULL}};
    uint16_t data[12] = {1, 2, 3};
    for (size_t i = 0; i < COUNT(files); i++) {
        const float *s = files[i].spacing;
        struct labelmap l = {.size = {files[i].depth, 2, 2},
                            .data = data,
                            .geometry = spaced(s[0], s[1], s[2])},
                        back;
        l.geometry.thick = files[i].thick;
        OK(format_save_labels("lengths.tif", &l, &e));
        check_description("lengths.tif", files[i].words, files[i].none);
        OK(format_load_labels("lengths.tif", &back, &e));
        assert_true(back.geometry.valid);
        assert_int_equal(back.geometry.thick, files[i].thick);
        for (int a = 0; a < 3; a++)
            assert_true(fabsf(back.geometry.spacing[a] - s[a]) < 1e-6f * s[a]);
        labelmap_free(&back);
    }
}

static void images_come_back(void **state)
{
    (void)state;
    enum { C = 2, D = 3, H = 70, W = 1100, N = C * D * H * W };
    float *data = mem_array(N, sizeof *data);
    for (int i = 0; i < N; i++) data[i] = (float)(i % 977) / 8 - 30;
    struct image m = {.channels = C, .size = {D, H, W}, .data = data, .geometry = spaced(5, 1, 1)},
                 back;
    OK(format_save_image("image.tiff", &m, &e));
    OK(format_load_image("image.tiff", &back, &e));
    assert_int_equal(back.channels, C);
    assert_memory_equal(back.size, m.size, sizeof m.size);
    assert_memory_equal(back.data, data, N * sizeof *data);
    assert_true(back.geometry.valid && back.geometry.spacing[0] == 5);
    image_free(&back);
    m.channels = 1;
    m.size[0] = 1;
    m.geometry = geometry_none();
    OK(format_save_image("image.tif", &m, &e));
    OK(format_load_image("image.tif", &back, &e));
    assert_memory_equal(back.data, data, H * W * sizeof *data);
    assert_false(back.geometry.valid);
    image_free(&back);
    mem_free(data);
}

/* Equal images give equal files. */
static void bytes_do_not_depend_on_the_day(void **state)
{
    (void)state;
    uint16_t data[60] = {1, 2, 3};
    struct labelmap l = {.size = {3, 5, 4}, .data = data, .geometry = spaced(2, 1, 1)};
    OK(format_save_labels("a.tif", &l, &e));
    OK(format_save_labels("b.tif", &l, &e));
    assert_same_file("a.tif", "b.tif");
}

/* Spacings have a point, whatever the program's locale says. */
static void locales_change_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    const char *found = NULL;
    for (int i = 0; i < 4 && !found; i++) found = setlocale(LC_ALL, names[i]);
    if (!found) skip(); /* none is installed */
    uint16_t data[8] = {1, 2, 3};
    struct labelmap l = {.size = {2, 2, 2}, .data = data, .geometry = spaced(2.5f, 0.75f, 0.5f)},
                    back;
    struct image m;
    OK(format_save_labels("point.tif", &l, &e));
    OK(format_load_image(fixture("raster/ome_z.ome.tif"), &m, &e));
    setlocale(LC_ALL, "C");
    assert_true(m.geometry.valid && m.geometry.spacing[0] == 0.002f);
    image_free(&m);
    OK(format_load_labels("point.tif", &back, &e));
    assert_true(back.geometry.valid && back.geometry.spacing[0] == 2.5f);
    labelmap_free(&back);
}

static void nothing_is_left_of_what_failed(void **state)
{
    (void)state;
    struct file_list l;
    uint16_t one = 1;
    struct labelmap m = {.size = {1, 1, 1}, .data = &one};
    REFUSED(format_save_labels("missing/a.tif", &m, &e), ATT_IO, "missing/a.tif");
    /* only below /dev does attunet write to pipes */
    char pipe[64];
    snprintf(pipe, sizeof pipe, "/dev/shm/attunet-test-%d.tif", (int)getpid());
    if (mkfifo(pipe, 0600) == 0) {
        const int reader = open(pipe, O_RDONLY | O_NONBLOCK);
        REFUSED(format_save_labels(pipe, &m, &e), ATT_IO, "TIFF can be written to files only");
        close(reader);
        unlink(pipe);
    }
    OK(file_list(scratch, &l, &e));
    for (int i = 0; i < l.count; i++) assert_null(strstr(l.names[i], ".tmp-"));
    file_list_free(&l);
}

static void results_are_tif(void **state)
{
    (void)state;
    assert_string_equal(format_result_ending("x/a.ome.tif"), ".tif");
    assert_string_equal(format_result_ending("x/a.TIFF"), ".tif");
    size_t ending;
    assert_ptr_equal(format_by_name("a.ome.tiff", &ending), &format_tiff);
    assert_int_equal(ending, 9);
}
#else
static void says_what_is_missing(void **state)
{
    (void)state;
    struct labelmap l = {.size = {1, 1, 1}, .data = (uint16_t[]){0}};
    REFUSED(format_save_labels("a.tif", &l, &e), ATT_USAGE,
        "built without libtiff and expat, which writes TIFF files; use .nii.gz");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef ATT_TIFF
        cmocka_unit_test(labels_come_back),
        cmocka_unit_test(lengths_come_back),
        cmocka_unit_test(images_come_back),
        cmocka_unit_test(bytes_do_not_depend_on_the_day),
        cmocka_unit_test(locales_change_nothing),
        cmocka_unit_test(nothing_is_left_of_what_failed),
        cmocka_unit_test(results_are_tif),
#else
        cmocka_unit_test(says_what_is_missing),
#endif
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
