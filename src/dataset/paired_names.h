/* SPDX-License-Identifier: Apache-2.0 */
/* Names of channels and classes that have patterns of their own. */
#pragma once

#include "dataset/reading.h"

/* name[k]: whole words of pattern k that set it apart; all NULL if nothing does. The caller frees
 * them. */
att_status paired_names_find(
    const struct place *list, int count, bool label, char **name, struct err *e);
/* Names of a part's classes, or channels, where another part has more: the names of its patterns
 * that are the same, or that hold the text of one name alone. False: some have no such name. */
bool paired_names_adopt(const struct place *list, int count, const struct place *other,
    char *const *names, int others, int at[]);
