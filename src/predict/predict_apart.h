/* SPDX-License-Identifier: Apache-2.0 */
/* Images of one name in several folders: p1/us.png and p2/us.png. */
#pragma once

#include "dataset/dataset.h"

/* Sorts the cases, and puts the fewest folders that tell them apart before names that several have:
 * p1_us and p2_us (logged). Leaves names that no folder tells apart. */
void apart_name(struct dataset *d, struct host *host);
