/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of joined names and the union of their masks. */
#include "format/joined.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "files/file.h"
#include "format/format.h"

static const char between[] = " + ";
enum { BETWEEN = sizeof between - 1 };

int joined_count(const char *path)
{
    int count = 1;
    const char *names = file_base(path); /* a folder's name may contain it */
    if (!strstr(names, between) || file_exists(path)) return 1;
    for (const char *at = strstr(names, between); at; at = strstr(at + BETWEEN, between)) count++;
    return count;
}

bool joined_part(const char *path, int k, char part[PATH_MAX])
{
    if (joined_count(path) == 1) return snprintf(part, PATH_MAX, "%s", path) < PATH_MAX;
    const char *base = file_base(path), *from = base;
    for (int i = 0; i < k && from; i++) {
        from = strstr(from, between);
        if (from) from += BETWEEN;
    }
    if (!from) return false;
    const char *end = strstr(from, between);
    int length = end ? (int)(end - from) : (int)strlen(from);
    return snprintf(part, PATH_MAX, "%.*s%.*s", (int)(base - path), path, length, from) < PATH_MAX;
}

char *joined_add(char *path, const char *more)
{
    char *longer = mem_text("%s%s%s", path, between, file_base(more));
    mem_free(path);
    return longer;
}

static att_status contradict(const char *part, const char *first, const struct labelmap *m,
    size_t at, int own, struct err *e)
{
    char place[IMAGE_PLACE_TEXT];
    return err_set(e, ATT_DATA,
        "%s: voxel %s is %d, but %d in %s, another mask of the same image; correct one of them",
        part, image_place(m->size, at, place), own, m->data[at], file_base(first));
}

static att_status joined_add_part(
    const char *part, const char *first, struct labelmap *m, size_t *overlap, struct err *e)
{
    struct labelmap more;
    TRY(format_load_labels(part, &more, e));
    char own[NUMBER_SIZE], its[NUMBER_SIZE];
    const bool same = image_same_triple(more.size, m->size);
    const double distance = same ? geometry_difference(&m->geometry, &more.geometry, m->size) : 0;
    att_status status = ATT_OK;
    if (!same)
        status = err_set(e, ATT_DATA,
            "%s is %s but %s, another mask of the same image, is %s; resample one to the other's "
            "grid",
            part, number_size(more.size, more.size[0] == 1, own), first,
            number_size(m->size, m->size[0] == 1, its));
    else if (!geometry_meets(&m->geometry, &more.geometry, m->size))
        status = err_set(e, ATT_DATA,
            "%s: by its header it is %.3g voxels off from %s, another mask of the same image "
            "(tolerance %g voxels); resample one to the other's grid",
            part, distance, first, GEOMETRY_TOLERANCE);
    for (size_t i = 0, n = image_voxels(m->size); i < n && status == ATT_OK; i++) {
        if (!more.data[i]) continue;
        *overlap += m->data[i] != 0;
        if (!m->data[i])
            m->data[i] = more.data[i];
        else if (m->data[i] != more.data[i])
            status = contradict(part, first, m, i, more.data[i], e);
    }
    labelmap_free(&more);
    return status;
}

att_status joined_load(const char *path, struct labelmap *m, size_t *overlap, struct err *e)
{
    char first[PATH_MAX], part[PATH_MAX];
    size_t twice = 0;
    int count = joined_count(path);
    *m = (struct labelmap){0};
    att_status status = ATT_OK;
    for (int k = 0; k < count && status == ATT_OK; k++) {
        if (!joined_part(path, k, k ? part : first))
            status = err_set(e, ATT_DATA, "%.200s...: the name is too long; shorten it", path);
        else
            status =
                k ? joined_add_part(part, first, m, &twice, e) : format_load_labels(first, m, e);
    }
    if (overlap) *overlap = status == ATT_OK ? twice : 0;
    if (status != ATT_OK) labelmap_free(m);
    return status;
}
