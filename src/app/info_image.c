/* SPDX-License-Identifier: Apache-2.0 */
/* Describes an image: size, grid and intensities. */
#include <math.h>
#include <string.h>

#include "app/info.h"
#include "base/json.h"
#include "base/number.h"
#include "dataset/voxel_size.h"
#include "format/format.h"
#include "image/orient.h"

static json_t *channel(const float *x, size_t count)
{
    double sum = 0, squares = 0, lo = (double)x[0], hi = lo;
    for (size_t i = 0; i < count; i++) {
        lo = fmin(lo, (double)x[i]);
        hi = fmax(hi, (double)x[i]);
        sum += (double)x[i];
    }
    double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    return json_pack("{s:o, s:o, s:o, s:o}", "least", json_finite(lo), "most", json_finite(hi),
        "mean", json_finite(mean), "std", json_finite(sqrt(squares / (double)count)));
}

static json_t *info_image_affine(const struct geometry *g)
{
    json_t *rows = json_array();
    for (int i = 0; i < 3; i++) {
        json_t *row = json_array();
        for (int k = 0; k < 4; k++) json_array_append_new(row, json_finite(g->affine[i][k]));
        json_array_append_new(rows, row);
    }
    return rows;
}

att_status info_image(struct app_call *call, const char *path, json_t **json)
{
    struct image m;
    float voxel[3];
    TRY(voxel_size_read(call->o, voxel, call->e));
    TRY(format_load_image(path, &m, call->e));
    if (m.size[0] > 1 && voxel_size_of_volumes(call->o, path, call->e) != ATT_OK) {
        image_free(&m);
        return call->e->status;
    }
    memcpy(m.geometry.user_spacing, voxel, sizeof voxel);
    const struct geometry g = geometry_effective(&m.geometry);
    size_t voxels = image_voxels(m.size);
    json_t *channels = json_array(), *spacing = json_array();
    for (int c = 0; c < m.channels; c++)
        json_array_append_new(channels, channel(m.data + (size_t)c * voxels, voxels));
    const bool plane =
        m.size[0] == 1 && (voxel[0] > 0 ? voxel_size_is_of_planes(call->o) : !g.thick);
    for (int i = 0; i < 3; i++)
        json_array_append_new(spacing,
            g.valid && !(i == 0 && plane) ? json_finite(number_of_float(g.spacing[i]))
                                          : json_null());
    *json = json_pack("{s:s, s:o, s:o, s:o, s:o}", "what", "image", "path", json_utf8(path), "size",
        json_triple(m.size), "spacing", spacing, "channels", channels);
    if (*json && voxel[0] > 0) json_set_flag(*json, "voxel_size_given", true);
    if (*json && m.geometry.valid)
        json_object_set_new(*json, "affine", info_image_affine(&m.geometry));
    char axes[ORIENT_TEXT];
    orient_name(&m.geometry, m.size, axes);
    if (*json && *axes) json_set_text(*json, "orientation", axes);
    image_free(&m);
    return *json ? ATT_OK : err_memory(call->e, 1, "the description of the image");
}
