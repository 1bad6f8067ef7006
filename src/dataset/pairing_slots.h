/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several images and labels of the same cases are channels, classes, second choices. */
#pragma once

#include "dataset/pairing_choose.h"

/* Folders whose files have the same names in every case become a slot for each name. */
att_status slots_add_label(
    struct links *l, struct portion *q, const struct link *link, struct err *e);
void slots_add_image(struct portion *q, const struct link *link);
/* The name of the first file in a slot. */
struct span slot_name(
    const struct links *l, const struct portion *q, const struct slot *s, bool label);
/* Leave aside slot k of the labels, or images. */
void slots_put_aside(
    struct links *l, struct choice *c, struct portion *q, bool label, int k, const char *why);
extern const char slots_why_region[]; /* why masks are aside that cover labels */
/* Keep those to use, and list the others in c->aside. False: the names and samples do not say
 * which. */
bool slots_choose_labels(struct links *l, struct choice *c, struct portion *q);
bool slots_choose_images(struct links *l, struct choice *c, struct portion *q);
