/* SPDX-License-Identifier: Apache-2.0 */
#include "train/freeze.h"

#include <string.h>

#include "base/text.h"

/* list: prefixes separated by commas. Returns the number of trainable parameters found. */
static int freeze_names(const char *list, struct params *p)
{
    int found = 0;
    for (const char *word = list; *word; word += strspn(word, ",")) {
        size_t length = strcspn(word, ",");
        for (int i = 0; i < p->count && length > 0; i++) {
            if (strncmp(p->list[i].name, word, length) != 0) continue;
            p->list[i].frozen = true;
            found += param_trains(&p->list[i]);
        }
        word += length;
    }
    return found;
}

/* Distinct names up to their first dot: "enc, gate, dec". */
static void list_prefixes(const struct params *p, char *text, size_t room)
{
    *text = 0;
    for (int i = 0; i < p->count; i++) {
        const char *name = p->list[i].name;
        size_t length = strcspn(name, ".");
        bool seen = false;
        for (int k = 0; k < i && !seen; k++)
            seen = strncmp(p->list[k].name, name, length) == 0 &&
                strcspn(p->list[k].name, ".") == length;
        if (!seen) text_append(text, room, "%s%.*s", *text ? ", " : "", (int)length, name);
    }
}

static att_status freeze_word(const char *word, struct model *m, struct err *e)
{
    const struct arch *a = NULL;
    TRY(arch_find(&m->spec, &a, e));
    bool encoder = strcmp(word, "encoder") == 0;
    char names[200];
    list_prefixes(&m->params, names, sizeof names);
    if (encoder && !a->encoder)
        return err_usage(e,
            "`freeze` encoder: arch=%s defines no encoder; use prefixes of parameter names: %s",
            a->name, names);
    if (freeze_names(encoder ? a->encoder : word, &m->params) > 0) return ATT_OK;
    return err_usage(e,
        "`freeze` %s: no parameter name of this network starts with it; use one of: %s%s", word,
        names, a->encoder ? "; or encoder" : "");
}

att_status freeze_nothing(const char *list, struct err *e)
{
    return err_usage(e, "`freeze` %s leaves nothing to train; shorten the list", list);
}

att_status freeze_apply(const char *list, struct model *m, struct err *e)
{
    char word[256];
    for (int i = 0; i < m->params.count; i++) m->params.list[i].frozen = false;
    for (const char *at = list; *at; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ", ");
        if (length >= sizeof word)
            return err_usage(
                e, "`freeze`: %.40s... is longer than any parameter name; shorten it", at);
        memcpy(word, at, length);
        word[length] = 0;
        if (length > 0) TRY(freeze_word(word, m, e));
        at += length;
    }
    return freeze_trained(&m->params) > 0 ? ATT_OK : freeze_nothing(list, e);
}

int64_t freeze_trained(const struct params *p)
{
    int64_t n = 0;
    for (int i = 0; i < p->count; i++)
        if (param_trains(&p->list[i]) && !p->list[i].frozen) n += (int64_t)p->list[i].count;
    return n;
}
