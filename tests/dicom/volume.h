/* SPDX-License-Identifier: Apache-2.0 */
/* Starts programs and reads the NIfTI files that they write. */
#pragma once

#include <string>
#include <vector>

struct volume {
    int size[3], type;
    float affine[3][4]; /* RAS */
    bool in_mm;
    std::vector<double> value; /* [plane][row][column][sample] */
    std::vector<unsigned char> bytes;
};
bool volume_read(const std::string &path, volume &v);
/* Runs words[0]; `said` gets standard output, then standard error. */
int run(const std::vector<std::string> &words, std::string &said);
