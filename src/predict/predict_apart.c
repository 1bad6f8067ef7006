/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_apart.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"

/* The name of a case with so many of the folders above what it is named after; NULL: there are
 * fewer, or no memory. */
static char *name_with_folders(const struct data_case *c, int folders)
{
    char path[PATH_MAX], *name = NULL;
    const size_t length = strlen(c->id);
    char *folder = mem_text("%.*s", (int)(file_base(c->image[0]) - c->image[0]), c->image[0]);
    const bool found = folder && realpath(*folder ? folder : ".", path);
    mem_free(folder);
    if (!found) return NULL;
    char *part = path + strlen(path);
    if (strncmp(file_base(c->image[0]), c->id, length) != 0) { /* after its folder */
        while (part > path && *part != '/') part--;
        if (strcmp(part, "/") == 0 || strcmp(part + 1, c->id) != 0) return NULL;
        *part = 0;
    }
    for (; folders > 0 && part > path; folders--) {
        while (part > path && *part != '/') part--;
        if (!part[1]) break;
        char *longer = mem_text("%s_%s", part + 1, name ? name : c->id);
        mem_free(name);
        if (!(name = longer)) return NULL;
        *part = 0;
    }
    if (!folders) return name;
    mem_free(name);
    return NULL;
}

/* Whether no two names are equal; false without memory. */
static bool all_differ(char *const *name, int count)
{
    const char **sorted = mem_array((size_t)count, sizeof *sorted);
    bool differ = sorted != NULL;
    for (int i = 0; i < count && sorted; i++) sorted[i] = name[i];
    if (sorted) qsort(sorted, (size_t)count, sizeof *sorted, text_order);
    for (int i = 1; i < count && differ; i++) differ = strcmp(sorted[i - 1], sorted[i]) != 0;
    mem_free(sorted);
    return differ;
}

/* Names of these cases, which have one, with the fewest folders that tell them apart; false: none
 * do. */
static bool name_apart(struct data_case *c, int count)
{
    enum { FOLDERS = 8 };
    bool apart = false, there = true;
    char **name = mem_array((size_t)count, sizeof *name);
    for (int folders = 1; name && folders <= FOLDERS && there && !apart; folders++) {
        for (int i = 0; i < count; i++) {
            mem_free(name[i]);
            name[i] = name_with_folders(&c[i], folders);
            there = there && name[i];
        }
        apart = there && all_differ(name, count);
    }
    for (int i = 0; i < count && name; i++) {
        if (apart) mem_free(c[i].id);
        if (apart)
            c[i].id = name[i];
        else
            mem_free(name[i]);
    }
    mem_free(name);
    return apart;
}

void apart_name(struct dataset *d, struct host *host)
{
    int renamed = 0;
    const char *first = NULL;
    if (d->count) qsort(d->cases, (size_t)d->count, sizeof *d->cases, text_order); /* id is first */
    for (int i = 0, end; i < d->count; i = end) {
        for (end = i + 1; end < d->count && text_order(&d->cases[i], &d->cases[end]) == 0;) end++;
        if (end - i < 2 || !name_apart(&d->cases[i], end - i)) continue;
        if (!renamed) first = d->cases[i].id;
        renamed += end - i;
    }
    if (renamed)
        host_say(host, LOG_INFO,
            "%d images have the name of another one in another folder, so attunet names them with "
            "their folders, such as %s",
            renamed, first);
}
