/* SPDX-License-Identifier: Apache-2.0 */
/* Files that libpng writes, with each filter, depth and number of channels. */
#include "format/png_whole.h"

#include <png.h>

#include "unit/format/raster_test.h"

enum { WIDTH = 37, HEIGHT = 9, SAMPLES = WIDTH * HEIGHT * 4 };

struct kind {
    int colour, bits, channels;
};
static const struct kind kinds[] = {{PNG_COLOR_TYPE_GRAY, 8, 1}, {PNG_COLOR_TYPE_GRAY, 16, 1},
    {PNG_COLOR_TYPE_GRAY_ALPHA, 8, 2}, {PNG_COLOR_TYPE_GRAY_ALPHA, 16, 2},
    {PNG_COLOR_TYPE_RGB, 8, 3}, {PNG_COLOR_TYPE_RGB, 16, 3}, {PNG_COLOR_TYPE_RGB_ALPHA, 8, 4},
    {PNG_COLOR_TYPE_RGB_ALPHA, 16, 4}, {PNG_COLOR_TYPE_PALETTE, 8, 1}};

static unsigned char data[2 * SAMPLES]; /* big endian */

/* Smooth, with noise, so that all neighbours of Paeth's filter are chosen. */
static void fill(const struct kind *k)
{
    unsigned random = 7;
    const unsigned row = (unsigned)(WIDTH * k->channels * k->bits / 8);
    for (unsigned i = 0; i < row * HEIGHT; i++) {
        random = random * 1664525 + 1013904223;
        const unsigned number = k->colour == PNG_COLOR_TYPE_PALETTE
            ? random >> 8 & 3
            : 3 * (i / row) * (i % 3) + 2 * (i % row) + (random >> 24) % 40;
        data[i] = (unsigned char)number;
    }
}

/* `part`: bytes of an IDAT chunk; `colours`: of the palette. */
static void write_png(const struct kind *k, int filter, size_t part, int colours)
{
    static png_color palette[4] = {{1, 2, 3}, {40, 50, 60}, {7, 8, 9}, {200, 100, 0}};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    FILE *f = fopen("whole.png", "wb");
    assert_non_null(f);
    png_init_io(png, f);
    png_set_benign_errors(png, 1);
    png_set_IHDR(png, info, WIDTH, HEIGHT, k->bits, k->colour, PNG_INTERLACE_NONE, 0, 0);
    if (k->colour == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette, colours);
    png_set_filter(png, 0, filter);
    if (part) png_set_compression_buffer_size(png, part);
    png_write_info(png, info);
    for (int y = 0; y < HEIGHT; y++)
        png_write_row(png, data + y * WIDTH * k->channels * k->bits / 8);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    assert_int_equal(fclose(f), 0);
}

static bool read_whole(const struct kind *k, struct png_whole *w)
{
    struct file_stream file;
    *w = (struct png_whole){.width = WIDTH,
        .height = HEIGHT,
        .channels = k->channels,
        .bytes = k->bits / 8,
        .palette = k->colour == PNG_COLOR_TYPE_PALETTE};
    OK(file_stream_open("whole.png", &file, &e));
    const bool read = png_whole_read(&file, "whole.png", w);
    file_stream_close(&file);
    return read;
}

static void every_filter_is_undone(void **state)
{
    static const int filters[] = {PNG_FILTER_NONE, PNG_FILTER_SUB, PNG_FILTER_UP, PNG_FILTER_AVG,
        PNG_FILTER_PAETH, PNG_ALL_FILTERS};
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++)
        for (size_t n = 0; n < COUNT(filters); n++)
            for (size_t part = 0; part < 100; part += 64) {
                struct png_whole w;
                fill(&kinds[i]);
                write_png(&kinds[i], filters[n], part, 4);
                assert_true(read_whole(&kinds[i], &w));
                const size_t row = w.stride - 1;
                for (size_t y = 0; y < HEIGHT; y++)
                    assert_memory_equal(w.row + y * w.stride, data + y * row, row);
                if (w.palette) assert_memory_equal(w.rgb, "\1\2\3\50\62\74", 6);
                mem_free(w.block);
            }
}

static void images_leave_alpha_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct kind *k = &kinds[i];
        const size_t kept = k->channels > 2 ? 3 : 1, pixels = WIDTH * HEIGHT;
        struct image m;
        if (k->colour == PNG_COLOR_TYPE_PALETTE) continue;
        fill(k);
        write_png(k, PNG_ALL_FILTERS, 0, 4);
        OK(format_load_image("whole.png", &m, &e));
        assert_int_equal(m.channels, kept);
        for (size_t c = 0; c < kept; c++)
            for (size_t p = 0; p < pixels; p++) {
                const unsigned char *at =
                    data + (p * (size_t)k->channels + c) * (size_t)k->bits / 8;
                assert_true(
                    m.data[c * pixels + p] == (float)(k->bits == 16 ? at[0] << 8 | at[1] : at[0]));
            }
        image_free(&m);
    }
}

/* libpng reads these, or says what is wrong. */
static void what_is_not_plain_is_declined(void **state)
{
    const struct kind *palette = &kinds[COUNT(kinds) - 1], *grey = &kinds[0];
    struct png_whole w;
    struct image m;
    size_t size;
    (void)state;
    fill(palette);
    write_png(palette, PNG_FILTER_NONE, 0, 2); /* an index has no colour */
    assert_false(read_whole(palette, &w));
    assert_null(w.block);
    fill(grey);
    write_png(grey, PNG_FILTER_PAETH, 64, 0);
    struct kind other = *grey;
    other.channels = 2; /* more samples than there are */
    assert_false(read_whole(&other, &w));
    char *bytes;
    OK(file_read("whole.png", 1 << 16, &bytes, &size, &e));
    for (size_t at = 8; at < size; at++) { /* all bytes are under a checksum, or of a frame */
        bytes[at] ^= 16;
        write_scratch("whole.png", (unsigned char *)bytes, size);
        assert_false(read_whole(grey, &w));
        bytes[at] ^= 16;
    }
    for (size_t at = 26; at < 28; at++) { /* methods of compression and filters */
        unsigned char *p = (unsigned char *)bytes;
        p[at] = 1;
        png_save_uint_32(p + 29, file_crc(0, p + 12, 17));
        write_scratch("whole.png", p, size);
        assert_false(read_whole(grey, &w));
        p[at] = 0;
        png_save_uint_32(p + 29, file_crc(0, p + 12, 17));
    }
    for (size_t cut = 0; cut < size; cut++) {
        write_scratch("whole.png", (unsigned char *)bytes, cut);
        assert_false(read_whole(grey, &w));
    }
    bytes[60] ^= 1;
    write_scratch("whole.png", (unsigned char *)bytes, size);
    REFUSED(format_load_image("whole.png", &m, &e), ATT_DATA, "whole.png: the PNG file is damaged");
    mem_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_filter_is_undone),
        cmocka_unit_test(images_leave_alpha_out),
        cmocka_unit_test(what_is_not_plain_is_declined),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
