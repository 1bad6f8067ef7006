/* SPDX-License-Identifier: Apache-2.0 */
/* PNG: every colour type and depth; the fixtures hold 5 x 3 pixels, sample c of pixel i is 11 i + 3
 * c (16 bits: 257 times that, plus c). */
#include <png.h>

#include "unit/format/raster_test.h"

enum { WIDTH = 5, HEIGHT = 3, PIXELS = WIDTH * HEIGHT };

static unsigned stored(int bits, int pixel, int channel)
{
    unsigned v = (unsigned)(11 * pixel + 3 * channel);
    if (bits == 16) v = 257 * v + (unsigned)channel;
    return v % (1u << bits);
}

static void reads_every_kind(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int bits, channels;
    } kinds[] = {
        {"grey1", 1, 1},
        {"grey2", 2, 1},
        {"grey4", 4, 1},
        {"grey8", 8, 1},
        {"grey16", 16, 1},
        {"rgb8", 8, 3},
        {"rgb16", 16, 3},
        {"rgba8", 8, 3},
        {"rgba16", 16, 3},
        {"grey_alpha8", 8, 1},
        {"grey_alpha16", 16, 1},
        {"grey8_interlaced", 8, 1},
        {"rgb16_interlaced", 16, 3},
    };
    for (size_t k = 0; k < COUNT(kinds); k++) {
        char name[64];
        struct image m;
        int channels, size[3];
        float spacing[3];
        snprintf(name, sizeof name, "png/%s.png", kinds[k].name);
        OK(format_load_image(fixture(name), &m, &e));
        assert_int_equal(m.channels, kinds[k].channels);
        assert_memory_equal(m.size, ((int[3]){1, HEIGHT, WIDTH}), sizeof m.size);
        assert_false(m.geometry.valid);
        assert_true(m.geometry.spacing[IMAGE_H] == 1);
        unsigned stretch = kinds[k].bits < 8 ? 255 / ((1u << kinds[k].bits) - 1) : 1;
        for (int c = 0; c < m.channels; c++)
            for (int i = 0; i < PIXELS; i++)
                assert_true(
                    m.data[c * PIXELS + i] == (float)(stretch * stored(kinds[k].bits, i, c)));
        OK(format_peek(fixture(name), &channels, size, spacing, &e));
        assert_int_equal(channels, m.channels);
        assert_memory_equal(size, m.size, sizeof size);
        assert_true(spacing[IMAGE_D] == 0 && spacing[IMAGE_H] == 0 &&
            spacing[IMAGE_W] == 0); /* not known */
        image_free(&m);
    }
}

static void reads_what_pillow_reads(void **state)
{
    (void)state;
    assert_int_equal(read_as_expected("raster", ".png"), 18);
}

static void palettes_become_rgb_or_indices(void **state)
{
    (void)state;
    for (int bits = 1; bits <= 8; bits *= 2) {
        char name[64];
        struct image m;
        struct labelmap l;
        snprintf(name, sizeof name, "png/palette%d.png", bits);
        OK(format_load_image(fixture(name), &m, &e));
        OK(format_load_labels(fixture(name), &l, &e));
        assert_int_equal(m.channels, 3);
        for (int i = 0; i < PIXELS; i++) {
            unsigned index = stored(bits, i, 0);
            assert_true(m.data[i] == (float)index);
            assert_true(m.data[PIXELS + i] == (float)(2 * index % 256));
            assert_true(m.data[2 * PIXELS + i] == (float)(255 - index));
            assert_int_equal(l.data[i], index);
        }
        image_free(&m);
        labelmap_free(&l);
    }
}

static void labels_are_the_stored_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int bits;
    } kinds[] = {{"grey1", 1}, {"grey2", 2}, {"grey4", 4}, {"grey8", 8}, {"grey16", 16},
        {"grey_alpha8", 8}, {"rgb8_equal", 8}};
    for (size_t k = 0; k < COUNT(kinds); k++) {
        char name[64];
        struct labelmap l;
        snprintf(name, sizeof name, "png/%s.png", kinds[k].name);
        OK(format_load_labels(fixture(name), &l, &e));
        for (int i = 0; i < PIXELS; i++) assert_int_equal(l.data[i], stored(kinds[k].bits, i, 0));
        labelmap_free(&l);
    }
    struct labelmap l;
    REFUSED(format_load_labels(fixture("png/rgb8.png"), &l, &e), ATT_DATA,
        "rgb8.png: it has many colours ((0,3,6) (11,14,17) ");
    assert_null(l.data);
}

static void labels_come_back(void **state)
{
    (void)state;
    uint16_t data[] = {0, 1, 255, 7, 2, 3};
    struct labelmap l = {.size = {1, 2, 3}, .data = data}, back;
    for (int wide = 0; wide < 2; wide++) {
        data[3] = wide ? 65535 : 200;
        OK(format_save_labels("labels.png", &l, &e));
        OK(format_load_labels("labels.png", &back, &e));
        assert_memory_equal(back.size, l.size, sizeof l.size);
        assert_memory_equal(back.data, data, sizeof data);
        labelmap_free(&back);
        char *file;
        size_t size;
        OK(file_read("labels.png", 1 << 16, &file, &size, &e));
        assert_int_equal(file[24], wide ? 16 : 8);
        mem_free(file);
    }
}

static void images_are_saved_in_16_bits(void **state)
{
    (void)state;
    float data[] = {0, 1, 0.5f, -3, 9, 1e-6f, 1, 0, 0.25f, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const float expected[] = {0, 65535, 32768, 0, 65535, 0};
    for (int channels = 1; channels <= 3; channels += 2) {
        struct image m = {.channels = channels, .size = {1, 2, 3}, .data = data}, back;
        OK(format_save_image("image.png", &m, &e));
        OK(format_load_image("image.png", &back, &e));
        assert_int_equal(back.channels, channels);
        assert_memory_equal(back.data, expected, sizeof expected);
        if (channels == 3) assert_true(back.data[6] == 65535 && back.data[8] == 16384);
        image_free(&back);
    }
    struct image volume = {.channels = 1, .size = {2, 1, 3}, .data = data},
                 two = {.channels = 2, .size = {1, 1, 3}, .data = data};
    REFUSED(format_save_image("no.png", &volume, &e), ATT_DATA, "one slice");
    REFUSED(format_save_image("no.png", &two, &e), ATT_DATA, "1 or 3 channels");
    assert_false(file_exists("no.png"));
}

static void rgb_is_written_as_it_is(void **state)
{
    (void)state;
    static const unsigned char rgb[] = {1, 2, 3, 4, 5, 6};
    struct image m;
    OK(png_write_rgb("rgb.png", 1, 2, rgb, &e));
    OK(format_load_image("rgb.png", &m, &e));
    assert_memory_equal(m.data, ((float[]){1, 4, 2, 5, 3, 6}), 6 * sizeof(float));
    image_free(&m);
    REFUSED(png_write_rgb("missing/rgb.png", 1, 2, rgb, &e), ATT_IO, "missing/rgb.png");
}

/* Changes the header chunk of a good file and mends its checksum. */
static void write_with_header(uint32_t width, uint32_t height, int bits, int colour)
{
    size_t size;
    unsigned char *file = read_fixture("png/grey8.png", &size);
    png_save_uint_32(file + 16, width);
    png_save_uint_32(file + 20, height);
    file[24] = (unsigned char)bits;
    file[25] = (unsigned char)colour;
    png_save_uint_32(file + 29, file_crc(0, file + 12, 17));
    write_scratch("nasty.png", file, size);
    mem_free(file);
}

static void refuses_nasty_files(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        int bits, colour;
        const char *words;
    } nasty[] = {
        {0, 3, 8, 0, "nasty.png is 3x0"},
        {70000, 3, 8, 0, "nasty.png is 3x70000"},
        {65535, 65535, 8, 0, "65535x65535"},
        {5, 3, 3, 0, "colour type 0"},
        {30000, 30000, 8, 0, "more than the file's"},
        {5, 3, 8, 5, "colour type 5"},
        {5, 300, 8, 0, "damaged"},
        {5, 3, 8, 3, "damaged"},
        {0xffffffff, 1, 8, 0, "nasty.png is"},
    };
    struct image m;
    for (size_t i = 0; i < COUNT(nasty); i++) {
        write_with_header(nasty[i].width, nasty[i].height, nasty[i].bits, nasty[i].colour);
        REFUSED(format_load_image("nasty.png", &m, &e), ATT_DATA, nasty[i].words);
        assert_null(m.data);
    }
    size_t size;
    unsigned char *file = read_fixture("png/rgb16.png", &size);
    for (size_t cut = 8; cut < size; cut++) {
        write_scratch("nasty.png", file, cut);
        REFUSED(format_load_image("nasty.png", &m, &e), ATT_DATA, "nasty.png: ");
    }
    file[size - 20] ^= 1;
    write_scratch("nasty.png", file, size);
    REFUSED(format_load_image("nasty.png", &m, &e), ATT_DATA, "damaged");
    mem_free(file);
}

static att_status take_alpha(
    void *user, int channel, size_t start, const float *x, size_t count, struct err *err)
{
    float *to = user;
    (void)err;
    assert_int_equal(channel, 0);
    assert_true(start + count <= PIXELS);
    memcpy(to + start, x, count * sizeof *x);
    return ATT_OK;
}

static void transparency_is_read_alone(void **state)
{
    static const struct {
        const char *name;
        int bits, channel;
    } kinds[] = {
        {"rgba8", 8, 3}, {"rgba16", 16, 3}, {"grey_alpha8", 8, 1}, {"grey_alpha16", 16, 1}};
    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        char name[64];
        float x[PIXELS] = {0};
        struct image m;
        bool varies;
        snprintf(name, sizeof name, "png/%s.png", kinds[k].name);
        OK(format_peek_image(fixture(name), &m, &e));
        assert_true(m.geometry.alpha);
        OK(format_png.alpha(fixture(name), take_alpha, x, &e));
        for (int i = 0; i < PIXELS; i++)
            assert_true(x[i] == (float)stored(kinds[k].bits, i, kinds[k].channel));
        OK(format_alpha_varies(fixture(name), &varies, &e));
        assert_true(varies);
    }
}

/* A picture of which the left half, or less, is this opaque, and the rest is opaque. */
static bool square_varies(int side, int columns, int from, int step)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
        .width = (png_uint_32)side,
        .height = (png_uint_32)side,
        .format = PNG_FORMAT_RGBA,
        .flags = PNG_IMAGE_FLAG_FAST};
    const size_t pixels = (size_t)side * (size_t)side;
    unsigned char *x = mem_array(pixels, 4);
    bool varies;
    for (size_t i = 0; i < pixels; i++) {
        const int column = (int)(i % (size_t)side);
        x[4 * i + 3] = (unsigned char)(column < columns ? from + step * (column % 8) : 255);
    }
    assert_true(png_image_write_to_file(&image, "alpha.png", 0, x, 0, NULL));
    mem_free(x);
    OK(format_alpha_varies("alpha.png", &varies, &e));
    file_remove("alpha.png");
    return varies;
}

static void only_channels_vary(void **state)
{
    enum { LARGE = 2100 }; /* read by libpng, row by row */
    bool varies;
    (void)state;
    assert_true(square_varies(20, 10, 40, 5));
    assert_true(square_varies(LARGE, LARGE / 2, 40, 5));
    assert_false(square_varies(LARGE, LARGE / 2, 0, 0));
    assert_false(square_varies(20, 10, 0, 0));   /* cut out */
    assert_false(square_varies(20, 2, 100, 20)); /* with soft edges */
    assert_false(square_varies(20, 20, 128, 0)); /* half transparent */
    assert_false(square_varies(20, 0, 0, 0));    /* opaque */
    OK(format_alpha_varies(fixture("png/rgb8.png"), &varies, &e));
    assert_false(varies);
    OK(format_alpha_varies(fixture("raster/grey.jpg"), &varies, &e));
    assert_false(varies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transparency_is_read_alone),
        cmocka_unit_test(only_channels_vary),
        cmocka_unit_test(reads_every_kind),
        cmocka_unit_test(reads_what_pillow_reads),
        cmocka_unit_test(palettes_become_rgb_or_indices),
        cmocka_unit_test(labels_are_the_stored_numbers),
        cmocka_unit_test(labels_come_back),
        cmocka_unit_test(images_are_saved_in_16_bits),
        cmocka_unit_test(rgb_is_written_as_it_is),
        cmocka_unit_test(refuses_nasty_files),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
