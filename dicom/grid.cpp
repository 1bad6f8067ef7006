/* SPDX-License-Identifier: Apache-2.0 */
/* From positions to planes: order, spacing, repeats, gaps, tilt. SliceThickness,
 * SpacingBetweenSlices and GantryDetectorTilt are nominal, so nothing here reads them. */
#include <algorithm>
#include <cmath>

#include "series.h"

static const double planes_each = 100; /* planes per slice, when their spacing varies */
static const double uniform = 0.01;    /* of the spacing */
static const double rounding = 0.05;   /* of the spacing, from the place on an even grid */
static const double slanted = 60;      /* more than any gantry tilts */
static const double straight = 2;      /* degrees of tilt that are not worth a resampling */

struct spot {
    int frame;
    double at; /* mm along the normal */
};

double dot(const double a[3], const double b[3]) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

void normal_of(const double row[3], const double column[3], double to[3])
{
    for (int i = 0; i < 3; i++)
        to[i] = row[(i + 1) % 3] * column[(i + 2) % 3] - row[(i + 2) % 3] * column[(i + 1) % 3];
    const double length = sqrt(dot(to, to)); /* digits of a file are rounded */
    for (int i = 0; i < 3; i++) to[i] /= length;
}

void frame::normal(double to[3]) const { normal_of(row, column, to); }

double frame::along() const
{
    double n[3];
    normal(n);
    return dot(position, n);
}

static const std::string &path_of(const study &s, int frame) { return s.file_of(frame).path; }

/* With the number of the frame, if the file has several. */
static std::string name_of(const study &s, int number)
{
    const frame &f = s.frames[(size_t)number];
    return path_of(s, number) +
        (s.file_of(number).frames > 1 ? text(", frame %d,", f.index + 1) : "");
}

/* Mm between two positions. */
static double between(const frame &a, const frame &b)
{
    double off[3];
    for (int i = 0; i < 3; i++) off[i] = b.position[i] - a.position[i];
    return sqrt(dot(off, off));
}

/* More of them, in the plane, are another place. */
static double same_place(const frame &f)
{
    return std::max(0.1, 0.1 * std::min(f.spacing[0], f.spacing[1]));
}

/* Frames of one position are the same image, or a refusal. */
static void drop_repeats(const study &s, std::vector<spot> &spots)
{
    pixels reader(s);
    std::vector<double> a, b;
    std::vector<spot> kept;
    int dropped = 0;
    for (const spot &one : spots) {
        if (kept.empty() || one.at - kept.back().at >= same_position) {
            kept.push_back(one);
            continue;
        }
        const frame &before = s.frames[(size_t)kept.back().frame], &f = s.frames[(size_t)one.frame];
        if (between(before, f) > same_place(f))
            throw refusal(EXIT_DATA,
                text("%s and %s lie beside each other in one plane by ImagePositionPatient "
                     "(0020,0032), and no tag tells them apart; leave one of them out",
                    name_of(s, kept.back().frame).c_str(), name_of(s, one.frame).c_str()));
        reader.read(kept.back().frame, a);
        reader.read(one.frame, b);
        if (a != b)
            throw refusal(EXIT_DATA,
                text("%s and %s have the same ImagePositionPatient (0020,0032) but different "
                     "pixels, and no tag tells them apart; leave one of them out",
                    name_of(s, kept.back().frame).c_str(), name_of(s, one.frame).c_str()));
        dropped++;
    }
    if (dropped)
        say(text("ignored %d image%s that repeat%s another in position and pixels", dropped,
            dropped == 1 ? "" : "s", dropped == 1 ? "s" : ""));
    spots.swap(kept);
}

/* The position in the plane of each spot is that of the first plus the same shift per mm. */
static void check_line(
    const study &s, const std::vector<spot> &spots, const double step[3], const reading &how)
{
    const frame &first = s.frames[(size_t)spots.front().frame];
    for (const spot &one : spots) {
        const frame &f = s.frames[(size_t)one.frame];
        double off[3];
        for (int i = 0; i < 3; i++)
            off[i] = f.position[i] - first.position[i] - (one.at - spots.front().at) * step[i];
        if (sqrt(dot(off, off)) > same_place(f))
            throw refusal(EXIT_DATA,
                text("%s: its ImagePositionPatient (0020,0032) is %.3g mm beside the line of the "
                     "other images; leave it out%s",
                    path_of(s, one.frame).c_str(), sqrt(dot(off, off)),
                    how.own_slices || how.of_set ? "" : ", or choose a part with --select"));
    }
}

static std::vector<double> differences(const std::vector<spot> &spots)
{
    std::vector<double> d;
    for (size_t i = 1; i < spots.size(); i++) d.push_back(spots[i].at - spots[i - 1].at);
    return d;
}

struct interval_count {
    double mm;    /* between planes */
    bool even;    /* all differences are it */
    int gaps;     /* missing planes */
    size_t first; /* the slice before the first of them */
};

/* What one step of the differences `d` is: the mean of those that are no multiple of the median. */
static double step_of(const std::vector<double> &d, double median)
{
    double sum = 0;
    int count = 0;
    for (double one : d)
        if (one < 1.5 * median) sum += one, count++;
    return sum / count;
}

/* How many steps each difference is. */
static std::vector<double> count_steps(const std::vector<double> &d, double step)
{
    std::vector<double> times;
    for (double one : d) times.push_back(std::max(1.0, round(one / step)));
    return times;
}

/* The largest distance from the straight line of positions over steps that fits best, in steps. */
static double off_grid(const std::vector<spot> &spots, const std::vector<double> &times)
{
    std::vector<double> at(1, 0);
    double middle = 0, mm = 0, along = 0, square = 0, worst = 0;
    for (double one : times) at.push_back(at.back() + one);
    for (size_t i = 0; i < at.size(); i++) {
        middle += at[i] / (double)at.size();
        mm += spots[i].at / (double)at.size();
    }
    for (size_t i = 0; i < at.size(); i++) {
        along += (at[i] - middle) * (spots[i].at - mm);
        square += (at[i] - middle) * (at[i] - middle);
    }
    const double step = along / square;
    for (size_t i = 0; i < at.size(); i++)
        worst = std::max(worst, fabs(spots[i].at - mm - (at[i] - middle) * step) / step);
    return worst;
}

static interval_count count_intervals(
    const std::vector<double> &d, const std::vector<double> &times)
{
    double planes = 0, length = 0;
    interval_count n = {0, false, 0, d.size()};
    for (size_t i = 0; i < d.size(); i++) {
        planes += times[i];
        length += d[i];
        if (times[i] > 1) n.first = std::min(n.first, i);
    }
    n.mm = length / planes;
    n.gaps = (int)std::min(planes - (double)d.size(), 1e9);
    return n;
}

/* Positions have few digits, such as 1.2 and 2.5 of 1.25 mm, and noise. Differences that are whole
 * multiples of a step are gaps; if they are none, the spacing varies. */
static interval_count spacing_of(const std::vector<spot> &spots)
{
    const std::vector<double> d = differences(spots);
    std::vector<double> sorted = d;
    std::sort(sorted.begin(), sorted.end());
    const double median = sorted[sorted.size() / 2], step = step_of(d, median),
                 least = sorted.front();
    std::vector<double> times = count_steps(d, step);
    bool even = true, near = true, whole = true;
    for (size_t i = 0; i < d.size(); i++) {
        even = even && fabs(d[i] - median) <= std::max(same_position, uniform * median);
        near = near && fabs(d[i] - times[i] * step) <= 2 * rounding * step;
    }
    interval_count n = count_intervals(d, times);
    const bool on_grid = off_grid(spots, times) <= rounding;
    n.even = even || (on_grid && !n.gaps);
    if (n.even || on_grid || (near && n.gaps)) return n;
    times = count_steps(d, least);
    for (size_t i = 0; i < d.size(); i++)
        whole = whole && fabs(d[i] - times[i] * least) <= std::max(same_position, uniform * d[i]);
    if (whole) return count_intervals(d, times);
    return {least, false, 0, 0};
}

/* A frame of the series between these that is in no stack with them. */
static std::string other_there(const study &s, const std::vector<spot> &spots)
{
    const frame &own = s.frames[(size_t)spots.front().frame];
    const file &f = s.file_of(spots.front().frame);
    double normal[3];
    own.normal(normal);
    for (size_t i = 0; i < s.frames.size(); i++) {
        const frame &one = s.frames[i];
        const double at = dot(one.position, normal);
        const char *what = one.placed && s.file_of((int)i).series == f.series &&
                !s.file_of((int)i).localizer && at > spots.front().at && at < spots.back().at
            ? difference(s, own, one)
            : nullptr;
        if (what && std::none_of(spots.begin(), spots.end(), [&](const spot &there) {
                return fabs(there.at - at) < same_position;
            }))
            return "; " + path_of(s, (int)i) + " " + what;
    }
    return "";
}

static void refuse_gaps(
    const study &s, const std::vector<spot> &spots, const interval_count &n, const reading &how)
{
    const std::string remedy = how.of_set
        ? ": attunet-dicom set " + shell_path(s.folder) + " -o FOLDER --allow-gaps"
        : how.own_slices ? " with attunet predict --allow-gaps"
                         : " with --allow-gaps";
    throw refusal(EXIT_DATA,
        text("%s: %d slice%s missing, the first behind %s by ImagePositionPatient (0020,0032)%s; "
             "complete the series, or interpolate%s",
            s.folder.c_str(), n.gaps, n.gaps == 1 ? " is" : "s are",
            path_of(s, spots[n.first].frame).c_str(), other_there(s, spots).c_str(),
            remedy.c_str()));
}

static void place_planes(
    const study &s, const std::vector<spot> &spots, const reading &how, grid &g)
{
    const interval_count n = spots.size() > 1 ? spacing_of(spots) : interval_count{1, true, 0, 0};
    const bool even = n.even;
    const int gaps = n.gaps;
    g.spacing[2] = n.mm;
    if (gaps && !how.allow_gaps) refuse_gaps(s, spots, n, how);
    const double length = spots.back().at - spots.front().at;
    const double count = even ? (double)spots.size() - 1 : floor(length / g.spacing[2] + 0.01);
    if (count > 32766 || count > planes_each * (double)spots.size())
        throw refusal(EXIT_DATA,
            text("%s: its positions ask for %.0f planes of %.3g mm; check "
                 "ImagePositionPatient (0020,0032) of its images",
                s.folder.c_str(), count + 1, g.spacing[2]));
    if (!even && how.own_slices)
        throw refusal(EXIT_DATA,
            text(
                "%s: the spacing of its slices varies, so a mask has other slices than the series; "
                "predict it with attunet predict --dicom-seg",
                s.folder.c_str()));
    if (gaps)
        say(text("interpolated %d missing slice%s", gaps, gaps == 1 ? "" : "s"));
    else if (!even)
        say(text("the spacing of slices varies, so they were resampled to %.4g mm", g.spacing[2]));
    for (const spot &one : spots)
        g.plane_of.push_back(
            (int)std::min(count, round((one.at - spots.front().at) / g.spacing[2])));
    size_t from = 0;
    for (int k = 0; k <= (int)count; k++) {
        const double at = spots.front().at + k * g.spacing[2];
        while (from + 2 < spots.size() && spots[from + 1].at <= at) from++;
        plane p = {even ? k : (int)from, 0};
        if (!even) {
            const double wide = spots[from + 1].at - spots[from].at;
            p.share = std::min(1.0, std::max(0.0, (at - spots[from].at) / wide));
            /* A source plane stays as it is. */
            const double same = (gaps ? 2 * rounding : uniform) * g.spacing[2];
            if (p.share * wide < same) p.share = 0;
            if ((1 - p.share) * wide < same) p = {p.first + 1, 0};
        }
        g.planes.push_back(p);
    }
}

/* A picture without position: rows down, columns to the right. */
static grid flat(const study &s, const stack &k)
{
    const frame &f = s.frames[(size_t)k.frames[0]];
    const file &f_ = s.file_of(k.frames[0]);
    if (k.frames.size() > 1)
        throw refusal(EXIT_DATA,
            text("%s: its %zu frames have no ImagePositionPatient (0020,0032) of their own, so "
                 "they are a film, not a volume; save the frames as single pictures",
                path_of(s, k.frames[0]).c_str(), k.frames.size()));
    grid g = {};
    g.frames = {k.frames[0]};
    g.plane_of = {0};
    g.planes = {{0, 0}};
    g.columns = f_.columns;
    g.rows = f_.rows;
    g.known = f.spacing[0] > 0;
    g.spacing[0] = g.known ? f.spacing[1] : 1;
    g.spacing[1] = g.known ? f.spacing[0] : 1;
    g.spacing[2] = 1;
    for (int i = 0; i < 3; i++) g.affine[i][i] = g.spacing[i];
    if (f.at_detector)
        say("the pixel spacing is ImagerPixelSpacing (0018,1164), which is measured at the "
            "detector, not in the patient");
    if (!g.known) say("no tag tells the pixel spacing; give it to attunet with --voxel-size");
    return g;
}

/* Of the pixels of the first frame, as the others lie beside them. */
static void straighten(const study &s, grid &g)
{
    const frame &first = s.frames[(size_t)g.frames[0]];
    double low[2] = {0, 0}, high[2] = {0, 0};
    for (int number : g.frames) {
        double off[3];
        for (int i = 0; i < 3; i++)
            off[i] = s.frames[(size_t)number].position[i] - first.position[i];
        const std::array<double, 2> at = {
            dot(off, first.row) / g.spacing[0], dot(off, first.column) / g.spacing[1]};
        for (size_t i = 0; i < 2; i++) {
            low[i] = std::min(low[i], at[i]);
            high[i] = std::max(high[i], at[i]);
        }
        g.shift.push_back(at);
    }
    for (auto &one : g.shift) one = {one[0] - low[0], one[1] - low[1]};
    g.columns += (int)ceil(high[0] - low[0] - 1e-6);
    g.rows += (int)ceil(high[1] - low[1] - 1e-6);
    double normal[3];
    first.normal(normal);
    for (int i = 0; i < 3; i++) {
        g.affine[i][2] = normal[i] * g.spacing[2];
        g.affine[i][3] += low[0] * g.affine[i][0] + low[1] * g.affine[i][1];
    }
}

bool grid::pixel_at(size_t k, int column, int row, const file &f, size_t &pixel) const
{
    const double x = shift.empty() ? column : round(column - shift[k][0]),
                 y = shift.empty() ? row : round(row - shift[k][1]);
    if (x < 0 || y < 0 || x >= f.columns || y >= f.rows) return false;
    pixel = (size_t)y * (size_t)f.columns + (size_t)x;
    return true;
}

size_t grid::voxel_of(size_t k, int column, int row) const
{
    const double x = shift.empty() ? column : round(column + shift[k][0]),
                 y = shift.empty() ? row : round(row + shift[k][1]);
    return (size_t)plane_of[k] * area() + (size_t)std::min<double>(y, rows - 1) * (size_t)columns +
        (size_t)std::min<double>(x, columns - 1);
}

grid arrange(const study &s, const stack &k, const reading &how)
{
    const frame &first = s.frames[(size_t)k.frames[0]];
    if (s.file_of(k.frames[0]).mosaic)
        throw refusal(EXIT_DATA,
            text("%s: it is a MOSAIC (ImageType (0008,0008)), one picture of many slices; convert "
                 "the series with dcm2niix",
                path_of(s, k.frames[0]).c_str()));
    if (!first.placed) return flat(s, k);
    double normal[3], step[3];
    first.normal(normal);
    std::vector<spot> spots;
    for (int f : k.frames) spots.push_back({f, dot(s.frames[(size_t)f].position, normal)});
    std::stable_sort(
        spots.begin(), spots.end(), [](const spot &a, const spot &b) { return a.at < b.at; });
    drop_repeats(s, spots);
    grid g = {};
    g.known = true;
    const frame &low = s.frames[(size_t)spots.front().frame],
                &high = s.frames[(size_t)spots.back().frame];
    for (int i = 0; i < 3; i++)
        step[i] = spots.size() > 1
            ? (high.position[i] - low.position[i]) / (spots.back().at - spots.front().at)
            : normal[i];
    check_line(s, spots, step, how);
    place_planes(s, spots, how, g);
    for (const spot &one : spots) g.frames.push_back(one.frame);
    g.columns = s.file_of(k.frames[0]).columns;
    g.rows = s.file_of(k.frames[0]).rows;
    g.spacing[0] = first.spacing[1];
    g.spacing[1] = first.spacing[0];
    for (int i = 0; i < 3; i++) {
        g.affine[i][0] = first.row[i] * g.spacing[0];
        g.affine[i][1] = first.column[i] * g.spacing[1];
        g.affine[i][2] = step[i] * g.spacing[2];
        g.affine[i][3] = low.position[i];
    }
    const double tilt = acos(std::min(1.0, 1 / sqrt(dot(step, step)))) * 180 / M_PI;
    const bool straightens = how.straighten && tilt > straight && tilt < slanted;
    if (straightens && how.own_slices)
        throw refusal(EXIT_DATA,
            text("%s: the gantry was tilted by %.1f degrees, so a mask has another grid than the "
                 "series; predict it with attunet predict --dicom-seg",
                s.folder.c_str(), tilt));
    if (straightens) {
        straighten(s, g);
        say(text("the gantry was tilted by %.1f degrees; attunet straightened the slices", tilt));
    } else if (tilt > 0.1) {
        say(text("the gantry was tilted by %.1f degrees; the affine has a shear", tilt));
    }
    return g;
}
