/* SPDX-License-Identifier: Apache-2.0 */
/* Processor seconds to read pictures: bench_pictures ROUNDS FILE... prints for each file those of
 * attunet; those of the library of its format, which decodes to bytes, with a plain loop that makes
 * floats of them by channel, as attunet gives them; and those of the library alone. They are the
 * least of ROUNDS, by turns. BMP and PNM have no library: reading the file stands for it.
 * bench/pictures/measure runs it. */
#include <gif_lib.h>
#include <malloc.h>
#include <openjpeg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* clang-format off */
#include <jpeglib.h> /* needs stdio.h */
/* clang-format on */
#include <png.h>
#include <tiffio.h>
#include <webp/decode.h>

#include "base/mem.h"
#include "files/file.h"
#include "format/format.h"

static double processor(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool converts; /* also make floats */

/* Floats by channel of interleaved samples of 1, 2 or 4 bytes, in a block of all rows. */
static void to_floats(const void *from, size_t bytes, size_t channels, size_t pixels)
{
    float *x = converts ? malloc(channels * pixels * sizeof *x) : NULL;
    for (size_t c = 0; c < channels && x; c++)
        for (size_t i = 0; i < pixels; i++) {
            const size_t k = i * channels + c;
            x[c * pixels + i] = bytes == 1 ? ((const uint8_t *)from)[k]
                : bytes == 2               ? ((const uint16_t *)from)[k]
                                           : (float)((const int32_t *)from)[k];
        }
    __asm__ volatile("" ::"r"(x) : "memory"); /* or the compiler drops it */
    free(x);
}

static void gif_to_floats(const GifFileType *g, size_t channels)
{
    const size_t pixels = (size_t)g->SWidth * (size_t)g->SHeight;
    const GifByteType *index = g->SavedImages->RasterBits;
    const GifColorType *colour = g->SColorMap->Colors;
    float *x = converts ? malloc(channels * pixels * sizeof *x) : NULL;
    for (size_t i = 0; i < pixels && x; i++) x[i] = colour[index[i]].Red;
    for (size_t i = 0; i < pixels && x && channels > 1; i++) x[pixels + i] = colour[index[i]].Green;
    for (size_t i = 0; i < pixels && x && channels > 1; i++)
        x[2 * pixels + i] = colour[index[i]].Blue;
    __asm__ volatile("" ::"r"(x) : "memory");
    free(x);
}

static bool by_gif(const char *path)
{
    int error;
    GifFileType *g = DGifOpenFileName(path, &error);
    const bool good = g && DGifSlurp(g) == GIF_OK;
    if (good) gif_to_floats(g, strstr(path, "colours") ? 3 : 1);
    if (g) DGifCloseFile(g, &error);
    return good;
}

static bool by_webp(const char *path)
{
    char *bytes;
    size_t size;
    int width, height;
    struct err e = {0};
    if (file_read(path, SIZE_MAX / 2, &bytes, &size, &e) != ATT_OK) return false;
    uint8_t *rgb = WebPDecodeRGB((const uint8_t *)bytes, size, &width, &height);
    if (rgb) to_floats(rgb, 1, 3, (size_t)width * (size_t)height);
    WebPFree(rgb);
    mem_free(bytes);
    return rgb;
}

static bool by_openjpeg(const char *path)
{
    opj_dparameters_t how;
    opj_image_t *image = NULL;
    opj_set_default_decoder_parameters(&how);
    opj_codec_t *codec =
        opj_create_decompress(file_ends(path, ".jp2") ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K);
    opj_stream_t *stream = opj_stream_create_default_file_stream(path, OPJ_TRUE);
    const bool good = codec && stream && opj_setup_decoder(codec, &how) &&
        opj_read_header(stream, codec, &image) && opj_decode(codec, stream, image);
    for (OPJ_UINT32 c = 0; good && c < image->numcomps; c++)
        to_floats(image->comps[c].data, 4, 1, (size_t)image->comps[c].w * image->comps[c].h);
    opj_image_destroy(image);
    opj_stream_destroy(stream);
    opj_destroy_codec(codec);
    return good;
}

static bool by_jpeg(const char *path)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr error;
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    d.err = jpeg_std_error(&error);
    jpeg_create_decompress(&d);
    jpeg_stdio_src(&d, f);
    jpeg_read_header(&d, TRUE);
    jpeg_start_decompress(&d);
    const size_t row = (size_t)d.output_width * (size_t)d.output_components;
    JSAMPROW all = malloc(row * d.output_height);
    while (all && d.output_scanline < d.output_height)
        jpeg_read_scanlines(&d, &(JSAMPROW){all + row * d.output_scanline}, 1);
    if (all) to_floats(all, 1, 3, (size_t)d.output_width * d.output_height);
    if (all) jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    fclose(f);
    free(all);
    return all;
}

static bool by_png(const char *path)
{
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    FILE *f = fopen(path, "rb");
    const bool good = f && info && setjmp(png_jmpbuf(png)) == 0;
    unsigned char *all = NULL;
    if (good) {
        png_init_io(png, f);
        png_read_info(png, info);
        const size_t row = png_get_rowbytes(png, info), height = png_get_image_height(png, info);
        all = malloc(row * height);
        for (size_t y = 0; all && y < height; y++) png_read_row(png, all + y * row, NULL);
        if (all) to_floats(all, 1, 3, row / 3 * height);
    }
    free(all);
    png_destroy_read_struct(&png, &info, NULL);
    if (f) fclose(f);
    return good;
}

static bool by_tiff(const char *path)
{
    TIFF *lib = TIFFOpen(path, "r");
    if (!lib) return false;
    const bool tiled = TIFFIsTiled(lib);
    uint16_t compression = 0;
    TIFFGetField(lib, TIFFTAG_COMPRESSION, &compression);
    if (compression == COMPRESSION_JPEG)
        TIFFSetField(lib, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    const uint32_t parts = tiled ? TIFFNumberOfTiles(lib) : TIFFNumberOfStrips(lib);
    const tmsize_t size = tiled ? TIFFTileSize(lib) : TIFFStripSize(lib);
    unsigned char *all = malloc((size_t)size * parts);
    bool good = all;
    for (uint32_t i = 0; i < parts && good; i++)
        good = (tiled ? TIFFReadEncodedTile(lib, i, all + (size_t)size * i, size)
                      : TIFFReadEncodedStrip(lib, i, all + (size_t)size * i, size)) > 0;
    if (good) to_floats(all, 1, 3, (size_t)size * parts / 3);
    free(all);
    TIFFClose(lib);
    return good;
}

/* The header is short enough to count as samples. */
static bool by_reading(const char *path)
{
    char *bytes;
    size_t size;
    struct err e = {0};
    if (file_read(path, SIZE_MAX / 2, &bytes, &size, &e) != ATT_OK) return false;
    const size_t channels = strstr(path, "rgb") ? 3 : 1, wide = strstr(path, "wide") ? 2 : 1;
    to_floats(bytes, wide, channels, size / channels / wide);
    mem_free(bytes);
    return true;
}

static bool by_attunet(const char *path)
{
    struct image m;
    struct err e = {0};
    const bool good = format_load_image(path, &m, &e) == ATT_OK;
    if (good)
        image_free(&m);
    else
        fprintf(stderr, "%s\n", e.text);
    return good;
}

typedef bool read_fn(const char *path);

static read_fn *library_of(const char *path)
{
    static const struct {
        const char *ending;
        read_fn *read;
    } list[] = {{".gif", by_gif}, {".webp", by_webp}, {".jp2", by_openjpeg}, {".j2k", by_openjpeg},
        {".jpg", by_jpeg}, {".png", by_png}, {".tif", by_tiff}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (file_ends(path, list[i].ending)) return list[i].read;
    return by_reading;
}

static double timed(read_fn *read, const char *path, double least)
{
    const double begun = processor();
    if (!read(path)) {
        fprintf(stderr, "bench_pictures: %s cannot be read\n", path);
        exit(1);
    }
    const double took = processor() - begun;
    return least == 0 || took < least ? took : least;
}

int main(int argc, char **argv)
{
    mallopt(M_MMAP_THRESHOLD, 1 << 20); /* new pages each time, as for the first picture */
    const int rounds = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 2; i < argc; i++) {
        read_fn *library = library_of(argv[i]);
        double ours = 0, floats = 0, bytes = 0;
        for (int k = 0; k < rounds; k++) {
            ours = timed(by_attunet, argv[i], ours);
            converts = true;
            floats = timed(library, argv[i], floats);
            converts = false;
            bytes = timed(library, argv[i], bytes);
        }
        printf("%s %.6f %.6f %.6f\n", argv[i], ours, floats, bytes);
    }
    return 0;
}
