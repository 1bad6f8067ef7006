/* SPDX-License-Identifier: Apache-2.0 */
/* What a pickle of torch.save says (Python's protocols 2 to 5), as a tree.  Nothing that it names
 * is looked up or run: dicts, lists, tuples, texts, whole numbers and torch's tensors are kept, and
 * of everything else that it would make only that it was there. */
#ifndef FORMAT_PICKLE_H
#define FORMAT_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum pickle_kind {
    PICKLE_OTHER,
    PICKLE_TEXT,
    PICKLE_INT,
    PICKLE_LIST,    /* lists and tuples */
    PICKLE_DICT,    /* collections.OrderedDict, too */
    PICKLE_NAME,    /* of a class or function; items: texts of its module and of its name there */
    PICKLE_STORAGE, /* items: "storage", a NAME, the key of its file, where it was, how many
                       elements */
    PICKLE_TENSOR   /* items: a STORAGE, the first element in it, sizes, steps, ... */
};

struct pickle_value {
    enum pickle_kind kind;
    int64_t number;
    const char *text; /* in the caller's bytes, not ended by 0 */
    size_t length;
    int first, last; /* items, or -1 */
};

struct pickle_item {
    int key; /* a value, of a dict only */
    int value, next;
};

struct pickle {
    struct pickle_value *values;
    struct pickle_item *items;
    int count, item_count;
    int root; /* a value */
};

#define PICKLE_TOO_LARGE                                                                           \
    "%s: it holds more than is read of a checkpoint; save the state dict alone, "                  \
    "torch.save(net.state_dict(), FILE)"
/* `path` names the file in sentences: what is wrong is ATT_MODEL.  The bytes must stay as long as
 * p. */
att_status pickle_read(
    const char *path, const void *bytes, size_t size, struct pickle *p, struct err *e);
void pickle_free(struct pickle *p);

bool pickle_is(
    const struct pickle_value *v, const char *text); /* a text that says this; false for NULL */
/* Item `index` of what has items and is no dict, or NULL; NULL for NULL. */
const struct pickle_value *pickle_at(
    const struct pickle *p, const struct pickle_value *v, int index);

#endif
