/* SPDX-License-Identifier: Apache-2.0 */
#include "set.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>

#include "elements.h"
#include "set_files.h"
#include "set_job.h"

namespace fs = std::filesystem;

std::string below(const std::string &path, const std::string &folder)
{
    return fs::path(path).lexically_relative(folder).generic_string();
}

static std::string parent(const std::string &path)
{
    const size_t cut = path.rfind('/');
    return cut == std::string::npos ? "" : path.substr(0, cut);
}

bool is_inside(const std::string &path, const std::string &folder)
{
    return folder.empty() || path == folder ||
        (path.size() > folder.size() && path[folder.size()] == '/' &&
            path.compare(0, folder.size(), folder) == 0);
}

/* The ending of an image that is not DICOM, or "". */
static std::string image_ending(const std::string &path)
{
    static const char *const endings[] = {
        ".nii.gz", ".nii", ".nrrd", ".mha", ".png", ".tif", ".tiff", ".npy", ".npz", ".bmp", ".gz"};
    for (const char *one : endings) {
        const size_t n = strlen(one);
        if (path.size() > n && path.compare(path.size() - n, n, one) == 0) return one;
    }
    return "";
}

static std::string without_dcm(const std::string &name)
{
    const size_t n = name.size();
    return n > 4 && name.compare(n - 4, 4, ".dcm") == 0 ? name.substr(0, n - 4) : name;
}

/* images, imagesTr, imagesTs. */
static bool is_images(const std::string &folder)
{
    return folder == "images" || folder == "imagesTr" || folder == "imagesTs";
}

/* Two images of a series that are copies by their UID, in two folders; `files`: or in one. */
static bool find_copies(const set_job &j, const stack &k, bool files, std::string places[2])
{
    std::map<std::string, const file *> seen; /* by SOPInstanceUID */
    for (int one : k.frames) {
        const file &f = j.s.file_of(one);
        if (f.sop.empty()) continue;
        const file &other = *seen.emplace(f.sop, &f).first->second;
        const bool apart = parent(other.path) != parent(f.path);
        if (other.path == f.path || (!apart && !files)) continue;
        places[0] = apart ? parent(other.path) : other.path;
        places[1] = apart ? parent(f.path) : f.path;
        if (is_images(below(places[0], j.from))) places[0] = other.path;
        if (is_images(below(places[1], j.from))) places[1] = f.path;
        return true;
    }
    return false;
}

static refusal one_series(const std::string &a, const std::string &b)
{
    return refusal(EXIT_DATA,
        text("%s and %s hold images of one series; leave one out if it is a copy, else join them "
             "in one folder",
            a.c_str(), b.c_str()));
}

/* As `predict` calls the only series of a folder. */
static std::string folder_name(const set_job &j)
{
    return (fs::absolute(j.from) / "x").lexically_normal().parent_path().filename().string();
}

/* The highest folder that holds this series only; or its file, if the folder holds others too. */
static std::string name_case(const set_job &j, const std::vector<std::vector<std::string>> &folders,
    size_t number, const stack &k)
{
    const file &f = j.s.file_of(k.frames[0]);
    std::string at = folders[number][0], copies[2];
    for (const std::string &one : folders[number])
        while (!is_inside(one, at)) at = parent(at);
    auto is_alone = [&](const std::string &folder, bool here) {
        for (size_t i = 0; i < folders.size(); i++)
            for (const std::string &one : folders[i])
                if (i != number && (here ? one == folder : is_inside(one, folder))) return false;
        return true;
    };
    if (at.empty() && folders.size() == 1) return folder_name(j);
    const std::vector<std::string> &own = folders[number];
    const bool shared = at.empty() || is_images(at) || !is_alone(at, true);
    if ((shared || !is_alone(at, false)) && find_copies(j, k, shared, copies))
        throw one_series(copies[0], copies[1]);
    if (shared && own.size() > 1 && own[0] != at)
        throw one_series(j.from + "/" + own[0], j.from + "/" + own[1]);
    if (shared) {
        const std::string inside = at.empty() ? j.from : j.from + "/" + at;
        for (int one : k.frames)
            if (j.s.file_of(one).path != f.path)
                throw refusal(EXIT_DATA,
                    text("%s holds several series or parts of series; give each a folder of its "
                         "own; to see them: attunet-dicom list %s",
                        inside.c_str(), shell_path(inside).c_str()));
        return without_dcm(below(f.path, j.from));
    }
    while (!parent(at).empty() && !is_images(parent(at)) && is_alone(parent(at), false))
        at = parent(at);
    return at;
}

/* The series of each folder, without localizers and the like. */
static std::vector<stack> wanted_stacks(const set_job &j)
{
    std::map<std::string, std::vector<stack>> of_folder;
    std::vector<stack> all;
    for (const stack &k : group(j.s))
        of_folder[parent(below(j.s.file_of(k.frames[0]).path, j.from))].push_back(k);
    for (auto &one : of_folder) {
        const bool volumes = std::any_of(one.second.begin(), one.second.end(),
            [](const stack &k) { return k.frames.size() > 1; });
        if (volumes) set_aside(j.s, one.second);
        all.insert(all.end(), one.second.begin(), one.second.end());
    }
    return all;
}

static void find_cases(set_job &j)
{
    const std::vector<stack> all = wanted_stacks(j);
    std::vector<std::vector<std::string>> folders;
    for (const stack &k : all) {
        std::set<std::string> own;
        for (int f : k.frames) own.insert(parent(below(j.s.file_of(f).path, j.from)));
        folders.emplace_back(own.begin(), own.end());
    }
    for (size_t i = 0; i < all.size(); i++) {
        set_case c;
        c.images = all[i];
        c.name = name_case(j, folders, i, all[i]);
        j.cases.push_back(c);
    }
}

/* The last part of a name: a folder of its own, or a file. */
static std::string title(const std::string &name)
{
    return name.substr(name.rfind('/') == std::string::npos ? 0 : name.rfind('/') + 1);
}

std::string without_channel(const std::string &name)
{
    const size_t n = name.size();
    const bool channel = n > 5 && name[n - 5] == '_' &&
        name.find_first_not_of("0123456789", n - 4) == std::string::npos;
    return channel ? name.substr(0, n - 5) : name;
}

/* A single image of another format beside the files of a series is its label. */
static void give_others(set_job &j, std::vector<std::string> &rest)
{
    for (const std::string &path : j.s.others) {
        const std::string name = below(path, j.from), folder = parent(name);
        set_case *own = nullptr;
        for (set_case &c : j.cases)
            if (!folder.empty() && !is_images(folder) && is_inside(folder, c.name) &&
                (!own || own->name.size() < c.name.size()))
                own = &c;
        if (!own) {
            rest.push_back(path);
        } else if (!image_ending(path).empty()) {
            if (!own->other.empty())
                throw refusal(EXIT_DATA,
                    text("%s and %s lie beside one series; leave one label there",
                        own->other.c_str(), path.c_str()));
            own->other = path;
        }
    }
}

std::string place(const set_case &c, bool label)
{
    const size_t cut = c.name.find('/');
    const std::string first = cut == std::string::npos ? "" : c.name.substr(0, cut);
    if (is_images(first)) {
        const std::string rest = c.name.substr(cut);
        return label ? "labels" + first.substr(6) + without_channel(rest) : first + rest;
    }
    std::string name = c.name;
    if (c.dicom.empty() && c.other.empty()) return name;
    std::replace(name.begin(), name.end(), '/', '_');
    return (label ? "labels/" : "images/") + name;
}

/* How many parts two paths have in common from their beginnings on, or from their ends. */
static size_t common_parts(const std::string &a, const std::string &b, bool ends)
{
    const fs::path one = a, other = b;
    std::vector<fs::path> x(one.begin(), one.end()), y(other.begin(), other.end());
    if (ends) std::reverse(x.begin(), x.end()), std::reverse(y.begin(), y.end());
    return (size_t)(std::mismatch(x.begin(), x.end(), y.begin(), y.end()).first - x.begin());
}

/* How near the images of a case lie to a label, in folders from the top. */
static size_t nearness(const set_job &j, const label_file &l, const set_case &c)
{
    size_t most = 0;
    for (int f : c.images.frames)
        most = std::max(most,
            common_parts(
                parent(below(l.path, j.from)), parent(below(j.s.file_of(f).path, j.from)), false));
    return most;
}

/* How much of the name of a case its file or folder has. */
static size_t likeness(const set_job &j, const label_file &l, const set_case &c)
{
    const std::string path = below(l.path, j.from), name = without_channel(c.name);
    return std::max(
        common_parts(without_dcm(path), name, true), common_parts(parent(path), name, true));
}

/* Leaves the cases that have the most, which it returns. */
template <typename F> static size_t keep_most(std::vector<set_case *> &cases, F count)
{
    size_t most = 0;
    for (set_case *one : cases) most = std::max(most, count(*one));
    cases.erase(std::remove_if(
                    cases.begin(), cases.end(), [&](set_case *one) { return count(*one) < most; }),
        cases.end());
    return most;
}

/* Those to which a label refers; `none`: it refers to no case here, and these only may be its own,
 * by patient and frame of reference. */
static std::vector<set_case *> possible_cases(set_job &j, const label_file &l, bool &none)
{
    std::vector<set_case *> fits, same;
    label_fit best = FITS_SERIES;
    for (set_case &c : j.cases) {
        const label_fit fit = labels_fit(l, j.s, c.images.frames);
        if (fit > best) fits.clear();
        if (fit >= best) fits.push_back(&c);
        best = std::max(best, fit);
    }
    none = fits.empty();
    for (set_case &c : j.cases)
        if (none) fits.push_back(&c);
    for (set_case *c : fits) {
        const file &f = j.s.file_of(c->images.frames[0]);
        const bool patient = !l.patient || !f.patient || l.patient == f.patient,
                   reference = l.references.empty() || f.reference.empty() ||
            l.references.count(f.reference);
        if (patient && (reference || !none)) same.push_back(c);
    }
    return same.empty() && !none ? fits : same;
}

/* By what it refers to; then by the folder in which it lies; then by a name of file or folder. */
static void give_label(set_job &j, const label_file &l)
{
    bool none;
    const std::vector<set_case *> possible = possible_cases(j, l, none);
    std::vector<set_case *> left = possible, alike = possible;
    const auto name = [&](const set_case &c) { return likeness(j, l, c); };
    const size_t near = keep_most(left, [&](const set_case &c) { return nearness(j, l, c); }),
                 named = keep_most(left, name);
    const bool elsewhere = keep_most(alike, name) && !named; /* a case that has its name */
    /* channels of one case */
    left.erase(
        std::remove_if(left.begin(), left.end(),
            [&](set_case *c) { return c != left[0] && place(*c, true) == place(*left[0], true); }),
        left.end());
    if (left.size() == 1 && (named || (near && !elsewhere) || (!none && possible.size() == 1))) {
        if (none &&
            !common_parts(without_dcm(title(l.path)), title(without_channel(left[0]->name)), true))
            warn(text("%s: it refers to no series here, so attunet took it for that of its folder",
                l.path.c_str()));
        left[0]->dicom.push_back(l);
        return;
    }
    if (elsewhere) left.insert(left.begin() + !left.empty(), alike[0]);
    if (left.size() > 1 && (!none || named || elsewhere || (near && left.size() < j.cases.size())))
        throw refusal(EXIT_DATA,
            text("%s %s %s and %s; give it the name of the series that it labels, such as %s.dcm",
                l.path.c_str(), none ? "may label" : "refers to", left[0]->name.c_str(),
                left[1]->name.c_str(), title(left[0]->name).c_str()));
    left.clear();
    for (set_case &c : j.cases) left.push_back(&c);
    if (keep_most(left, name) && left.size() == 1) return left[0]->dicom.push_back(l); /* refused */
    warn(text(
        "%s: no series here is the one that this file labels; it was ignored", l.path.c_str()));
}

static uint64_t hash_case(const set_job &j, const set_case &c, bool label)
{
    uint64_t h = fresh_hash(j.how);
    std::set<int> seen;
    for (int f : c.images.frames) {
        const frame &one = j.s.frames[(size_t)f];
        if (seen.insert(one.file).second) mix_file(h, j.s.file_of(f).path, j.from);
        mix(h, &one.index, sizeof one.index);
    }
    for (const label_file &l : c.dicom)
        if (label) mix_file(h, l.path, j.from);
    for (const auto &one : j.values) {
        if (!label) break;
        mix_text(h, one.first);
        mix(h, &one.second, sizeof one.second);
    }
    return h;
}

/* false: it is there already. */
static bool write_case(set_job &j, const set_case &c)
{
    const std::string image = place(c, false) + ".nii.gz", label = place(c, true) + ".nii.gz";
    const bool has_image = is_current(j, image, hash_case(j, c, false));
    const bool has_label = c.dicom.empty() || is_current(j, label, hash_case(j, c, true));
    if (!c.other.empty()) copy_as(j, c.other, place(c, true) + image_ending(c.other));
    if (has_image && has_label) return false;
    std::vector<std::string> said[2]; /* of image and label */
    const auto make = [&](int i, auto work) {
        const listener hears(said[i]);
        work();
    };
    grid g = {};
    make(0, [&] { g = arrange(j.s, c.images, j.how); });
    if (!has_image) {
        make(0, [&] { write_volume(j.s, g, j.to + "/" + image); });
        settle_made(j, image);
        j.notes[image] = said[0];
    }
    if (!has_label) {
        make(1,
            [&] { write_labels(g, read_labels(c.dicom, j.s, g, j.values), j.to + "/" + label); });
        settle_made(j, label);
        j.notes[label] = said[1];
    }
    return true;
}

/* What each file is made of, for messages of attunet: the folder of a series, or a file. */
static void write_sources(const set_job &j, const std::vector<std::string> &rest)
{
    std::string lines;
    std::error_code bad;
    for (const set_case &c : j.cases) {
        const int first = c.images.frames[0];
        const bool folder = fs::is_directory(j.from + "/" + c.name, bad),
                   file = std::all_of(c.images.frames.begin(), c.images.frames.end(),
                       [&](int f) { return j.s.file_of(f).path == j.s.file_of(first).path; });
        lines += place(c, false) + ".nii.gz\t" +
            (folder        ? c.name
                    : file ? below(j.s.file_of(first).path, j.from)
                           : "") +
            "\n";
        if (!c.dicom.empty())
            lines += place(c, true) + ".nii.gz\t" + below(c.dicom[0].path, j.from) + "\n";
        if (!c.other.empty())
            lines += place(c, true) + image_ending(c.other) + "\t" + below(c.other, j.from) + "\n";
    }
    for (const std::string &one : rest)
        lines += below(one, j.from) + "\t" + below(one, j.from) + "\n";
    write_list(j.to + "/" + sources_name, lines);
}

static void refuse_unlabelled(const set_job &j, const std::vector<std::string> &rest)
{
    if (j.cases.empty()) throw no_series(j.from, j.s, "give the folder of the whole data set");
    for (const set_case &c : j.cases)
        if (!c.dicom.empty() || !c.other.empty()) return;
    /* A picture among the slices themselves is no label of them. */
    const bool flat = std::all_of(j.s.files.begin(), j.s.files.end(),
        [&](const file &f) { return parent(below(f.path, j.from)).empty(); });
    for (const std::string &one : rest)
        if (!image_ending(one).empty() && !flat) return;
    throw refusal(EXIT_DATA,
        text("%s holds DICOM series but no labels; add labels as SEG, RTSTRUCT or images, such as "
             "labels/CASE.nii.gz for the series in images/CASE",
            j.from.c_str()));
}

/* Numbered series in images/ are channels of one case, unless each has a label of its own. */
static void refuse_mixed(const set_job &j, const std::vector<std::string> &rest)
{
    std::map<std::string, const set_case *> of;
    for (const set_case &c : j.cases) {
        const size_t cut = c.name.find('/');
        if (cut == std::string::npos || !is_images(c.name.substr(0, cut))) continue;
        const std::string label = "labels" + c.name.substr(6), name = without_channel(label);
        const bool own = std::any_of(rest.begin(), rest.end(), [&](const std::string &one) {
            return below(one, j.from) == label + image_ending(one);
        });
        if (own || name == label) continue;
        const set_case &first = *of.emplace(name, &c).first->second;
        refuse_patients(j.s, first.images, j.s, c.images, EXIT_DATA);
    }
}

/* Series that nothing labels: if labels lie with the others, they are not meant. */
static void drop_unlabelled(set_job &j)
{
    const size_t before = j.cases.size();
    auto unlabelled = [](const set_case &c) {
        return c.dicom.empty() && c.other.empty() && !is_images(c.name.substr(0, c.name.find('/')));
    };
    const size_t bare = (size_t)std::count_if(j.cases.begin(), j.cases.end(), unlabelled);
    if (bare == before) return;
    const auto one = std::find_if(j.cases.begin(), j.cases.end(), unlabelled);
    if (bare)
        say(text("ignored %zu series without a label, such as %s/%s", bare, j.from.c_str(),
            one->name.c_str()));
    j.cases.erase(std::remove_if(j.cases.begin(), j.cases.end(), unlabelled), j.cases.end());
}

/* All cases, though some fail; then says how many. */
static void write_cases(set_job &j)
{
    std::string first;
    int failed = 0, code = EXIT_DATA;
    for (const set_case &c : j.cases) {
        bool writes = true;
        try {
            writes = write_case(j, c);
        } catch (const refusal &r) {
            if (r.code == EXIT_IO) throw;
            if (!failed++) first = r.what(), code = r.code;
            for (bool label : {false, true}) { /* not as new as it seems */
                const std::string name = place(c, label) + ".nii.gz";
                j.after.erase(name);
                j.before.erase(name);
                remove((j.to + "/" + name).c_str());
            }
        }
        if (writes) write_stamps(j, true);
    }
    if (failed > 1)
        throw refusal(code, text("%d cases fail, the first: %s", failed, first.c_str()));
    if (failed) throw refusal(code, first);
}

/* The next call would read what this one writes; walk passes hidden folders over. */
static void refuse_inside(const set_job &j)
{
    std::error_code bad;
    const fs::path from = fs::weakly_canonical(j.from, bad), to = fs::weakly_canonical(j.to, bad);
    if (!bad && is_inside(to.string(), from.string()) &&
        (to == from || (*to.lexically_relative(from).begin()).string()[0] != '.'))
        throw refusal(EXIT_USAGE,
            text("%s is inside %s, which is read; give a folder elsewhere", j.to.c_str(),
                j.from.c_str()));
}

/* Whether all is there already; says what the call that wrote it said. */
static bool say_done(set_job &j, const std::string &whole)
{
    read_stamps(j);
    const bool done = is_done(j, whole);
    if (done) say_notes(j);
    return done;
}

/* Whether a label is of a series here. */
static bool any_fits(const set_job &j, const std::vector<label_file> &labels)
{
    const std::vector<stack> all = group(j.s);
    for (const label_file &l : labels)
        for (const stack &k : all)
            if (labels_fit(l, j.s, k.frames)) return true;
    return false;
}

/* Which series and labels are the cases, and which values their structures have. */
static void plan_set(
    set_job &j, const std::vector<segment> &segments, std::vector<std::string> &rest)
{
    const std::vector<label_file> labels = find_labels(j.s.objects);
    if (is_cache(j) && any_fits(j, labels)) make_folders(j.to); /* as below */
    find_cases(j);
    for (const label_file &l : labels) give_label(j, l);
    give_others(j, rest);
    refuse_unlabelled(j, rest);
    refuse_mixed(j, rest);
    if (j.cases.size() == 1 && place(j.cases[0], false) != j.cases[0].name)
        j.cases[0].name = folder_name(j); /* no other series lies beside it */
    drop_unlabelled(j);
    if (is_cache(j)) make_folders(j.to); /* for info: there are labels */
    std::vector<label_file> used;
    for (const set_case &c : j.cases) used.insert(used.end(), c.dicom.begin(), c.dicom.end());
    for (const segment &one : segments) {
        j.values[one.name] = one.label;
        j.classes.emplace(one.label, one.name);
    }
    if (segments.empty()) j.values = number_names(used);
    for (const auto &one : j.values) j.classes.emplace(one.second, one.first);
    check_names(used, j.values);
    check_classes(used, j.classes, j.values, set_command(j), !segments.empty());
    if (!used.empty()) check_user_names(j);
    const auto names = [&](const std::string &one) { return below(one, j.from) == "dataset.json"; };
    if (std::none_of(rest.begin(), rest.end(), names)) check_class_names(j);
    for (const set_case &c : j.cases) {
        if (segments.empty()) refuse_alike(c.name, c.dicom, used, j.values, set_command(j));
        if (!segments.empty()) refuse_similar(c.name, c.dicom, j.values);
    }
    for (const set_case &c : j.cases)
        if (!c.dicom.empty()) say_missing(c.name, c.dicom, j.values);
}

void write_set(const std::string &from, const std::string &to, const std::vector<segment> &segments,
    const reading &how)
{
    set_job j;
    j.from = fs::path(from).lexically_normal().generic_string();
    while (j.from.size() > 1 && j.from.back() == '/') j.from.pop_back();
    j.to = to;
    j.how = how;
    j.how.of_set = true;
    refuse_inside(j);
    const std::vector<std::string> paths = walk(j.from);
    const auto stamp = [&](bool rough) {
        uint64_t h = fresh_hash(how);
        for (const std::string &one : paths) mix_file(h, one, j.from, rough);
        for (const segment &one : segments) mix_text(h, one.name + "=" + std::to_string(one.label));
        return stamp_text(h);
    };
    const std::string whole = stamp(false), roughly = stamp(true);
    if (say_done(j, whole)) return;
    j.s = read_files(paths, j.from);
    std::vector<std::string> rest, said;
    {
        const listener hears(said);
        plan_set(j, segments, rest);
    }
    make_folders(j.to);
    const turn ours(j.to);
    if (say_done(j, whole)) return;
    remove_parts(j.to);
    clear_torn(j);
    write_stamps(j, true);
    for (const std::string &one : rest) copy_as(j, one, below(one, j.from));
    write_sources(j, rest);
    write_cases(j);
    {
        const listener hears(said);
        write_names(j);
        write_groups(j);
    }
    remove_old(j);
    j.notes[""] = said;
    /* as the links of copy_as leave it, unless a file changed since it was read */
    j.after[stamp_name] = {stamp(true) == roughly ? stamp(false) : whole, stamp_text(0)};
    write_stamps(j, false);
    say_changed(j);
    say_notes(j);
    say(text("%zu series are NIfTI files in %s%s", j.cases.size(), j.to.c_str(),
        is_cache(j) ? "/" : ""));
}
