/* SPDX-License-Identifier: Apache-2.0 */
/* Beginning with another model's weights; called while a run is decided. */
#include "plan/init.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "arch/hard.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan/heads.h"

/* ---- names, where they say something: what nobody has named is called "channel 1", "label 2", ...
 */

static bool tells(const char *name)
{
    static const char *const made[] = {"image", "channel ", "foreground", "label ", "class "};
    if (!name || !*name || isdigit((unsigned char)*name)) return false;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (strncmp(name, made[i], strlen(made[i])) == 0) return false;
    return true;
}

static bool renamed(const char *a, const char *b)
{
    return tells(a) && tells(b) && !text_equals(a, b);
}

/* Whether a channel of the data set is another one of the model's. */
static att_status init_check_order(
    const char *path, const struct dataset *d, const struct model *from, struct err *e)
{
    for (int c = 0; c < d->channels; c++)
        for (int k = 0; k < d->channels; k++)
            if (renamed(d->channel_name[c], from->prep.channel_name[c]) &&
                tells(from->prep.channel_name[k]) &&
                text_equals(d->channel_name[c], from->prep.channel_name[k]))
                return err_set(e, ATT_USAGE,
                    "`init` %s: %.60s is channel %d of %s and channel %d of the model; bring "
                    "channels into the model's order",
                    path, d->channel_name[c], c, d->root, k);
    return ATT_OK;
}

static void warn_of_channels(const struct model *from, const struct model *to, struct host *host)
{
    for (int c = 0; c < to->prep.channels; c++)
        if (renamed(to->prep.channel_name[c], from->prep.channel_name[c]))
            host_warn(host, WARN_CHANNELS_DIFFER,
                "channel %d is %s, and %s in the model to begin with: it is normalised as "
                "there, unless `normalise` says otherwise",
                c, to->prep.channel_name[c], from->prep.channel_name[c]);
}

/* The first target that is something else in the model, whose row of the head says nothing here;
 * -1: none. */
static int other_target(const struct labelling *from, const struct labelling *to)
{
    for (int k = 0; k < labelling_targets(to) && k < labelling_targets(from); k++)
        if (renamed(labelling_target_name(to, k), labelling_target_name(from, k))) return k;
    return -1;
}

/* ---- what fits */

static att_status check_images(
    const char *path, const struct dataset *d, const struct model *from, struct err *e)
{
    int channels = from->prep.channels;
    if (from->facts.dims == 3 && d->dims == 2)
        return err_set(e, ATT_USAGE,
            "`init` %s: the model is 3D, and the images of %s are 2D; begin with a 2D model, or "
            "without `init`",
            path, d->root);
    if (channels == d->channels) return init_check_order(path, d, from, e);
    return err_set(e, ATT_USAGE,
        "`init` %s: the model takes images of %d channel%s, and those of %s have %d; its first "
        "convolution does not fit",
        path, channels, TEXT_S(channels), d->root, d->channels);
}

att_status init_load(const char *path, const struct dataset *d, struct model *from, struct err *e)
{
    TRY(model_load(path, from, e));
    att_status status = hard_is(&from->spec) ? err_set(e, ATT_USAGE,
                                                   "`init` %s: a model of hard attention is two "
                                                   "nets and a policy; begin with one of its "
                                                   "nets, the folder fine or coarse of its run",
                                                   path)
                                             : check_images(path, d, from, e);
    if (status != ATT_OK) model_free(from);
    return status;
}

/* One sigmoid channel stays one for a single class; else what the labels need. */
static int classes_for(const struct model *from, const struct labelling *l)
{
    bool binary = from->facts.classes == 1 && l->count == 2 && !l->regions;
    return binary ? 1 : labelling_channels(l);
}

att_status init_spec(const struct model *from, const char *words, const struct dataset *d,
    struct recipe *r, struct arch_facts *f, struct err *e)
{
    struct spec user = {.count = 0}, s;
    char classes[16];
    snprintf(classes, sizeof classes, "%d", classes_for(from, &d->labels));
    if (words) TRY(spec_parse(&user, words, e));
    TRY(spec_parse(&s, from->spec.text, e));
    TRY(spec_set(&s, "classes", classes, e));
    for (int i = 0; i < user.count; i++) {
        const char *own = spec_get(&from->spec, user.key[i], NULL);
        if (strcmp(user.key[i], "classes") != 0 && (!own || strcmp(own, user.value[i]) != 0))
            return err_set(e, ATT_USAGE,
                "`spec` says %s=%s, and the model of `init` %s%s: leave `spec` out, and the "
                "network is the model's",
                user.key[i], user.value[i], own ? "has " : "does not say so", own ? own : "");
        TRY(spec_set(&s, user.key[i], user.value[i], e));
    }
    snprintf(r->spec, sizeof r->spec, "%s", s.text);
    return arch_describe(&s, f, e);
}

static void list_name(char *text, size_t size, const char *name)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used ? ", " : "", name);
}

/* Logits of a softmax, which only differ from each other, say nothing as sigmoids, and the other
 * way round; nor those of other classes. Whether it is so, and why. */
static bool other_logits(const struct model *from, const struct model *to, char *why, size_t size)
{
    struct target x, y;
    model_target(from, &x);
    model_target(to, &y);
    const int k = other_target(&from->labels, &to->labels);
    *why = 0;
    if (x.regions != y.regions)
        snprintf(why, size, "%s",
            y.regions
                ? " (in its head classes exclude each other, and here each region is decided by "
                  "itself)"
                : " (its head decides each region by itself, and here classes exclude each other)");
    else if (k >= 0)
        snprintf(why, size, " (%s is %s there)", labelling_target_name(&to->labels, k),
            labelling_target_name(&from->labels, k));
    return *why;
}

att_status init_weights(
    const struct model *from, const char *path, struct model *to, struct host *host, struct err *e)
{
    char fresh[400] = "", why[2 * LABELLING_NAME + 32];
    const bool other = other_logits(from, to, why, sizeof why);
    bool *head;
    int taken = 0;
    TRY(heads_mark(to, &head, e));
    for (int i = 0; i < to->params.count; i++) {
        const struct param *p = &to->params.list[i];
        int same = params_find(&from->params, p->name);
        if (same < 0 || !param_same_shape(p, &from->params.list[same]) || (other && head[i])) {
            list_name(fresh, sizeof fresh, p->name);
            continue;
        }
        memcpy(params_at(&to->params, i), params_at(&from->params, same), p->size * sizeof(real));
        taken++;
    }
    mem_free(head);
    host_say(host, LOG_INFO, "%d of %d tensors are taken from %s%s%s%s", taken, to->params.count,
        path, *fresh ? "; new: " : "", fresh, why);
    warn_of_channels(from, to, host);
    return ATT_OK;
}
