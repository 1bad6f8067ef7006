/* SPDX-License-Identifier: Apache-2.0 */
/* Sources: OME-XML, ImageJ's unit, resolution tags, and the JSON file that nnU-Net's Tiff3DIO puts
 * next to a stack because it reads no metadata. */
#include "format/tiff_spacing.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "files/json_file.h"

/* ---- nnU-Net's file */

enum { COMPANION_BYTES = 1 << 16 }; /* maximum; a larger file is something else */

/* Length of a channel number, _0000, before the ending of a name. */
static size_t number_length(const char *path, const char *dot)
{
    enum { LENGTH = 5 };
    if (dot - path <= LENGTH || dot[-LENGTH] != '_') return 0;
    for (int i = 1; i < LENGTH; i++)
        if (!isdigit((unsigned char)dot[-i])) return 0;
    return LENGTH;
}

/* Candidate path number `i`; *name = NULL after the last: CASE.json next to CASE.tif or, for an
 * image with a channel number, CASE_0000.tif. */
static att_status tiff_spacing_candidate(const char *path, int i, char **name, struct err *e)
{
    size_t ending;
    const bool usual = format_by_name(path, &ending) == &format_tiff;
    const char *dot = usual ? path + strlen(path) - ending : path, ome[] = ".ome";
    if (usual && text_begins(dot, ome)) dot += strlen(ome); /* to nnU-Net this is no ending */
    const size_t numbered = number_length(path, dot);
    *name = NULL;
    if (!usual || i > (numbered > 0)) return ATT_OK;
    *name = mem_text("%.*s.json", (int)(dot - path - (ptrdiff_t)(i ? numbered : 0)), path);
    return *name ? ATT_OK : err_memory(e, strlen(path), path);
}

/* Ignore JSON without spacing: it is another program's. */
static att_status tiff_spacing_read_json(const char *name, double mm[3], bool *found, struct err *e)
{
    struct err other = {0};
    char *text;
    size_t size;
    json_t *j = NULL;
    att_status status = file_read(name, COMPANION_BYTES, &text, &size, &other);
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
            status = err_data(e,
                "%s: \"spacing\" must be three numbers above 0, of slices, rows and columns; "
                "correct it",
                name);
    }
    json_decref(j);
    return list || status != ATT_DATA ? status : ATT_OK;
}

static att_status tiff_spacing_find_json(
    const struct tiff *t, double mm[3], bool *found, struct err *e)
{
    att_status status = ATT_OK;
    for (int i = 0; status == ATT_OK && !*found; i++) {
        char *name;
        TRY(tiff_spacing_candidate(t->path, i, &name, e));
        if (!name) return ATT_OK;
        if (file_exists(name)) status = tiff_spacing_read_json(name, mm, found, e);
        mem_free(name);
    }
    return status;
}

att_status tiff_companion(const char *path, char **name, struct err *e)
{
    for (int i = 0;; i++) {
        TRY(tiff_spacing_candidate(path, i, name, e));
        if (!*name || file_exists(*name)) return ATT_OK;
        mem_free(*name);
    }
}

/* ---- the TIFF file */

/* mm of a pixel from a resolution tag, which counts pixels per unit; 0: unknown. */
static double pixel_mm(struct tiff *t, uint32_t tag, double unit)
{
    float resolution = 0;
    if (!TIFFGetField(t->lib, tag, &resolution) || !(resolution > 0) || !isfinite(resolution))
        return 0;
    return unit / (double)resolution;
}

/* Resolutions in inches are defaults of screens, printers and cameras and say nothing about the
 * scene. */
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
    if (t->size[IMAGE_D] > 1) TRY(tiff_spacing_find_json(t, mm, &found, e));
    t->thick = mm[0] > 0;
    if (t->size[IMAGE_D] == 1 && !t->thick) mm[0] = 1;
    t->valid = true;
    for (int a = 0; a < 3; a++) t->valid = t->valid && mm[a] > 1e-12 && mm[a] < 1e12;
    for (int a = 0; a < 3; a++) t->spacing[a] = t->valid ? (float)mm[a] : 1;
    return ATT_OK;
}
