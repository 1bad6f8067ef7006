/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/unread_files.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/pairing_words.h"
#include "dataset/tree.h"
#include "files/file.h"
#include "files/file_at.h"
#include "format/format.h"

/* A row with four or more numbers between spaces, as "12 5 40 3". */
static bool has_run_lengths(const char *line, size_t size)
{
    enum { NUMBERS = 4 };
    int numbers = 0;
    for (size_t i = 0; i < size && numbers < NUMBERS; i++) {
        const bool digit = text_is_digit(line[i]), before = i && line[i - 1] != ' ';
        if (digit && (!before || !numbers)) numbers++;
        if (!digit && line[i] != ' ') numbers = 0;
    }
    return numbers == NUMBERS;
}

/* The first table directly in the folder that holds masks as run lengths; *path NULL: none. */
static att_status find_run_lengths(const char *root, char **path, struct err *e)
{
    enum { LINES = 1000 };
    struct file_list names;
    bool found = false;
    *path = NULL;
    TRY(file_list(root, &names, e));
    att_status status = ATT_OK;
    for (int i = 0; i < names.count && !found && status == ATT_OK; i++) {
        struct file_lines lines;
        struct err unread = {0};
        char *line;
        size_t length;
        if (!file_ends(names.names[i], ".csv")) continue;
        mem_free(*path);
        *path = file_join(root, names.names[i]);
        status = *path ? ATT_OK : err_path(e);
        if (status != ATT_OK || file_lines_open(*path, &lines, &unread) != ATT_OK) continue;
        for (int n = 0; n < LINES && !found; n++) {
            if (file_lines_next(&lines, *path, &line, &length, &unread) != ATT_OK || !length) break;
            found = has_run_lengths(line, length);
        }
        file_lines_close(&lines);
    }
    file_list_free(&names);
    if (!found) mem_free(*path);
    if (!found) *path = NULL;
    return status;
}

/* An image has its name, apart from the ending. */
static bool is_beside(const struct tree *t, const struct tree_other *o)
{
    const size_t stem = strlen(o->first) - strlen(o->ending);
    for (int i = 0; i < t->count; i++)
        if (strncmp(t->file[i].path, o->first, stem) == 0 && t->file[i].path[stem] == '.')
            return true;
    return false;
}

/* One file is enough of a kind that holds all labels; side files of images are many. */
static bool says_enough(const struct tree *t, const struct tree_other *o)
{
    const struct words w = words_of_text(span_of(o->first));
    if (text_equals(o->ending, ".xml")) return true;
    if (text_equals(o->ending, ".json")) return strcmp(o->first, "dataset.json") != 0;
    if (text_equals(o->ending, ".txt"))
        return o->count > 1 && 2 * o->count >= t->count && (w.label || w.mask || is_beside(t, o));
    return o->count > 1 || w.label || w.mask;
}

att_status unread_files_say(const char *root, char *text, size_t size, struct err *e)
{
    static const struct {
        const char *ending, *what, *remedy;
    } kinds[] = {{".json", "JSON files", "draw outlines in them into masks"},
        {".geojson", "JSON outlines", "draw them into masks"},
        {".xml", "XML annotations", "draw their outlines into masks"},
        {".mat", "MATLAB files", "save their masks as PNG or NIfTI"},
        {".svg", "SVG drawings", "save them as masks"},
        {".h5", "HDF5 files", "save each volume as NIfTI"},
        {".hdf", "HDF5 files", "save each volume as NIfTI"},
        {".hdf5", "HDF5 files", "save each volume as NIfTI"},
        {".npz", "archives", "save each array with numpy.save"},
        {".mnc", "MINC files", "convert them with mnc2nii"},
        {".mgz", "FreeSurfer volumes", "convert them with mri_convert"},
        {".am", "Amira files", "save them as NRRD or TIFF"},
        {".zip", "archives", "unpack them, or draw ImageJ's outlines in them into masks"},
        {".svs", "slides", "save their regions as TIFF"},
        {".ndpi", "slides", "save their regions as TIFF"},
        {".mrxs", "slides", "save their regions as TIFF"},
        {".czi", "microscope files", "export them as OME-TIFF"},
        {".lif", "microscope files", "export them as OME-TIFF"},
        {".nd2", "microscope files", "export them as OME-TIFF"},
        {".txt", "text files", "draw outlines in them into masks"}};
    struct tree t;
    *text = 0;
    TRY(tree_walk(root, &t, e));
    for (int i = 0; i < t.others && !*text; i++) {
        char path[PATH_MAX], dicom[FORMAT_SENTENCE];
        if (snprintf(path, sizeof path, "%s/%s", root, t.other[i].first) < PATH_MAX &&
            format_is_dicom(path))
            snprintf(text, size, "%s", format_of_dicom(path, dicom));
    }
    char *table = NULL;
    const att_status status = *text ? ATT_OK : find_run_lengths(root, &table, e);
    if (table)
        snprintf(text, size,
            "%.300s holds masks as run lengths, which attunet does not read; draw them into masks",
            table);
    mem_free(table);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds && !*text; k++)
        for (int i = 0; i < t.others && !*text; i++)
            if (text_equals(t.other[i].ending, kinds[k].ending) && says_enough(&t, &t.other[i]))
                snprintf(text, size,
                    "it has %d image file%s that attunet reads, and %d file%s such as %.200s: %s, "
                    "which attunet does not read; %s",
                    t.count, TEXT_S(t.count), t.other[i].count, TEXT_S(t.other[i].count),
                    t.other[i].first, kinds[k].what, kinds[k].remedy);
    tree_free(&t);
    return status;
}
