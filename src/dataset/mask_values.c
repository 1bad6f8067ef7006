/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/mask_values.h"

#include <string.h>

#include "format/joined.h"

att_status mask_values_join(struct dataset *d, struct err *e)
{
    int one[LABELLING_MAX];
    if (d->labels.nonzero) return ATT_OK; /* one class already, perhaps with a name of its own */
    /* classes by their files may overlap */
    for (int k = 0; k < LABELLING_MAX; k++) one[k] = d->labels.value[1];
    for (int i = 0; i < d->count && d->named; i++) {
        struct data_case *c = &d->cases[i];
        if (c->label && !(c->label = joined_renumber(c->label, one))) return err_path(e);
    }
    if (d->labels.count > 1) labelling_of_foreground(d->labels.value[1], &d->labels);
    return ATT_OK;
}

/* Makes 1 and 255 two classes. */
static void separate(struct dataset *d)
{
    d->labels = (struct labelling){.ignore = -1};
    labelling_add(&d->labels, 0, "background");
    labelling_add(&d->labels, 1, "label 1");
    labelling_add(&d->labels, 255, "label 255");
    d->two_ways = false;
}

att_status mask_values_wanted(const struct options *o, const char **wanted, struct err *e)
{
    *wanted = options_choice(o, train, mask_values);
    if (!options_bool(o, train, instances)) return ATT_OK;
    if (*wanted && strcmp(*wanted, "objects") != 0)
        return err_usage(
            e, "`instances` makes values objects, but `mask-values` is %s; leave out one", *wanted);
    *wanted = "objects";
    return ATT_OK;
}

/* Each mask file of a class is one object, of whatever class. */
static att_status number_masks(struct dataset *d, struct err *e)
{
    for (int i = 0; i < d->count; i++) {
        struct data_case *c = &d->cases[i];
        if (c->label && !(c->label = joined_objects(c->label)))
            return err_memory(e, 400, "the masks of a case");
    }
    labelling_of_objects(&d->labels);
    return ATT_OK;
}

static att_status use_objects(struct dataset *d, struct err *e)
{
    if (d->labels.objects) return ATT_OK; /* a packed set of objects */
    if (d->class_objects && d->named) return number_masks(d, e);
    if (!d->undeclared && (d->labels.count > 2 || d->labels.regions))
        return err_usage(e,
            "%s names several classes, but objects are of one; leave out `instances`, or name one "
            "class in its dataset.json",
            d->path);
    if (!d->undeclared && d->labels.value[0])
        return err_usage(e,
            "%s names %d as the background, but `instances` needs 0; save the labels so, or leave "
            "out `instances`",
            d->path, d->labels.value[0]);
    labelling_of_objects(&d->labels);
    return ATT_OK;
}

att_status mask_values_choose(const char *wanted, struct dataset *d, struct err *e)
{
    if (!wanted) return d->doubt ? err_data(e, "%s", d->doubt) : ATT_OK;
    if (strcmp(wanted, "objects") == 0) return use_objects(d, e);
    if (!d->undeclared && !d->named)
        return err_usage(
            e, "%s states the meaning of its labels; leave out `mask-values`", d->path);
    if (d->objects && strcmp(wanted, "classes") == 0)
        return err_usage(e,
            "each mask file of %s is one object of its image; leave out `mask-values`, or give one",
            d->path);
    if (strcmp(wanted, "one") == 0 && d->labels.value[0])
        return err_data(e,
            "no label of %s has a 0, so everything would be one class; give `mask-values` classes",
            d->path);
    if (strcmp(wanted, "one") == 0) return mask_values_join(d, e);
    if (d->two_ways)
        separate(d);
    else if (d->numbered && d->labels.nonzero)
        return err_data(e,
            "the labels of %s have too many values for classes; give `instances`, or `mask-values` "
            "one",
            d->path);
    return ATT_OK;
}

void mask_values_follow(const char *wanted, const struct labelling *l, struct dataset *d)
{
    const bool chosen = (d->undeclared || d->named) && (d->doubt || (wanted && *wanted));
    struct err ignored = {0}; /* other labels stay as they are */
    if (l->objects) use_objects(d, &ignored);
    if (chosen && l->nonzero) mask_values_join(d, &ignored);
    if (chosen && !l->nonzero && d->two_ways) separate(d);
}
