/* SPDX-License-Identifier: Apache-2.0 */
/* The list of formats, and what all of them have in common. */
#include "format/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "format/source.h"

static const struct format *const formats[] = {&format_nifti, &format_png};
enum { FORMATS = sizeof formats / sizeof *formats, HEAD = 512 };

/* All names, or all endings, as "a, b or c". */
static const char *list_all(bool endings, char *text, size_t size)
{
    const char *words[FORMATS * 4];
    int count = 0;
    for (int f = 0; f < FORMATS; f++) {
        if (!endings) words[count++] = formats[f]->name;
        for (int i = 0; endings && formats[f]->endings[i]; i++) words[count++] = formats[f]->endings[i];
    }
    size_t used = 0;
    for (int i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : i == count - 1 ? " or " : ", ", words[i]);
    return text;
}

static att_status find_by_content(const char *path, const struct format **format, struct err *e)
{
    unsigned char head[HEAD];
    char known[128];
    size_t size = 0;
    struct source s;
    TRY(source_open(path, &s, e));
    att_status status = source_read(&s, head, HEAD, &size, e);
    source_close(&s);
    TRY(status);
    if (size == 0) return err_set(e, ATT_DATA, "%s: the file is empty; get a complete copy", path);
    for (int f = 0; f < FORMATS; f++)
        if (formats[f]->sniff(head, size)) {
            *format = formats[f];
            return ATT_OK;
        }
    return err_set(e, ATT_DATA, "%s: not an image that can be read; give %s", path, list_all(false, known, sizeof known));
}

static att_status find_by_name(const char *path, const struct format **format, struct err *e)
{
    char known[128];
    size_t ending;
    *format = format_by_name(path, &ending);
    if (*format) return ATT_OK;
    return err_set(e, ATT_USAGE, "%s: the ending does not say which image format to write; use %s", path,
                   list_all(true, known, sizeof known));
}

const struct format *format_by_name(const char *path, size_t *ending)
{
    for (int f = 0; f < FORMATS; f++)
        for (int i = 0; formats[f]->endings[i]; i++)
            if (file_ends(path, formats[f]->endings[i])) {
                *ending = strlen(formats[f]->endings[i]);
                return formats[f];
            }
    return NULL;
}

att_status format_check_finite(const char *path, const struct image *m, struct err *e)
{
    size_t voxels = image_voxels(m->size), samples = voxels * (size_t)m->channels, bad = 0, first = 0;
    for (size_t i = 0; i < samples; i++)
        if (!isfinite(m->data[i]) && bad++ == 0) first = i;
    if (bad == 0) return ATT_OK;
    size_t w = (size_t)m->size[IMAGE_W], h = (size_t)m->size[IMAGE_H], at = first % voxels;
    return err_set(e, ATT_DATA,
                   "%s: %zu of %zu samples are NaN or infinite, the first at voxel (%zu,%zu,%zu) of channel %zu; replace them, e.g. by the "
                   "background's value",
                   path, bad, samples, at % w, at / w % h, at / w / h, first / voxels);
}

att_status format_load_image(const char *path, struct image *m, struct err *e)
{
    const struct format *format;
    *m = (struct image){0};
    TRY(find_by_content(path, &format, e));
    TRY(format->load_image(path, m, e));
    att_status status = format_check_finite(path, m, e);
    if (status != ATT_OK) image_free(m);
    return status;
}

att_status format_load_labels(const char *path, struct labelmap *m, struct err *e)
{
    const struct format *format;
    *m = (struct labelmap){0};
    TRY(find_by_content(path, &format, e));
    return format->load_labels(path, m, e);
}

att_status format_save_image(const char *path, const struct image *m, struct err *e)
{
    const struct format *format;
    TRY(find_by_name(path, &format, e));
    return format->save_image(path, m, e);
}

att_status format_save_labels(const char *path, const struct labelmap *m, struct err *e)
{
    const struct format *format;
    TRY(find_by_name(path, &format, e));
    return format->save_labels(path, m, e);
}

att_status format_peek(const char *path, int *channels, int size[3], float spacing[3], struct err *e)
{
    const struct format *format;
    TRY(find_by_content(path, &format, e));
    return format->peek(path, channels, size, spacing, e);
}
