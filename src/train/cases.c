/* SPDX-License-Identifier: Apache-2.0 */
#include "train/cases.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dataset/names.h"
#include "train/case_memory.h"
#include "train/packed.h"

/* The training images' common spacing, up to rounding, along the network's axes of more than one
 * voxel. */
static att_status trained_spacing(
    const struct fingerprint *f, const struct recipe *r, double mm[3], struct err *e)
{
    struct spec spec;
    int dims;
    TRY(spec_parse(&spec, r->spec, e));
    TRY(spec_int(&spec, "dims", 2, 2, 3, &dims, e));
    bool uniform = f->count > 0;
    for (int i = 0; i < f->count; i++) uniform = uniform && f->cases[i].has_spacing;
    for (int a = 3 - dims; a < 3 && uniform; a++)
        uniform = fingerprint_of_cases(f, FINGERPRINT_SPACING, a, 1) <=
            PREPARE_SAME * fingerprint_of_cases(f, FINGERPRINT_SPACING, a, 0);
    for (int a = 3 - dims; a < 3 && uniform; a++)
        if (fingerprint_of_cases(f, FINGERPRINT_SIZE, a, 1) > 1)
            mm[a] = fingerprint_of_cases(f, FINGERPRINT_SPACING, a, .5);
    return ATT_OK;
}

att_status cases_preparation(
    const struct recipe_sources *from, const struct recipe *r, struct preparation *p, struct err *e)
{
    const struct fingerprint *f = from->f;
    const struct preparation *prep = from->prep ? from->prep
        : from->init                            ? &from->init->prep
                                                : NULL;
    enum normalise_scheme scheme[DATASET_CHANNELS];
    memset(p, 0, sizeof *p);
    p->channels = from->d->channels;
    memcpy(p->resize, r->resize, sizeof p->resize);
    memcpy(p->patch, r->patch, sizeof p->patch);
    memcpy(p->spacing, r->spacing, sizeof p->spacing);
    memcpy(p->shrink, r->shrink, sizeof p->shrink);
    p->nonzero = r->nonzero;
    p->crop = prep && prep->crop;
    memcpy(p->axes, from->d->axes, sizeof p->axes);
    TRY(trained_spacing(f, r, p->trained, e));
    TRY(recipe_schemes(r->normalise, p->channels, scheme, e));
    for (int i = 0; i < p->channels; i++)
        snprintf(p->channel_name[i], sizeof p->channel_name[i], "%s", f->channel_name[i]);
    return recipe_intensities(r->intensities, p->channels, scheme, p->normalise, e);
}

/* ---- loading */

att_status cases_place(const struct dataset *d, int index, const struct preparation *prep,
    struct image *m, struct placed *where, struct err *e)
{
    struct err cause = {0};
    TRY(dataset_peek_image(d, index, m, e));
    att_status status = prepare_place(prep, m, where, &cause);
    return status == ATT_OK ? ATT_OK
                            : err_set(e, status, "case %s: %s", d->cases[index].id, cause.text);
}

static att_status cases_prepare(const struct train_context *c, const struct dataset *d, int index,
    const struct model *m, struct sample *s, struct err *e)
{
    struct placed where;
    struct err cause = {0};
    if (!s->classes)
        return err_data(e, "case %s has no label to train on; add it", d->cases[index].id);
    att_status status = prepare_image(&m->prep, &s->image, c->host->pool, &where, &cause);
    if (status != ATT_OK) return err_set(e, status, "case %s: %s", d->cases[index].id, cause.text);
    for (int i = 0; i < 3; i++) s->image.geometry.spacing[i] = (float)where.spacing[i];
    return prepare_replace_labels(&where, &s->classes, c->host->pool, e);
}

att_status cases_load_one(const struct train_context *c, const struct dataset *d, int index,
    const struct model *m, struct prepared *p, struct err *e)
{
    if (d->pack && !d->pack->making) return packed_load(d, index, p, e);
    struct sample s;
    TRY(dataset_load(d, index, &s, e));
    att_status status = cases_prepare(c, d, index, m, &s, e);
    if (status == ATT_OK) status = prepared_make(&s, m->labels.count, p, e);
    sample_free(&s);
    return status;
}

att_status cases_load(const struct train_context *c, const struct dataset *d, const int *list,
    int count, const struct model *m, double limit, struct prepared **cases, struct err *e)
{
    TRY(MEM_ARRAY(*cases, count, "the list of training cases", e));
    if (d->pack) TRY(packed_check(d, list, count, m, e));
    for (int i = 0; i < count; i++) {
        att_status status = host_stopped(c->host)
            ? err_set(e, ATT_INTERRUPTED, "stopped while loading the data")
            : case_memory_check(c, d, list[i], m, limit, e);
        if (status == ATT_OK) status = cases_load_one(c, d, list[i], m, &(*cases)[i], e);
        if (status != ATT_OK) {
            cases_free(*cases, count);
            *cases = NULL;
            return status;
        }
        host_progress(c->host, "loading", i + 1, count, NULL);
    }
    return ATT_OK;
}

void cases_free(struct prepared *cases, int count)
{
    for (int i = 0; cases && i < count; i++) prepared_free(&cases[i]);
    mem_free(cases);
}

att_status cases_check(
    const struct dataset *d, const int *list, int count, const char *what, struct err *e)
{
    for (int i = 0; i < count; i++) {
        const struct data_case *c = &d->cases[list[i]];
        if (!c->label) return err_data(e, "case %s has no label to %s on; add it", c->id, what);
        TRY(names_check(c, e));
    }
    return ATT_OK;
}
