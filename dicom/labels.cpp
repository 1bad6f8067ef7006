/* SPDX-License-Identifier: Apache-2.0 */
#include "labels.h"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <list>
#include <memory>

#include "decode.h"

static const char labelmap_class[] = "1.2.840.10008.5.1.4.1.1.66.7";

/* All UIDs of a tag, in sequences too. */
static void collect(DcmItem &item, const DcmTagKey &tag, std::set<std::string> &to)
{
    DcmStack at;
    while (item.nextObject(at, OFTrue).good()) {
        DcmObject *object = at.top();
        OFString uid;
        if (object->getTag() == tag && object->isLeaf() &&
            static_cast<DcmElement *>(object)->getOFString(uid, 0).good() && !uid.empty())
            to.insert(uid.c_str());
    }
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
    l.sop = element(d, DCM_SOPInstanceUID);
    l.patient = patient_of(d);
    collect(d, DCM_FrameOfReferenceUID, l.references);
    collect(d, DCM_ReferencedSOPInstanceUID, l.sops);
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

bool labels_fit(const label_file &l, const study &s, const stack &k)
{
    const file &f = s.file_of(k.frames[0]);
    for (int number : k.frames)
        if (l.sops.count(s.file_of(number).sop)) return true;
    if (!l.series.empty()) return l.series.count(f.series) != 0;
    return l.sops.empty() && !f.reference.empty() && l.references.count(f.reference) != 0;
}

/* A file is also paired by its name, which may be that of another patient's case. */
static void refuse_foreign(const label_file &l, const study &s, const grid &g)
{
    const file &f = s.file_of(g.frames[0]);
    stack k;
    k.frames = g.frames;
    if (l.patient && f.patient && l.patient != f.patient)
        throw refusal(EXIT_DATA,
            text("%s is not of the patient of %s by PatientID (0010,0020); leave this label out, "
                 "or correct the PatientID",
                l.path.c_str(), f.path.c_str()));
    const bool refers = !l.series.empty() || !l.sops.empty(),
               has_frames = !l.references.empty() && !f.reference.empty();
    if (refers && has_frames && !l.references.count(f.reference) && !labels_fit(l, s, k))
        throw refusal(EXIT_DATA,
            text(
                "%s refers to another series than that of %s, in another frame of reference; leave "
                "this label out, or draw it on this series",
                l.path.c_str(), f.path.c_str()));
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
    if (agree) return by_number;
    int next = 0;
    for (auto &one : by_name) one.second = ++next;
    return by_name;
}

static std::set<std::string> names_of(const std::vector<label_file> &files)
{
    std::set<std::string> names;
    for (const label_file &l : files)
        for (const region &r : l.regions) names.insert(r.name);
    return names;
}

static std::string list_of(const std::set<std::string> &names)
{
    std::string list;
    for (const std::string &one : names) list += (list.empty() ? "" : ", ") + one;
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
    say(text("no SEG or RTSTRUCT has %s", list_of(missing).c_str()));
}

/* Small letters, without spaces and underscores. */
static std::string letters_of(const std::string &name)
{
    std::string letters;
    for (char c : name)
        if (c != ' ' && c != '_') letters += c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    return letters;
}

void refuse_alike(const std::string &name, const std::vector<label_file> &files,
    const label_values &values, const std::string &from)
{
    const std::set<std::string> there = names_of(files);
    for (const auto &one : values)
        for (const std::string &other : there)
            if (!there.count(one.first) && letters_of(other) == letters_of(one.first))
                throw refusal(EXIT_DATA,
                    text("%s has no %s, but %s, which would be another class; rename one, or give "
                         "both one value with attunet-dicom set %s -o FOLDER --segment VALUE=NAME",
                        name.c_str(), one.first.c_str(), other.c_str(), from.c_str()));
}

void refuse_similar(
    const std::string &name, const std::vector<label_file> &files, const label_values &values)
{
    const std::set<std::string> there = names_of(files);
    for (const auto &one : values)
        for (const std::string &other : there)
            if (!there.count(one.first) && !values.count(other) &&
                letters_of(other) == letters_of(one.first))
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
        say(text("%s has no %s; it has %s", name.c_str(), list_of(missing).c_str(),
            list_of(there).c_str()));
}

/* A region that is read, and the planes that its pixels go to. */
struct wanted_region {
    const region *from;
    region_planes *to;
    bool marks; /* a pixel */
};

/* A frame of a SEG: the plane that it lies on, and what it says of a pixel. */
struct seg_frame {
    int segment; /* of a label map: none */
    double position[3];
};

class seg_reader
{
  public:
    seg_reader(DcmDataset &d, const label_file &l);
    /* Regions and their planes. */
    void fill(std::vector<wanted_region> &all, const study &s, const grid &g);

  private:
    const label_file &l_;
    std::unique_ptr<frame_reader> pixels_;
    int rows_, columns_, bits_, half_;
    double row_[3], column_[3], spacing_[2], normal_[3];
    std::vector<seg_frame> frames_;
    void read_frames(DcmDataset &d, int count);
    void check_axes(const element_places &p, int frame) const;
    void check_planes() const;
    void check_parallel(const frame &first) const;
    bool is_in(const region &r, const Uint8 *bytes, size_t pixel) const;
    bool fill_plane(
        const region &r, size_t number, const frame &at, const file &f, std::vector<bool> &to);
    const seg_frame *nearest(const region &r, const double at[3], double reach) const;
};

/* Its pixels stay in `d`. */
seg_reader::seg_reader(DcmDataset &d, const label_file &l) : l_(l)
{
    rows_ = element_count(d, DCM_Rows, -1, 65535, l.path);
    columns_ = element_count(d, DCM_Columns, -1, 65535, l.path);
    bits_ = element_count(d, DCM_BitsAllocated, -1, 16, l.path);
    half_ = (element_count(d, DCM_MaximumFractionalValue, 1, 255, l.path) + 1) / 2;
    if (bits_ == 1) half_ = 1;
    const int count = element_count(d, DCM_NumberOfFrames, 1, 1 << 24, l.path);
    if (bits_ != 1 && bits_ != 8 && bits_ != 16)
        throw refusal(EXIT_DATA,
            text("%s: its BitsAllocated (0028,0100) is not 1, 8 or 16; leave this file out",
                l.path.c_str()));
    read_frames(d, count);
    pixels_.reset(new frame_reader(d, {rows_, columns_, 1, count, bits_}, l.path));
}

static bool has_segment(const label_file &l, int number)
{
    return std::any_of(
        l.regions.begin(), l.regions.end(), [=](const region &r) { return r.number == number; });
}

/* Those of each frame are the first one's. */
void seg_reader::check_axes(const element_places &p, int frame) const
{
    double o[6], spacing[2];
    element_numbers(p.get(DCM_ImageOrientationPatient), DCM_ImageOrientationPatient, 6, o, l_.path);
    element_numbers(p.get(DCM_PixelSpacing), DCM_PixelSpacing, 2, spacing, l_.path);
    bool same = true;
    for (int i = 0; i < 3; i++)
        same = same && fabs(o[i] - row_[i]) < 1e-3 && fabs(o[3 + i] - column_[i]) < 1e-3;
    for (int i = 0; i < 2; i++)
        same = same && fabs(spacing[i] - spacing_[i]) <= 1e-4 * fabs(spacing_[i]);
    if (!same)
        throw refusal(EXIT_DATA,
            text("%s: its frame %d has another ImageOrientationPatient (0020,0037) or PixelSpacing "
                 "(0028,0030) than the first; save each orientation as a file of its own",
                l_.path.c_str(), frame + 1));
}

/* One frame of a segment in each plane, else there are tiles, or phases of which one would count.
 */
void seg_reader::check_planes() const
{
    std::vector<std::pair<int, double>> at;
    for (const seg_frame &f : frames_) at.emplace_back(f.segment, dot(f.position, normal_));
    std::sort(at.begin(), at.end());
    for (size_t i = 1; i < at.size(); i++)
        if (at[i].first == at[i - 1].first && at[i].second - at[i - 1].second < same_position)
            throw refusal(EXIT_DATA,
                text("%s: several of its frames mark one segment in one plane, as of phases or "
                     "tiles; save each phase as a file of its own",
                    l_.path.c_str()));
}

void seg_reader::read_frames(DcmDataset &d, int count)
{
    DcmItem *shared = nullptr, *own = nullptr;
    d.findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, shared);
    DcmSequenceOfItems *all = nullptr;
    d.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, all);
    if (!all || all->card() < (unsigned long)count)
        throw refusal(EXIT_DATA,
            text(
                "%s: it describes fewer frames than it has; leave this file out", l_.path.c_str()));
    for (int i = 0; i < count; i++) {
        own = static_cast<DcmItem *>(i ? all->nextInContainer(own) : all->getItem(0));
        const element_places p = {own, shared, &d};
        if (i == 0) {
            double o[6];
            element_numbers(
                p.get(DCM_ImageOrientationPatient), DCM_ImageOrientationPatient, 6, o, l_.path);
            element_numbers(p.get(DCM_PixelSpacing), DCM_PixelSpacing, 2, spacing_, l_.path);
            memcpy(row_, o, sizeof row_);
            memcpy(column_, o + 3, sizeof column_);
            normal_of(row_, column_, normal_);
        }
        check_axes(p, i);
        seg_frame f = {};
        element_numbers(
            p.get(DCM_ImagePositionPatient), DCM_ImagePositionPatient, 3, f.position, l_.path);
        if (!l_.is_map)
            f.segment = element_whole(
                p.get(DCM_ReferencedSegmentNumber), DCM_ReferencedSegmentNumber, 1, 65535, l_.path);
        if (!l_.is_map && !has_segment(l_, f.segment))
            throw refusal(EXIT_DATA,
                text("%s: a frame has segment %d, which its SegmentSequence (0062,0002) does not "
                     "list; leave this file out",
                    l_.path.c_str(), f.segment));
        frames_.push_back(f);
    }
    if (!(spacing_[0] > 1e-6 && spacing_[1] > 1e-6)) /* mm */
        throw refusal(EXIT_DATA,
            text("%s: its PixelSpacing (0028,0030) is not above 0; leave this file out",
                l_.path.c_str()));
    check_planes();
}

bool seg_reader::is_in(const region &r, const Uint8 *bytes, size_t pixel) const
{
    Uint16 value = bits_ == 1 ? (Uint16)(bytes[pixel / 8] >> pixel % 8 & 1) : Uint16(0);
    if (bits_ > 1) memcpy(&value, bytes + pixel * (size_t)bits_ / 8, (size_t)bits_ / 8);
    return l_.is_map ? value == r.number : value >= half_;
}

/* Each pixel of the source plane takes the nearest one of the frame; false: none is in. */
bool seg_reader::fill_plane(
    const region &r, size_t number, const frame &at, const file &f, std::vector<bool> &to)
{
    const double *origin = frames_[number].position;
    const Uint8 *bytes = pixels_->get((int)number, 0, rows_);
    if (pixels_->length() * 8 < (size_t)rows_ * (size_t)columns_ * (size_t)bits_)
        throw refusal(EXIT_DATA,
            text("%s: its PixelData (7FE0,0010) is shorter than its rows and columns ask for; "
                 "leave this file out",
                l_.path.c_str()));
    bool marks = false;
    for (int y = 0; y < f.rows; y++)
        for (int x = 0; x < f.columns; x++) {
            double off[3];
            for (int i = 0; i < 3; i++)
                off[i] = at.position[i] + x * at.spacing[1] * at.row[i] +
                    y * at.spacing[0] * at.column[i] - origin[i];
            const double column = round(dot(off, row_) / spacing_[1]),
                         row = round(dot(off, column_) / spacing_[0]);
            if (column < 0 || row < 0 || column >= columns_ || row >= rows_) continue;
            if (!is_in(r, bytes,
                    pixels_->first_bit() + (size_t)row * (size_t)columns_ + (size_t)column))
                continue;
            to[(size_t)y * (size_t)f.columns + (size_t)x] = marks = true;
        }
    return marks;
}

const seg_frame *seg_reader::nearest(const region &r, const double at[3], double reach) const
{
    const seg_frame *best = nullptr;
    double least = reach;
    for (const seg_frame &f : frames_) {
        if (!l_.is_map && f.segment != r.number) continue;
        const double off = fabs(dot(f.position, normal_) - dot(at, normal_));
        if (off < least) best = &f;
        least = std::min(off, least);
    }
    return best;
}

void seg_reader::check_parallel(const frame &first) const
{
    double normal[3];
    first.normal(normal);
    if (!(fabs(dot(normal, normal_)) >= 0.9999)) /* also without a direction */
        throw refusal(EXIT_DATA,
            text("%s: its frames are not parallel to the slices of the series; resample it to the "
                 "series first",
                l_.path.c_str()));
}

/* Slice by slice: the regions of a label map have their frames in common. */
void seg_reader::fill(std::vector<wanted_region> &all, const study &s, const grid &g)
{
    if (all.empty()) return;
    check_parallel(s.frames[(size_t)g.frames[0]]);
    for (size_t k = 0; k < g.frames.size(); k++)
        for (wanted_region &one : all) {
            const frame &at = s.frames[(size_t)g.frames[k]];
            const file &source = s.file_of(g.frames[k]);
            const seg_frame *f = nearest(*one.from, at.position, 0.5 * g.spacing[2]);
            if (!f) continue;
            std::vector<bool> &to = (*one.to)[k];
            to.resize((size_t)source.rows * (size_t)source.columns);
            if (fill_plane(*one.from, (size_t)(f - frames_.data()), at, source, to))
                one.marks = true;
        }
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
        say(text("%zu voxels are in several structures; the smaller structure has them", both));
    return labels;
}

static void fill_regions(DcmDataset &d, const label_file &l, std::vector<wanted_region> &wanted,
    const study &s, const grid &g)
{
    if (!l.contours) return seg_reader(d, l).fill(wanted, s, g);
    for (wanted_region &one : wanted) one.marks = fill_contours(d, l, *one.from, s, g, *one.to);
}

static void say_empty(const label_file &l, const std::vector<wanted_region> &wanted)
{
    std::string names;
    for (const wanted_region &one : wanted)
        if (!one.marks) names += (names.empty() ? "" : ", ") + one.from->name;
    if (!names.empty())
        say(text("%s marks no voxel of the series with %s", l.path.c_str(), names.c_str()));
}

/* Copies of one object say the same. */
static bool is_other(const label_file &a, const label_file &b)
{
    return &a != &b && (a.sop.empty() || a.sop != b.sop);
}

/* Labels of two readers would become one that nobody drew. first: the file of each name. */
static void refuse_names(const label_file &l, const std::vector<wanted_region> &wanted,
    std::map<std::string, const label_file *> &first)
{
    for (const wanted_region &one : wanted) {
        if (!one.marks) continue;
        const label_file &other = *first.emplace(one.from->name, &l).first->second;
        if (is_other(other, l))
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
            if (is_other(*other.from, l) && !other.planes[k].empty() && other.planes[k][i])
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
        try {
            fill_regions(*whole.getDataset(), l, wanted, s, g);
        } catch (const refusal &) {
            check_same(l.path, l.stamp);
            throw;
        }
        check_same(l.path, l.stamp); /* DCMTK reads long values late */
        say_empty(l, wanted);
        refuse_names(l, wanted, first);
        if (!taken.empty()) refuse_overlap(l, all, taken);
    }
    join_files(all);
    for (named_planes &one : all) one.size = size_of(one.planes);
    return paint(all, s, g);
}
