/* SPDX-License-Identifier: Apache-2.0 */
/* libpng reports errors by longjmp, so the function that calls setjmp keeps all state in a
 * struct. */
#include "format/png_write.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "files/file.h"
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
    struct file_writer *file; /* NULL: into memory */
    unsigned char *data;
    size_t size, room;
    att_status status; /* of the last file_write, or row */
    struct err *e;
    unsigned char *row;
    png_structp png;
    png_infop info;
};

static att_status keep_bytes(struct writer *w, const unsigned char *data, size_t size)
{
    TRY(MEM_REACH(w->data, &w->room, w->size + size, "a picture", w->e));
    memcpy(w->data + w->size, data, size);
    w->size += size;
    return ATT_OK;
}

static void png_write_bytes(png_structp png, png_bytep data, size_t size)
{
    struct writer *w = png_get_io_ptr(png);
    w->status = w->file ? file_write(w->file, data, size, w->e) : keep_bytes(w, data, size);
    if (w->status != ATT_OK) png_error(png, "write error");
}

static void flush_nothing(png_structp png) { (void)png; }

/* Compared with zlib's default 6, pictures grow by a fortieth, and small runs with reports take a
 * third less time. */
enum { FAST_ENOUGH = 4 };

/* Pages hold flat areas and enlarged voxels, which no filter makes smaller: without one, the
 * pictures of a training take 3 % less space at level 2, and 0.4 of the time. */
static void set_compression(const struct writer *w)
{
    const bool in_page = !w->file;
    png_set_compression_level(w->png, in_page ? 2 : FAST_ENOUGH);
    /* Of overlays and charts, libpng's choice among all filters saves a hundredth of the size, and
     * takes half as long again. */
    if (in_page || w->picture->channels == 3)
        png_set_filter(w->png, PNG_FILTER_TYPE_BASE, in_page ? PNG_FILTER_NONE : PNG_FILTER_PAETH);
}

/* False if libpng or the file met an error. */
static bool png_write_encode(struct writer *w)
{
    const struct png_picture *p = w->picture;
    if (setjmp(png_jmpbuf(w->png))) return false;
    png_set_write_fn(w->png, w, png_write_bytes, flush_nothing);
    png_set_IHDR(w->png, w->info, (png_uint_32)p->width, (png_uint_32)p->height, p->bits,
        p->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
        PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    set_compression(w);
    png_write_info(w->png, w->info);
    if (p->bits == 16) png_set_swap(w->png); /* PNG is big-endian */
    for (int y = 0; y < p->height; y++) {
        w->status = p->row(p->arg, y, w->row, w->e);
        if (w->status != ATT_OK) return false;
        png_write_row(w->png, w->row);
    }
    png_write_end(w->png, NULL);
    return true;
}

static att_status run_encoder(const char *path, struct writer *w, struct err *e)
{
    const struct png_picture *p = w->picture;
    size_t bytes = (size_t)p->width * (size_t)p->channels * (size_t)p->bits / 8;
    w->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &w->trouble, png_trouble_error,
        png_trouble_warning, &w->trouble, png_trouble_alloc, png_trouble_free);
    w->info = w->png ? png_create_info_struct(w->png) : NULL;
    w->row = mem_alloc(bytes);
    if (!w->info || !w->row) return err_memory(e, bytes, path);
    if (png_write_encode(w)) return ATT_OK;
    if (w->status != ATT_OK) return w->status;
    if (w->trouble.no_memory) return err_memory(e, bytes, path);
    return err_set(e, ATT_FAILED, "%s: libpng cannot write it (%s); please report this", path,
        w->trouble.reason);
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

att_status png_encode(const char *what, const struct png_picture *p, unsigned char **data,
    size_t *size, struct err *e)
{
    struct writer w = {.picture = p, .e = e};
    att_status status = run_encoder(what, &w, e);
    png_destroy_write_struct(&w.png, &w.info);
    mem_free(w.row);
    if (status != ATT_OK) {
        mem_free(w.data);
        w.data = NULL;
    }
    *data = w.data;
    *size = w.size;
    return status;
}

/* ---- pictures in memory */

static att_status rgb_row(const void *arg, int y, void *out, struct err *e)
{
    const struct png_rgb *rgb = arg;
    (void)e;
    memcpy(out, rgb->data + (size_t)y * (size_t)rgb->width * 3, (size_t)rgb->width * 3);
    return ATT_OK;
}

static att_status grey_row(const void *arg, int y, void *out, struct err *e)
{
    const struct png_rgb *rgb = arg;
    unsigned char *to = out;
    (void)e;
    for (int x = 0; x < rgb->width; x++)
        to[x] = rgb->data[((size_t)y * (size_t)rgb->width + (size_t)x) * 3];
    return ATT_OK;
}

struct png_picture png_of_rgb(const struct png_rgb *rgb)
{
    size_t pixels = (size_t)rgb->width * (size_t)rgb->height;
    bool grey = true;
    for (const unsigned char *q = rgb->data; grey && q < rgb->data + 3 * pixels; q += 3)
        grey = q[0] == q[1] && q[1] == q[2];
    return (struct png_picture){
        rgb->width, rgb->height, grey ? 1 : 3, 8, grey ? grey_row : rgb_row, rgb};
}

att_status png_write_rgb(
    const char *path, int width, int height, const unsigned char *rgb, struct err *e)
{
    const struct png_rgb source = {width, height, rgb};
    return png_write_picture(path, &(struct png_picture){width, height, 3, 8, rgb_row, &source}, e);
}
