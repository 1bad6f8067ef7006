/* SPDX-License-Identifier: Apache-2.0 */
/* Labels in DICOM: segmentations (SEG) and contours (RTSTRUCT), on the grid of their series. */
#pragma once

#include <map>
#include <set>

#include "elements.h"
#include "series.h"

/* A segment or a contoured structure. */
struct region {
    int number;
    std::string name;
};
struct label_file {
    std::string path;
    file_stamp stamp;
    bool contours;                      /* RTSTRUCT */
    bool is_map;                        /* SEG with the number of a segment in each pixel */
    std::set<std::string> series, sops; /* UIDs that it refers to */
    std::set<std::string> references;   /* UIDs of its frames of reference */
    unsigned long long patient;         /* patient_of */
    std::string maker;                  /* the program that wrote it, or "" */
    std::vector<region> regions;
};
/* Those of the files that are SEG or RTSTRUCT. */
std::vector<label_file> find_labels(const std::vector<std::string> &paths);
/* What it is, of which series, by whom and of what, such as "a SEG of series=1a2b3c4d (liver)". */
std::string label_text(const label_file &l);
/* Those that can be read, for messages. */
std::vector<label_file> known_labels(const std::vector<std::string> &paths);
/* Of a path without images: says what else its DICOM is. */
refusal no_series(const std::string &path, const study &s, const std::string &what_to_do);
/* Whether it was drawn on these frames of a series: by its images, or by UIDs of its series or
 * frame of reference. */
enum label_fit { FITS_NOT, FITS_SERIES, FITS_IMAGES };
label_fit labels_fit(const label_file &l, const study &s, const std::vector<int> &frames);

/* Values of names, such as 1=liver. */
typedef std::map<std::string, int> label_values;
/* Values for all names: their numbers where all files agree, else by alphabet from 1; the highest
 * is that of "ignore". */
label_values number_names(const std::vector<label_file> &files);

/* The names of classes: the first name of each value. */
typedef std::map<int, std::string> class_names;
/* A command with --segment for each name of these classes, to be printed. */
std::string with_segments(
    const std::string &command, const class_names &classes, const label_values &values);
/* Refuses classes that have the names of dataset.json for others: background, and ignore below
 * another one. `command`: that chooses structures; `chosen`: the user gave it values already. */
void check_classes(const std::vector<label_file> &files, const class_names &classes,
    const label_values &values, const std::string &command, bool chosen);
/* Prints the names that no file has; a refusal if they are all. */
void check_names(const std::vector<label_file> &files, const label_values &values);
/* Without --segment: refuses a name of another case of the data set, or of another file, with
 * the same name_key; names in one file are two structures. `all`: the files of all cases; the
 * command that it prints gives one value to all such names. */
void refuse_alike(const std::string &name, const std::vector<label_file> &files,
    const std::vector<label_file> &all, const label_values &values, const std::string &command);
/* Refuses a name that `files` lack if they have one with the same name_key. */
void refuse_similar(
    const std::string &name, const std::vector<label_file> &files, const label_values &values);
/* Prints which values a case has no structure of, by their names. */
void say_missing(
    const std::string &name, const std::vector<label_file> &files, const label_values &values);

/* A label on the grid, [plane][row][column]. Where regions of a file overlap, the smaller one wins,
 * which it says; a refusal if files share names or voxels. Names without a value are left out. */
std::vector<unsigned short> read_labels(const std::vector<label_file> &files, const study &s,
    const grid &g, const label_values &values);
/* One region: the pixels of each source plane that it has. */
typedef std::vector<std::vector<bool>> region_planes;
/* A region that is read, and the planes that its pixels go to. */
struct wanted_region {
    const region *from;
    region_planes *to;
    bool marks; /* a pixel */
};
/* Voxels or contours of the wanted regions, and those that no slice has. */
struct left_out {
    size_t all = 0, outside = 0, between = 0; /* outside the series, between its slices */
    size_t cut = 0, copies = 0; /* contours that reach beyond the pixels, or are near copies */
    size_t over = 0;            /* holes that reach over the edge of their contour */
    size_t striped = 0;         /* structures with contours on slices that are no neighbours */
    size_t joined = 0;          /* voxels in which contours of a structure overlap in part */
    double moved = 0;           /* mm to the slice that has them, at most */
};
void add_planes(const region_planes &from, region_planes &to);
/* Of the frames in `d`, which is the content of the SEG `l`. */
void fill_segments(DcmDataset &d, const label_file &l, std::vector<wanted_region> &wanted,
    const study &s, const grid &g, left_out &lost);
/* Of the contours in `d`, which is the content of `l`; false: no pixel is in them. */
bool fill_contours(DcmDataset &d, const label_file &l, const region &r, const study &s,
    const grid &g, region_planes &to, left_out &lost);
/* Writes labels as NIfTI. */
void write_labels(
    const grid &g, const std::vector<unsigned short> &labels, const std::string &path);
