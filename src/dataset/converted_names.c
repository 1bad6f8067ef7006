/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-dicom lists the sources: NAME, a tab, SOURCE. */
#include "dataset/converted_names.h"

#include <string.h>

#include "base/mem.h"
#include "dataset/converted.h"
#include "files/file.h"

#define HIDDEN "/" CONVERTED
enum { SOURCES_MAX = 64 << 20 };

/* A hidden folder that a text names. */
struct hidden {
    const char *path;
    int length;
};

/* Where the folder that ends before `marker` begins; NULL: none is there. */
static const char *folder_begin(const char *text, const char *marker)
{
    for (const char *from = text; from < marker; from++) {
        char *path = mem_text("%.*s/" CONVERTED, (int)(marker - from), from);
        const bool there = path && file_is_folder(path);
        mem_free(path);
        if (there) return from;
    }
    return NULL;
}

/* The source of the longest name that the text begins with, up to the end of its line; *length: of
 * the name. */
static const char *named_source(const char *list, const char *text, size_t *length)
{
    const char *found = NULL;
    *length = 0;
    for (const char *line = list; *line;) {
        const size_t all = strcspn(line, "\n"), name = strcspn(line, "\t\n");
        if (name < all && name > *length && strncmp(line, text, name) == 0) {
            found = line + name + 1;
            *length = name;
        }
        line += all + (line[all] != 0);
    }
    return found;
}

/* Whether what is to be added goes into a folder of the user's, beside images. */
static bool is_users_label(const char *from, const char *marker, const char *inside)
{
    static const char *const folders[][2] = {
        {"/labels/", "images"}, {"/labelsTr/", "imagesTr"}, {"/labelsTs/", "imagesTs"}};
    bool is = false;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && !is; i++) {
        if (strncmp(inside, folders[i][0], strlen(folders[i][0])) != 0) continue;
        char *images = mem_text("%.*s/%s", (int)(marker - from), from, folders[i][1]);
        is = images && file_is_folder(images);
        mem_free(images);
    }
    return is;
}

/* The text as far as a name of the hidden folder at `marker`; *rest: what follows it; *made: the
 * hidden folder, if the file was made of DICOM. */
static char *named_part(
    const char *text, const char *marker, const char **rest, struct hidden *made)
{
    struct err unread = {0};
    const char *from = folder_begin(text, marker), *inside = marker + strlen(HIDDEN);
    const int before = (int)(marker - text);
    *rest = inside;
    if (!from) return mem_text("%.*s", (int)(inside - text), text);
    if (*inside != '/') return mem_text("%.*s", before, text);
    char *path = mem_text("%.*s" HIDDEN "/.attunet-dicom.sources", (int)(marker - from), from),
         *list = NULL;
    size_t length = 0;
    const char *source =
        path && file_exists(path) && file_read_text(path, SOURCES_MAX, &list, &unread) == ATT_OK
        ? named_source(list, inside + 1, &length)
        : NULL;
    const int size = source ? (int)strcspn(source, "\n") : 0;
    if (source && strncmp(source, inside + 1, length) != 0)
        *made = (struct hidden){from, (int)(inside - from)};
    const bool users = !source && is_users_label(from, marker, inside);
    char *part = source ? mem_text("%.*s%s%.*s", before, text, size ? "/" : "", size, source)
                        : mem_text("%.*s", users ? before : (int)(inside - text), text);
    if (source) *rest = inside + 1 + length;
    mem_free(list);
    mem_free(path);
    return part;
}

/* No copy of a file that was made is better: "; get a good copy" becomes what helps. */
static char *converted_remedy(const char *before, const char *text, const struct hidden *made)
{
    static const char *const copies[] = {"get a complete copy", "get a good copy"};
    for (size_t i = 0; made->path && i < sizeof copies / sizeof *copies; i++) {
        const char *at = strstr(text, copies[i]);
        if (at)
            return mem_text("%s%.*sremove %.*s/, which attunet makes anew%s", before,
                (int)(at - text), text, made->length, made->path, at + strlen(copies[i]));
    }
    return mem_text("%s%s", before, text);
}

char *converted_named(const char *text)
{
    char *all = NULL;
    struct hidden made = {NULL, 0};
    for (const char *marker; (marker = strstr(text, HIDDEN));) {
        char *part = named_part(text, marker, &text, &made);
        const bool more = part && mem_append(&all, "%s", part);
        mem_free(part);
        if (more) continue;
        mem_free(all);
        return NULL;
    }
    char *whole = all ? converted_remedy(all, text, &made) : NULL;
    mem_free(all);
    return whole;
}
