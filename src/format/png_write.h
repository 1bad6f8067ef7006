/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of libpng, for fmt_png.c and png_write_rgb. */
#pragma once

#include <png.h>
#include <stdbool.h>

#include "base/status.h"

/* Errors of libpng's callbacks, for the caller after its longjmp. */
struct png_trouble {
    bool no_memory;
    char reason[96];
};

/* Callbacks for png_create_*_struct_2, with a struct png_trouble as error and memory pointer. */
void png_trouble_error(png_structp png, png_const_charp text);
void png_trouble_warning(png_structp png, png_const_charp text);
png_voidp png_trouble_alloc(png_structp png, png_alloc_size_t size);
void png_trouble_free(png_structp png, png_voidp block);

struct png_picture {
    int width, height;
    int channels; /* 1 or 3 */
    int bits;     /* 8 or 16 */
    /* Write row y: width * channels samples of one byte, or of two in native order. */
    att_status (*row)(const void *arg, int y, void *out, struct err *e);
    const void *arg;
};
att_status png_write_picture(const char *path, const struct png_picture *p, struct err *e);
/* The same into memory: *data is for mem_free, NULL on failure; `what` names the picture in
 * messages. */
att_status png_encode(const char *what, const struct png_picture *p, unsigned char **data,
    size_t *size, struct err *e);
struct png_rgb {
    int width, height;
    const unsigned char *data; /* [height][width][3] */
};
/* A picture of these rows, with one channel if all pixels are grey; keep `rgb` until it is written.
 */
struct png_picture png_of_rgb(const struct png_rgb *rgb);
