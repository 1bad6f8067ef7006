/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames belong together, and which stack the user wants. */
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>

#include "hash.h"
#include "series.h"

namespace fs = std::filesystem;

static const double same_direction = 1e-3; /* of unit vectors */

static bool same_orientation(const frame &a, const frame &b)
{
    for (int i = 0; i < 3; i++)
        if (fabs(a.row[i] - b.row[i]) > same_direction ||
            fabs(a.column[i] - b.column[i]) > same_direction)
            return false;
    return true;
}

static bool same_spacing(const frame &a, const frame &b)
{
    return fabs(a.spacing[0] - b.spacing[0]) <= 1e-4 * a.spacing[0] + 1e-9 &&
        fabs(a.spacing[1] - b.spacing[1]) <= 1e-4 * a.spacing[1] + 1e-9;
}

/* Values of one have a meaning for those of the other; MONOCHROME1 is dark where it is high. */
static bool same_values(const file &x, const file &y)
{
    return x.samples == y.samples && x.channels() == y.channels() &&
        x.is_inverse() == y.is_inverse();
}

/* Copied UIDs do not join studies, nor missing ones folders. */
static bool same_series(const file &x, const file &y)
{
    if (x.series != y.series || x.study != y.study) return false;
    return (!x.series.empty() && !x.study.empty()) ||
        fs::path(x.path).parent_path() == fs::path(y.path).parent_path();
}

const char *difference(const study &s, const frame &a, const frame &b)
{
    const file &x = s.files[(size_t)a.file], &y = s.files[(size_t)b.file];
    return !same_series(x, y)                        ? "is of another series"
        : x.localizer != y.localizer                 ? "is a localizer, or the others are"
        : a.placed != b.placed                       ? "has no position, or the others have none"
        : x.rows != y.rows || x.columns != y.columns ? "has another size"
        : !same_values(x, y)                         ? "has another kind of values"
        : x.reference != y.reference                 ? "has another FrameOfReferenceUID (0020,0052)"
        : a.placed && !same_orientation(a, b) ? "has another ImageOrientationPatient (0020,0037)"
        : a.placed && !same_spacing(a, b)     ? "has another PixelSpacing (0028,0030)"
                                              : nullptr;
}

static bool together(const study &s, const frame &a, const frame &b)
{
    if (difference(s, a, b)) return false;
    /* Without a position there is no order: each file is an image of its own. */
    return a.placed || a.file == b.file;
}

std::string uid_name(const std::string &uid)
{
    const uint64_t h = fnv(uid.data(), uid.size());
    return text("%08x", (unsigned)(h ^ h >> 32));
}

/* How many frames have the position of the frame before them. */
static int repeats(const study &s, const std::vector<int> &frames)
{
    std::vector<double> at;
    for (int f : frames) at.push_back(s.frames[(size_t)f].along());
    std::sort(at.begin(), at.end());
    int n = 0;
    for (size_t i = 1; i < at.size(); i++) n += at[i] - at[i - 1] < same_position;
    return n;
}

typedef std::map<std::string, std::vector<int>> parts;

static parts split_by(const study &s, const std::vector<int> &frames, int t)
{
    parts p;
    for (int f : frames) p[s.frames[(size_t)f].tells[(size_t)t]].push_back(f);
    return p;
}

/* Splits a stack whose positions repeat by the tag that leaves the fewest repeats, and then makes
 * the fewest parts; again while that helps. */
static void split(const study &s, const stack &k, std::vector<stack> &out)
{
    const int before = s.frames[(size_t)k.frames[0]].placed ? repeats(s, k.frames) : 0;
    int best = -1, left = before;
    const size_t positions = k.frames.size() - (size_t)before;
    parts chosen;
    for (int t = 0; t < TELLING && before; t++) {
        parts p = split_by(s, k.frames, t);
        int n = 0;
        if (tellings[t].time_of_day && p.size() * positions != k.frames.size()) continue;
        for (const auto &part : p) n += repeats(s, part.second);
        if (p.size() < 2 || n > left || (n == left && (best < 0 || p.size() >= chosen.size())))
            continue;
        best = t;
        left = n;
        chosen.swap(p);
    }
    if (best < 0) {
        out.push_back(k);
        return;
    }
    size_t number = 0;
    for (const auto &part : chosen) {
        stack one = k;
        one.frames = part.second;
        number++;
        one.values.emplace_back(best,
            tellings[best].time_of_day ? text("%zu of %zu", number, chosen.size()) : part.first);
        split(s, one, out);
    }
}

std::vector<stack> group(const study &s)
{
    std::vector<stack> first, all;
    for (size_t f = 0; f < s.frames.size(); f++) {
        auto k = std::find_if(first.rbegin(), first.rend(), [&](const stack &one) {
            return together(s, s.frames[(size_t)one.frames[0]], s.frames[f]);
        });
        if (k == first.rend())
            first.push_back(stack{{(int)f}, "", {}});
        else
            k->frames.push_back((int)f);
    }
    for (const stack &k : first) split(s, k, all);
    std::map<std::string, int> count, number;
    for (stack &k : all) {
        k.id = uid_name(s.file_of(k.frames[0]).series);
        count[k.id]++;
    }
    for (stack &k : all)
        if (count[k.id] > 1) k.id += text(".%d", ++number[k.id]);
    return all;
}

void refuse_patients(
    const study &s, const stack &k, const study &other, const stack &channel, int code)
{
    const file &a = s.file_of(k.frames[0]), &b = other.file_of(channel.frames[0]);
    if (a.patient && b.patient && a.patient != b.patient)
        throw refusal(code,
            text(
                "%s and %s are channels of one case, but of two patients by PatientID (0010,0020); "
                "give channels of one patient, or rename one folder",
                a.path.c_str(), b.path.c_str()));
}

/* What else parts the stacks of one series, which would have equal lines. */
static std::string describe_part(const study &s, const stack &k, const std::vector<stack> &all)
{
    const frame &a = s.frames[(size_t)k.frames[0]];
    const file &f = s.file_of(k.frames[0]);
    bool studies = false, references = false, orientations = false, spacings = false;
    for (const stack &other : all) {
        const frame &b = s.frames[(size_t)other.frames[0]];
        const file &g = s.file_of(other.frames[0]);
        if (g.series != f.series) continue;
        studies = studies || g.study != f.study;
        references = references || g.reference != f.reference;
        orientations = orientations || (a.placed && b.placed && !same_orientation(a, b));
        spacings = spacings || (a.placed && b.placed && !same_spacing(a, b));
    }
    std::string line;
    if (studies) line += ", study " + uid_name(f.study);
    if (references) line += ", frame of reference " + uid_name(f.reference);
    if (orientations) line += ", orientation " + a.orientation_text;
    if (spacings) line += text(", pixels of %gx%g mm", a.spacing[1], a.spacing[0]);
    return line;
}

std::string describe(const study &s, const stack &k, const std::vector<stack> &all)
{
    const file &f = s.file_of(k.frames[0]);
    const bool several = k.frames.size() > 1;
    std::string line = text("series=%s: %s, %zu image%s of %dx%d", k.id.c_str(),
        f.modality.empty() ? "modality unknown" : f.modality.c_str(), k.frames.size(),
        several ? "s" : "", f.columns, f.rows);
    line += describe_part(s, k, all);
    for (const auto &v : k.values)
        line += text(tellings[v.first].time_of_day ? ", %s %s" : ", %s=%s", tellings[v.first].name,
            v.second.c_str());
    if (f.localizer) line += ", localizer";
    if (f.derived) line += ", derived";
    if (!s.frames[(size_t)k.frames[0]].placed) line += ", without position";
    if (!f.description.empty()) line += text(", \"%s\"", f.description.c_str());
    return tamed(line);
}

static bool matches(const study &s, const stack &k, const std::string &key, const std::string &v)
{
    const file &f = s.file_of(k.frames[0]);
    if (key == "series") return k.id == v || k.id.substr(0, k.id.find('.')) == v;
    if (key == "SeriesInstanceUID") return f.series == v;
    if (key == "SeriesDescription") return f.description == v;
    if (key == "SeriesNumber") return f.number == v;
    if (key == "Modality") return f.modality == v;
    for (int t = 0; t < TELLING; t++)
        if (key == tellings[t].name) {
            for (int i : k.frames)
                if (s.frames[(size_t)i].tells[(size_t)t] != v) return false;
            return true;
        }
    throw refusal(EXIT_USAGE,
        text("--select %s: this key is unknown; use series, SeriesInstanceUID, SeriesNumber, "
             "SeriesDescription, Modality or a tag that this prints: attunet-dicom list %s",
            key.c_str(), shell_path(s.folder).c_str()));
}

template <typename F> static void keep(std::vector<stack> &all, F wanted)
{
    std::vector<stack> rest;
    std::copy_if(all.begin(), all.end(), std::back_inserter(rest), wanted);
    if (!rest.empty()) all.swap(rest);
}

static void keep_largest(std::vector<stack> &all)
{
    size_t most = 0;
    for (const stack &k : all) most = std::max(most, k.frames.size());
    keep(all, [=](const stack &k) { return k.frames.size() == most; });
}

/* Of the stacks before, those that are not kept: parts of the same series by what differs. */
static void say_ignored(const study &s, const std::vector<stack> &before, const stack &kept)
{
    const frame &own = s.frames[(size_t)kept.frames[0]];
    size_t own_parts = 0, others = 0;
    for (const stack &k : before) {
        const frame &f = s.frames[(size_t)k.frames[0]];
        if (k.id == kept.id) continue;
        const char *what = same_series(s.file_of(k.frames[0]), s.file_of(kept.frames[0]))
            ? difference(s, own, f)
            : nullptr;
        others += !what;
        if (what && ++own_parts <= 3)
            warn(text("ignored %zu image%s of the same series: %s %s", k.frames.size(),
                k.frames.size() == 1 ? "" : "s", s.file_of(k.frames[0]).path.c_str(), what));
    }
    others += own_parts > 3 ? own_parts - 3 : 0;
    if (others)
        say(text("ignored %zu other series or part%s, which 'attunet-dicom list' shows", others,
            others > 1 ? "s" : ""));
}

void set_aside(const study &s, std::vector<stack> &all)
{
    const std::vector<stack> before = all;
    keep(all, [&](const stack &k) { return !s.file_of(k.frames[0]).localizer; });
    keep(all, [&](const stack &k) { return !s.file_of(k.frames[0]).mosaic; });
    keep(all, [&](const stack &k) { return s.frames[(size_t)k.frames[0]].placed; });
    keep(all, [&](const stack &k) { return !s.file_of(k.frames[0]).derived; });
    keep(all, [&](const stack &k) { return k.frames.size() > 1; });
    if (all.size() == 1 && before.size() > 1) say_ignored(s, before, all[0]);
}

/* Whether each series has a folder of its own below. */
static bool are_apart(const study &s, const std::vector<stack> &all)
{
    std::set<std::string> folders;
    for (const stack &k : all) {
        const fs::path at = fs::path(s.file_of(k.frames[0]).path).lexically_relative(s.folder);
        if (at.has_parent_path()) folders.insert((*at.begin()).string());
    }
    return folders.size() == all.size();
}

bool lists(const std::string &list, const std::string &word)
{
    return ("," + list + ",").find("," + word + ",") != list.npos;
}

/* What chooses a series of such a Modality: if one has it, by that, which suits other studies. */
static std::string suggestion(
    const study &s, const std::vector<stack> &all, const std::string &modality)
{
    std::vector<const stack *> fit;
    for (const stack &k : all)
        if (lists(modality, s.file_of(k.frames[0]).modality)) fit.push_back(&k);
    if (fit.size() == 1) return "Modality=" + s.file_of(fit[0]->frames[0]).modality;
    return "series=" + (fit.empty() ? all[0] : *fit[0]).id;
}

stack choose(const study &s, const selection &wanted, const std::string &modality)
{
    std::vector<stack> all = group(s);
    for (const std::string &one : wanted) {
        const size_t is = one.find('=');
        if (one == "largest") {
            keep_largest(all);
            continue;
        }
        if (is == std::string::npos)
            throw refusal(EXIT_USAGE,
                text("--select %s: write KEY=VALUE, such as series=%s, or largest", one.c_str(),
                    all[0].id.c_str()));
        std::vector<stack> rest;
        for (const stack &k : all)
            if (matches(s, k, one.substr(0, is), one.substr(is + 1))) rest.push_back(k);
        if (rest.empty())
            throw refusal(EXIT_DATA,
                text("%s has no series with %s; to see what it has: attunet-dicom list %s",
                    s.folder.c_str(), one.c_str(), shell_path(s.folder).c_str()));
        all.swap(rest);
    }
    set_aside(s, all);
    if (all.size() == 1) return all[0];
    std::string list;
    for (size_t i = 0; i < all.size() && i < 8; i++) list += "\n " + describe(s, all[i], all);
    if (all.size() > 8)
        list += text("\n and %zu more, see: attunet-dicom list %s", all.size() - 8,
            shell_path(s.folder).c_str());
    throw refusal(EXIT_DATA,
        text("%s holds %zu series or parts of series; give a folder with one of "
             "them%s, or choose one, such as --select %s:%s",
            s.folder.c_str(), all.size(),
            are_apart(s, all) ? (" (predict takes several: " + s.folder + "/*)").c_str() : "",
            suggestion(s, all, modality).c_str(), list.c_str()));
}
