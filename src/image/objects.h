/* SPDX-License-Identifier: Apache-2.0 */
/* Numbered objects as classes that a network can learn, and back. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Classes of a voxel. The border is a layer of one voxel inside each object, so that the insides of
 * objects that touch lie apart. */
enum { OBJECT_NONE, OBJECT_INSIDE, OBJECT_BORDER, OBJECT_CLASSES };

/* number, classes: [d][h][w]. A voxel is border if one of its faces (in a volume, or of its edges)
 * touches another number or 0; the edge of the image is none. Of an object too thin for an inside,
 * voxels are inside if they touch no other object; if all do, one voxel is, apart from other
 * insides. */
att_status objects_to_classes(
    const uint16_t *number, const int size[3], uint8_t *classes, struct err *e);

enum { OBJECTS_BYTES = 17 }; /* that objects_from_classes takes per voxel */
/* Number objects 1..count in scan order. Insides in one piece (26 neighbours, or 8 in a plane) of
 * at least `smallest` voxels are an object; objects grow from face to face through the other
 * voxels that are not background, all by one voxel at a time. What no object reaches becomes
 * background, or, if `smallest` is 0, objects of its own. ATT_DATA for more than 65535. */
att_status objects_from_classes(const uint8_t *classes, const int size[3], int64_t smallest,
    uint16_t *number, int *count, struct err *e);
/* Leaves out one number: those from it on become one higher. */
void objects_skip(uint16_t *number, size_t voxels, int skipped);
