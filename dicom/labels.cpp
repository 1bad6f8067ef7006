/* SPDX-License-Identifier: Apache-2.0 */
#include "labels.h"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <list>

/* Which dataset.json has for what is no structure to find. */
static const char *const background_name = "background", *const ignore_name = "ignore";

static const char labelmap_class[] = "1.2.840.10008.5.1.4.1.1.66.7";

/* All UIDs of a tag, in sequences too; `in`: only those in items of these sequences. */
static void collect(DcmObject &from, const DcmTagKey &tag, std::set<std::string> &to,
    const std::set<DcmTagKey> &in = {})
{
    DcmStack at;
    while (from.nextObject(at, OFTrue).good()) {
        DcmObject *object = at.top();
        OFString uid;
        if (object->getTag() == tag && object->isLeaf() &&
            (in.empty() || (at.card() > 2 && in.count(at.elem(2)->getTag()))) &&
            static_cast<DcmElement *>(object)->getOFString(uid, 0).good() && !uid.empty())
            to.insert(uid.c_str());
    }
}

/* Images to which its contours or frames refer; if they refer to none, those that the file lists.
 * Other references are to studies or older versions of the file. */
static void collect_images(DcmDataset &d, label_file &l)
{
    const std::set<DcmTagKey> images = {DCM_ContourImageSequence, DCM_ReferencedInstanceSequence,
        DCM_ReferencedImageSequence, DCM_ReferencedSOPSequence, DCM_SourceImageSequence};
    const DcmTagKey drawn_in[] = {DCM_ROIContourSequence, DCM_SharedFunctionalGroupsSequence,
        DCM_PerFrameFunctionalGroupsSequence};
    for (const DcmTagKey &part : drawn_in) {
        DcmSequenceOfItems *all = nullptr;
        if (d.findAndGetSequence(part, all).good() && all)
            collect(*all, DCM_ReferencedSOPInstanceUID, l.sops, images);
    }
    if (l.sops.empty()) collect(d, DCM_ReferencedSOPInstanceUID, l.sops, images);
}

/* Segment 0 of a label map is its background. */
static void list_regions(DcmItem &d, label_file &l)
{
    const DcmTagKey sequence = l.contours ? DCM_StructureSetROISequence : DCM_SegmentSequence;
    DcmItem *item = nullptr;
    for (long i = 0; d.findAndGetSequenceItem(sequence, item, i).good() && item; i++) {
        region r;
        r.number = element_count(*item, l.contours ? DCM_ROINumber : DCM_SegmentNumber, -1,
            l.contours ? 1 << 30 : 65535, l.path, l.contours || l.is_map ? 0 : 1);
        if (l.is_map && r.number == 0) continue;
        r.name = element(*item, l.contours ? DCM_ROIName : DCM_SegmentLabel);
        if (r.name.empty()) r.name = text("segment %d", r.number);
        l.regions.push_back(r);
    }
}

/* DCMTK loads a file that was cut between two elements. */
static void check_parts(DcmDataset &d, const label_file &l)
{
    const DcmTagKey seg[] = {DCM_SegmentSequence, DCM_PixelData},
                    contours[] = {DCM_StructureSetROISequence, DCM_ROIContourSequence};
    for (const DcmTagKey &tag : l.contours ? contours : seg)
        if (!d.tagExists(tag))
            throw refusal(EXIT_DATA,
                text("%s has no %s, so it may be damaged; leave this file out", l.path.c_str(),
                    element_name(tag).c_str()));
}

static bool read_label_file(const std::string &path, label_file &l)
{
    DcmFileFormat whole;
    const file_stamp stamp = stamp_of(path);
    if (!is_dicom(path)) return false;
    load_first(whole, path);
    DcmDataset &d = *whole.getDataset();
    const std::string kind = sop_class_of(whole);
    l = label_file();
    l.path = path;
    l.stamp = stamp;
    l.contours = kind == UID_RTStructureSetStorage;
    if (!l.contours && kind != UID_SegmentationStorage && kind != labelmap_class) return false;
    d.convertToUTF8(); /* names; a failure leaves them as they are */
    l.patient = patient_of(d);
    l.maker = element(d, DCM_Manufacturer);
    if (l.maker == "attunet") l.maker += " " + element(d, DCM_SoftwareVersions);
    collect(d, DCM_FrameOfReferenceUID, l.references);
    collect_images(d, l);
    collect(d, DCM_SeriesInstanceUID, l.series);
    l.series.erase(element(d, DCM_SeriesInstanceUID));
    if (l.contours) collect(d, DCM_ReferencedFrameOfReferenceUID, l.references);
    const std::string type = element(d, DCM_SegmentationType);
    l.is_map = type == "LABELMAP";
    if (!l.contours && !l.is_map && type != "BINARY" && type != "FRACTIONAL")
        throw refusal(EXIT_DATA,
            text("%s: its SegmentationType (0062,0001) is not BINARY, FRACTIONAL or LABELMAP; "
                 "leave this file out",
                path.c_str()));
    check_parts(d, l);
    list_regions(d, l);
    return true;
}

std::vector<label_file> find_labels(const std::vector<std::string> &paths)
{
    std::vector<label_file> all;
    label_file l;
    for (const std::string &one : paths)
        if (read_label_file(one, l)) all.push_back(l);
    return all;
}

std::vector<label_file> known_labels(const std::vector<std::string> &paths)
{
    std::vector<label_file> all;
    label_file l;
    for (const std::string &one : paths) {
        try {
            if (read_label_file(one, l)) all.push_back(l);
        } catch (const refusal &) { /* whoever needs it as a label says why */
        }
    }
    return all;
}

std::string label_text(const label_file &l)
{
    enum { FEW = 4 };
    std::string series, names;
    for (const std::string &one : l.series)
        series += (series.empty() ? " of series=" : ", series=") + uid_name(one);
    for (size_t i = 0; i < l.regions.size() && i < FEW; i++)
        names += (i ? ", " : " (") + l.regions[i].name;
    if (l.regions.size() > FEW) names += text(" and %zu more", l.regions.size() - FEW);
    return tamed((l.contours ? "an RTSTRUCT" : "a SEG") + series +
        (names.empty() ? "" : names + ")") + (l.maker.empty() ? "" : " by " + l.maker));
}

refusal no_series(const std::string &path, const study &s, const std::string &what_to_do)
{
    const std::vector<label_file> labels = known_labels(s.objects);
    const size_t objects = s.objects.size();
    std::string what = path + " holds no DICOM series";
    if (labels.empty() && objects)
        what = text("%s holds %zu DICOM object%s but no image", path.c_str(), objects,
            objects == 1 ? "" : "s");
    else if (!labels.empty() && labels[0].path == path)
        what = path + " is " + label_text(labels[0]) + ", not an image";
    else if (!labels.empty())
        what += ", but " + labels[0].path + " is " + label_text(labels[0]);
    return refusal(EXIT_DATA, what + "; " + what_to_do);
}

label_fit labels_fit(const label_file &l, const study &s, const std::vector<int> &frames)
{
    const file &f = s.file_of(frames[0]);
    for (int number : frames)
        if (l.sops.count(s.file_of(number).sop)) return FITS_IMAGES;
    if (!l.series.empty()) return l.series.count(f.series) ? FITS_SERIES : FITS_NOT;
    return l.sops.empty() && !f.reference.empty() && l.references.count(f.reference) ? FITS_SERIES
                                                                                     : FITS_NOT;
}

/* A file is also paired by its name, which may be that of another patient's case. */
static void refuse_foreign(const label_file &l, const study &s, const grid &g)
{
    const file &f = s.file_of(g.frames[0]);
    const label_fit fit = labels_fit(l, s, g.frames);
    const bool other_patient = l.patient && f.patient && l.patient != f.patient;
    if (other_patient && fit != FITS_IMAGES)
        throw refusal(EXIT_DATA,
            text("%s is not of the patient of %s by PatientID (0010,0020); leave this label out, "
                 "or correct the PatientID",
                l.path.c_str(), f.path.c_str()));
    if (other_patient) /* anonymised apart */
        warn(text("%s has another PatientID (0010,0020) than %s, but refers to its images",
            l.path.c_str(), f.path.c_str()));
    if (fit || l.references.empty() || f.reference.empty() || l.references.count(f.reference))
        return;
    const bool refers = !l.series.empty() || !l.sops.empty();
    throw refusal(EXIT_DATA,
        text("%s %s that of %s, in another frame of reference; leave this label out, or draw it on "
             "this series",
            l.path.c_str(),
            refers ? "refers to another series than" : "was drawn on another series than",
            f.path.c_str()));
}

static std::set<std::string> names_of(const std::vector<label_file> &files)
{
    std::set<std::string> names;
    for (const label_file &l : files)
        for (const region &r : l.regions) names.insert(r.name);
    return names;
}

label_values number_names(const std::vector<label_file> &files)
{
    label_values by_number, by_name;
    std::map<int, std::string> name_of;
    bool agree = true;
    for (const label_file &l : files)
        for (const region &r : l.regions) {
            by_name[r.name] = 0;
            agree = agree && r.number > 0 && r.number < 256 &&
                by_number.emplace(r.name, r.number).first->second == r.number &&
                name_of.emplace(r.number, r.name).first->second == r.name;
        }
    const auto ignored = by_number.find(ignore_name);
    if (agree && (ignored == by_number.end() || ignored->second == name_of.rbegin()->first))
        return by_number;
    int next = 0;
    for (auto &one : by_name)
        if (one.first != ignore_name) one.second = ++next;
    if (by_name.count(ignore_name)) by_name[ignore_name] = ++next;
    return by_name;
}

std::string with_segments(
    const std::string &command, const class_names &classes, const label_values &values)
{
    std::string all = command;
    const auto add = [&](int value, const std::string &name) {
        all += " --segment " + shell_word(std::to_string(value) + "=" + name);
    };
    for (const auto &one : classes) {
        add(one.first, one.second);
        for (const auto &other : values)
            if (other.second == one.first && other.first != one.second)
                add(other.second, other.first);
    }
    return all;
}

/* Two structures of one reader. */
static bool has_both(
    const std::vector<label_file> &files, const std::string &a, const std::string &b)
{
    return std::any_of(files.begin(), files.end(), [&](const label_file &l) {
        const std::set<std::string> own = names_of({l});
        return own.count(a) && own.count(b);
    });
}

/* Names with one name_key have the value of the first one, unless a file has both. */
static std::string joined_command(const std::string &command, const class_names &classes,
    const std::vector<label_file> &files, label_values values)
{
    std::map<std::string, std::string> first; /* by name_key */
    class_names left;
    for (auto &one : values) {
        const std::string &name = first.emplace(name_key(one.first), one.first).first->second;
        if (!has_both(files, name, one.first)) one.second = values[name];
    }
    for (const auto &one : classes)
        if (values[one.second] == one.first) left.insert(one);
    return with_segments(command, left, values);
}

void check_classes(const std::vector<label_file> &files, const class_names &classes,
    const label_values &values, const std::string &command, bool chosen)
{
    class_names others = classes;
    for (const auto &one : classes) {
        if (name_key(one.second) != background_name) continue;
        others.erase(one.first);
        const auto has = [&](const label_file &l) { return names_of({l}).count(one.second) > 0; };
        const auto where = std::find_if(files.begin(), files.end(), has);
        const std::string named = " --segment " + std::to_string(one.first) + "=";
        throw refusal(EXIT_DATA,
            text("%s has a structure %s, but that is the name of class 0, for all other voxels; "
                 "%s: %s",
                where == files.end() ? "--segment" : where->path.c_str(), one.second.c_str(),
                others.empty() ? "give it another name" : "rename it, or leave it out",
                (others.empty()  ? command + named + "NAME" + named + shell_word(one.second)
                        : chosen ? with_segments(command, others, values)
                                 : joined_command(command, others, files, values))
                    .c_str()));
    }
    for (const auto &one : classes)
        if (one.second == ignore_name && one.first != classes.rbegin()->first)
            throw refusal(EXIT_USAGE,
                text("ignore is the name of voxels that count in no class, so it needs the highest "
                     "value; give it one above %d",
                    classes.rbegin()->first));
}

/* mark: before each name, or "". */
static std::string list_of(const std::set<std::string> &names, const std::string &mark = "")
{
    std::string list;
    for (const std::string &one : names) list += (list.empty() ? "" : ", ") + mark + one;
    return list;
}

void check_names(const std::vector<label_file> &files, const label_values &values)
{
    if (files.empty()) return; /* labels of other formats */
    const std::set<std::string> there = names_of(files);
    std::set<std::string> missing;
    for (const auto &one : values)
        if (!there.count(one.first)) missing.insert(one.first);
    if (missing.empty()) return;
    if (missing.size() == values.size())
        throw refusal(EXIT_DATA,
            text("no SEG or RTSTRUCT has %s; give --segment names that are there: %s",
                list_of(missing).c_str(), list_of(there).c_str()));
    warn(text("no SEG or RTSTRUCT has %s", list_of(missing).c_str()));
}

/* Names that `files` have, by their name_key. */
static std::map<std::string, std::set<std::string>> keys_of(const std::vector<label_file> &files)
{
    std::map<std::string, std::set<std::string>> keys;
    for (const std::string &name : names_of(files)) keys[name_key(name)].insert(name);
    return keys;
}

void refuse_alike(const std::string &name, const std::vector<label_file> &files,
    const std::vector<label_file> &all, const label_values &values, const std::string &command)
{
    class_names classes;
    for (const auto &one : values) classes.emplace(one.second, one.first);
    const std::set<std::string> there = names_of(files);
    auto keys = keys_of(files);
    for (const auto &one : values)
        for (const std::string &other : keys[name_key(one.first)])
            if (other != one.first && !has_both(files, one.first, other)) {
                label_values joined = values;
                joined[other] = one.second;
                throw refusal(EXIT_DATA,
                    text("%s has %s%s, but %s%s, which would be another class; rename one, or give "
                         "both one value: %s",
                        name.c_str(), there.count(one.first) ? "" : "no ", one.first.c_str(),
                        there.count(one.first) ? "also " : "", other.c_str(),
                        joined_command(command, classes, all, joined).c_str()));
            }
}

void refuse_similar(
    const std::string &name, const std::vector<label_file> &files, const label_values &values)
{
    const std::set<std::string> there = names_of(files);
    auto keys = keys_of(files);
    for (const auto &one : values)
        for (const std::string &other : keys[name_key(one.first)])
            if (!there.count(one.first) && !values.count(other))
                throw refusal(EXIT_DATA,
                    text("%s has no %s, but %s; rename one, or add --segment \"%d=%s\"",
                        name.c_str(), one.first.c_str(), other.c_str(), one.second, other.c_str()));
}

void say_missing(
    const std::string &name, const std::vector<label_file> &files, const label_values &values)
{
    const std::set<std::string> there = names_of(files);
    std::set<std::string> missing;
    for (const auto &one : values)
        if (std::none_of(values.begin(), values.end(), [&](const auto &other) {
                return other.second == one.second && there.count(other.first);
            }))
            missing.insert(one.first);
    if (!missing.empty())
        warn(name + ": no " + list_of(missing, names_mark) + names_end + ", but " + list_of(there));
}

static size_t size_of(const region_planes &p)
{
    size_t n = 0;
    for (const auto &plane_ : p) n += (size_t)std::count(plane_.begin(), plane_.end(), true);
    return n;
}

void add_planes(const region_planes &from, region_planes &to)
{
    for (size_t k = 0; k < from.size(); k++) {
        if (from[k].empty()) continue;
        to[k].resize(from[k].size());
        for (size_t i = 0; i < from[k].size(); i++)
            if (from[k][i]) to[k][i] = true;
    }
}

/* What has a value in a file. */
struct named_planes {
    int value;
    const label_file *from;
    size_t size;
    region_planes planes;
};

/* Larger regions first, so that smaller ones overwrite them. */
static std::vector<unsigned short> paint(
    std::list<named_planes> &all, const study &s, const grid &g)
{
    all.sort([](const named_planes &a, const named_planes &b) { return a.size > b.size; });
    std::vector<unsigned short> labels(g.area() * g.planes.size());
    size_t both = 0;
    for (const named_planes &one : all)
        for (size_t p = 0; p < g.planes.size(); p++) {
            const size_t k = g.source_of(p);
            if (one.planes[k].empty()) continue;
            const file &f = s.file_of(g.frames[k]);
            for (int y = 0; y < g.rows; y++)
                for (int x = 0; x < g.columns; x++) {
                    size_t from;
                    unsigned short &to =
                        labels[p * g.area() + (size_t)y * (size_t)g.columns + (size_t)x];
                    if (!g.pixel_at(k, x, y, f, from) || !one.planes[k][from]) continue;
                    both += to != 0 && to != one.value;
                    to = (unsigned short)one.value;
                }
        }
    if (both)
        warn(text("%zu voxels are in several structures; the smaller structure has them", both));
    return labels;
}

static left_out fill_regions(DcmDataset &d, const label_file &l, std::vector<wanted_region> &wanted,
    const study &s, const grid &g)
{
    left_out lost;
    if (!l.contours) fill_segments(d, l, wanted, s, g, lost);
    for (wanted_region &one : wanted)
        if (l.contours) one.marks = fill_contours(d, l, *one.from, s, g, *one.to, lost);
    return lost;
}

/* Parts that no slice has, or another one than they were drawn on. */
static void say_left_out(const label_file &l, const left_out &lost, const study &s, const grid &g)
{
    const char *path = l.path.c_str(), *what = l.contours ? "contours" : "voxels";
    const bool refers = (!l.series.empty() || !l.sops.empty()) && labels_fit(l, s, g.frames);
    if (refers && 2 * lost.outside > lost.all)
        throw refusal(EXIT_DATA,
            text("%s: %zu of %zu %s lie outside the series that it refers to; complete the series, "
                 "or leave this label out",
                path, lost.outside, lost.all, what));
    if (lost.outside)
        warn(text("%s: %zu of %zu %s lie outside the series, so attunet ignored them", path,
            lost.outside, lost.all, what));
    if (lost.cut)
        warn(text("%s: %zu of %zu contours reach beyond the slices, so attunet cut them", path,
            lost.cut, lost.all));
    if (lost.copies)
        warn(text("%s: %zu of %zu contours lie less than half a pixel inside another one; attunet "
                  "took them as copies, not as holes",
            path, lost.copies, lost.all));
    if (lost.over)
        warn(text("%s: %zu of %zu contours reach over the edge of a contour around them; attunet "
                  "took them as holes",
            path, lost.over, lost.all));
    if (lost.joined)
        warn(
            text("%s: contours overlap in part, in %zu voxels, so attunet joined them; a hole must "
                 "lie inside its contour",
                path, lost.joined));
    if (lost.striped)
        warn(text("%s: %zu structures have no contours on neighbouring slices; slices between "
                  "contours have no label",
            path, lost.striped));
    if (lost.between)
        warn(text("%s: %zu of %zu %s lie between slices, so attunet ignored them", path,
            lost.between, lost.all, what));
    if (lost.moved > 0.1 * g.spacing[2])
        warn(
            text("%s: labels lie up to %.2g mm beside slices, so attunet moved them to the nearest "
                 "slice",
                path, lost.moved));
}

static void say_empty(const label_file &l, const std::vector<wanted_region> &wanted)
{
    std::set<std::string> names;
    for (const wanted_region &one : wanted)
        if (!one.marks) names.insert(one.from->name);
    if (!names.empty())
        warn(l.path + " marks no voxel of the series with " + list_of(names, names_mark));
}

/* Whether two files mark the same pixels with one value: a copy, or one mask, saved as SEG and
 * RTSTRUCT. Copies of one UID may differ: one was edited later. */
static bool same_marks(const named_planes &a, const named_planes &b)
{
    if (a.value != b.value) return false;
    for (size_t k = 0; k < a.planes.size(); k++) {
        const std::vector<bool> &x = a.planes[k], &y = b.planes[k];
        for (size_t i = 0; i < std::max(x.size(), y.size()); i++)
            if ((i < x.size() && x[i]) != (i < y.size() && y[i])) return false;
    }
    return true;
}

/* Drops values of `l` that another file marks in the same way, and their names. */
static void drop_copies(
    const label_file &l, std::vector<wanted_region> &wanted, std::list<named_planes> &all)
{
    for (auto one = all.begin(); one != all.end();) {
        const bool again =
            one->from == &l && std::any_of(all.begin(), all.end(), [&](const named_planes &other) {
                return other.from != &l && same_marks(other, *one);
            });
        if (again)
            wanted.erase(std::remove_if(wanted.begin(), wanted.end(),
                             [&](const wanted_region &w) { return w.to == &one->planes; }),
                wanted.end());
        one = again ? all.erase(one) : std::next(one);
    }
}

/* Labels of two readers would become one that nobody drew. first: the file of each name. */
static void refuse_names(const label_file &l, const std::vector<wanted_region> &wanted,
    std::map<std::string, const label_file *> &first)
{
    for (const wanted_region &one : wanted) {
        if (!one.marks) continue;
        const label_file &other = *first.emplace(one.from->name, &l).first->second;
        if (&other != &l)
            throw refusal(EXIT_DATA,
                text("%s and %s both mark %s in one series; leave one of these files out",
                    other.path.c_str(), l.path.c_str(), one.from->name.c_str()));
    }
}

/* taken: by the files before `l`, then by it too. */
static void refuse_overlap(
    const label_file &l, const std::list<named_planes> &all, region_planes &taken)
{
    const auto check_pixel = [&](size_t k, size_t i) {
        for (const named_planes &other : all)
            if (other.from != &l && !other.planes[k].empty() && other.planes[k][i])
                throw refusal(EXIT_DATA,
                    text("%s and %s mark the same voxels of one series; leave one of these files "
                         "out, or choose structures with attunet-dicom and --segment",
                        other.from->path.c_str(), l.path.c_str()));
    };
    for (const named_planes &one : all)
        for (size_t k = 0; k < taken.size() && one.from == &l; k++)
            for (size_t i = 0; i < std::min(taken[k].size(), one.planes[k].size()); i++)
                if (taken[k][i] && one.planes[k][i]) check_pixel(k, i);
    for (const named_planes &one : all)
        if (one.from == &l) add_planes(one.planes, taken);
}

/* A value has the planes of all files. */
static void join_files(std::list<named_planes> &all)
{
    for (auto one = all.begin(); one != all.end(); ++one)
        for (auto other = std::next(one); other != all.end();) {
            const bool same = other->value == one->value;
            if (same) add_planes(other->planes, one->planes);
            other = same ? all.erase(other) : std::next(other);
        }
}

std::vector<unsigned short> read_labels(
    const std::vector<label_file> &files, const study &s, const grid &g, const label_values &values)
{
    if (!s.frames[(size_t)g.frames[0]].placed)
        throw refusal(EXIT_DATA,
            text("%s: the series has no positions, so DICOM labels cannot be laid on it; give the "
                 "labels as images",
                s.folder.c_str()));
    std::list<named_planes> all; /* whose places stay */
    std::map<std::string, const label_file *> first;
    region_planes taken(files.size() > 1 ? g.frames.size() : 0);
    for (const label_file &l : files) {
        DcmFileFormat whole;
        refuse_foreign(l, s, g);
        load_again(whole, l.path, l.stamp);
        std::vector<wanted_region> wanted;
        for (const region &r : l.regions) {
            const auto value = values.find(r.name);
            if (value == values.end()) continue;
            auto one = std::find_if(all.begin(), all.end(),
                [&](const named_planes &n) { return n.value == value->second && n.from == &l; });
            if (one == all.end())
                one = all.insert(
                    all.end(), named_planes{value->second, &l, 0, region_planes(g.frames.size())});
            wanted.push_back({&r, &one->planes, false});
        }
        left_out lost;
        try {
            lost = fill_regions(*whole.getDataset(), l, wanted, s, g);
        } catch (const refusal &) {
            check_same(l.path, l.stamp);
            throw;
        }
        check_same(l.path, l.stamp); /* DCMTK reads long values late */
        say_left_out(l, lost, s, g);
        say_empty(l, wanted);
        drop_copies(l, wanted, all);
        refuse_names(l, wanted, first);
        if (!taken.empty()) refuse_overlap(l, all, taken);
    }
    join_files(all);
    for (named_planes &one : all) one.size = size_of(one.planes);
    return paint(all, s, g);
}
