/* SPDX-License-Identifier: Apache-2.0 */
/* Names of channels and classes that have patterns of their own. */
#pragma once

#include "dataset/reading.h"

/* name[k]: whole words of pattern k that set it apart; all NULL if nothing does. The caller frees
 * them. */
att_status paired_names_find(
    const struct place *list, int count, bool label, char **name, struct err *e);
