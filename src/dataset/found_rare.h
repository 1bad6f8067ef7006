/* SPDX-License-Identifier: Apache-2.0 */
/* Files of so few cases that no comparison of names finds them. */
#pragma once

#include "dataset/found.h"

/* ATT_DATA, with settings to paste, if a file of `rest`, which pairs with nothing, holds labels and
 * has the name of a case's label but for a word: a class that other cases lack? The same for images
 * of two names that differ only in letter case. */
att_status rare_ask(
    const struct finder *s, const struct tree *rest, const struct found *f, struct err *e);
