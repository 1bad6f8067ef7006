/* SPDX-License-Identifier: Apache-2.0 */
/* Folders that hold the same images, each with labels of its own, and folders of other things. */
#pragma once

#include "dataset/found.h"
#include "dataset/paired.h"

/* ATT_DATA, with settings to paste, where cases are copies of one image and their labels mark other
 * places: they may be classes, or readers. */
att_status copies_ask(const struct finder *s, const struct found *f, const struct reading *r,
    const struct paired_list *pairs, struct err *e);
/* Says that folders such as liver and spleen are read as one set. */
void copies_say_parts(const struct tree *t, const struct reading *r,
    const struct paired_list *pairs, const char *root, struct host *host);
