/* SPDX-License-Identifier: Apache-2.0 */
/* Results as JSON text, and sizes from text. */
#include <math.h>
#include <string.h>

#include "api/api.h"
#include "base/mem.h"
#include "train/recipe.h"

att_status api_text(json_t *json, char **text, struct err *e)
{
    const size_t flags = JSON_INDENT(2) | JSON_REAL_PRECISION(10);
    size_t size = json ? json_dumpb(json, NULL, 0, flags) : 0;
    *text = size ? mem_alloc(size + 2) : NULL;
    if (*text) {
        json_dumpb(json, *text, size, flags);
        (*text)[size] = '\n';
    }
    json_decref(json);
    return *text ? ATT_OK : err_memory(e, size, "the result as JSON");
}

json_t *api_real(double x) { return isfinite(x) ? json_real(x) : json_null(); }

json_t *api_string(const char *text)
{
    json_t *j = json_string(text);
    char *plain = j ? NULL : mem_text("%s", text);
    for (char *s = plain; s && *s; s++)
        if ((unsigned char)*s >= 0x80) *s = '?';
    if (plain) j = json_string(plain);
    mem_free(plain);
    return j;
}

json_t *api_triple(const int v[3]) { return json_pack("[iii]", v[0], v[1], v[2]); }

att_status api_size(const struct options *o, const char *name, int batch, int size[3], struct err *e)
{
    const char *text = options_text(o, name);
    memset(size, 0, 3 * sizeof *size);
    if (!text) return ATT_OK;
    TRY(recipe_size(name, text, size, e));
    /* What a network makes of this many voxels stays far below the largest size_t. */
    double voxels = (double)size[0] * (double)size[1] * (double)size[2] * (double)batch;
    if (voxels > 0x1p31) return err_set(e, ATT_USAGE, "--%s %s: no more than 2^31 voxels are possible", name, text);
    return ATT_OK;
}
