/* SPDX-License-Identifier: Apache-2.0 */
/* Uploaded images, in memory, under names that no file has.  The oldest go when they are too many
 * or too large together. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { STORE_NAME = 64 };

struct store;
struct store *store_create(size_t limit); /* bytes; NULL: no memory */
void store_destroy(struct store *s);
/* Keeps a copy; the name's earlier one goes. False: too large, or no memory. */
bool store_put(struct store *s, const char *name, const void *data, size_t size);
/* A copy for free(), or NULL: it is not there, or there is no memory. */
void *store_get(struct store *s, const char *name, size_t *size);
bool store_has(struct store *s, const char *name);
bool store_drop(struct store *s, const char *name); /* false: it was not there */
