/* SPDX-License-Identifier: Apache-2.0 */
/* The list of formats, and what they share. */
#include "format/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "format/joined.h"
#include "format/raster.h"
#include "format/source.h"
#include "format/stack_slice.h"
#include "format/volume.h"
#include "image/orient.h"

static const struct format *const formats[] = {&format_nifti, &format_nrrd, &format_metaimage,
    &format_npy, &format_png, &format_jpeg, &format_tiff, &format_bmp, &format_pnm, &format_gif,
    &format_webp, &format_jp2};
enum { FORMATS = sizeof formats / sizeof *formats, ENDINGS = 8, HEAD = 512, PART = 4096 };

static void format_join(const char *const *words, int count, char *text, size_t size)
{
    *text = 0;
    for (int i = 0; i < count; i++)
        text_append(text, size, "%s%s", i == 0 ? "" : i == count - 1 ? " or " : ", ", words[i]);
}

const char *format_names(char text[FORMAT_NAMES])
{
    const char *words[FORMATS];
    int count = 0;
    for (int f = 0; f < FORMATS; f++)
        if (!formats[f]->missing) words[count++] = formats[f]->name;
    format_join(words, count, text, FORMAT_NAMES);
    return text;
}

bool format_writes(const struct format *f) { return f->save || f->save_labels; }

static att_status missing(const char *path, const struct format *f, struct err *e)
{
    return err_data(e,
        "%s: this attunet was built without %s, which %s files need; convert it to PNG or "
        "NIfTI, or build with %s",
        path, f->missing, f->name, f->missing);
}

/* Files without a preamble begin with an element of group 8 or 2: its kind and length, or its
 * length and behind it another element of that group. attunet-dicom has the same rule. */
static bool format_begins_dicom(const unsigned char *head, size_t size)
{
    if ((head[0] != 8 && head[0] != 2) || head[1] || head[2] > 0x20 || head[3]) return false;
    if (head[4] >= 'A' && head[4] <= 'Z' && head[5] >= 'A' && head[5] <= 'Z') return true;
    const size_t next = 8u + head[4];
    return head[4] && head[4] % 2 == 0 && !head[5] && !head[6] && !head[7] && next + 4 <= size &&
        head[next] == head[0] && !head[next + 1] && (head[next + 2] > head[2] || head[next + 3]);
}

bool format_is_dicom(const char *path)
{
    unsigned char head[132] = {0};
    size_t size;
    struct source s;
    struct err e = {0};
    if (source_open(path, &s, &e)) return false;
    (void)!source_read(&s, head, sizeof head, &size, &e);
    source_close(&s);
    return !memcmp(head + 128, "DICM", 4) ||
        (size == sizeof head && format_begins_dicom(head, size));
}

/* Whether a DICOM file holds what was drawn on a series: by its class, an element of the header. */
static bool format_is_drawn(const char *path)
{
    static const char *const classes[] = {"1.2.840.10008.5.1.4.1.1.66.4",
        "1.2.840.10008.5.1.4.1.1.66.7", "1.2.840.10008.5.1.4.1.1.481.3"};
    static const unsigned char tag[] = {2, 0, 2, 0, 'U', 'I'};
    unsigned char head[HEAD] = {0};
    size_t size = 0;
    struct source s;
    struct err e = {0};
    if (source_open(path, &s, &e)) return false;
    (void)!source_read(&s, head, HEAD, &size, &e);
    source_close(&s);
    for (size_t i = 0; i + 8 < size; i++) {
        if (memcmp(head + i, tag, sizeof tag) != 0) continue;
        const char *uid = (const char *)head + i + 8;
        const size_t length = head[i + 6];
        for (size_t k = 0; k < sizeof classes / sizeof *classes; k++)
            if (i + 8 + length <= size && strncmp(uid, classes[k], length) == 0 &&
                length >= strlen(classes[k]))
                return true;
        return false;
    }
    return false;
}

const char *format_of_dicom(const char *path, char text[FORMAT_SENTENCE])
{
    const int folder = (int)(file_base(path) - path);
    char *above = folder ? mem_text("%.*s", folder > 1 ? folder - 1 : 1, path) : mem_text(".");
    if (format_is_drawn(path))
        snprintf(text, FORMAT_SENTENCE,
            "%s is DICOM, drawn on a series; make it a mask of that SERIES first, with the values "
            "of your other masks (--segment VALUE=NAME): attunet-dicom labels SERIES --labels %s "
            "-o MASK.nii.gz",
            path, TEXT_PATH(path));
    else
        snprintf(text, FORMAT_SENTENCE,
            "%s is DICOM; write its series as NIfTI first: attunet-dicom volume %s -o IMAGE.nii.gz",
            path, TEXT_PATH(above ? above : "."));
    mem_free(above);
    return text;
}

att_status format_by_content(const char *path, const struct format **format, struct err *e)
{
    unsigned char head[HEAD];
    char names[FORMAT_NAMES];
    size_t size = 0;
    struct source s;
    TRY(source_open(path, &s, e));
    att_status status = source_read(&s, head, HEAD, &size, e);
    source_close(&s);
    TRY(status);
    if (size == 0) return err_data(e, "%s: the file is empty; get a complete copy", path);
    for (int f = 0; f < FORMATS; f++)
        if (formats[f]->sniff(head, size)) {
            *format = formats[f];
            return (*format)->missing ? missing(path, *format, e) : ATT_OK;
        }
    char dicom[FORMAT_SENTENCE];
    if (format_is_dicom(path)) return err_data(e, "%s", format_of_dicom(path, dicom));
    if (file_ends(path, ".img") || file_ends(path, ".img.gz"))
        return err_data(e,
            "%s: these are the samples of a .hdr/.img pair; give its header, the .hdr or "
            ".hdr.gz file",
            path);
    if (size >= 2 && memcmp(head, "\x1f\x8b", 2) == 0)
        return err_data(e, "%s: gzip compressed it twice; unpack it once with gunzip", path);
    if (size >= 4 && memcmp(head, "PK\3\4", 4) == 0)
        return err_data(e,
            "%s: a zip archive, not an image; save the image of an .npz with numpy.save, or "
            "make weights of torch.save a model with attunet convert",
            path);
    if (size >= 8 &&
        (memcmp(head, "\x89HDF\r\n\x1a\n", 8) == 0 || memcmp(head, "CDF\1", 4) == 0 ||
            memcmp(head, "CDF\2", 4) == 0))
        return err_data(
            e, "%s: HDF5 or MINC, which attunet does not read; save its volumes as NIfTI", path);
    /* length of a JSON header, and its first byte */
    if (size > 8 && memcmp(head + 4, "\0\0\0\0{", 5) == 0)
        return err_data(e,
            "%s: safetensors weights, not an image; end the name of a model in .safetensors", path);
    return err_data(
        e, "%s: not an image that attunet can read; give %s", path, format_names(names));
}

static att_status find_by_name(const char *path, const struct format **format, struct err *e)
{
    const char *words[FORMATS * ENDINGS];
    char list[256];
    size_t ending;
    int count = 0;
    *format = format_by_name(path, &ending);
    if (format_can_write(path)) return ATT_OK;
    for (int f = 0; f < FORMATS; f++)
        for (int i = 0; format_writes(formats[f]) && formats[f]->endings[i] && i < ENDINGS; i++)
            words[count++] = formats[f]->endings[i];
    format_join(words, count, list, sizeof list);
    if (*format && (*format)->missing)
        return err_usage(e, "%s: this attunet was built without %s, which writes %s files; use %s",
            path, (*format)->missing, (*format)->name, list);
    if (*format)
        return err_usage(e, "%s: attunet reads %s files%s but does not write them; use %s", path,
            (*format)->name, format_writes(*format) ? " that gzip compressed" : "", list);
    return err_usage(
        e, "%s: the ending does not say which image format to write; use %s", path, list);
}

/* The ending in a format's list that the first bytes of a name have. */
static const struct format *ending_find(const char *name, size_t bytes, const char **ending)
{
    for (int f = 0; f < FORMATS; f++)
        for (const char *const *one = formats[f]->endings; *one; one++) {
            const size_t length = strlen(*one);
            *ending = *one;
            if (length <= bytes && text_begins(name + bytes - length, *one)) return formats[f];
        }
    return NULL;
}

/* Of NAME.EXT.gz, the format of NAME.EXT; *behind: the bytes after the ending in its list. */
static const struct format *ending_take(const char *name, const char **ending, size_t *behind)
{
    static const char gz[] = ".gz";
    const size_t all = strlen(name), length = sizeof gz - 1;
    for (*behind = 0;; *behind += length) {
        const size_t bytes = all - *behind;
        const struct format *f = ending_find(name, bytes, ending);
        if (f || bytes < length || !text_begins(name + bytes - length, gz)) return f;
    }
}

const struct format *format_by_name(const char *path, size_t *ending)
{
    size_t behind;
    const char *listed;
    const struct format *f = ending_take(path, &listed, &behind);
    if (f) *ending = strlen(listed) + behind;
    return f;
}

bool format_is(const char *path, const struct format *f)
{
    size_t unused;
    return format_by_name(path, &unused) == f;
}

bool format_can_write(const char *path)
{
    size_t behind;
    const char *listed;
    const struct format *f = ending_take(path, &listed, &behind);
    return f && format_writes(f) && !behind;
}

char *format_stem(const char *path)
{
    size_t ending = 0;
    const char *base = file_base(path);
    return format_by_name(base, &ending) ? mem_text("%.*s", (int)(strlen(base) - ending), base)
                                         : NULL;
}

char *format_detached(const char *path, int k)
{
    size_t ending;
    const struct format *f = format_by_name(path, &ending);
    for (const char *const *pair = f ? f->detached : NULL; pair && *pair; pair += 2)
        if (file_ends(path, pair[0]) && k-- == 0)
            return mem_text("%.*s%s", (int)(strlen(path) - ending), path, pair[1]);
    return NULL;
}

const char *format_result_ending(const char *path)
{
    size_t behind;
    const char *listed;
    struct err unread = {0};
    const struct format *f = ending_take(path, &listed, &behind);
    if (f && !f->results) return behind ? listed : path + strlen(path) - strlen(listed);
    if (f) return f->results;
    if (format_by_content(path, &f, &unread) != ATT_OK) return formats[0]->endings[0];
    return f->results ? f->results : f->endings[0];
}

void format_content_ending(const char *path, char text[FORMAT_ENDING])
{
    size_t length;
    struct err unread = {0};
    struct source s;
    const struct format *f;
    bool deflated = true;
    if (format_by_content(path, &f, &unread) != ATT_OK) f = formats[0];
    if (source_open(path, &s, &unread) == ATT_OK) {
        deflated = s.deflated;
        source_close(&s);
    }
    const bool own = f->results && format_by_name(f->results, &length) == f;
    const char *ending = own ? f->results : f->endings[0], *const *one = f->endings;
    while (*one && file_ends(*one, ".gz") != deflated) one++;
    if (*one && !own) ending = *one;
    snprintf(
        text, FORMAT_ENDING, "%s%s", ending, deflated && !file_ends(ending, ".gz") ? ".gz" : "");
}

/* An exponent of all ones carries into the sign bit. */
static bool all_finite(const float *x, size_t count)
{
    uint32_t carried = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        carried |= (bits & 0x7fffffff) + 0x00800000;
    }
    return carried >> 31 == 0;
}

void format_count_finite(const float *x, size_t count, struct finite *f)
{
    for (size_t from = 0, part; from < count; from += part, f->samples += part) {
        part = count - from < PART ? count - from : PART;
        if (all_finite(x + from, part)) continue;
        for (size_t i = 0; i < part; i++)
            if (!isfinite(x[from + i]) && f->bad++ == 0) f->first = f->samples + i;
    }
}

att_status format_all_finite(
    const char *path, const int size[3], const struct finite *f, struct err *e)
{
    if (f->bad == 0) return ATT_OK;
    char place[IMAGE_PLACE_TEXT];
    size_t voxels = image_voxels(size);
    return err_data(e,
        "%s: %zu of %zu samples are NaN or infinite in float32, the first at voxel %s of "
        "channel %zu; replace them, e.g. by the background's value",
        path, f->bad, f->samples, image_place(size, f->first % voxels, place), f->first / voxels);
}

att_status format_check_finite(const char *path, const struct image *m, struct err *e)
{
    struct finite f = {0, 0, 0};
    format_count_finite(m->data, image_voxels(m->size) * (size_t)m->channels, &f);
    return format_all_finite(path, m->size, &f, e);
}

static att_status load_image(
    const struct format *f, const char *path, struct image *m, bool *finite, struct err *e)
{
    if (f->open) return volume_load_image(f, path, m, finite, e);
    TRY(raster_load_image(f, path, m, e));
    *finite = !m->real;
    return ATT_OK;
}

att_status format_image_by(const struct format *f, const char *path, struct image *m, struct err *e)
{
    bool unused;
    return load_image(f, path, m, &unused, e);
}

att_status format_labels_by(
    const struct format *f, const char *path, struct labelmap *m, struct err *e)
{
    return f->open ? volume_load_labels(f, path, m, e) : raster_load_labels(f, path, m, e);
}

att_status format_peek_by(const struct format *f, const char *path, struct image *m, struct err *e)
{
    double unused;
    *m = (struct image){.channels = 0};
    return f->open ? volume_peek(f, path, m, e) : f->survey(path, m, &unused, e);
}

att_status format_load_samples(const char *path, struct image *m, bool *finite, struct err *e)
{
    const struct format *format;
    char file[PATH_MAX];
    const int slice = slice_number(path, file);
    *m = (struct image){0};
    if (slice >= 0) path = file;
    TRY(format_by_content(path, &format, e));
    TRY(load_image(format, path, m, finite, e));
    att_status status = slice < 0 ? ATT_OK : slice_image(path, slice, m, e);
    if (status != ATT_OK) image_free(m);
    return status;
}

att_status format_load_image(const char *path, struct image *m, struct err *e)
{
    bool finite;
    TRY(format_load_samples(path, m, &finite, e));
    att_status status = finite ? ATT_OK : format_check_finite(path, m, e);
    if (status != ATT_OK) image_free(m);
    return status;
}

static att_status load_time_labels(
    const struct format *f, const char *path, int slice, struct labelmap *m, struct err *e)
{
    struct image all;
    TRY(format_image_by(f, path, &all, e));
    att_status status = slice_time_labels(path, slice, &all, m, e);
    if (status != ATT_OK) labelmap_free(m);
    return status;
}

att_status format_load_labels(const char *path, struct labelmap *m, struct err *e)
{
    const struct format *format;
    *m = (struct labelmap){0};
    if (joined_is(path)) return joined_load(path, m, NULL, e);
    char file[PATH_MAX];
    const int slice = slice_number(path, file);
    if (slice >= 0) path = file;
    TRY(format_by_content(path, &format, e));
    if (slice >= SLICE_TIMES) return load_time_labels(format, path, slice, m, e);
    TRY(format_labels_by(format, path, m, e));
    att_status status = slice < 0 ? ATT_OK : slice_labels(path, slice, m, e);
    if (status != ATT_OK) labelmap_free(m);
    return status;
}

att_status format_companion(const char *path, char **companion, struct err *e)
{
    const struct format *format;
    *companion = NULL;
    TRY(format_by_content(path, &format, e));
    return format->companion ? format->companion(path, companion, e) : ATT_OK;
}

att_status format_save_image(const char *path, const struct image *m, struct err *e)
{
    const struct format *format;
    struct image stored;
    TRY(find_by_name(path, &format, e));
    if (!turn_any(&m->geometry.turned))
        return format->save ? volume_save_image(format, path, m, e)
                            : format->save_image(path, m, e);
    TRY(turn_image_back(m, &stored, e));
    att_status status = format_save_image(path, &stored, e);
    mem_free(stored.data);
    return status;
}

static att_status format_put_labels(const struct format *f, const char *path,
    const struct labelmap *grid, struct labels_out labels, struct err *e)
{
    return f->save ? volume_save_labels(f, path, grid, labels, e)
                   : f->save_labels(path, grid, labels, e);
}

att_status format_save_labels(const char *path, const struct labelmap *m, struct err *e)
{
    const struct format *format;
    struct labelmap stored;
    TRY(find_by_name(path, &format, e));
    if (!turn_any(&m->geometry.turned))
        return format_put_labels(format, path, m, labels_out_of(m), e);
    TRY(turn_labels_back(m, &stored, e));
    att_status status = format_put_labels(format, path, &stored, labels_out_of(&stored), e);
    mem_free(stored.data);
    return status;
}

att_status format_save_parts(const char *path, const struct labelmap *grid, bool wide,
    labels_fn *next, void *user, struct err *e)
{
    const struct format *f;
    TRY(find_by_name(path, &f, e));
    return format_put_labels(f, path, grid, labels_out_by_parts(wide, next, user), e);
}

att_status format_peek_image(const char *path, struct image *m, struct err *e)
{
    const struct format *format;
    char first[PATH_MAX];
    if (joined_is(path) && joined_part(path, 0, first)) path = first;
    char file[PATH_MAX];
    const int slice = slice_number(path, file);
    if (slice >= 0) path = file;
    TRY(format_by_content(path, &format, e));
    TRY(format_peek_by(format, path, m, e));
    return slice < 0 ? ATT_OK : slice_image(path, slice, m, e);
}

struct alpha {
    size_t count, lowest, highest; /* these are as low or high as any */
    float low, high;
};

static att_status alpha_take(
    void *user, int channel, size_t start, const float *x, size_t count, struct err *e)
{
    struct alpha *a = user;
    (void)channel, (void)start, (void)e;
    for (size_t i = 0; i < count; i++) {
        if (!a->count || x[i] < a->low) a->low = x[i], a->lowest = 0;
        if (!a->count++ || x[i] > a->high) a->high = x[i], a->highest = 0;
        a->lowest += x[i] == a->low;
        a->highest += x[i] == a->high;
    }
    return ATT_OK;
}

att_status format_alpha_varies(const char *path, bool *varies, struct err *e)
{
    const struct format *format;
    struct alpha a = {.count = 0};
    *varies = false;
    TRY(format_by_content(path, &format, e));
    if (format->alpha) TRY(format->alpha(path, alpha_take, &a, e));
    if (format->open) TRY(volume_give_alpha(format, path, alpha_take, &a, e));
    *varies = a.low < a.high && a.count - a.lowest - a.highest > a.count / 10;
    return ATT_OK;
}

att_status format_peek(
    const char *path, int *channels, int size[3], float spacing[3], struct err *e)
{
    struct image m;
    TRY(format_peek_image(path, &m, e));
    *channels = m.channels;
    memcpy(size, m.size, sizeof m.size);
    for (int i = 0; i < 3; i++) spacing[i] = m.geometry.valid ? m.geometry.spacing[i] : 0;
    return ATT_OK;
}
