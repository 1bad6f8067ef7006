/* SPDX-License-Identifier: Apache-2.0 */
/* What the user should know of a data set, as long as its files are those of which it is true. */
#include <cstring>
#include <fstream>

#include "set_files.h"
#include "set_job.h"

static std::string notes_path(const set_job &j) { return j.to + "/.attunet-dicom.notes"; }

void read_notes(set_job &j)
{
    std::ifstream in(notes_path(j));
    j.notes.clear();
    for (std::string line; std::getline(in, line);) {
        const size_t cut = line.find('\t');
        if (cut != std::string::npos) j.notes[line.substr(0, cut)].push_back(line.substr(cut + 1));
    }
}

void write_notes(const set_job &j)
{
    std::string lines;
    for (const auto &one : j.notes)
        for (std::string note : one.second) {
            for (char &c : note)
                if (c == '\n') c = ' ';
            lines += one.first + "\t" + note + "\n";
        }
    replace_text(notes_path(j), lines);
}

/* images/a.nii.gz and labels/a.nii.gz are of a. */
static std::string case_of(const std::string &name)
{
    const std::string base = name.substr(name.rfind('/') + 1);
    return base.substr(0, base.rfind(".nii.gz"));
}

void say_notes(const set_job &j)
{
    std::map<std::string, std::vector<std::string>> cases; /* by note */
    const auto own = j.notes.find("");
    for (const auto &one : j.notes)
        for (const std::string &note : one.second)
            if (!one.first.empty()) cases[note].push_back(case_of(one.first));
    for (const auto &one : cases) {
        const bool warns = one.first.rfind(warning_begin, 0) == 0;
        const std::string sentence = one.first.substr(warns ? strlen(warning_begin) : 0),
                          &first = one.second[0];
        const size_t count = one.second.size();
        const std::string line = sentence.find(first) != sentence.npos ? sentence
            : count == 1
            ? first + ": " + sentence
            : text("%zu cases, such as %s: %s", count, first.c_str(), sentence.c_str());
        warns ? warn(line) : say(line);
    }
    if (own == j.notes.end()) return;
    for (const std::string &note : own->second) say(note);
}
