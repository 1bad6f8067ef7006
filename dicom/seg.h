/* SPDX-License-Identifier: Apache-2.0 */
/* Masks back to DICOM: a binary segmentation of a series. */
#pragma once

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctagkey.h>

#include <map>

#include "series.h"

struct code {
    std::string value, scheme, meaning;
};
struct segment {
    int label; /* value in the mask */
    std::string name;
    code category, type;
    int rgb[3];
    code type_modifier = {}, region = {}, region_modifier = {}; /* without a value: none */
    std::string description = "", algorithm_type = "AUTOMATIC",
                algorithm = "attunet " ATTUNET_VERSION;
    std::string probability = ""; /* its file, of a FRACTIONAL segmentation */
    std::vector<std::string> texts() const;
};
/* What an object says: its segments, and texts that replace attunet's own, by tag. */
struct terms {
    std::vector<segment> segments;
    std::map<DcmTagKey, std::string> series;
    std::vector<std::string> texts() const; /* all that people may read of it */
};
/* "1=liver", with a code by the name where one is known. */
segment segment_of(const std::string &text, size_t number);
/* What a file of dcmqi's form says of the series and of the labels it lists; a refusal of what
 * would have no effect. */
void take_codes(const std::string &path, terms &t);

/* Cuts long names, which it says; a refusal of names that no segment can have, and of equal ones.
 */
void fit_names(std::vector<segment> &segments);

/* A mask on the grid, [plane][row][column]. */
std::vector<unsigned short> read_mask(const std::string &path, const grid &g);
/* A probability on the grid as 0 to 255. */
std::vector<unsigned char> read_probability(const std::string &path, const grid &g);
/* Refuses a series without positions, or without the UIDs that `what` refers to. */
void check_source(const study &s, const grid &g, const char *what);
/* Refuses segments that no file can hold: BINARY, or FRACTIONAL. */
void check_size(const study &s, const grid &g, size_t segments, bool binary);
/* One segment each, a frame of every source image in each, in the order of positions. */
void write_seg(const study &s, const grid &g, const std::vector<unsigned short> &mask,
    const terms &t, const std::string &path);
/* The same of probabilities (FRACTIONAL). */
void write_fractional(const study &s, const grid &g, const terms &t, const std::string &path);
/* The outlines of each segment in each source plane as RTSTRUCT, along the edges of pixels. */
void write_rtstruct(const study &s, const grid &g, const std::vector<unsigned short> &mask,
    const terms &t, const std::string &path);
