/* SPDX-License-Identifier: Apache-2.0 */
/* Series with a known mask, for tests of labels. */
#pragma once

#include <functional>

#include "recipe.h"
#include "volume.h"

extern std::string program;
bool says(const std::string &what);
/* Makes a series in a new folder. */
void make(const std::string &folder, std::function<void(recipe &)> f);
typedef std::vector<std::string> words;
words joined(words a, const words &b);

extern bool noisy; /* parts that touch at corners, holes in holes, along all borders */
/* 1 is a box with a hole of 0, 2 a box in the hole and touching it at a corner. */
int label_at(int x, int y, int k);
/* That mask on the grid of a volume. */
void put_mask(const std::string &volume_path, const std::string &path);
/* How many voxels of a file are others; -1: it cannot be read.
 * shifted: slices of the source lie (3 - k, 2 k) pixels in, and nothing is beside them. */
int label_errors(const std::string &path, bool shifted = false);
