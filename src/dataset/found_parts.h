/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a reading ("|") that have the same images. */
#pragma once

#include "dataset/found.h"

/* Drop parts that others contain. ATT_DATA, with settings to paste, where labels of the same images
 * differ in words: they may be classes, one class, or readers. */
att_status parts_settle(const struct finder *s, struct found *f, struct err *e);
