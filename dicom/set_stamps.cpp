/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a data set were made of and how they were left. Where either changed, a file is
 * made anew. */
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "hash.h"
#include "set_files.h"
#include "set_job.h"

namespace fs = std::filesystem;

bool is_cache(const set_job &j) { return fs::path(j.to).filename() == ".attunet-volumes"; }

void mix(uint64_t &h, const void *data, size_t size) { h = fnv(data, size, h); }

void mix_text(uint64_t &h, const std::string &s) { mix(h, s.c_str(), s.size() + 1); }

/* A link to it, as copy_as makes, counts as a change to the system, but not here. */
void mix_file(uint64_t &h, const std::string &path, const std::string &from, bool rough)
{
    struct stat s = {};
    stat(path.c_str(), &s);
    const long long change = s.st_nlink > 1 ? (long long)s.st_ino
                                            : s.st_ctim.tv_sec * 1000000000LL + s.st_ctim.tv_nsec,
                    all[] = {s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec, rough ? 0 : change};
    mix_text(h, below(path, from));
    mix(h, all, sizeof all);
}

/* Raise it when the same files give other volumes or labels, which are then made anew. */
static const int revision = 18;

uint64_t fresh_hash(const reading &how)
{
    uint64_t h = fnv_start;
    mix_text(h, ATTUNET_VERSION);
    mix(h, &revision, sizeof revision);
    mix(h, &how.allow_gaps, sizeof how.allow_gaps);
    return h;
}

std::string stamp_text(uint64_t h) { return text("%016llx", (unsigned long long)h); }

/* How a file of the cache is now; in another folder, the user may change what was made. */
static std::string state_of(const set_job &j, const std::string &name)
{
    uint64_t h = fnv_start;
    if (is_cache(j)) mix_file(h, j.to + "/" + name, j.to, true);
    return stamp_text(h);
}

/* Stamps, and what becomes stamps, come before all other files. */
static bool holds_others(const std::string &folder)
{
    std::error_code bad;
    for (fs::directory_iterator at(folder, bad), end; !bad && at != end; at.increment(bad))
        if (at->path().filename().string().rfind(stamp_name, 0) != 0) return true;
    return false;
}

/* The folder may come from elsewhere, so a stamp may name anything. */
static bool is_below(const std::string &name, const std::string &folder)
{
    std::error_code bad;
    const fs::path whole = fs::weakly_canonical(folder, bad),
                   one = fs::weakly_canonical(fs::path(folder + "/" + name).parent_path(), bad);
    return !bad && fs::path(name).is_relative() && fs::path(name).lexically_normal() == name &&
        *fs::path(name).begin() != ".." && is_inside(one.string(), whole.string());
}

/* The slash tells messages of attunet that this folder is meant (src/dataset/converted_names.c). */
static refusal not_ours(const set_job &j, int code, const std::string &why)
{
    const std::string folder = j.to + (is_cache(j) ? "/" : ""),
                      remedy = is_cache(j)
        ? "attunet makes this folder anew if you remove it: rm -r " + shell_path(folder)
        : "choose another folder";
    return refusal(code, text("%s %s; %s", folder.c_str(), why.c_str(), remedy.c_str()));
}

void read_stamps(set_job &j)
{
    const std::string path = j.to + "/" + stamp_name;
    std::string lines;
    std::error_code bad;
    const bool there = fs::exists(path, bad);
    j.before.clear();
    j.torn = there && !read_list(path, lines);
    if (j.torn && !is_cache(j)) throw not_ours(j, EXIT_DATA, "has a damaged list of its files");
    if (!there && holds_others(j.to))
        throw not_ours(j, EXIT_USAGE, "holds files that attunet-dicom did not write");
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);)
        if (line.size() > 34) j.before[line.substr(34)] = {line.substr(0, 16), line.substr(17, 16)};
    for (const auto &one : j.before)
        if (!is_below(one.first, j.to))
            throw not_ours(j, EXIT_DATA, "lists a file that is not in it");
    read_notes(j);
}

bool is_done(const set_job &j, const std::string &whole)
{
    const auto old = j.before.find(stamp_name);
    std::string sources;
    std::error_code bad;
    return old != j.before.end() && old->second.of == whole &&
        read_list(j.to + "/" + sources_name, sources) &&
        std::all_of(j.before.begin(), j.before.end(), [&](const auto &one) {
            return one.first == stamp_name ||
                (fs::exists(j.to + "/" + one.first, bad) &&
                    one.second.as == state_of(j, one.first));
        });
}

void write_stamps(const set_job &j, bool before)
{
    std::map<std::string, stamp> all = j.after;
    if (before) all.insert(j.before.begin(), j.before.end());
    if (before) all.erase(stamp_name);
    std::string lines;
    for (const auto &one : all)
        lines += one.second.of + " " + one.second.as + " " + one.first + "\n";
    write_notes(j);
    write_list(j.to + "/" + stamp_name, lines);
}

bool is_current(set_job &j, const std::string &name, uint64_t h)
{
    std::error_code bad;
    if (j.after.count(name))
        throw refusal(EXIT_DATA,
            text("two files of %s would be %s in the data set; rename a folder, or leave one label "
                 "out",
                j.from.c_str(), name.c_str()));
    const stamp now = j.after[name] = {stamp_text(h), state_of(j, name)};
    const auto old = j.before.find(name);
    const bool same = old != j.before.end() && old->second.of == now.of;
    if (same && old->second.as == now.as && fs::exists(j.to + "/" + name, bad)) return true;
    if (same) j.changed.push_back(name);
    make_folders(fs::path(j.to + "/" + name).parent_path().string());
    return false;
}

void settle_made(set_job &j, const std::string &name)
{
    settle(j.to + "/" + name);
    j.after[name].as = state_of(j, name);
}

void copy_as(set_job &j, const std::string &path, const std::string &name)
{
    uint64_t h = fresh_hash(j.how);
    mix_file(h, path, j.from);
    if (is_current(j, name, h)) return;
    const std::string to = j.to + "/" + name;
    std::error_code bad;
    fs::remove(to, bad);
    const fs::path file = fs::canonical(path, bad); /* a link to a link would lead elsewhere */
    if (!bad) fs::create_hard_link(file, to, bad);
    if (bad) fs::copy_file(path, to, fs::copy_options::overwrite_existing, bad);
    if (bad)
        throw refusal(EXIT_IO,
            text("cannot write %s: %s; check the folder and its disk", to.c_str(),
                bad.message().c_str()));
    settle_made(j, name);
    if (!fs::equivalent(path, to, bad)) return;
    h = fresh_hash(j.how); /* of the file with its new link */
    mix_file(h, path, j.from);
    j.after[name].of = stamp_text(h);
}

void remove_parts(const std::string &folder)
{
    const auto old = fs::file_time_type::clock::now() - std::chrono::hours(24);
    std::error_code bad;
    std::vector<std::string> left;
    for (fs::recursive_directory_iterator at(folder, bad), end; !bad && at != end;
         at.increment(bad)) {
        std::error_code gone;
        if (at->path().filename().string().rfind(".tmp-") != std::string::npos &&
            fs::last_write_time(at->path(), gone) < old && !gone)
            left.push_back(at->path().string());
    }
    for (const std::string &one : left) fs::remove(one, bad);
}

void remove_old(set_job &j)
{
    std::error_code bad;
    for (const auto &one : j.before) {
        if (j.after.count(one.first) || one.first == stamp_name) continue;
        fs::remove(j.to + "/" + one.first, bad);
        j.notes.erase(one.first);
    }
}

void clear_torn(const set_job &j)
{
    std::error_code bad;
    std::vector<fs::path> all;
    if (!j.torn) return;
    for (fs::directory_iterator at(j.to, bad), end; !bad && at != end; at.increment(bad))
        if (at->path().filename().string().find(".tmp-") == std::string::npos)
            all.push_back(at->path());
    for (const fs::path &one : all) fs::remove_all(one, bad);
}

void say_changed(const set_job &j)
{
    const size_t n = j.changed.size();
    if (j.torn)
        say(text(
            "%s/: its list of files was damaged, so attunet made all of them anew", j.to.c_str()));
    else if (n)
        say(text("%s/: %zu file%s changed since attunet wrote %s, such as %s, so attunet made %s "
                 "anew",
            j.to.c_str(), n, n == 1 ? "" : "s", n == 1 ? "it" : "them", j.changed[0].c_str(),
            n == 1 ? "it" : "them"));
}
