/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of single objects, of one class or several: their numbers are no names of classes. */
#pragma once

#include "dataset/found.h"

/* Reads the first portion of a choice so, if files and names say it; then its files are used, and
 * the portion is gone. ATT_DATA, with settings to paste, where its numbers may be classes. */
att_status objects_settle(
    const struct finder *s, struct links *l, struct choice *c, struct found *f, struct err *e);
