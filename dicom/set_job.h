/* SPDX-License-Identifier: Apache-2.0 */
/* A data set while it is written: its cases, and what its files are made of. */
#pragma once

#include <cstdint>

#include "labels.h"

/* What was said while a file was made, by its name below the set. */
typedef std::map<std::string, std::vector<std::string>> set_notes;

struct set_case {
    stack images;
    std::string name;              /* below the set, without ending */
    std::vector<label_file> dicom; /* its labels as SEG or RTSTRUCT */
    std::string other;             /* its label in another format, or "" */
};

struct set_job {
    std::string from, to;
    study s;
    std::vector<set_case> cases;
    label_values values;
    std::map<int, std::string> classes; /* names of values */
    reading how;
    std::map<std::string, std::string> before, after; /* stamps by names below the set */
    set_notes notes;                                  /* of cases; of the set under "" */
};

/* A path below a folder. */
std::string below(const std::string &path, const std::string &folder);
/* Without the channel number of nnU-Net. */
std::string without_channel(const std::string &name);
/* Where image and label go; a tree of another form becomes images/ and labels/. */
std::string place(const set_case &c, bool label);

/* What a file depends on: version and options, and what is mixed in. */
uint64_t fresh_hash(const reading &how);
void mix(uint64_t &h, const void *data, size_t size);
void mix_text(uint64_t &h, const std::string &s);
/* Whether a file is there as it was made; else it will be, and its folder is made. */
bool is_current(set_job &j, const std::string &name, uint64_t h);

/* Lines of a call that are said in each later one, too. */
void read_notes(set_job &j);
void write_notes(const set_job &j);
/* Notes of several cases that differ in names, paths and numbers only are one line, of the first
 * of them. */
void say_notes(const set_job &j);

/* Refuses a dataset.json of the user that gives the name of a structure another value; prints its
 * names that no structure has. */
void check_user_names(const set_job &j);
/* Writes a dataset.json with the names of values and of the channel, unless the user has one. */
void write_names(set_job &j);
/* Writes a groups.csv in which a number stands for a patient, unless the user has tables. */
void write_groups(set_job &j);
