/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/unread_files.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/contents.h"
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

/* Whether a line has a word, or its plural. */
static bool line_has_word(const char *line, size_t size, const char *word)
{
    const size_t length = strlen(word);
    for (size_t i = 0; i + length < size; i++) {
        if ((i && text_is_letter(line[i - 1])) || !text_begins(line + i, word)) continue;
        const char *after = line + i + length;
        after += text_lower(*after) == 's';
        if (!text_is_letter(*after)) return true;
    }
    return false;
}

/* What the names of a table's columns say of the masks that it holds; NULL: nothing. */
static const char *said_by_columns(const char *line, size_t size)
{
    static const struct {
        const char *word, *what;
    } columns[] = {{"encodedpixel", "run lengths"}, {"encoded_pixel", "run lengths"},
        {"rle", "run lengths"}, {"polygon", "outlines"}, {"contour", "outlines"},
        {"landmark", "outlines"}, {"region_shape_attribute", "outlines"}, {"position_x", "points"},
        {"centroid", "points"}};
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        if (line_has_word(line, size, columns[k].word)) return columns[k].what;
    return NULL;
}

/* The first table directly in a folder that holds masks; *path NULL: none. *what: how. */
static att_status find_table(const char *folder, char **path, const char **what, struct err *e)
{
    enum { LINES = 1000 };
    struct file_list names;
    *path = NULL;
    *what = NULL;
    TRY(file_list(folder, &names, e));
    att_status status = ATT_OK;
    for (int i = 0; i < names.count && !*what && status == ATT_OK; i++) {
        struct file_lines lines;
        struct err unread = {0};
        char *line;
        size_t length;
        if (!file_ends(names.names[i], ".csv")) continue;
        mem_free(*path);
        *path = file_join(folder, names.names[i]);
        status = *path ? ATT_OK : err_path(e);
        if (status != ATT_OK || file_lines_open(*path, &lines, &unread) != ATT_OK) continue;
        for (int n = 0; n < LINES && !*what; n++) {
            if (file_lines_next(&lines, *path, &line, &length, &unread) != ATT_OK || !length) break;
            if (!n) *what = said_by_columns(line, length);
            if (has_run_lengths(line, length)) *what = "run lengths";
        }
        file_lines_close(&lines);
    }
    file_list_free(&names);
    if (!*what) mem_free(*path);
    if (!*what) *path = NULL;
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

static size_t read_beginning(const char *root, const char *file, char *head, size_t size)
{
    struct file_at f;
    struct err unread = {0};
    char *path = file_join(root, file);
    size_t count = 0;
    if (path && file_can_be_read(path) && file_at_open(path, &f, &unread) == ATT_OK) {
        count = f.size < size - 1 ? (size_t)f.size : size - 1;
        if (file_at_read(&f, path, 0, head, count, &unread) != ATT_OK) count = 0;
        file_at_close(&f);
    }
    head[count] = 0;
    mem_free(path);
    return count;
}

/* Its name or text has words of annotations, which settings and statistics lack. */
static bool is_annotation(const char *root, const char *file)
{
    enum { HEAD = 16 << 10 };
    static const char *const words[] = {"annotation", "segmentation", "image", "polygon", "point",
        "shape", "region", "contour", "mask", "label", "object", "rle", "coordinate"};
    char *head = mem_array(HEAD, 1);
    const size_t size = head ? read_beginning(root, file, head, HEAD) : 0;
    bool is = !size; /* unknown */
    for (size_t k = 0; k < sizeof words / sizeof *words && !is; k++)
        is = line_has_word(file, strlen(file), words[k]) || line_has_word(head, size, words[k]);
    mem_free(head);
    return is;
}

static bool is_hdf5(const char *root, const char *file)
{
    char head[9];
    return read_beginning(root, file, head, sizeof head) == 8 &&
        memcmp(head, "\x89HDF\r\n\x1a\n", 8) == 0;
}

/* One file is enough of a kind that holds all labels; side files of images are many. */
static bool says_enough(const char *root, const struct tree *t, const struct tree_other *o)
{
    const struct words w = words_of_text(span_of(o->first));
    if (text_equals(o->ending, ".xml")) return true;
    if (text_equals(o->ending, ".json"))
        return strcmp(o->first, "dataset.json") != 0 &&
            ((o->count > 1 && !is_beside(t, o)) || w.label || w.mask ||
                is_annotation(root, o->first));
    if (text_equals(o->ending, ".txt"))
        return o->count > 1 && 2 * o->count >= t->count && (w.label || w.mask || is_beside(t, o));
    return o->count > 1 || w.label || w.mask;
}

/* Of `count` files or folders such as `first`. */
static void unread_say(const struct tree *t, int count, const char *of, const char *first,
    const char *what, const char *remedy, char *text, size_t size)
{
    snprintf(text, size,
        "it has %d image file%s that attunet reads, and %d %s%s such as %.200s: %s, which attunet "
        "does not read; %s",
        t->count, TEXT_S(t->count), count, of, TEXT_S(count), first, what, remedy);
}

/* An array of times and channels looks like channels and slices, which no label fits. */
static void say_four_axes(const char *root, const struct tree *t, char *text, size_t size)
{
    enum { LOOKS = 32 };
    const int step = t->count / LOOKS + 1;
    for (int i = 0; i < t->count && !*text; i += step) {
        struct contents c = {.channels = 0};
        char *path = file_join(root, t->file[i].path);
        if (path && format_is(path, &format_npy)) contents_look(path, false, &c);
        if (c.channels > 1 && c.size[0] > 1)
            snprintf(text, size,
                "attunet reads the axes of %.300s as %d channels of %d slices of %dx%d, and finds "
                "no labels for them; if the first axes are times and channels, save an array "
                "[channel][1][h][w] of each time",
                path, c.channels, c.size[0], c.size[1], c.size[2]);
        mem_free(path);
    }
}

att_status unread_files_say(const char *root, char *text, size_t size, struct err *e)
{
    static const char per_volume[] = "save each volume as NIfTI";
    static const struct {
        const char *ending, *what, *remedy;
    } kinds[] = {{".json", "JSON files", "draw outlines in them into masks"},
        {".geojson", "JSON outlines", "draw them into masks"},
        {".xml", "XML annotations", "draw their outlines into masks"},
        {".mat", "MATLAB files", "save their masks as PNG or NIfTI"},
        {".svg", "SVG drawings", "save them as masks"}, {".h5", "HDF5 files", per_volume},
        {".hdf", "HDF5 files", per_volume}, {".hdf5", "HDF5 files", per_volume},
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
    say_four_axes(root, &t, text, size);
    for (int i = 0; i < t.others && !*text; i++) {
        char path[PATH_MAX], dicom[FORMAT_SENTENCE];
        if (snprintf(path, sizeof path, "%s/%s", root, t.other[i].first) < PATH_MAX &&
            format_is_dicom(path))
            snprintf(text, size, "%s", format_of_dicom(path, dicom));
    }
    char *table = NULL;
    const char *what = NULL;
    att_status status = *text ? ATT_OK : find_table(root, &table, &what, e);
    for (int i = 0; i < t.others && status == ATT_OK && !*text && !table; i++)
        if (text_equals(t.other[i].ending, ".csv") && strchr(t.other[i].first, '/')) {
            char *folder = mem_text("%s/%.*s", root,
                (int)(file_base(t.other[i].first) - t.other[i].first) - 1, t.other[i].first);
            status = folder ? find_table(folder, &table, &what, e) : err_path(e);
            mem_free(folder);
        }
    if (table)
        snprintf(text, size,
            "%.300s holds masks as %s, which attunet does not read; draw them into masks", table,
            what);
    mem_free(table);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds && !*text; k++)
        for (int i = 0; i < t.others && !*text; i++)
            if (text_equals(t.other[i].ending, kinds[k].ending) &&
                says_enough(root, &t, &t.other[i]))
                unread_say(&t, t.other[i].count, "file", t.other[i].first, kinds[k].what,
                    kinds[k].remedy, text, size);
    for (int i = 0; i < t.others && !*text; i++)
        if (is_hdf5(root, t.other[i].first))
            unread_say(&t, t.other[i].count, "file", t.other[i].first, "HDF5 files", per_volume,
                text, size);
    if (t.stores && !*text)
        unread_say(&t, t.stores, "folder", t.store, "Zarr or N5 arrays", per_volume, text, size);
    tree_free(&t);
    return status;
}
