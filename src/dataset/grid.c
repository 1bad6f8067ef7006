/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes first, then the distance of the two grids; called by dataset_load.c, scan.c and check_case.c. */
#include "dataset/grid.h"

#include <string.h>

att_status grid_check_size(const char *path, const int size[3], const char *image, const int wanted[3], struct err *e)
{
    char a[IMAGE_SIZE_TEXT], b[IMAGE_SIZE_TEXT];
    if (memcmp(size, wanted, 3 * sizeof *size) == 0) return ATT_OK;
    return err_set(e, ATT_DATA, "%s: its size is %s where %s has %s; bring both to one grid", path, image_size_text(size, a), image,
                   image_size_text(wanted, b));
}

att_status grid_check(const char *path, const int size[3], const struct geometry *g, const char *image, const struct image *m,
                      struct grid_distance *apart, struct err *e)
{
    struct grid_distance own = {0, 0};
    if (apart) *apart = own;
    TRY(grid_check_size(path, size, image, m->size, e));
    own.voxels = geometry_difference(&m->geometry, g, m->size);
    own.mm = own.voxels > 0 ? geometry_distance(&m->geometry, g, m->size) : 0;
    if (apart) *apart = own;
    if (own.voxels <= GEOMETRY_TOLERANCE) return ATT_OK;
    return err_set(
        e, ATT_DATA,
        "%s: its header puts it %.3g voxels (%.3g mm) from %s, more than %g voxels; resample it onto the image's grid, or copy the "
        "image's geometry if the header is wrong",
        path, own.voxels, own.mm, image, GEOMETRY_TOLERANCE);
}
