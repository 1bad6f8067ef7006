/* SPDX-License-Identifier: Apache-2.0 */
/* libpng reports errors by longjmp: the function that calls setjmp keeps no state of its own, all lives in the struct it is given. */
#include "format/png_write.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "format/format.h"

void png_trouble_error(png_structp png, png_const_charp text)
{
    struct png_trouble *t = png_get_error_ptr(png);
    snprintf(t->reason, sizeof t->reason, "%s", text);
    png_longjmp(png, 1);
}

void png_trouble_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

png_voidp png_trouble_alloc(png_structp png, png_alloc_size_t size)
{
    struct png_trouble *t = png_get_mem_ptr(png);
    void *block = mem_alloc(size);
    if (!block) t->no_memory = true;
    return block;
}

void png_trouble_free(png_structp png, png_voidp block)
{
    (void)png;
    mem_free(block);
}

struct writer {
    struct png_trouble trouble;
    const struct png_picture *picture;
    struct file_writer *file;
    att_status status; /* of the last file_write */
    struct err *e;
    unsigned char *row;
    png_structp png;
    png_infop info;
};

static void write_bytes(png_structp png, png_bytep data, size_t size)
{
    struct writer *w = png_get_io_ptr(png);
    w->status = file_write(w->file, data, size, w->e);
    if (w->status != ATT_OK) png_error(png, "write error");
}

static void flush_nothing(png_structp png) { (void)png; }

/* False when libpng, or the file below it, met an error. */
static bool encode(struct writer *w)
{
    const struct png_picture *p = w->picture;
    if (setjmp(png_jmpbuf(w->png))) return false;
    png_set_write_fn(w->png, w, write_bytes, flush_nothing);
    png_set_IHDR(w->png, w->info, (png_uint_32)p->width, (png_uint_32)p->height, p->bits,
                 p->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(w->png, w->info);
    if (p->bits == 16) png_set_swap(w->png); /* PNG is big-endian */
    for (int y = 0; y < p->height; y++) {
        p->row(p->arg, y, w->row);
        png_write_row(w->png, w->row);
    }
    png_write_end(w->png, NULL);
    return true;
}

static att_status run_encoder(const char *path, struct writer *w, struct err *e)
{
    const struct png_picture *p = w->picture;
    size_t bytes = (size_t)p->width * (size_t)p->channels * (size_t)p->bits / 8;
    w->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &w->trouble, png_trouble_error, png_trouble_warning, &w->trouble,
                                       png_trouble_alloc, png_trouble_free);
    w->info = w->png ? png_create_info_struct(w->png) : NULL;
    w->row = mem_alloc(bytes);
    if (!w->info || !w->row) return err_memory(e, bytes, path);
    if (encode(w)) return ATT_OK;
    if (w->status != ATT_OK) return w->status;
    if (w->trouble.no_memory) return err_memory(e, bytes, path);
    return err_set(e, ATT_FAILED, "%s: libpng cannot write it (%s); please report this", path, w->trouble.reason);
}

att_status png_write_picture(const char *path, const struct png_picture *p, struct err *e)
{
    struct writer w = {.picture = p, .e = e};
    TRY(file_create(path, &w.file, e));
    att_status status = run_encoder(path, &w, e);
    png_destroy_write_struct(&w.png, &w.info);
    mem_free(w.row);
    if (status == ATT_OK) return file_commit(w.file, e);
    file_abandon(w.file);
    return status;
}

struct rgb {
    const unsigned char *data;
    size_t row_bytes;
};

static void rgb_row(const void *arg, int y, void *out)
{
    const struct rgb *rgb = arg;
    memcpy(out, rgb->data + (size_t)y * rgb->row_bytes, rgb->row_bytes);
}

att_status png_write_rgb(const char *path, int width, int height, const unsigned char *rgb, struct err *e)
{
    struct rgb source = {rgb, (size_t)width * 3};
    return png_write_picture(path, &(struct png_picture){width, height, 3, 8, rgb_row, &source}, e);
}
