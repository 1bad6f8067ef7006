/* SPDX-License-Identifier: Apache-2.0 */
#include "model/join.h"

#include <stdio.h>
#include <string.h>

/* True for a word that both networks and the joined model have. */
static bool is_shared(const char *key)
{
    return strcmp(key, "arch") != 0 && strcmp(key, "widths") != 0;
}

static att_status check_arch(const struct spec *s, const char *which, bool *gates, struct err *e)
{
    const char *arch = spec_get(s, "arch", "attunet");
    *gates = strcmp(arch, "unet") != 0;
    if (!*gates || !strcmp(arch, "attunet")) return ATT_OK;
    return err_model(e,
        "the %s network is arch=%s, but hard attention joins networks of arch=attunet or "
        "arch=unet; train one of these",
        which, arch);
}

static att_status copy_words(
    const struct spec *from, const struct spec *other, struct spec *out, struct err *e)
{
    for (int i = 0; i < from->count; i++) {
        const char *key = from->key[i], *value = from->value[i],
                   *theirs = spec_get(other, key, NULL), *set = spec_get(out, key, NULL);
        if (!is_shared(key)) continue;
        if (!theirs || strcmp(theirs, value) != 0)
            return err_model(e,
                "the networks differ: %s=%s in one, %s in the other; train both with the same "
                "words",
                key, value, theirs ? theirs : "nothing");
        if (set && strcmp(set, value) != 0)
            return err_model(e, "the spec has %s=%s, but the networks have %s=%s; make them equal",
                key, set, key, value);
        TRY(spec_set(out, key, value, e));
    }
    return ATT_OK;
}

att_status join_spec(const struct spec *coarse, const struct spec *fine, const struct spec *words,
    struct spec *out, struct err *e)
{
    bool gates[2];
    const struct spec *const parts[] = {coarse, fine};
    TRY(spec_parse(out, words->text, e));
    for (int i = 0; i < 2; i++) {
        const char *widths = spec_get(parts[i], "widths", NULL),
                   *set = spec_get(words, part_name[i], NULL);
        TRY(check_arch(parts[i], part_name[i], &gates[i], e));
        if (!widths)
            return err_model(e, "the %s network's spec has no widths; add them", part_name[i]);
        if (set && strcmp(set, widths) != 0)
            return err_model(e,
                "the spec has %s=%s, but the %s network has widths=%s; make them equal",
                part_name[i], set, part_name[i], widths);
        TRY(spec_set(out, part_name[i], widths, e));
    }
    if (gates[0] != gates[1])
        return err_model(e, "only one of the networks is arch=unet; use it for both or neither");
    TRY(copy_words(fine, coarse, out, e));
    TRY(copy_words(coarse, fine, out, e));
    return gates[0] ? ATT_OK : spec_set(out, "gate", "none", e);
}

/* The parts of the preparation that must agree. */
static json_t *join_common(const struct model *m, const char *part)
{
    json_t *all = model_to_json(m), *some = json_incref(json_object_get(all, part));
    json_object_del(some, "patch");
    json_object_del(some, "shrink");
    json_decref(all);
    return some;
}

static att_status join_check_same(
    const struct model *a, const struct model *b, const char *part, struct err *e)
{
    json_t *x = join_common(a, part), *y = join_common(b, part);
    bool same = x && y && json_equal(x, y);
    json_decref(x);
    json_decref(y);
    return same
        ? ATT_OK
        : err_model(e,
              "the coarse and the fine network differ in their %s; train both on the same data",
              part);
}

static int join_block(const struct preparation *p, int axis)
{
    return p->shrink[axis] > 1 ? p->shrink[axis] : 1;
}

static att_status check_blocks(
    const struct model *coarse, const struct model *fine, const struct hard *h, struct err *e)
{
    for (int a = 0; a < 3; a++) {
        int wanted = join_block(&fine->prep, a) * h->scale[a];
        if (join_block(&coarse->prep, a) != wanted)
            return err_model(e,
                "the coarse network averages blocks of %dx%dx%d voxels, but the spec has "
                "scale=%dx%dx%d; make them equal",
                join_block(&coarse->prep, 0), join_block(&coarse->prep, 1),
                join_block(&coarse->prep, 2), h->scale[0], h->scale[1], h->scale[2]);
    }
    return ATT_OK;
}

int join_copy(
    const struct params *from, const char *from_prefix, struct params *to, const char *to_prefix)
{
    int copied = 0;
    size_t n = strlen(from_prefix);
    for (int i = 0; i < from->count; i++) {
        const struct param *p = &from->list[i];
        char name[300];
        if (strncmp(p->name, from_prefix, n) != 0) continue;
        snprintf(name, sizeof name, "%s%s", to_prefix, p->name + n);
        int other = params_find(to, name);
        if (other < 0 || !param_same_shape(p, &to->list[other])) continue;
        memcpy(params_at(to, other), params_at(from, i), p->size * sizeof(real));
        copied++;
    }
    return copied;
}

static att_status join_copy_all(const struct params *from, const char *from_prefix,
    struct params *to, const char *to_prefix, int wanted, struct err *e)
{
    if (join_copy(from, from_prefix, to, to_prefix) == wanted) return ATT_OK;
    return err_model(e,
        "the weights do not fit the network in the spec; use the networks that the spec describes");
}

att_status join_models(const struct model *coarse, const struct model *fine,
    const struct spec *words, uint64_t seed, struct model *m, struct err *e)
{
    struct spec spec;
    struct hard h;
    TRY(join_spec(&coarse->spec, &fine->spec, words, &spec, e));
    TRY(hard_read(&spec, &h, e));
    TRY(join_check_same(coarse, fine, "preparation", e));
    TRY(join_check_same(coarse, fine, "labels", e));
    TRY(check_blocks(coarse, fine, &h, e));
    TRY(model_create(&spec, &fine->prep, &fine->labels, seed, m, e));
    att_status status =
        join_copy_all(&coarse->params, "", &m->params, "coarse.", coarse->params.count, e);
    if (status == ATT_OK)
        status = join_copy_all(&fine->params, "", &m->params, "fine.", fine->params.count, e);
    if (status != ATT_OK) model_free(m);
    return status;
}

att_status join_part(const struct model *m, enum arch_part part, struct model *out, struct err *e)
{
    struct spec spec;
    struct hard h;
    struct preparation prep = m->prep;
    char prefix[16];
    TRY(hard_read(&m->spec, &h, e));
    TRY(hard_part_spec(&m->spec, part, &spec, e));
    for (int a = 0; a < 3 && part == PART_COARSE; a++)
        prep.shrink[a] = join_block(&m->prep, a) * h.scale[a];
    for (int a = 0; a < 3; a++)
        if (prep.shrink[a] > PREPARATION_SHRINK)
            return err_model(e,
                "the coarse network averages %d voxels along an axis, but a separate model "
                "supports at most %d",
                prep.shrink[a], PREPARATION_SHRINK);
    if (part == PART_COARSE)
        arch_default_patch(&h.part[part], prep.patch); /* the joined model has no coarse patch */
    TRY(model_create(&spec, &prep, &m->labels, 0, out, e));
    snprintf(prefix, sizeof prefix, "%s.", part_name[part]);
    att_status status = join_copy_all(&m->params, prefix, &out->params, "", out->params.count, e);
    if (status != ATT_OK) model_free(out);
    return status;
}
