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

/* A note, cut at its names of structures. */
struct parted_note {
    std::string head;
    std::vector<std::string> structures;
    std::string tail;
};

static parted_note part(const std::string &note)
{
    const size_t end = std::min(note.find(names_end), note.size());
    size_t at = std::min(note.find(names_mark), end);
    parted_note p = {note.substr(0, at), {}, note.substr(end)};
    while (at < end) {
        const size_t from = at + 1, next = std::min(note.find(names_mark, from), end);
        std::string one = note.substr(from, next - from);
        if (next < end) one = one.substr(0, one.rfind(", "));
        p.structures.push_back(one);
        at = next;
    }
    return p;
}

/* The beginning of a note without what differs from case to case: its name, paths and numbers. */
static std::string kind_of(
    const std::string &head, const std::string &name, const std::string &folder)
{
    std::string kind;
    for (size_t i = 0; i < head.size(); i++) {
        const bool number = (head[i] >= '0' && head[i] <= '9') || head[i] == '.';
        if (begins_at(head, i, name + ":")) {
            kind += '*';
            i += name.size() - 1;
        } else if (begins_at(head, i, folder)) {
            kind += '*';
            i = std::min(head.find(' ', i), head.size()) - 1;
        } else if (!number || kind.empty() || kind.back() != '#') {
            kind += number ? '#' : head[i];
        }
    }
    return kind;
}

/* Whether a line begins with the name, or with a path of the data set. */
static bool says_where(const std::string &line, const std::string &name, const std::string &folder)
{
    return line == name || line.rfind(name + ":", 0) == 0 || line.rfind(folder, 0) == 0;
}

/* Notes of one kind, perhaps on one structure: those of its first case, and which cases have one.
 */
struct note_kind {
    std::string name;
    std::vector<parted_note> notes;
    std::set<std::string> names;
};
typedef std::map<std::pair<std::string, std::string>, note_kind> note_kinds;

/* A line of several cases: how many, and a few of them. */
static std::string of_cases(const std::string &line, const note_kind &k, bool few)
{
    enum { FEW = 3 };
    const bool named = few && line.rfind(k.name + ":", 0) == 0;
    std::string list = named ? k.name : "";
    size_t listed = 1;
    for (const std::string &one : k.names)
        if (named && one != k.name && listed++ < FEW) list += ", " + one;
    return text("%zu cases, such as ", k.names.size()) + list +
        line.substr(named ? k.name.size() : 0);
}

static void say_note(const parted_note &p, const note_kind &k, const std::string &folder)
{
    std::string list;
    for (const std::string &one : p.structures) list += (list.empty() ? "" : ", ") + one;
    const bool warns = p.head.rfind(warning_begin, 0) == 0;
    std::string line = p.head.substr(warns ? strlen(warning_begin) : 0) + list;
    if (!says_where(line, k.name, folder)) line = k.name + ": " + line;
    if (k.names.size() > 1) line = of_cases(line, k, !list.empty());
    if (k.names.size() == 1) line += p.tail;
    warns ? warn(line) : say(line);
}

/* Joins what the same cases have of several structures. */
static std::vector<std::pair<parted_note, const note_kind *>> joined(
    note_kinds::const_iterator from, note_kinds::const_iterator to)
{
    std::vector<std::pair<parted_note, const note_kind *>> lines;
    for (; from != to; ++from)
        for (const parted_note &note : from->second.notes) {
            const note_kind *k = &from->second;
            const auto same = std::find_if(lines.begin(), lines.end(), [&](const auto &line) {
                return !note.structures.empty() && line.second->names == k->names &&
                    line.first.head == note.head;
            });
            if (same == lines.end())
                lines.emplace_back(note, k);
            else
                same->first.structures.push_back(note.structures[0]);
            if (k->names.size() > 1) break;
        }
    return lines;
}

/* At most so many lines on structures of one kind. */
static const size_t structure_lines = 10;

static void say_kinds(const note_kinds &kinds, const std::string &folder)
{
    for (auto from = kinds.begin(), to = from; from != kinds.end(); from = to) {
        while (to != kinds.end() && to->first.first == from->first.first) ++to;
        auto lines = joined(from, to);
        const bool many = lines.size() > structure_lines && !from->first.second.empty();
        if (many)
            std::stable_sort(lines.begin(), lines.end(), [](const auto &one, const auto &other) {
                return one.second->names.size() > other.second->names.size();
            });
        std::set<std::string> structures, cases;
        for (size_t i = 0; i < lines.size(); i++) {
            if (!many || i < structure_lines) {
                say_note(lines[i].first, *lines[i].second, folder);
                continue;
            }
            structures.insert(lines[i].first.structures.begin(), lines[i].first.structures.end());
            cases.insert(lines[i].second->names.begin(), lines[i].second->names.end());
        }
        if (many)
            warn(text("%zu cases have more notes of this kind, on %zu other structures",
                cases.size(), structures.size()));
    }
}

void say_notes(const set_job &j)
{
    note_kinds kinds;
    const std::string folder = j.from + "/";
    const auto add = [&](const std::string &name, const std::string &note) {
        const parted_note p = part(note);
        const std::vector<std::string> none = {""};
        for (const std::string &one : p.structures.empty() ? none : p.structures) {
            note_kind &k = kinds[{kind_of(p.head, name, folder), one}];
            if (k.names.empty()) k.name = name;
            if (k.name == name)
                k.notes.push_back(p.structures.empty() ? p : parted_note{p.head, {one}, p.tail});
            k.names.insert(name);
        }
    };
    for (const auto &one : j.notes)
        for (const std::string &note : one.second)
            if (!one.first.empty()) add(case_of(one.first), note);
    say_kinds(kinds, folder);
    const auto own = j.notes.find("");
    if (own == j.notes.end()) return;
    kinds.clear();
    for (const std::string &note : own->second) {
        const size_t from = note.rfind(warning_begin, 0) == 0 ? strlen(warning_begin) : 0;
        add(note.substr(from, note.find(": ", from) - from), note);
    }
    say_kinds(kinds, folder);
}
