/* SPDX-License-Identifier: Apache-2.0 */
/* Contours of RTSTRUCT become pixels: a pixel is inside if its centre is, by the even-odd rule over
 * all contours of a slice, so that inner contours and keyholes cut holes. */
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
    std::vector<corner> corners;
};

static void toggle(const std::vector<corner> &c, const file &f, std::vector<bool> &to)
{
    to.resize((size_t)f.rows * (size_t)f.columns);
    std::vector<double> crossings;
    for (int y = 0; y < f.rows; y++) {
        crossings.clear();
        for (size_t i = 0; i < c.size(); i++) {
            const corner &a = c[i], &b = c[(i + 1) % c.size()];
            if ((a.y <= y) == (b.y <= y)) continue;
            crossings.push_back(a.x + (y - a.y) * (b.x - a.x) / (b.y - a.y));
        }
        std::sort(crossings.begin(), crossings.end());
        for (size_t i = 0; i + 1 < crossings.size(); i += 2) {
            const double low = std::max(0.0, ceil(crossings[i])),
                         high = std::min((double)f.columns, ceil(crossings[i + 1]));
            for (double x = low; x < high; x++) {
                const size_t at = (size_t)y * (size_t)f.columns + (size_t)x;
                to[at] = !to[at];
            }
        }
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

static void fill_contour(const label_file &l, const std::string &data, const study &s,
    const grid &g, std::vector<drawn> &to)
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
    if (k < 0) return;
    const frame &f = s.frames[(size_t)g.frames[(size_t)k]];
    std::vector<corner> corners;
    for (size_t i = 0; i < count; i += 3) {
        double off[3];
        for (size_t j = 0; j < 3; j++) off[j] = mm[i + j] - f.position[j];
        corners.push_back({dot(off, f.row) / f.spacing[1], dot(off, f.column) / f.spacing[0]});
    }
    to.push_back({(size_t)k, at, fabs(dot(f.position, normal) - at), corners});
}

bool fill_contours(DcmDataset &d, const label_file &l, const region &r, const study &s,
    const grid &g, region_planes &to)
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
            if (element(*contour, DCM_ContourGeometricType).rfind("CLOSED", 0) != 0) continue;
            const std::string data = element(*contour, DCM_ContourData);
            if (!data.empty()) fill_contour(l, data, s, g, found);
        }
    }
    /* Of two positions that belong to one slice, such as of contours drawn on a finer series, the
     * nearer one counts: together they would cancel. */
    std::vector<const drawn *> nearest(to.size());
    for (const drawn &one : found)
        if (!nearest[one.plane] || one.off < nearest[one.plane]->off) nearest[one.plane] = &one;
    for (const drawn &one : found)
        if (fabs(one.along - nearest[one.plane]->along) < 0.1 * g.spacing[2])
            toggle(one.corners, s.file_of(g.frames[one.plane]), own[one.plane]);
    bool marks = false;
    for (const auto &one : own)
        marks = marks || std::find(one.begin(), one.end(), true) != one.end();
    add_planes(own, to);
    return marks;
}
