/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/init.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "arch/hard.h"
#include "base/mem.h"
#include "base/text.h"
#include "plan/heads.h"

/* ---- names; generated ones such as "channel 1" or "label 2" mean nothing */

static bool is_informative(const char *name)
{
    static const char *const made[] = {"image", "channel ", "foreground", "label ", "class "};
    if (!name || !*name || isdigit((unsigned char)*name)) return false;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (strncmp(name, made[i], strlen(made[i])) == 0) return false;
    return true;
}

static bool names_conflict(const char *a, const char *b)
{
    return is_informative(a) && is_informative(b) && !text_equals(a, b);
}

/* ATT_USAGE if a channel has another position in the model. */
static att_status init_check_order(
    const char *path, const struct dataset *d, const struct model *from, struct err *e)
{
    for (int c = 0; c < d->channels; c++)
        for (int k = 0; k < d->channels; k++)
            if (names_conflict(d->channel_name[c], from->prep.channel_name[c]) &&
                is_informative(from->prep.channel_name[k]) &&
                text_equals(d->channel_name[c], from->prep.channel_name[k]))
                return err_usage(e,
                    "`init` %s: %.60s is channel %d of %s and channel %d of the model; bring "
                    "channels into the model's order",
                    path, d->channel_name[c], c, d->root, k);
    return ATT_OK;
}

static void warn_of_channels(const struct model *from, const struct model *to, struct host *host)
{
    for (int c = 0; c < to->prep.channels; c++)
        if (names_conflict(to->prep.channel_name[c], from->prep.channel_name[c]))
            host_warn(host, WARN_CHANNELS_DIFFER,
                "channel %d is %s, but %s in the model of `init`; attunet normalises it like that "
                "model unless you give `normalise`",
                c, to->prep.channel_name[c], from->prep.channel_name[c]);
}

/* The first target with another name in the model; -1: none. */
static int first_renamed_target(const struct labelling *from, const struct labelling *to)
{
    for (int k = 0; k < labelling_targets(to) && k < labelling_targets(from); k++)
        if (names_conflict(labelling_target_name(to, k), labelling_target_name(from, k))) return k;
    return -1;
}

/* ---- compatibility */

static att_status check_images(
    const char *path, const struct dataset *d, const struct model *from, struct err *e)
{
    int channels = from->prep.channels;
    if (from->facts.dims == 3 && d->dims == 2)
        return err_usage(e,
            "`init` %s: the model is 3D, but the images of %s are 2D; give a 2D model, or leave "
            "`init` out",
            path, d->root);
    if (channels == d->channels) return init_check_order(path, d, from, e);
    return err_usage(e,
        "`init` %s: the model takes images of %d channel%s, but those of %s have %d; give another "
        "model, or leave `init` out",
        path, channels, TEXT_S(channels), d->root, d->channels);
}

att_status init_load(const char *path, const struct dataset *d, struct model *from, struct err *e)
{
    TRY(model_load(path, from, e));
    att_status status = ATT_OK;
    if (hard_is(&from->spec))
        status = err_usage(e,
            "`init` %s is a model of hard attention; give one of its two networks, the folder "
            "coarse or fine of its run",
            path);
    else
        status = check_images(path, d, from, e);
    if (status != ATT_OK) model_free(from);
    return status;
}

/* A single class keeps a model's single sigmoid channel; else the number that the labels need. */
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
            return err_usage(e,
                "`spec` has %s=%s, but the model of `init` has %s; leave `spec` out to use the "
                "model's network",
                user.key[i], user.value[i], own ? own : "none");
        TRY(spec_set(&s, user.key[i], user.value[i], e));
    }
    snprintf(r->spec, sizeof r->spec, "%s", s.text);
    return arch_describe(&s, f, e);
}

/* True, with the reason, if the model's head weights do not fit: logits of a softmax mean nothing
 * as sigmoids and vice versa, nor do logits of other classes. */
static bool head_differs(const struct model *from, const struct model *to, char *why, size_t size)
{
    struct target x, y;
    model_target(from, &x);
    model_target(to, &y);
    const int k = first_renamed_target(&from->labels, &to->labels);
    *why = 0;
    if (x.regions != y.regions)
        snprintf(why, size, "%s",
            y.regions ? " (its head is a softmax, but regions need sigmoids)"
                      : " (its head has sigmoids, but these classes need a softmax)");
    else if (k >= 0)
        snprintf(why, size, " (%s is %s in that model)", labelling_target_name(&to->labels, k),
            labelling_target_name(&from->labels, k));
    return *why;
}

att_status init_weights(
    const struct model *from, const char *path, struct model *to, struct host *host, struct err *e)
{
    char fresh[400] = "", why[2 * LABELLING_NAME + 32];
    const bool other = head_differs(from, to, why, sizeof why);
    bool *head;
    int copied = 0;
    TRY(heads_mark(to, &head, e));
    for (int i = 0; i < to->params.count; i++) {
        const struct param *p = &to->params.list[i];
        int same = params_find(&from->params, p->name);
        if (same < 0 || !param_same_shape(p, &from->params.list[same]) || (other && head[i])) {
            text_append(fresh, sizeof fresh, "%s%s", *fresh ? ", " : "", p->name);
            continue;
        }
        memcpy(params_at(&to->params, i), params_at(&from->params, same), p->size * sizeof(real));
        copied++;
    }
    mem_free(head);
    host_say(host, LOG_INFO, "%d of %d tensors come from %s%s%s%s", copied, to->params.count, path,
        *fresh ? "; new: " : "", fresh, why);
    warn_of_channels(from, to, host);
    return ATT_OK;
}
