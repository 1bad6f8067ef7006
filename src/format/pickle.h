/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a pickle of torch.save (Python protocols 2 to 5) as a tree, without importing or running
 * anything. It has dicts, lists, tuples, texts, integers and tensors; any other object becomes
 * PICKLE_OTHER. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum pickle_kind {
    PICKLE_OTHER,
    PICKLE_TEXT,
    PICKLE_INT,
    PICKLE_LIST, /* lists and tuples */
    PICKLE_DICT, /* also collections.OrderedDict */
    PICKLE_NAME, /* of a class or function; items: the texts of module and name */
    /* items: "storage", a NAME, the key of its file, its device, its element count */
    PICKLE_STORAGE,
    PICKLE_TENSOR /* items: a STORAGE, the first element in it, sizes, strides, ... */
};

struct pickle_value {
    enum pickle_kind kind;
    int64_t number;
    const char *text; /* in the caller's bytes, without a NUL */
    size_t length;
    int first, last; /* items, or -1 */
};

struct pickle_item {
    int key; /* a value, for dicts only */
    int value, next;
};

struct pickle {
    struct pickle_value *values;
    struct pickle_item *items;
    int count, item_count;
    int root; /* a value */
};

#define PICKLE_TOO_LARGE                                                                           \
    "%s: it is larger than any checkpoint that attunet reads; save the state dict alone, "         \
    "torch.save(net.state_dict(), FILE)"
/* Read a pickle; damage is ATT_MODEL, with `path` in the message. Keep the bytes as long as p. */
att_status pickle_read(
    const char *path, const void *bytes, size_t size, struct pickle *p, struct err *e);
void pickle_free(struct pickle *p);

/* equal to this text; false for NULL */
bool pickle_is(const struct pickle_value *v, const char *text);
/* Item `index` of a list or the like, or NULL; NULL for NULL and dicts. */
const struct pickle_value *pickle_at(
    const struct pickle *p, const struct pickle_value *v, int index);
