/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 64 };

struct entry {
    char name[STORE_NAME];
    char *data; /* NULL: unused */
    size_t size;
    unsigned long long age; /* counted in puts */
};

struct store {
    pthread_mutex_t lock;
    struct entry entries[ENTRIES];
    size_t limit, used;
    unsigned long long puts;
};

struct store *store_create(size_t limit)
{
    struct store *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    pthread_mutex_init(&s->lock, NULL);
    s->limit = limit;
    return s;
}

void store_destroy(struct store *s)
{
    if (!s) return;
    for (int i = 0; i < ENTRIES; i++) free(s->entries[i].data);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static struct entry *store_find(struct store *s, const char *name)
{
    for (int i = 0; i < ENTRIES; i++)
        if (s->entries[i].data && strcmp(s->entries[i].name, name) == 0) return &s->entries[i];
    return NULL;
}

static bool store_clear(struct store *s, struct entry *e)
{
    if (!e) return false;
    free(e->data);
    s->used -= e->size;
    *e = (struct entry){.data = NULL};
    return true;
}

/* An unused entry with room for `size` bytes more. */
static struct entry *store_room(struct store *s, size_t size)
{
    for (;;) {
        struct entry *unused = NULL, *oldest = NULL;
        for (struct entry *e = s->entries; e < s->entries + ENTRIES; e++) {
            if (!e->data)
                unused = e;
            else if (!oldest || e->age < oldest->age)
                oldest = e;
        }
        if (unused && size <= s->limit - s->used) return unused;
        store_clear(s, oldest);
    }
}

bool store_put(struct store *s, const char *name, const void *data, size_t size)
{
    char *copy = size <= s->limit ? malloc(size + 1) : NULL;
    if (!copy || strlen(name) >= STORE_NAME) {
        free(copy);
        return false;
    }
    memcpy(copy, data, size);
    pthread_mutex_lock(&s->lock);
    store_clear(s, store_find(s, name));
    struct entry *e = store_room(s, size);
    snprintf(e->name, sizeof e->name, "%s", name);
    e->data = copy;
    e->size = size;
    e->age = ++s->puts;
    s->used += size;
    pthread_mutex_unlock(&s->lock);
    return true;
}

void *store_get(struct store *s, const char *name, size_t *size)
{
    char *copy = NULL;
    pthread_mutex_lock(&s->lock);
    const struct entry *e = store_find(s, name);
    if (e && (copy = malloc(e->size + 1))) {
        memcpy(copy, e->data, e->size);
        *size = e->size;
    }
    pthread_mutex_unlock(&s->lock);
    return copy;
}

bool store_has(struct store *s, const char *name)
{
    pthread_mutex_lock(&s->lock);
    const bool there = store_find(s, name) != NULL;
    pthread_mutex_unlock(&s->lock);
    return there;
}

bool store_drop(struct store *s, const char *name)
{
    pthread_mutex_lock(&s->lock);
    const bool there = store_clear(s, store_find(s, name));
    pthread_mutex_unlock(&s->lock);
    return there;
}
