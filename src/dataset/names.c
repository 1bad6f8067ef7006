/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/names.h"

#include <ctype.h>
#include <string.h>

#include "base/json_memory.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/layout.h"
#include "files/file.h"
#include "format/format.h"

enum { LIST_LIMIT = 64 << 20 };

att_status names_check(const struct data_case *c, struct err *e)
{
    json_t *name = json_string(c->id);
    const bool good = name || json_memory_lost();
    json_decref(name);
    return good
        ? ATT_OK
        : err_data(e, "the name of case %s is not UTF-8; give its files another name", c->id);
}

/* NULL if no case is similar. */
static const char *nearest(const struct dataset *d, const char *name)
{
    const char *best = NULL;
    for (int i = 0, smallest = text_too_far(name); i < d->count; i++)
        if (text_is_nearer(name, d->cases[i].id, &smallest)) best = d->cases[i].id;
    return best;
}

int names_find_id(const struct dataset *d, int first, struct span id)
{
    for (int i = first; i < d->count; i++)
        if (strncmp(d->cases[i].id, id.text, (size_t)id.length) == 0 && !d->cases[i].id[id.length])
            return i;
    return -1;
}

int names_find(const struct dataset *d, const char *name)
{
    size_t ending = 0;
    int index = dataset_find(d, name);
    if (index >= 0) return index;
    name = file_base(name);
    index = dataset_find(d, name);
    if (index >= 0) return index;
    struct span id = span_of(name);
    if (format_by_name(name, &ending)) id.length -= (int)ending;
    index = names_find_id(d, 0, id);
    if (index >= 0 || layout_channel(name, (size_t)id.length) < 0) return index;
    id.length -= LAYOUT_CHANNEL;
    return names_find_id(d, 0, id);
}

att_status names_unknown(
    const struct dataset *d, const char *where, const char *name, struct err *e)
{
    const char *near = nearest(d, file_base(name));
    if (near)
        return err_data(e, "%s: there is no case '%.200s' in %s; did you mean %.200s?", where, name,
            d->root, near);
    return err_data(e,
        "%s: there is no case '%.200s' in %s; give names of its cases, such as %.200s", where, name,
        d->root, d->cases[0].id);
}

/* Cut the text into names. */
static att_status names_read_lines(
    char *text, const char *path, names_fn *fn, void *arg, struct err *e)
{
    int count = 0;
    text = text_skip_mark(text);
    while (*text) {
        char *name = text + strspn(text, " \t\r\n"), *end = name + strcspn(name, "\r\n");
        text = end + (*end != 0);
        while (end > name && isspace((unsigned char)end[-1])) end--;
        *end = 0;
        if (!*name) continue;
        TRY(fn(arg, name, e));
        count++;
    }
    return count > 0 ? ATT_OK : err_data(e, "%s names no case; write one name per line", path);
}

att_status names_read(const char *path, names_fn *fn, void *arg, struct err *e)
{
    char *text;
    TRY(file_read_text(path, LIST_LIMIT, &text, e));
    att_status status = names_read_lines(text, path, fn, arg, e);
    mem_free(text);
    return status;
}

struct marking {
    const struct dataset *d;
    const char *path;
    names_find_fn *find;
    bool *wanted;
};

static att_status dataset_names_mark(void *arg, const char *name, struct err *e)
{
    const struct marking *m = arg;
    const int index = m->find(m->d, name);
    if (index < 0) return names_unknown(m->d, m->path, name, e);
    m->wanted[index] = true;
    return ATT_OK;
}

att_status names_mark(
    const struct dataset *d, const char *path, names_find_fn *find, bool *wanted, struct err *e)
{
    return names_read(path, dataset_names_mark, &(struct marking){d, path, find, wanted}, e);
}
