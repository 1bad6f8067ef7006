/* SPDX-License-Identifier: Apache-2.0 */
#include "model/convert.h"

#include <string.h>

#include "base/json_memory.h"
#include "base/mem.h"
#include "files/hash.h"
#include "format/torch_archive.h"
#include "model/nnunet_plans.h"

/* nnU-Net's checkpoints list the axes that may be mirrored; prediction reads them from the
 * history. */
static att_status store_mirroring(
    const struct st_file *f, const int *order, struct model *m, struct err *e)
{
    const char *axes = order ? st_metadata(f, "inference_allowed_mirroring_axes") : NULL;
    const int flat = 3 - m->facts.dims;
    char ours[4] = "";
    if (!axes) return ATT_OK;
    for (int a = flat; a < 3; a++)
        if (strchr(axes, '0' + order[a] - flat)) strncat(ours, &"dhw"[a], 1);
    m->history = json_pack("{s:o}", "mirror", *ours ? json_string(ours) : json_false());
    return m->history ? ATT_OK : err_memory(e, 1, "the metadata of a checkpoint");
}

static att_status import_from(const struct st_file *f, const char *path, const char *prefix,
    const int *order, struct model *m, struct err *e)
{
    struct err cause = {0};
    const struct arch *a = NULL;
    TRY(model_prepare(m, e));
    TRY(arch_find(&m->spec, &a, e));
    att_status status = weights_load(f, prefix, a, order, &m->params, NULL, &cause);
    TRY(err_where(e, status, path, &cause));
    return store_mirroring(f, order, m, e);
}

static att_status open_bare(const char *path, struct st_file *f, struct err *e)
{
    TRY(st_open(path, f, e));
    if (!st_metadata(f, "attunet")) return ATT_OK;
    st_close(f);
    return err_usage(e, "%s describes its own network; leave out `spec` and `plans`", path);
}

att_status convert_import(
    const char *path, const char *prefix, const int *order, struct model *m, struct err *e)
{
    struct st_file f;
    bool archive;
    params_init(&m->params);
    TRY(torch_archive_is(path, &archive, e));
    if (!prefix) prefix = archive && order ? NNUNET_WEIGHTS : "";
    TRY(archive ? torch_archive_open(path, prefix, &f, e) : open_bare(path, &f, e));
    att_status status = import_from(&f, path, prefix, order, m, e);
    st_close(&f);
    if (status != ATT_OK) params_free(&m->params);
    return status;
}

struct writing {
    const struct model *m;
    struct st_spec *specs;
    int *param; /* of each tensor */
    int count;
};

static att_status convert_fill(void *arg, int index, void *out, size_t bytes, struct err *e)
{
    const struct writing *w = arg;
    return weights_bytes(&w->m->params, w->param[index], w->m->params.data, out, bytes, e);
}

/* Add a tensor; `alias`: its name, or NULL for the parameter's own. */
static att_status convert_add(struct writing *w, int param, const char *alias, struct err *e)
{
    struct st_spec *s = &w->specs[w->count];
    TRY(weights_spec(&w->m->params, param, "", s, e));
    w->param[w->count++] = param;
    if (!alias) return ATT_OK;
    mem_free((void *)(uintptr_t)s->name);
    s->name = mem_text("%s", alias);
    return s->name ? ATT_OK : err_memory(e, strlen(alias), "a parameter's name");
}

static bool other_name(const struct arch *a, const char *name, int index, char alias[256])
{
    return a && a->alias && a->alias(name, index, alias, 256);
}

/* List all tensors of a file, also under their aliases in `a` (or NULL). */
static att_status convert_list(struct writing *w, const struct arch *a, struct err *e)
{
    const struct params *p = &w->m->params;
    char alias[256];
    size_t max = 1;
    for (int i = 0; i < p->count; i++)
        for (int k = -1; k < 0 || other_name(a, p->list[i].name, k, alias); k++) max++;
    w->specs = mem_array(max, sizeof *w->specs);
    w->param = mem_array(max, sizeof *w->param);
    if (!w->specs || !w->param) return err_memory(e, max * sizeof *w->specs, "the model file");
    for (int i = 0; i < p->count; i++) {
        TRY(convert_add(w, i, NULL, e));
        for (int k = 0; other_name(a, p->list[i].name, k, alias); k++)
            TRY(convert_add(w, i, alias, e));
    }
    return ATT_OK;
}

static att_status make_metadata(const struct model *m, json_t **metadata, struct err *e)
{
    uint64_t hash;
    char weights[HASH_TEXT], about[HASH_TEXT];
    TRY(weights_hash(&m->params, &hash, e));
    json_t *j = model_to_json(m);
    char *text = json_text(j, JSON_COMPACT);
    json_decref(j);
    *metadata = text ? json_pack("{s:s, s:s, s:s, s:s, s:s}", "format", "pt", "spec", m->spec.text,
                           "attunet", text, MODEL_HASH, hash_text(hash, weights), MODEL_ABOUT_HASH,
                           hash_text(hash_bytes(text, strlen(text)), about))
                     : NULL;
    mem_free(text);
    return *metadata ? ATT_OK : err_memory(e, 1, "the model file");
}

att_status convert_export(const struct model *m, const char *path, bool aliases, struct err *e)
{
    struct writing w = {.m = m};
    const struct arch *a = NULL;
    json_t *metadata = NULL;
    att_status status = make_metadata(m, &metadata, e);
    if (status == ATT_OK && aliases) status = arch_find(&m->spec, &a, e);
    if (status == ATT_OK) status = convert_list(&w, a, e);
    if (status == ATT_OK) status = st_save(path, metadata, w.specs, w.count, convert_fill, &w, e);
    for (int i = 0; i < w.count; i++) mem_free((void *)(uintptr_t)w.specs[i].name);
    mem_free(w.specs);
    mem_free(w.param);
    json_decref(metadata);
    return status;
}
