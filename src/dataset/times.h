/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes of several times whose label files have as many, as series of a beating heart. */
#pragma once

#include "dataset/dataset.h"

/* Makes a case of each time that has a label, in one group for each volume, and leaves the other
 * times aside. Up to four channels may be classes or stains, and are no times. Cases are sorted
 * again. */
att_status times_cut(struct dataset *d, struct host *host, struct err *e);
