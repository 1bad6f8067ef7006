/* SPDX-License-Identifier: Apache-2.0 */
/* A data set while it is written: its cases, and what its files are made of. */
#pragma once

#include <cstdint>

#include "labels.h"

/* The messages printed while a file was made, by its name below the set. */
typedef std::map<std::string, std::vector<std::string>> set_notes;

struct set_case {
    stack images;
    std::string name;              /* below the set, without ending */
    std::vector<label_file> dicom; /* its labels as SEG or RTSTRUCT */
    std::string other;             /* its label in another format, or "" */
};

/* What a file was made of, and how it was left. */
struct stamp {
    std::string of, as;
};

struct set_job {
    std::string from, to;
    study s;
    std::vector<set_case> cases;
    label_values values;
    class_names classes;
    reading how;
    std::map<std::string, stamp> before, after; /* by names below the set */
    bool torn = false;                          /* the list of the stamps before is damaged */
    std::vector<std::string> changed;           /* files that were not left so */
    set_notes notes;                            /* of cases; of the set under "" */
};

/* Lists what the folder holds and of which files it was made. */
const char *const stamp_name = ".attunet-dicom";
const char *const sources_name = ".attunet-dicom.sources";

/* A path below a folder. */
std::string below(const std::string &path, const std::string &folder);
bool is_inside(const std::string &path, const std::string &folder);
/* Whether the set is the folder of attunet itself (src/dataset/converted.h), not a user's. */
bool is_cache(const set_job &j);
/* Without the channel number of nnU-Net. */
std::string without_channel(const std::string &name);
/* Where image and label go; a tree of another form becomes images/ and labels/. */
std::string place(const set_case &c, bool label);

/* What a file depends on: version and options, and what is mixed in. */
uint64_t fresh_hash(const reading &how);
void mix(uint64_t &h, const void *data, size_t size);
void mix_text(uint64_t &h, const std::string &s);
/* Tells a file that changed, also if its size and time of writing stayed; `rough`: by these only.
 */
void mix_file(uint64_t &h, const std::string &path, const std::string &from, bool rough = false);
std::string stamp_text(uint64_t h);

/* Stamps and notes of the last call; a refusal of a folder that is none of this program's. */
void read_stamps(set_job &j);
/* With the notes. before: while work goes on, also what was there. */
void write_stamps(const set_job &j, bool before);
/* Whether the last call made all files from these sources, and they are as it left them. */
bool is_done(const set_job &j, const std::string &whole);
/* Whether a file is there as it was made; else it will be, and its folder is made. */
bool is_current(set_job &j, const std::string &name, uint64_t h);
/* After a file was written that is not current. */
void settle_made(set_job &j, const std::string &name);
/* Links or copies a file of the user, unless it is current. */
void copy_as(set_job &j, const std::string &path, const std::string &name);
/* What killed calls left half written: unchanged for a day, since processes of other machines may
 * write there. */
void remove_parts(const std::string &folder);
/* What has no source any more. */
void remove_old(set_job &j);
/* All files, where no list tells what they are. */
void clear_torn(const set_job &j);
/* Prints which files were made anew although their sources stayed. */
void say_changed(const set_job &j);

/* Lines of a call that each later one prints, too. If they are lost, so that no file counts as
 * made, j.torn is set. */
void read_notes(set_job &j);
void write_notes(const set_job &j);
/* Notes of several cases that differ in names, paths and numbers only are one line, of the first
 * of them. */
void say_notes(const set_job &j);

/* A command that writes the set elsewhere, to be printed. */
std::string set_command(const set_job &j);
/* Refuses a dataset.json of the user that gives the name of a structure another value; prints its
 * names that no structure has. */
void check_user_names(const set_job &j);
/* Refuses names of classes that no dataset.json can have. */
void check_class_names(const set_job &j);
/* Writes a dataset.json with the names of values and of the channel, unless the user has one. */
void write_names(set_job &j);
/* Writes a groups.csv in which a number stands for a patient, unless the user has tables. */
void write_groups(set_job &j);
