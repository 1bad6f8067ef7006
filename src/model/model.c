/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model.h"

#include <string.h>

#include "arch/hard.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/hash.h"
#include "format/format.h"
#include "model/convert.h"
#include "model/run_files.h"

_Static_assert((int)TARGET_MAX == (int)LABELLING_MAX, "a target has room for all regions");
_Static_assert(
    (int)SPEC_CLASSES <= (int)LABELLING_MAX, "a labelling can name all classes of a network");

void model_free(struct model *m)
{
    params_free(&m->params);
    json_decref(m->history);
    memset(m, 0, sizeof *m);
}

att_status model_build(
    const struct model *m, struct graph *g, int n, const int size[3], int *input, struct err *e)
{
    return arch_build(&m->spec, g, n, size[0], size[1], size[2], input, e);
}

att_status model_build_part(const struct model *m, int part, struct graph *g, int n,
    const int size[3], int *input, struct err *e)
{
    if (part == MODEL_WHOLE) return model_build(m, g, n, size, input, e);
    return arch_build_part(
        &m->spec, (enum arch_part)part, g, n, size[0], size[1], size[2], input, e);
}

static att_status check_fit(const struct model *m, struct err *e)
{
    int channels = labelling_channels(&m->labels);
    /* arch=lee's checkpoints have one sigmoid channel for a single foreground class. */
    bool binary = m->facts.classes == 1 && m->labels.count == 2 && !m->labels.regions;
    if (m->facts.in != m->prep.channels)
        return err_model(e,
            "the network spec has in=%d, but the images have %d channel%s; change the spec",
            m->facts.in, m->prep.channels, TEXT_S(m->prep.channels));
    if (m->facts.classes != channels && !binary)
        return err_model(e,
            "the network spec has classes=%d, but the labels need %d (%s); change the spec",
            m->facts.classes, channels, m->labels.regions ? "regions" : "with background");
    for (int i = 0; i < 3; i++)
        if (m->prep.patch[i] % m->facts.multiple[i])
            return err_model(e,
                "a patch of %dx%dx%d does not fit this network; use multiples of %s",
                m->prep.patch[0], m->prep.patch[1], m->prep.patch[2],
                arch_multiple_text(&m->facts).text);
    return ATT_OK;
}

/* Parameters of the training form, with side heads. Two windows suit batch norm; a doubled side
 * gives instance norm two pixels on the coarsest map. */
static att_status list_parameters(
    struct model *m, int part, const struct arch_facts *f, struct err *e)
{
    const int *k = f->multiple, size[3] = {f->dims == 3 ? k[0] : 1, k[1], 2 * k[2]};
    int input;
    struct graph g;
    graph_init(&g, &m->params, true);
    att_status status = model_build_part(m, part, &g, 2, size, &input, e);
    graph_free(&g);
    return status;
}

att_status model_prepare(struct model *m, struct err *e)
{
    struct hard h;
    TRY(arch_describe(&m->spec, &m->facts, e));
    if (m->facts.dims == 2) m->prep.trained[0] = 0;
    if (!hard_is(&m->spec)) {
        TRY(check_fit(m, e));
        return list_parameters(m, MODEL_WHOLE, &m->facts, e);
    }
    TRY(hard_read(&m->spec, &h, e));
    memcpy(m->prep.patch, h.window, sizeof m->prep.patch);
    TRY(check_fit(m, e));
    for (int i = 0; i < PARTS; i++) TRY(list_parameters(m, i, &h.part[i], e));
    return ATT_OK;
}

att_status model_create(const struct spec *spec, const struct preparation *prep,
    const struct labelling *labels, uint64_t seed, struct model *m, struct err *e)
{
    memset(m, 0, sizeof *m);
    params_init(&m->params);
    m->prep = *prep;
    m->labels = *labels;
    att_status status = spec_parse(&m->spec, spec->text, e);
    if (status == ATT_OK) status = model_prepare(m, e);
    if (status == ATT_OK) status = params_allocate(&m->params, e);
    if (status == ATT_OK)
        params_initialise(&m->params, seed);
    else
        model_free(m);
    return status;
}

bool model_keeps_axes(const struct model *m)
{
    const char *axes = json_str(json_object_get(m->history, "settings"), "orientation");
    return axes && strcmp(axes, "none") == 0;
}

void model_target(const struct model *m, struct target *t)
{
    memset(t, 0, sizeof *t);
    t->channels = m->facts.classes;
    t->regions = m->labels.regions > 0 || m->facts.classes == 1;
    memcpy(t->region, m->labels.region, sizeof t->region);
    if (!m->labels.regions) t->region[0] = class_set_of(1);
}

att_status model_save(const struct model *m, const char *path, struct err *e)
{
    return convert_export(m, path, false, e);
}

/* Users may swap model and image. */
static att_status model_open_file(const char *path, struct st_file *f, struct err *e)
{
    struct err cause = {0}, other = {0};
    int channels, size[3];
    float spacing[3];
    att_status status = st_open(path, f, &cause);
    if (status == ATT_MODEL && format_peek(path, &channels, size, spacing, &other) == ATT_OK)
        return err_set(e, status,
            "%s is an image, not a model; give a model file or a run folder first, then the images",
            path);
    return err_pass(e, status, &cause);
}

/* Earlier versions wrote no hash. */
static att_status load_weights(
    const struct st_file *f, const char *path, struct model *m, struct err *e)
{
    struct err cause = {0};
    const struct arch *a = NULL;
    const char *stored = st_metadata(f, MODEL_HASH);
    uint64_t hash = 0;
    char text[HASH_TEXT];
    TRY(arch_find(&m->spec, &a, e));
    TRY(err_where(
        e, weights_load(f, "", a, NULL, &m->params, stored ? &hash : NULL, &cause), path, &cause));
    if (!stored || !strcmp(stored, hash_text(hash, text))) return ATT_OK;
    return err_model(e,
        "%s is damaged: its weights have hash %s instead of %s; get a new copy or, if you "
        "changed the weights, remove \"" MODEL_HASH "\" from its metadata",
        path, text, stored);
}

static att_status check_description(
    const struct st_file *f, const char *path, const char *json, struct err *e)
{
    const char *stored = st_metadata(f, MODEL_ABOUT_HASH);
    char text[HASH_TEXT];
    if (!stored || !strcmp(stored, hash_text(hash_bytes(json, strlen(json)), text))) return ATT_OK;
    return err_model(e,
        "%s is damaged: its description has hash %s instead of %.20s; get a new copy or, if you "
        "changed the description, remove \"" MODEL_ABOUT_HASH "\" from its metadata",
        path, text, stored);
}

static att_status load_file(const char *path, struct model *m, struct err *e)
{
    struct st_file f;
    TRY(model_open_file(path, &f, e));
    const char *json = st_metadata(&f, "attunet");
    att_status status = ATT_OK;
    if (!json)
        status = err_model(e,
            "%s has weights but does not describe their network; make it a model with attunet "
            "convert and `spec`",
            path);
    else if (st_metadata(&f, "training"))
        status = err_model(e,
            "%s is a checkpoint, not a model; use " RUN_MODEL
            " in the same folder, which training saves",
            path);
    else {
        status = check_description(&f, path, json, e);
        if (status == ATT_OK) status = model_from_json(json, path, m, e);
    }
    if (status == ATT_OK) {
        status = load_weights(&f, path, m, e);
        if (status != ATT_OK) model_free(m);
    }
    st_close(&f);
    return status;
}

att_status model_load(const char *path, struct model *m, struct err *e)
{
    memset(m, 0, sizeof *m);
    if (!file_is_folder(path)) return load_file(path, m, e);
    char *inside = file_join(path, RUN_MODEL), *folds = file_join(path, RUN_FOLDS);
    att_status status = inside && folds ? ATT_OK : err_path(e);
    if (status == ATT_OK && file_exists(inside))
        status = load_file(inside, m, e);
    else if (status == ATT_OK && file_exists(folds))
        status = err_model(
            e, "%s has one run per fold; choose one, such as %s/" RUN_FOLD "0", path, path);
    else if (status == ATT_OK) {
        status = run_refuse_search(path, ATT_MODEL, e);
        if (status == ATT_OK)
            status = err_model(e,
                "%s has no model.safetensors; give a model file, or a run folder in which "
                "training has saved a model",
                path);
    }
    mem_free(inside);
    mem_free(folds);
    return status;
}
