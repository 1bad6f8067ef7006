/* SPDX-License-Identifier: Apache-2.0 */
/* OME-XML, ImageJ's unit, resolution tags; and the JSON file that nnU-Net's Tiff3DIO has beside a
 * stack, since it reads no metadata. */
#include "format/tiff_spacing.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "files/json_file.h"

/* ---- beside the file */

enum { BESIDE_BYTES = 1 << 16 }; /* of such a file at most: a larger one is something else */

/* CASE.json beside CASE.tif and, of an image with the number of its channel, CASE_0000.tif. A fresh
 * string, or NULL: no memory. */
static char *tiff_spacing_beside(const char *path, size_t numbered)
{
    const size_t stem = (size_t)(strrchr(path, '.') - path) - numbered,
                 size = stem + sizeof ".json";
    char *name = mem_alloc(size);
    if (name) snprintf(name, size, "%.*s.json", (int)stem, path);
    return name;
}

/* How much of a name's end is the number of a channel, _0000. */
static size_t number_length(const char *path)
{
    enum { LENGTH = 5 };
    const char *dot = strrchr(path, '.');
    if (dot - path <= LENGTH || dot[-LENGTH] != '_') return 0;
    for (int i = 1; i < LENGTH; i++)
        if (!isdigit((unsigned char)dot[-i])) return 0;
    return LENGTH;
}

/* Name `i`, from 0, under which such a file may lie; NULL in *name behind the last. */
static att_status name_beside(const char *path, int i, char **name, struct err *e)
{
    const bool usual = file_ends(path, ".tif") || file_ends(path, ".tiff");
    const size_t numbered = usual ? number_length(path) : 0;
    *name = NULL;
    if (!usual || i > (numbered > 0)) return ATT_OK;
    *name = tiff_spacing_beside(path, i ? numbered : 0);
    return *name ? ATT_OK : err_memory(e, strlen(path), path);
}

/* Any other JSON may lie there; only one that says a spacing counts. */
static att_status read_beside(const char *name, double mm[3], bool *found, struct err *e)
{
    struct err other = {0};
    char *text;
    size_t size;
    json_t *j = NULL;
    att_status status = file_read(name, BESIDE_BYTES, &text, &size, &other);
    if (status == ATT_OK) {
        const char *json = text_skip_mark(text);
        status = json_parse(json, size - (size_t)(json - text), name, 0, ATT_DATA, &j, &other);
        mem_free(text);
    }
    if (status != ATT_DATA) err_pass(e, status, &other);
    const json_t *list = json_object_get(j, "spacing");
    if (list) {
        *found = json_array_size(list) == 3;
        for (size_t a = 0; a < 3; a++) {
            mm[a] = json_number_value(json_array_get(list, a));
            *found = *found && mm[a] > 1e-12 && mm[a] < 1e12;
        }
        if (!*found)
            status = err_set(e, ATT_DATA,
                "%s: \"spacing\" must be three numbers above 0, of slices, rows and columns; mend "
                "it",
                name);
    }
    json_decref(j);
    return list || status != ATT_DATA ? status : ATT_OK;
}

static att_status find_beside(const struct tiff *t, double mm[3], bool *found, struct err *e)
{
    att_status status = ATT_OK;
    for (int i = 0; status == ATT_OK && !*found; i++) {
        char *name;
        TRY(name_beside(t->path, i, &name, e));
        if (!name) return ATT_OK;
        if (file_exists(name)) status = read_beside(name, mm, found, e);
        mem_free(name);
    }
    return status;
}

att_status tiff_beside(const char *path, char **name, struct err *e)
{
    for (int i = 0;; i++) {
        TRY(name_beside(path, i, name, e));
        if (!*name || file_exists(*name)) return ATT_OK;
        mem_free(*name);
    }
}

/* ---- in the file */

/* mm of a pixel from a resolution tag, which counts pixels in a unit; 0: not known. */
static double pixel_mm(struct tiff *t, uint32_t tag, double unit)
{
    float resolution = 0;
    if (!TIFFGetField(t->lib, tag, &resolution) || !(resolution > 0) || !isfinite(resolution))
        return 0;
    return unit / (double)resolution;
}

/* Resolutions in inches are those of screens, printers and cameras, which programs fill in unasked:
 * they say nothing about the scene. */
static double tiff_spacing_unit_of(struct tiff *t, int axis)
{
    uint16_t unit = 0;
    if (t->axes.kind == TIFF_IMAGEJ) return t->axes.unit[axis];
    TIFFGetFieldDefaulted(t->lib, TIFFTAG_RESOLUTIONUNIT, &unit);
    return unit == RESUNIT_CENTIMETER ? 10 : 0;
}

att_status tiff_find_spacing(struct tiff *t, struct err *e)
{
    double mm[3] = {t->axes.spacing[0], t->axes.spacing[1], t->axes.spacing[2]};
    bool found = false;
    if (t->axes.kind != TIFF_OME) {
        mm[1] = pixel_mm(t, TIFFTAG_YRESOLUTION, tiff_spacing_unit_of(t, 1));
        mm[2] = pixel_mm(t, TIFFTAG_XRESOLUTION, tiff_spacing_unit_of(t, 2));
    }
    if (t->size[IMAGE_D] > 1) TRY(find_beside(t, mm, &found, e));
    t->thick = mm[0] > 0;
    if (t->size[IMAGE_D] == 1 && !t->thick) mm[0] = 1;
    t->known = true;
    for (int a = 0; a < 3; a++) t->known = t->known && mm[a] > 1e-12 && mm[a] < 1e12;
    for (int a = 0; a < 3; a++) t->spacing[a] = t->known ? (float)mm[a] : 1;
    return ATT_OK;
}
