/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes by name, and by the words in their names; for pairing.c. */
#pragma once

#include "dataset/names_tokens.h"
#include "dataset/pairing.h"

struct word {
    struct span text;
    int count; /* nodes that have it */
    int first; /* its nodes: places[first ...] */
};

struct index {
    int *by_name; /* hash table: node or -1 */
    size_t names; /* its size, a power of two */
    int *by_text; /* of words */
    size_t texts;
    struct word *word;
    int words;
    int *ids, *begin; /* words of node i: ids[begin[i] ... begin[i + 1] - 1], each once */
    int *places;
};

/* Fills p->node, too. Names change for WAY_ZEROS, where leading zeros of numbers count for nothing,
 * and for WAY_MASKED, where numbers that one file has alone are marks; no nodes if few do. */
att_status index_build(struct pairing *p, enum pairing_way way, struct index *x, struct err *e);
void index_free(struct index *x);
int index_find(const struct index *x, const struct pairing *p, const char *name, int length);
/* Nodes that have a word. */
int index_count(const struct index *x, const char *text, const struct token *t);
/* The rarest word in the literals of a pattern, or -1; a name that fits the pattern has it. */
int index_rarest(const struct index *x, const struct pattern *a);
