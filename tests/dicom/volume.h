/* SPDX-License-Identifier: Apache-2.0 */
/* Starts programs, reads the NIfTI files that they write, and counts checks. */
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
/* The bytes of a file. */
std::string slurp(const std::string &path);
/* Runs words[0]; `said` gets standard output, then standard error. */
extern std::string said;
int run(const std::vector<std::string> &words);
/* Counts; a failure shows `said`. */
void check(bool good, const std::string &name, const std::string &what);
/* Prints the counts; the exit status of the test. */
int checked();
