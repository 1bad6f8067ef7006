/* SPDX-License-Identifier: Apache-2.0 */
/* What the user should know of a data set, as long as its files are those of which it is true. */
#include <algorithm>
#include <cstring>
#include <sstream>

#include "set_files.h"
#include "set_job.h"

static std::string notes_path(const set_job &j) { return j.to + "/.attunet-dicom.notes"; }

/* In the file, this stands for the folder of the data set, which may move. */
static const char folder_mark[] = "\v";

static bool begins_at(const std::string &note, size_t at, const std::string &word)
{
    return (at == 0 || note[at - 1] == ' ') && note.compare(at, word.size(), word) == 0;
}

/* The note with another beginning of its paths. */
static std::string with_paths(
    const std::string &note, const std::string &before, const std::string &now)
{
    std::string all;
    for (size_t i = 0; i < note.size();) {
        const bool found = begins_at(note, i, before);
        all += found ? now : note.substr(i, 1);
        i += found ? before.size() : 1;
    }
    return all;
}

void read_notes(set_job &j)
{
    std::string lines;
    std::error_code bad;
    j.notes.clear();
    if (!read_list(notes_path(j), lines) && !j.before.empty()) {
        j.torn = j.torn || is_cache(j);
        for (auto &one : j.before) one.second.of.clear();
    }
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) {
        const size_t cut = line.find('\t');
        if (cut != std::string::npos)
            j.notes[line.substr(0, cut)].push_back(
                with_paths(line.substr(cut + 1), folder_mark, j.from + "/"));
    }
}

void write_notes(const set_job &j)
{
    std::string lines;
    for (const auto &one : j.notes)
        for (std::string note : one.second) {
            std::replace(note.begin(), note.end(), '\n', ' ');
            lines += one.first + "\t" + with_paths(note, j.from + "/", folder_mark) + "\n";
        }
    write_list(notes_path(j), lines);
}

/* images/a.nii.gz and labels/a.nii.gz are of a. */
static std::string case_of(const std::string &name)
{
    const std::string base = name.substr(name.rfind('/') + 1);
    return base.substr(0, base.rfind(".nii.gz"));
}

/* The note without what differs from case to case: its name, paths and numbers. */
static std::string kind_of(
    const std::string &note, const std::string &name, const std::string &folder)
{
    std::string kind;
    const size_t names = std::min(note.find(names_mark), note.size());
    for (size_t i = 0; i < names; i++) {
        const bool number = (note[i] >= '0' && note[i] <= '9') || note[i] == '.';
        if (begins_at(note, i, name + ":")) {
            kind += '*';
            i += name.size() - 1;
        } else if (begins_at(note, i, folder)) {
            kind += '*';
            i = std::min(note.find(' ', i), note.size()) - 1;
        } else if (!number || kind.empty() || kind.back() != '#') {
            kind += number ? '#' : note[i];
        }
    }
    return kind + note.substr(names);
}

/* Whether a line begins with the name, or with a path of the data set. */
static bool says_where(const std::string &line, const std::string &name, const std::string &folder)
{
    return line == name || line.rfind(name + ":", 0) == 0 || line.rfind(folder, 0) == 0;
}

/* Notes of one kind: those of its first case, and which cases have one. */
struct note_kind {
    std::string name;
    std::vector<std::string> notes;
    std::set<std::string> names;
};

static void say_kind(const note_kind &k, const std::string &folder)
{
    for (const std::string &note : k.notes) {
        const bool warns = note.rfind(warning_begin, 0) == 0;
        std::string line = note.substr(warns ? strlen(warning_begin) : 0);
        if (!says_where(line, k.name, folder)) line = k.name + ": " + line;
        if (k.names.size() > 1) line = text("%zu cases, such as ", k.names.size()) + line;
        warns ? warn(line) : say(line);
        if (k.names.size() > 1) return;
    }
}

void say_notes(const set_job &j)
{
    std::map<std::string, note_kind> kinds;
    const auto add = [&](const std::string &name, const std::string &note) {
        note_kind &k = kinds[kind_of(note, name, j.from + "/")];
        if (k.names.empty()) k.name = name;
        if (k.name == name) k.notes.push_back(note);
        k.names.insert(name);
    };
    for (const auto &one : j.notes)
        for (const std::string &note : one.second)
            if (!one.first.empty()) add(case_of(one.first), note);
    for (const auto &one : kinds) say_kind(one.second, j.from + "/");
    const auto own = j.notes.find("");
    if (own == j.notes.end()) return;
    kinds.clear();
    for (const std::string &note : own->second) {
        const size_t from = note.rfind(warning_begin, 0) == 0 ? strlen(warning_begin) : 0;
        add(note.substr(from, note.find(": ", from) - from), note);
    }
    for (const auto &one : kinds) say_kind(one.second, j.from + "/");
}
