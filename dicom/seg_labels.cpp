/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a SEG become pixels of the slices on which they lie. */
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "decode.h"
#include "labels.h"

/* A frame of a SEG: the plane that it lies on, and what it says of a pixel. */
struct seg_frame {
    int segment; /* of a label map: none */
    double position[3];
};

/* Where pixels lie. */
struct layer {
    const double *origin, *row, *column, *spacing;
};
static layer layer_of(const frame &f) { return {f.position, f.row, f.column, f.spacing}; }
/* Column and row, with fractions, at which another layer has the middle of this one's pixel. */
struct spot_in {
    double column, row;
};
static spot_in look_up(const layer &own, int x, int y, const layer &other)
{
    double off[3];
    for (int i = 0; i < 3; i++)
        off[i] = own.origin[i] + x * own.spacing[1] * own.row[i] +
            y * own.spacing[0] * own.column[i] - other.origin[i];
    return {dot(off, other.row) / other.spacing[1], dot(off, other.column) / other.spacing[0]};
}

class seg_reader
{
  public:
    seg_reader(DcmDataset &d, const label_file &l);
    /* Regions and their planes. */
    void fill(std::vector<wanted_region> &all, const study &s, const grid &g, left_out &lost);

  private:
    const label_file &l_;
    std::unique_ptr<frame_reader> pixels_;
    int rows_, columns_, bits_, half_;
    double row_[3], column_[3], spacing_[2], normal_[3];
    double thick_; /* mm from frame to frame, as the file says it; 0: it does not */
    std::vector<seg_frame> frames_;
    void read_frames(DcmDataset &d, int count);
    void check_axes(const element_places &p, int frame) const;
    void check_planes() const;
    void check_parallel(const frame &first) const;
    void check_distance(const study &s, const grid &g) const;
    layer layer_in(const seg_frame &f) const { return {f.position, row_, column_, spacing_}; }
    const Uint8 *frame_bytes(size_t number);
    bool is_covered(const seg_frame &own, const frame &by, const file &f) const;
    void count_lost(const std::vector<wanted_region> &all, const std::vector<int> &slice_of,
        const study &s, const grid &g, left_out &lost);
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
            thick_ = atof(p.get(DCM_SpacingBetweenSlices).c_str());
            if (!(thick_ > 0)) thick_ = atof(p.get(DCM_SliceThickness).c_str());
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

const Uint8 *seg_reader::frame_bytes(size_t number)
{
    const Uint8 *bytes = pixels_->get((int)number, 0, rows_);
    if (pixels_->length() * 8 < (size_t)rows_ * (size_t)columns_ * (size_t)bits_)
        throw refusal(EXIT_DATA,
            text("%s: its PixelData (7FE0,0010) is shorter than its rows and columns ask for; "
                 "leave this file out",
                l_.path.c_str()));
    return bytes;
}

/* Each pixel of the source plane takes the nearest one of the frame; false: none is in. */
bool seg_reader::fill_plane(
    const region &r, size_t number, const frame &at, const file &f, std::vector<bool> &to)
{
    const layer slice = layer_of(at), own = layer_in(frames_[number]);
    const Uint8 *bytes = frame_bytes(number);
    bool marks = false;
    for (int y = 0; y < f.rows; y++)
        for (int x = 0; x < f.columns; x++) {
            const spot_in found = look_up(slice, x, y, own);
            const double column = round(found.column), row = round(found.row);
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

/* Frames of thick slices would leave the slices between them empty. A series of slices that overlap
 * is as thick, so references to its own images decide. */
void seg_reader::check_distance(const study &s, const grid &g) const
{
    std::vector<std::pair<int, double>> at;
    double least = INFINITY;
    const double far = 1.5 * g.spacing[2];
    for (const seg_frame &f : frames_) at.emplace_back(f.segment, dot(f.position, normal_));
    std::sort(at.begin(), at.end());
    for (size_t i = 1; i < at.size(); i++)
        if (at[i].first == at[i - 1].first)
            least = std::min(least, at[i].second - at[i - 1].second);
    if (least <= far) return;
    const bool several = std::isfinite(least), unknown = !(thick_ > 0);
    const std::string what = text("%s: its frames are %.3g mm %s but the slices of the series %.3g "
                                  "mm; ",
        l_.path.c_str(), several ? least : thick_, several ? "apart" : "thick", g.spacing[2]);
    if (labels_fit(l_, s, g.frames) != FITS_IMAGES && (thick_ > far || (unknown && several)))
        throw refusal(EXIT_DATA, what + "resample it to the series first");
    if (several) warn(what + "slices between frames have no label");
}

/* Whether all pixels of a frame lie on pixels of its slice. */
bool seg_reader::is_covered(const seg_frame &own, const frame &by, const file &f) const
{
    bool covered = true;
    for (int corner = 0; corner < 4; corner++) {
        const int x = corner & 1 ? columns_ - 1 : 0, y = corner & 2 ? rows_ - 1 : 0;
        const spot_in found = look_up(layer_in(own), x, y, layer_of(by));
        covered = covered && found.column > -0.51 && found.row > -0.51 &&
            found.column < f.columns - 0.49 && found.row < f.rows - 0.49;
    }
    return covered;
}

/* slice_of: the slice that has a frame, or -1. */
void seg_reader::count_lost(const std::vector<wanted_region> &all, const std::vector<int> &slice_of,
    const study &s, const grid &g, left_out &lost)
{
    const frame &low = s.frames[(size_t)g.frames.front()],
                &high = s.frames[(size_t)g.frames.back()];
    const file &f = s.file_of(g.frames[0]);
    double normal[3];
    low.normal(normal);
    for (size_t n = 0; n < frames_.size(); n++) {
        const double along = dot(frames_[n].position, normal),
                     half = 0.5 * g.spacing[2] - same_position;
        const bool outside = along < low.along() - half || along > high.along() + half;
        const frame &at = slice_of[n] < 0 ? low : s.frames[(size_t)g.frames[(size_t)slice_of[n]]];
        const Uint8 *bytes = frame_bytes(n);
        for (const wanted_region &one : all) {
            if (!l_.is_map && frames_[n].segment != one.from->number) continue;
            for (int y = 0; y < rows_; y++)
                for (int x = 0; x < columns_; x++) {
                    const size_t pixel = (size_t)y * (size_t)columns_ + (size_t)x;
                    if (!is_in(*one.from, bytes, pixels_->first_bit() + pixel)) continue;
                    const spot_in found = look_up(layer_in(frames_[n]), x, y, layer_of(at));
                    const double column = round(found.column), row = round(found.row);
                    const bool beside =
                        column < 0 || row < 0 || column >= f.columns || row >= f.rows;
                    lost.all++;
                    if (outside || beside)
                        lost.outside++;
                    else if (slice_of[n] < 0)
                        lost.between++;
                }
        }
    }
}

/* Slice by slice: the regions of a label map have their frames in common. */
void seg_reader::fill(
    std::vector<wanted_region> &all, const study &s, const grid &g, left_out &lost)
{
    if (all.empty()) return;
    check_parallel(s.frames[(size_t)g.frames[0]]);
    check_distance(s, g);
    std::vector<int> slice_of(frames_.size(), -1);
    bool covered = true;
    for (size_t k = 0; k < g.frames.size(); k++)
        for (wanted_region &one : all) {
            const frame &at = s.frames[(size_t)g.frames[k]];
            const file &source = s.file_of(g.frames[k]);
            const seg_frame *f = nearest(*one.from, at.position, 0.5 * g.spacing[2]);
            if (!f) continue;
            const size_t number = (size_t)(f - frames_.data());
            slice_of[number] = (int)k;
            std::vector<bool> &to = (*one.to)[k];
            to.resize((size_t)source.rows * (size_t)source.columns);
            covered = covered && is_covered(*f, at, source);
            if (!fill_plane(*one.from, number, at, source, to)) continue;
            one.marks = true;
            lost.moved =
                std::max(lost.moved, fabs(dot(f->position, normal_) - dot(at.position, normal_)));
        }
    for (size_t n = 0; n < frames_.size(); n++)
        covered = covered &&
            (slice_of[n] >= 0 ||
                (!l_.is_map && std::none_of(all.begin(), all.end(), [&](const wanted_region &one) {
                    return one.from->number == frames_[n].segment;
                })));
    if (!covered) count_lost(all, slice_of, s, g, lost);
}

void fill_segments(DcmDataset &d, const label_file &l, std::vector<wanted_region> &wanted,
    const study &s, const grid &g, left_out &lost)
{
    seg_reader(d, l).fill(wanted, s, g, lost);
}
