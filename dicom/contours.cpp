/* SPDX-License-Identifier: Apache-2.0 */
/* Contours of RTSTRUCT become pixels: a pixel is inside if its centre is. A contour inside another
 * one cuts a hole, also if a tenth of it reaches over the edge, and so do keyholes, by the even-odd
 * rule; copies, near ones too, and contours that overlap in part join. Of CLOSEDPLANAR_XOR, the
 * even-odd rule holds for all contours of a slice. */
#include <algorithm>
#include <cmath>

#include "labels.h"

struct corner {
    double x, y; /* in pixels; the centre of the first is 0, 0 */
};

/* A contour and the slice it belongs to; along: its position, off: from there to the slice, mm. */
struct drawn {
    size_t plane;
    double along, off;
    bool exclusive; /* CLOSEDPLANAR_XOR */
    std::vector<corner> corners;
};

/* What a contour holds of the rows of pixels that it meets: pairs of ends along each row. */
struct scanned {
    int first; /* row */
    std::vector<std::vector<double>> ends;
    double size;               /* pixels */
    double area, length;       /* of the outline, in pixels */
    std::vector<size_t> holes; /* contours right inside this one */
    bool is_inner;
};
static const double same_end = 0.05;  /* of a pixel: rounded digits */
static const double least_wall = 0.5; /* pixels around a hole, on average; less is a copy */
static const double overhang = 0.1;   /* of a hole that reaches over the edge of its contour */

static scanned scan(const std::vector<corner> &c, const file &f)
{
    double low = INFINITY, high = -INFINITY;
    for (const corner &one : c) {
        low = std::min(low, one.y);
        high = std::max(high, one.y);
    }
    scanned to = {(int)std::min((double)f.rows, std::max(0.0, floor(low))), {}, 0, 0, 0, {}, false};
    for (size_t i = 0; i < c.size(); i++) {
        const corner &from = c[i], &end = c[(i + 1) % c.size()];
        to.area += 0.5 * (from.x * end.y - end.x * from.y);
        to.length += hypot(end.x - from.x, end.y - from.y);
    }
    to.area = fabs(to.area);
    for (int y = to.first; y < f.rows && y <= high; y++) {
        std::vector<double> at;
        for (size_t i = 0; i < c.size(); i++) {
            const corner &from = c[i], &end = c[(i + 1) % c.size()];
            if ((from.y <= y) == (end.y <= y)) continue;
            at.push_back(from.x + (y - from.y) * (end.x - from.x) / (end.y - from.y));
        }
        std::sort(at.begin(), at.end());
        for (size_t i = 0; i + 1 < at.size(); i += 2) to.size += at[i + 1] - at[i];
        to.ends.push_back(at);
    }
    return to;
}

/* Whether the pairs of ends lie in those of the other. */
static bool lies_in(const std::vector<double> &inner, const std::vector<double> &outer)
{
    size_t at = 0;
    for (size_t i = 0; i + 1 < inner.size(); i += 2) {
        if (inner[i + 1] - inner[i] <= same_end) continue;
        while (at + 1 < outer.size() && outer[at + 1] < inner[i + 1] - same_end) at += 2;
        if (at + 1 >= outer.size() || outer[at] > inner[i] + same_end) return false;
    }
    return true;
}

static bool is_within(const scanned &inner, const scanned &outer)
{
    for (size_t i = 0; i < inner.ends.size(); i++) {
        const long row = inner.first + (long)i - outer.first;
        const bool met = row >= 0 && row < (long)outer.ends.size();
        if (!lies_in(inner.ends[i], met ? outer.ends[(size_t)row] : std::vector<double>()))
            return false;
    }
    return true;
}

/* Pixels along a row that are in the first only. */
static double beyond(const std::vector<double> &inner, const std::vector<double> &outer)
{
    double both = 0, own = 0;
    for (size_t i = 0; i + 1 < inner.size(); i += 2) {
        own += inner[i + 1] - inner[i];
        for (size_t k = 0; k + 1 < outer.size(); k += 2)
            both +=
                std::max(0.0, std::min(inner[i + 1], outer[k + 1]) - std::max(inner[i], outer[k]));
    }
    return own - both;
}

/* Whether it is a hole that was drawn over the edge: not more than a tenth of it lies outside. */
static bool reaches_over(const scanned &inner, const scanned &outer)
{
    double outside = 0;
    if (2 * inner.area > outer.area) return false; /* what would remain is not sure */
    for (size_t i = 0; i < inner.ends.size(); i++) {
        const long row = inner.first + (long)i - outer.first;
        const bool met = row >= 0 && row < (long)outer.ends.size();
        outside += beyond(inner.ends[i], met ? outer.ends[(size_t)row] : std::vector<double>());
    }
    return outside <= overhang * inner.size;
}

/* A row on which it has width, or -1. */
static int wide_row(const scanned &c)
{
    for (size_t i = 0; i < c.ends.size(); i++)
        if (!lies_in(c.ends[i], {})) return c.first + (int)i;
    return -1;
}

/* Of a contour inside another one: too little lies between them for a pixel. */
static bool is_near_copy(const scanned &inner, const scanned &outer)
{
    return 2 * inner.area > outer.area &&
        2 * (outer.area - inner.area) < least_wall * (outer.length + inner.length);
}

/* From small to large, without copies; each knows its holes. */
static std::vector<scanned> nest(std::vector<scanned> all, int rows, left_out &lost)
{
    std::stable_sort(
        all.begin(), all.end(), [](const scanned &a, const scanned &b) { return a.size > b.size; });
    std::vector<scanned> kept;
    std::vector<std::vector<size_t>> met((size_t)rows); /* those kept that meet a row */
    for (const scanned &one : all) {
        const int row = wide_row(one);
        if (row < 0) continue;
        const std::vector<size_t> &near = met[(size_t)row];
        bool same = false, almost = false;
        for (size_t other : near) {
            if (same || !is_within(one, kept[other])) continue;
            same = is_within(kept[other], one);
            almost = almost || is_near_copy(one, kept[other]);
        }
        lost.copies += almost && !same;
        if (same || almost) continue;
        for (size_t i = 0; i < one.ends.size(); i++)
            met[(size_t)one.first + i].push_back(kept.size());
        kept.push_back(one);
    }
    std::reverse(kept.begin(), kept.end());
    for (std::vector<size_t> &row : met) {
        std::reverse(row.begin(), row.end());
        for (size_t &one : row) one = kept.size() - 1 - one;
    }
    for (size_t inner = 0; inner < kept.size(); inner++) {
        std::vector<size_t> around; /* the ones right around it */
        bool over = false;
        for (size_t outer : met[(size_t)wide_row(kept[inner])]) {
            const bool within = outer > inner && is_within(kept[inner], kept[outer]);
            if ((!within && (outer <= inner || !reaches_over(kept[inner], kept[outer]))) ||
                std::any_of(around.begin(), around.end(),
                    [&](size_t one) { return is_within(kept[one], kept[outer]); }))
                continue;
            over = over || !within;
            around.push_back(outer);
        }
        lost.over += over;
        for (size_t outer : around) kept[outer].holes.push_back(inner);
        kept[inner].is_inner = !around.empty();
    }
    return kept;
}

static void toggle(const std::vector<double> &ends, std::vector<bool> &row)
{
    for (size_t i = 0; i + 1 < ends.size(); i += 2) {
        const double low = std::max(0.0, ceil(ends[i])),
                     high = std::min((double)row.size(), ceil(ends[i + 1]));
        for (double x = low; x < high; x++) row[(size_t)x] = !row[(size_t)x];
    }
}

/* A row of pixels of contours that are sorted by `nest`. joined: pixels of several contours, and of
 * several holes, that overlap in part. */
static std::vector<bool> fill_row(
    const std::vector<scanned> &all, int y, int columns, size_t &joined)
{
    std::vector<bool> row((size_t)columns);
    std::vector<std::vector<bool>> own(all.size());
    for (size_t n = 0; n < all.size(); n++) {
        const long at = (long)y - all[n].first;
        if (at < 0 || at >= (long)all[n].ends.size() || all[n].ends[(size_t)at].empty()) continue;
        own[n].resize((size_t)columns);
        toggle(all[n].ends[(size_t)at], own[n]);
        std::vector<bool> cut(all[n].holes.empty() ? 0 : (size_t)columns);
        for (size_t hole : all[n].holes)
            for (size_t x = 0; x < own[hole].size(); x++) {
                if (!own[hole][x]) continue;
                joined += cut[x];
                cut[x] = true;
                own[n][x] = false;
            }
        for (size_t x = 0; x < row.size() && !all[n].is_inner; x++) {
            joined += own[n][x] && row[x];
            if (own[n][x]) row[x] = true;
        }
    }
    return row;
}

/* The contours of one slice. */
static void fill_slice(
    const std::vector<const drawn *> &of, const file &f, std::vector<bool> &to, left_out &lost)
{
    const size_t columns = (size_t)f.columns;
    std::vector<scanned> all;
    bool exclusive = false;
    for (const drawn *one : of) {
        all.push_back(scan(one->corners, f));
        exclusive = exclusive || one->exclusive;
    }
    if (!exclusive) all = nest(all, f.rows, lost);
    to.resize((size_t)f.rows * columns);
    for (int y = 0; y < f.rows; y++) {
        std::vector<bool> row(columns);
        if (!exclusive) row = fill_row(all, y, f.columns, lost.joined);
        for (const scanned &one : all) {
            const long at = (long)y - one.first;
            if (exclusive && at >= 0 && at < (long)one.ends.size())
                toggle(one.ends[(size_t)at], row);
        }
        std::copy(row.begin(), row.end(), to.begin() + (long)((size_t)y * columns));
    }
}

/* The source plane within half a spacing, or -1. */
static int plane_at(const study &s, const grid &g, double along)
{
    int best = -1;
    double least = 0.5 * g.spacing[2] + 1e-3;
    for (size_t k = 0; k < g.frames.size(); k++) {
        const double off = fabs(s.frames[(size_t)g.frames[k]].along() - along);
        if (off < least) best = (int)k;
        least = std::min(least, off);
    }
    return best;
}

static refusal bad_contour(const label_file &l, const char *why)
{
    return refusal(EXIT_DATA,
        text("%s: a ContourData (3006,0050) %s; leave this file out", l.path.c_str(), why));
}

/* A contour of which no slice takes a part. */
static void count_outside(const study &s, const grid &g, double along, left_out &lost)
{
    const double half = 0.5 * g.spacing[2], low = s.frames[(size_t)g.frames.front()].along() - half,
                 high = s.frames[(size_t)g.frames.back()].along() + half;
    (along < low || along > high ? lost.outside : lost.between)++;
}

/* Counts a contour that is all to one side of the pixels, or reaches half a pixel beyond them. */
static void count_beside(const std::vector<corner> &c, const file &f, left_out &lost)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (const corner &one : c) {
        low[0] = std::min(low[0], one.x), high[0] = std::max(high[0], one.x);
        low[1] = std::min(low[1], one.y), high[1] = std::max(high[1], one.y);
    }
    const double end[2] = {f.columns - 0.5, f.rows - 0.5};
    bool beside = false, cut = false;
    for (int i = 0; i < 2; i++) {
        beside = beside || high[i] < -0.5 || low[i] > end[i];
        cut = cut || low[i] < -1 || high[i] > end[i] + 0.5;
    }
    lost.outside += beside;
    lost.cut += cut && !beside;
}

static void fill_contour(const label_file &l, const std::string &data, bool exclusive,
    const study &s, const grid &g, std::vector<drawn> &to, left_out &lost)
{
    const size_t count = (size_t)std::count(data.begin(), data.end(), '\\') + 1;
    if (count % 3 || count > 3u << 24) throw bad_contour(l, "does not hold points of 3 numbers");
    std::vector<double> mm(count);
    element_numbers(data, DcmTagKey(0x3006, 0x0050), (int)count, mm.data(), l.path);
    double normal[3], low = INFINITY, high = -INFINITY, sum = 0;
    s.frames[(size_t)g.frames[0]].normal(normal);
    for (size_t i = 0; i < count; i += 3) {
        const double along = dot(&mm[i], normal);
        low = std::min(low, along);
        high = std::max(high, along);
        sum += along;
    }
    if (high - low > std::max(0.1, 0.5 * g.spacing[2]))
        throw bad_contour(l, "does not lie in a slice of the series");
    const double at = sum / (double)(count / 3);
    const int k = plane_at(s, g, at);
    lost.all++;
    if (k < 0) return count_outside(s, g, at, lost);
    const frame &f = s.frames[(size_t)g.frames[(size_t)k]];
    std::vector<corner> corners;
    for (size_t i = 0; i < count; i += 3) {
        double off[3];
        for (size_t j = 0; j < 3; j++) off[j] = mm[i + j] - f.position[j];
        corners.push_back({dot(off, f.row) / f.spacing[1], dot(off, f.column) / f.spacing[0]});
    }
    count_beside(corners, s.file_of(g.frames[(size_t)k]), lost);
    to.push_back({(size_t)k, at, fabs(dot(f.position, normal) - at), exclusive, corners});
}

bool fill_contours(DcmDataset &d, const label_file &l, const region &r, const study &s,
    const grid &g, region_planes &to, left_out &lost)
{
    region_planes own(to.size());
    std::vector<drawn> found;
    DcmItem *roi = nullptr, *contour = nullptr;
    for (long i = 0; d.findAndGetSequenceItem(DCM_ROIContourSequence, roi, i).good() && roi; i++) {
        if (element_count(*roi, DCM_ReferencedROINumber, -1, 1 << 30, l.path, 0) != r.number)
            continue;
        DcmSequenceOfItems *all = nullptr;
        roi->findAndGetSequence(DCM_ContourSequence, all);
        for (unsigned long n = 0; all && n < all->card(); n++) {
            contour = static_cast<DcmItem *>(n ? all->nextInContainer(contour) : all->getItem(0));
            const std::string type = element(*contour, DCM_ContourGeometricType),
                              data = element(*contour, DCM_ContourData);
            if (type.rfind("CLOSED", 0) == 0 && !data.empty())
                fill_contour(l, data, type == "CLOSEDPLANAR_XOR", s, g, found, lost);
        }
    }
    /* Of two positions that belong to one slice, such as of contours drawn on a finer series, the
     * nearer one counts: both were drawn on other slices. */
    std::vector<const drawn *> nearest(to.size());
    for (const drawn &one : found)
        if (!nearest[one.plane] || one.off < nearest[one.plane]->off) nearest[one.plane] = &one;
    std::vector<std::vector<const drawn *>> of(to.size());
    for (const drawn &one : found) {
        const bool counts = fabs(one.along - nearest[one.plane]->along) < 0.1 * g.spacing[2];
        if (counts) of[one.plane].push_back(&one);
        if (counts) lost.moved = std::max(lost.moved, one.off);
        lost.between += !counts;
    }
    for (size_t k = 0; k < of.size(); k++)
        if (!of[k].empty()) fill_slice(of[k], s.file_of(g.frames[k]), own[k], lost);
    size_t before = of.size(), least = of.size();
    for (size_t k = 0; k < of.size(); k++) {
        if (of[k].empty()) continue;
        if (before < k) least = std::min(least, k - before);
        before = k;
    }
    lost.striped += least > 1 && least < of.size();
    bool marks = false;
    for (const auto &one : own)
        marks = marks || std::find(one.begin(), one.end(), true) != one.end();
    add_planes(own, to);
    return marks;
}
