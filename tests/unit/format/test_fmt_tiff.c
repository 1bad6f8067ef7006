/* SPDX-License-Identifier: Apache-2.0 */
/* TIFF: what tifffile and Pillow read from every kind, and what is refused; in a build without
 * libtiff, the sentence that says so. */
#include "unit/format/raster_test.h"

#ifdef ATT_TIFF
#include <tiffio.h>

static void reads_what_tifffile_reads(void **state)
{
    (void)state;
    int count = read_as_expected("raster", ".tif");
    if (count != 97) fail_msg("%d lines", count);
    count = read_as_expected("pictures", ".tif");
    if (count != 16) fail_msg("%d lines", count);
}

static void refuses_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *name, *words;
    } files[] = {
        {"raster/mixed.tif", "page 2 is 2x3 but page 1 is 4x6; a file is one volume, so split it"},
        {"raster/cmyk.tif", "colours of kind 5, such as CMYK"},
        {"raster/ij_frames.tif",
            ": ImageJ's description states 4 time points; save each as a separate file"},
        {"raster/ome_t.ome.tif", "its OME-XML states 4 time points"},
        {"fuzz/tiff/short", "damaged"},
        {"fuzz/tiff/no_page", "damaged"},
        {"fuzz/tiff/cut", "ends before part 0 of its samples"},
        {"fuzz/tiff/huge", "ends before part 0"},
        {"fuzz/tiff/zero", "damaged"},
        {"fuzz/tiff/outside", "ends before part 0 of its samples"},
        {"fuzz/tiff/samples", "60000 samples"},
        {"fuzz/tiff/bits", "77 bits"},
        {"fuzz/tiff/format", "format 6"},
        {"fuzz/tiff/half", "24 bits in format 3"},
        {"fuzz/tiff/ojpeg", "damaged"},
        {"fuzz/tiff/jbig", "compression 34661 is not supported"},
        {"fuzz/tiff/unknown", "compression 12345 is not supported"},
        {"fuzz/tiff/lab", "colours of kind 8"},
        {"fuzz/tiff/deep_image", "a depth of 9"},
        {"fuzz/tiff/many_slices", "4000000000 images"},
        {"fuzz/tiff/xml_bomb", "document type"},
        {"fuzz/tiff/xml_deep", "OME-XML is damaged"},
        {"fuzz/tiff/xml_sizes", "sizes or the DimensionOrder"},
        {"fuzz/tiff/bad_zlib", "damaged"},
        {"fuzz/tiff/bad_jpeg", "damaged"},
        {"fuzz/tiff/tile_huge", "more than the file's"},
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        struct image m;
        struct err e = {0};
        att_status status = format_load_image(fixture(files[i].name), &m, &e);
        if (status != ATT_DATA || !strstr(e.text, files[i].words))
            fail_msg("%s: %d %s", files[i].name, status, e.text);
        assert_null(m.data);
    }
}

static void labels_are_refused_where_unclear(void **state)
{
    (void)state;
    struct labelmap m;
    REFUSED(format_load_labels(fixture("raster/rgb.tif"), &m, &e), ATT_DATA,
        "rgb.tif: it has many colours (");
    REFUSED(format_load_labels(fixture("raster/pil_jpeg_grey.tif"), &m, &e), ATT_DATA,
        "its compression changes values");
    REFUSED(format_load_labels(fixture("raster/f4_le.tif"), &m, &e), ATT_DATA,
        "voxel (0,0,0) has the value -250, but a label must be");
    REFUSED(format_load_labels(fixture("raster/ij_channels.tif"), &m, &e), ATT_DATA,
        "it has 4 channels, but labels have one");
    REFUSED(format_load_labels(fixture("raster/sample_planes.tif"), &m, &e), ATT_DATA,
        "it has 4 channels, but labels have one");
    assert_null(m.data);
}

/* A program may leave parts out that hold nothing, by an offset and a size of 0. */
static void sparse_files_are_told_so(void **state)
{
    (void)state;
    struct image m;
    const uint8_t zeros[64] = {0};
    TIFF *lib = TIFFOpen("sparse.tif", "w");
    assert_non_null(lib);
    TIFFSetField(lib, TIFFTAG_IMAGEWIDTH, 32);
    TIFFSetField(lib, TIFFTAG_IMAGELENGTH, 4);
    TIFFSetField(lib, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(lib, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(lib, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(lib, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    TIFFSetField(lib, TIFFTAG_ROWSPERSTRIP, 2);
    assert_int_equal(TIFFWriteEncodedStrip(lib, 0, (void *)(uintptr_t)zeros, sizeof zeros),
        sizeof zeros); /* and none of the second */
    TIFFClose(lib);
    REFUSED(format_load_image("sparse.tif", &m, &e), ATT_DATA,
        "sparse.tif: part 1 of its samples is missing (a sparse TIFF)");
}

/* The tag in the place of ResolutionUnit, which is of the same kind. */
static void predictors_of_packbits_are_refused(void **state)
{
    (void)state;
    struct image m;
    uint8_t row[32];
    for (int i = 0; i < 32; i++) row[i] = (uint8_t)i;
    for (uint16_t value = 1; value <= 2; value++) {
        size_t size;
        char *file;
        TIFF *lib = TIFFOpen("packed.tif", "w");
        assert_non_null(lib);
        TIFFSetField(lib, TIFFTAG_IMAGEWIDTH, 32);
        TIFFSetField(lib, TIFFTAG_IMAGELENGTH, 1);
        TIFFSetField(lib, TIFFTAG_BITSPERSAMPLE, 8);
        TIFFSetField(lib, TIFFTAG_SAMPLESPERPIXEL, 1);
        TIFFSetField(lib, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
        TIFFSetField(lib, TIFFTAG_COMPRESSION, COMPRESSION_PACKBITS);
        TIFFSetField(lib, TIFFTAG_ROWSPERSTRIP, 1);
        TIFFSetField(lib, TIFFTAG_RESOLUTIONUNIT, value);
        assert_int_equal(TIFFWriteEncodedStrip(lib, 0, row, sizeof row), sizeof row);
        TIFFClose(lib);
        OK(file_read("packed.tif", 1 << 16, &file, &size, &e));
        char *tag = memmem(file, size, "\x28\x01\x03\0\1\0\0", 7);
        assert_non_null(tag);
        memcpy(tag, "\x3d\x01", 2);
        write_scratch("packed.tif", file, size);
        mem_free(file);
        if (value == 1) {
            OK(format_load_image("packed.tif", &m, &e));
            assert_true(m.data[31] > 30.5F && m.data[31] < 31.5F);
            image_free(&m);
        } else
            REFUSED(format_load_image("packed.tif", &m, &e), ATT_DATA,
                "packed.tif: it is compressed with PackBits and has a predictor (2)");
    }
}

static void write_blank(
    uint16_t codec, uint32_t width, uint32_t height, uint16_t bits, uint16_t samples)
{
    const size_t bytes = ((size_t)width * bits * samples + 7) / 8 * height;
    void *zeros = calloc(bytes, 1);
    TIFF *t = TIFFOpen("blank.tif", "w");
    assert_true(zeros && t);
    assert_true(
        TIFFSetField(t, TIFFTAG_IMAGEWIDTH, width) && TIFFSetField(t, TIFFTAG_IMAGELENGTH, height));
    assert_true(TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, bits) &&
        TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, samples));
    assert_true(TIFFSetField(
        t, TIFFTAG_PHOTOMETRIC, samples == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK));
    assert_true(TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
        TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, height));
    assert_true(TIFFSetField(t, TIFFTAG_COMPRESSION, codec));
    if (codec == COMPRESSION_WEBP) assert_true(TIFFSetField(t, TIFFTAG_WEBP_LOSSLESS, 1));
    assert_int_equal(TIFFWriteEncodedStrip(t, 0, zeros, (tmsize_t)bytes), bytes);
    TIFFClose(t);
    free(zeros);
}

/* A mask without anything in it, as one strip. */
static void blank_pages_take_few_bytes(void **state)
{
    (void)state;
    static const struct {
        uint16_t codec;
        uint32_t width, height;
        uint16_t bits, samples;
    } files[] = {{COMPRESSION_LERC, 3500, 3000, 8, 1}, {COMPRESSION_WEBP, 4096, 4096, 8, 3},
        {COMPRESSION_ZSTD, 3500, 3000, 8, 1}, {COMPRESSION_LZMA, 3500, 3000, 8, 1},
        {COMPRESSION_ADOBE_DEFLATE, 3500, 3000, 8, 1}, {COMPRESSION_LZW, 3500, 3000, 8, 1},
        {COMPRESSION_PACKBITS, 3500, 3000, 8, 1}, {COMPRESSION_CCITTFAX4, 80000, 4096, 1, 1},
        {COMPRESSION_CCITTFAX3, 3500, 3000, 1, 1}};
    for (size_t k = 0; k < COUNT(files); k++) {
        struct image m;
        if (!TIFFIsCODECConfigured(files[k].codec)) continue;
        write_blank(
            files[k].codec, files[k].width, files[k].height, files[k].bits, files[k].samples);
        OK(format_peek_image("blank.tif", &m, &e));
        assert_int_equal(m.size[1], files[k].height);
        assert_int_equal(m.size[2], files[k].width);
        image_free(&m);
    }
}

/* More than libtiff may take in one block where a directory is read. */
static void large_parts_are_read(void **state)
{
    (void)state;
    struct labelmap m;
    if (!TIFFIsCODECConfigured(COMPRESSION_LERC)) return;
    write_blank(COMPRESSION_LERC, 8000, 8000, 8, 1);
    OK(format_load_labels("blank.tif", &m, &e));
    assert_int_equal(m.size[2], 8000);
    labelmap_free(&m);
}

/* Every file, cut anywhere, is read as a whole or refused. */
static void half_files_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"raster/pages.tif", "raster/tiles_u1.tif",
        "raster/ij_contiguous.tif", "raster/zlib.tif", "raster/pil_jpeg.tif",
        "raster/pil_jpeg_grey.tif", "raster/pil_1_group3.tif", "raster/pil_1_group4.tif",
        "raster/pil_1_tiff_ccitt.tif"};
    for (size_t k = 0; k < COUNT(names); k++) {
        size_t size;
        struct image m, whole;
        unsigned char *file = read_fixture(names[k], &size);
        OK(format_load_image(fixture(names[k]), &whole, &e));
        size_t samples = image_voxels(whole.size) * (size_t)whole.channels;
        for (size_t cut = 4; cut < size - 4; cut += 1 + cut / 40) {
            struct err e = {0};
            write_scratch("nasty.tif", file, cut);
            att_status status = format_load_image("nasty.tif", &m, &e);
            if (status == ATT_OK) { /* what is missing is a directory's surplus, or the end of a
                                       code that has said all */
                if (memcmp(m.size, whole.size, sizeof m.size) != 0)
                    fail_msg("%s cut to %zu of %zu bytes: %dx%dx%d", names[k], cut, size, m.size[0],
                        m.size[1], m.size[2]);
                assert_memory_equal(m.size, whole.size, sizeof m.size);
                assert_memory_equal(m.data, whole.data, samples * sizeof *m.data);
                image_free(&m);
            } else
                assert_non_null(strstr(e.text, "nasty.tif"));
        }
        image_free(&whole);
        mem_free(file);
    }
}

/* Codecs that go on where a code makes no sense, with grey or white, are not believed. */
static void damage_within_a_strip_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *bytes;
        size_t count;
    } files[] = {{"raster/pil_jpeg.tif", "\xff\xd9", 2},
        {"raster/pil_jpeg_grey.tif", "\xff\xd9", 2}, {"raster/pil_1_group4.tif", "\0\0\0\0", 4},
        {"raster/pil_1_group3.tif", "\0\0\0\0", 4}, {"raster/pil_1_tiff_ccitt.tif", "\0\0\0\0", 4}};
    for (size_t k = 0; k < COUNT(files); k++) {
        size_t size;
        struct image m;
        TIFF *t = TIFFOpen(fixture(files[k].name), "r");
        uint64_t at = TIFFGetStrileOffset(t, 0), bytes = TIFFGetStrileByteCount(t, 0);
        TIFFClose(t);
        unsigned char *file = read_fixture(files[k].name, &size);
        memcpy(file + at + bytes * 3 / 5, files[k].bytes, files[k].count);
        write_scratch("nasty.tif", file, size);
        REFUSED(format_load_image("nasty.tif", &m, &e), ATT_DATA,
            "nasty.tif: the TIFF file is damaged (");
        assert_null(m.data);
        mem_free(file);
    }
}

/* One directory with ImageJ's description, of two rows in strips of their own, written in that
 * order or the other way round. */
static void write_imagej(const char *name, int images, const char *unit, bool in_order)
{
    unsigned char rows[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    char words[96];
    snprintf(words, sizeof words, "ImageJ=1.54f\nimages=%d\nslices=%d\nunit=%s\nspacing=2.5\n",
        images, images, unit);
    TIFF *t = TIFFOpen(name, "w");
    assert_true(TIFFSetField(t, TIFFTAG_IMAGEWIDTH, 4) && TIFFSetField(t, TIFFTAG_IMAGELENGTH, 2));
    assert_true(TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 8) &&
        TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK));
    assert_true(TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, 1) &&
        TIFFSetField(t, TIFFTAG_IMAGEDESCRIPTION, words));
    assert_true(
        TIFFSetField(t, TIFFTAG_XRESOLUTION, 72.0) && TIFFSetField(t, TIFFTAG_YRESOLUTION, 72.0));
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t row = in_order ? i : 1 - i;
        tmsize_t size = row == 1 ? 12 : 4;
        assert_int_equal(TIFFWriteRawStrip(t, row, rows + 4 * row, size), size);
    }
    TIFFClose(t);
}

/* OME counts the colours of a page's pixels as channels, and the page as one plane. */
static void colours_of_ome_are_one_plane(void **state)
{
    (void)state;
    struct image m;
    static const char words[] =
        "<?xml version=\"1.0\"?><OME "
        "xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\"><Image "
        "ID=\"Image:0\"><Pixels ID=\"Pixels:0\" DimensionOrder=\"XYCZT\" SizeX=\"4\" "
        "SizeY=\"2\" SizeZ=\"2\" SizeC=\"3\" SizeT=\"1\" Type=\"uint8\"><Channel "
        "ID=\"Channel:0:0\" SamplesPerPixel=\"3\"/><TiffData FirstZ=\"0\" IFD=\"0\" "
        "PlaneCount=\"1\"/><TiffData FirstZ=\"1\" IFD=\"1\" "
        "PlaneCount=\"1\"/></Pixels></Image></OME>";
    TIFF *t = TIFFOpen("rgb.ome.tif", "w");
    for (int page = 0; page < 2; page++) {
        unsigned char row[12];
        assert_true(
            TIFFSetField(t, TIFFTAG_IMAGEWIDTH, 4) && TIFFSetField(t, TIFFTAG_IMAGELENGTH, 2));
        assert_true(TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 8) &&
            TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, 3));
        assert_true(TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB) &&
            TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG));
        if (page == 0) assert_true(TIFFSetField(t, TIFFTAG_IMAGEDESCRIPTION, words));
        for (uint32_t y = 0; y < 2; y++) {
            for (int i = 0; i < 12; i++) row[i] = (unsigned char)(100 * page + 50 * (int)y + i);
            assert_int_equal(TIFFWriteScanline(t, row, y, 0), 1);
        }
        assert_int_equal(TIFFWriteDirectory(t), 1);
    }
    TIFFClose(t);
    OK(format_load_image("rgb.ome.tif", &m, &e));
    assert_int_equal(m.channels, 3);
    assert_int_equal(m.size[IMAGE_D], 2);
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < 16; i++)
            assert_true(
                m.data[16 * c + i] == (float)(100 * (i / 8) + 50 * (i / 4 % 2) + 3 * (i % 4) + c));
    image_free(&m);
}

static void stacks_of_one_directory_follow_its_strips(void **state)
{
    (void)state;
    struct image m;
    write_imagej("stack.tif", 2, "mm", true);
    OK(format_load_image("stack.tif", &m, &e));
    assert_int_equal(m.size[IMAGE_D], 2);
    for (int i = 0; i < 16; i++) assert_true(m.data[i] == (float)(i + 1));
    image_free(&m);
    write_imagej("stack.tif", 2, "mm", false);
    REFUSED(format_load_image("stack.tif", &m, &e), ATT_DATA,
        "the parts of its one page are not contiguous");
    write_imagej("stack.tif", 1, "mm", false); /* one image may lie as it likes */
    OK(format_load_image("stack.tif", &m, &e));
    for (int i = 0; i < 8; i++) assert_true(m.data[i] == (float)(i + 1));
    image_free(&m);
}

static void write_words(const char *name, const char *words)
{
    write_scratch(name, words, strlen(words));
}

static void write_shaped(const char *words, int pages)
{
    unsigned char samples[24];
    for (int i = 0; i < 24; i++) samples[i] = (unsigned char)i;
    TIFF *t = TIFFOpen("shaped.tif", "w");
    for (int i = 0; i < pages; i++) {
        assert_true(
            TIFFSetField(t, TIFFTAG_IMAGEWIDTH, 2) && TIFFSetField(t, TIFFTAG_IMAGELENGTH, 2));
        assert_true(TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 8) &&
            TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK));
        if (i == 0) assert_true(TIFFSetField(t, TIFFTAG_IMAGEDESCRIPTION, words));
        const tmsize_t size = pages == 1 ? 24 : 4;
        assert_int_equal(TIFFWriteRawStrip(t, 0, samples + 4 * i, size), size);
        assert_true(TIFFWriteDirectory(t));
    }
    TIFFClose(t);
}

/* Pages are what tifffile's description says, unless it is of another number of them. */
static void tifffile_says_what_pages_are(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        int pages, channels, slices, second; /* the first sample of channel 1, or of slice 1 */
    } files[] = {{"{\"axes\": \"CYX\", \"shape\": [6, 2, 2]}", 6, 6, 1, 4},
        {"{\"axes\": \"ZCYX\", \"shape\": [3, 2, 2, 2]}", 6, 2, 3, 4},
        {"{\"axes\": \"CZYX\", \"shape\": [2, 3, 2, 2]}", 6, 2, 3, 12},
        {"{\"shape\": [6, 2, 2]}", 6, 1, 6, 4},
        {"{\"axes\": \"CYX\", \"shape\": [7, 2, 2]}", 6, 1, 6, 4},
        {"{\"axes\": \"CZYX\", \"truncated\": true, \"shape\": [2, 3, 2, 2]}", 1, 2, 3, 12},
        {"{\"truncated\": true, \"shape\": [6, 2, 2]}", 1, 1, 6, 4},
        {"{\"truncated\": true, \"shape\": [4, 6]}", 1, 1, 6, 4}};
    struct image m;
    for (size_t i = 0; i < COUNT(files); i++) {
        write_shaped(files[i].words, files[i].pages);
        OK(format_load_image("shaped.tif", &m, &e));
        if (m.channels != files[i].channels || m.size[IMAGE_D] != files[i].slices)
            fail_msg("%s: %d channels of %d slices", files[i].words, m.channels, m.size[IMAGE_D]);
        const size_t next = m.channels > 1 ? image_voxels(m.size) : 4;
        assert_true(m.data[next] == (float)files[i].second);
        image_free(&m);
    }
    write_shaped("{\"axes\": \"CYX\", \"truncated\": true, \"shape\": [900, 2, 2]}", 1);
    REFUSED(format_load_image("shaped.tif", &m, &e), ATT_DATA,
        ": tifffile's description states 900 images of 4 bytes");
    write_shaped("{\"truncated\": true, \"shape\": [7, 2]}", 1);
    REFUSED(format_load_image("shaped.tif", &m, &e), ATT_DATA,
        " states that its one page stands for several, but not for how many; save it again");
    write_shaped("{\"axes\": \"TYX\", \"shape\": [6, 2, 2]}", 6);
    REFUSED(format_load_image("shaped.tif", &m, &e), ATT_DATA,
        "tifffile's description states 6 time points");
}

/* Three channels are colours where the file says so, and not because they are three. */
static void colours_are_said(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool colours;
    } files[] = {{"raster/rgb.tif", true}, {"raster/ij_channels.tif", false},
        {"raster/u1_le.tif", false}, {"colours.nrrd", true}, {"vectors.nrrd", false}};
    write_words("colours.nrrd",
        "NRRD0004\n"
        "type: uint8\n"
        "dimension: 4\n"
        "sizes: 3 2 1 1\n"
        "kinds: RGB-color domain domain domain\n"
        "encoding: raw\n"
        "\n"
        "123456");
    write_words("vectors.nrrd",
        "NRRD0004\n"
        "type: uint8\n"
        "dimension: 4\n"
        "sizes: 3 2 1 1\n"
        "kinds: vector domain domain domain\n"
        "encoding: raw\n"
        "\n"
        "123456");
    for (size_t i = 0; i < COUNT(files); i++) {
        struct image m;
        OK(format_peek_image(
            strchr(files[i].name, '/') ? fixture(files[i].name) : files[i].name, &m, &e));
        if (m.geometry.colours != files[i].colours) fail_msg("%s", files[i].name);
    }
}

static void wishes_of_viewers_are_said(void **state)
{
    (void)state;
    for (uint16_t orientation = 0; orientation <= 9; orientation++) {
        struct image m;
        TIFF *t = TIFFOpen("turned.tif", "w");
        assert_true(
            t && TIFFSetField(t, TIFFTAG_IMAGEWIDTH, 2) && TIFFSetField(t, TIFFTAG_IMAGELENGTH, 2));
        assert_true(TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 8) &&
            TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK));
        if (orientation >= 1 && orientation <= 8)
            assert_true(TIFFSetField(t, TIFFTAG_ORIENTATION, orientation));
        assert_int_equal(TIFFWriteEncodedStrip(t, 0, (unsigned char[]){1, 2, 3, 4}, 4), 4);
        TIFFClose(t);
        OK(format_load_image("turned.tif", &m, &e));
        assert_int_equal(m.geometry.asks_turning, orientation >= 2 && orientation <= 8);
        assert_true(m.data[1] == 2); /* and nothing is turned */
        image_free(&m);
    }
}

/* 72 to the inch is what programs fill in unasked, in ImageJ's words, too. */
static void inches_say_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        bool valid;
    } units[] = {{"cm", true}, {"inch", false}};
    for (size_t i = 0; i < COUNT(units); i++) {
        struct image m;
        write_imagej("unit.tif", 1, units[i].unit, true);
        OK(format_load_image("unit.tif", &m, &e));
        assert_int_equal(m.geometry.valid, units[i].valid);
        image_free(&m);
    }
}

static void check_spacing(const char *path, float d, float h, float w)
{
    struct image m;
    OK(format_peek_image(path, &m, &e));
    if (m.geometry.valid != (d > 0)) fail_msg("%s: spacing known: %d", path, m.geometry.valid);
    if (d > 0 &&
        (m.geometry.spacing[0] != d || m.geometry.spacing[1] != h || m.geometry.spacing[2] != w))
        fail_msg("%s: %gx%gx%g", path, (double)m.geometry.spacing[0], (double)m.geometry.spacing[1],
            (double)m.geometry.spacing[2]);
}

/* It is copied, hashed and spared with its image. */
static void check_beside(const char *path, const char *wanted)
{
    char *beside;
    OK(format_companion(path, &beside, &e));
    if (wanted)
        assert_string_equal(beside, wanted);
    else
        assert_null(beside);
    mem_free(beside);
}

/* As nnU-Net's Tiff3DIO has it: of a stack, without the number of a channel in the name of an
 * image. */
static void spacing_beside_a_stack(void **state)
{
    (void)state;
    size_t size;
    unsigned char *stack = read_fixture("raster/pages.tif", &size);
    write_scratch("case_0001.tif", stack, size);
    write_scratch("case.tif", stack, size);
    check_spacing("case_0001.tif", 0, 0, 0);
    check_beside("case.tif", NULL);
    write_words("case.json", "\xef\xbb\xbf{\"spacing\": [5, 0.5, 0.25]}");
    check_beside("case.tif", "case.json");
    check_beside("case_0001.tif", "case.json");
    check_spacing("case_0001.tif", 5, .5f, .25f);
    check_spacing("case.tif", 5, .5f, .25f);
    write_words("case_0001.json", "{\"spacing\": [4, 1, 1]}");
    check_spacing("case_0001.tif", 4, 1, 1);
    check_beside("case_0001.tif", "case_0001.json");
    check_spacing("case.tif", 5, .5f, .25f);
    write_words("case_0001.json", "not of interest");
    check_spacing("case_0001.tif", 5, .5f, .25f);
    write_words("case.json", "{\"shapes\": []}");
    check_spacing("case.tif", 0, 0, 0);
    write_words("case.json", "{\"spacing\": [5, 0, 1]}");
    struct image m;
    REFUSED(format_load_image("case.tif", &m, &e), ATT_DATA,
        "case.json: \"spacing\" must be three numbers above 0");
    write_words("case.json", "{\"spacing\": [5, 1]}");
    REFUSED(format_load_image("case.tif", &m, &e), ATT_DATA,
        "case.json: \"spacing\" must be three numbers above 0");
    mem_free(stack);
}
#else
static void says_what_is_missing(void **state)
{
    (void)state;
    struct image m;
    REFUSED(format_load_image(fixture("raster/u1_le.tif"), &m, &e), ATT_DATA,
        "built without libtiff and expat, which TIFF files need");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef ATT_TIFF
        cmocka_unit_test(reads_what_tifffile_reads),
        cmocka_unit_test(refuses_with_a_sentence),
        cmocka_unit_test(labels_are_refused_where_unclear),
        cmocka_unit_test(sparse_files_are_told_so),
        cmocka_unit_test(predictors_of_packbits_are_refused),
        cmocka_unit_test(blank_pages_take_few_bytes),
        cmocka_unit_test(large_parts_are_read),
        cmocka_unit_test(half_files_are_refused),
        cmocka_unit_test(damage_within_a_strip_is_refused),
        cmocka_unit_test(colours_of_ome_are_one_plane),
        cmocka_unit_test(stacks_of_one_directory_follow_its_strips),
        cmocka_unit_test(tifffile_says_what_pages_are),
        cmocka_unit_test(colours_are_said),
        cmocka_unit_test(wishes_of_viewers_are_said),
        cmocka_unit_test(inches_say_nothing),
        cmocka_unit_test(spacing_beside_a_stack),
#else
        cmocka_unit_test(says_what_is_missing),
#endif
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
