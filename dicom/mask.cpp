/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a mask that lies on the grid of a series: NIfTI of 8 or 16 bits, as attunet writes it. */
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>

#include "seg.h"

template <typename T> static T get(const unsigned char *b, size_t at)
{
    T value;
    memcpy(&value, b + at, sizeof value);
    return value;
}

static refusal bad_mask(const std::string &path, const std::string &why)
{
    return refusal(EXIT_DATA, text("%s: %s", path.c_str(), why.c_str()));
}

static void check_grid(const std::string &path, const unsigned char *h, const grid &g)
{
    const int want[3] = {g.columns, g.rows, (int)g.planes.size()};
    bool same = true;
    for (size_t i = 0; i < 3; i++) {
        const int size = get<int16_t>(h, 40) > (int)i ? get<int16_t>(h, 42 + 2 * i) : 1;
        same = same && size == want[i];
        for (size_t k = 0; k < 4; k++) {
            const double affine = i < 2 ? -g.affine[i][k] : g.affine[i][k];
            same = same &&
                fabs((double)get<float>(h, 280 + 16 * i + 4 * k) - affine) <
                    1e-3 * (1 + fabs(affine));
        }
    }
    if (!same)
        throw bad_mask(path,
            "the mask is not on the grid of the series; predict the series itself, or the volume "
            "of attunet-dicom; for the mask of a tilted series, add --straighten");
}

/* Values are sample * slope + intercept. */
struct scaling {
    double slope, intercept;
    bool changes() const { return slope != 1 || intercept != 0; }
};

/* A slope of 0 means none. */
static scaling scaling_of(const unsigned char *h)
{
    const double slope = (double)get<float>(h, 112), intercept = (double)get<float>(h, 116);
    if (slope == 0 || !std::isfinite(slope) || !std::isfinite(intercept)) return {1, 0};
    return {slope, intercept};
}

/* The samples of a NIfTI file on the grid, of one of these types. */
static std::vector<unsigned char> read_samples(const std::string &path, const grid &g,
    const std::vector<int> &types, int &type, scaling &scale)
{
    const int fd = open_regular(path);
    std::unique_ptr<gzFile_s, int (*)(gzFile)> in(fd < 0 ? nullptr : gzdopen(fd, "rb"), gzclose);
    if (!in) throw refusal(EXIT_IO, text("cannot read %s; check that it is a file", path.c_str()));
    unsigned char h[348];
    const bool whole = gzread(in.get(), h, sizeof h) == (int)sizeof h;
    type = whole ? get<int16_t>(h, 70) : 0;
    scale = whole ? scaling_of(h) : scaling{1, 0};
    const float offset = whole ? get<float>(h, 108) : 0;
    bool full = whole && get<int32_t>(h, 0) == 348 &&
        std::find(types.begin(), types.end(), type) != types.end() && offset >= 348 &&
        offset < 1e8f && gzseek(in.get(), (z_off_t)offset, SEEK_SET) >= 0;
    if (full) check_grid(path, h, g);
    const size_t plane_bytes = g.area() * (type == 2 ? 1u : type == 16 ? 4u : 2u);
    std::vector<unsigned char> bytes(full ? plane_bytes * g.planes.size() : 0);
    for (size_t k = 0; k < g.planes.size() && full; k++)
        full = gzread(in.get(), bytes.data() + k * plane_bytes, (unsigned)plane_bytes) ==
            (int)plane_bytes;
    if (!full)
        throw bad_mask(path,
            types[0] == 16 ? "not a whole NIfTI image of float32; give a probability of attunet"
                           : "not a whole NIfTI mask of 8 or 16 bits; give a mask of attunet");
    return bytes;
}

/* Of labels that a program stored with a scale. */
static unsigned short scaled(const std::string &path, double sample, const scaling &scale)
{
    const double value = sample * scale.slope + scale.intercept, whole = round(value);
    if (!(whole >= 0 && whole <= 65535 && fabs(value - whole) <= 1e-4 * (1 + whole)))
        throw bad_mask(path,
            text("with its scl_slope and scl_inter, the mask has the value %g, which is no label; "
                 "save it as whole numbers from 0 to 65535",
                value));
    return (unsigned short)whole;
}

std::vector<unsigned short> read_mask(const std::string &path, const grid &g)
{
    int type;
    scaling scale;
    const std::vector<unsigned char> bytes = read_samples(path, g, {2, 4, 512}, type, scale);
    std::vector<unsigned short> mask(g.area() * g.planes.size());
    for (size_t i = 0; i < mask.size(); i++) {
        mask[i] = type == 2 ? bytes[i] : get<uint16_t>(bytes.data(), 2 * i);
        if (scale.changes()) mask[i] = scaled(path, type == 4 ? (int16_t)mask[i] : mask[i], scale);
    }
    return mask;
}

std::vector<unsigned char> read_probability(const std::string &path, const grid &g)
{
    int type;
    scaling scale;
    const std::vector<unsigned char> bytes = read_samples(path, g, {16}, type, scale);
    std::vector<unsigned char> shares(g.area() * g.planes.size());
    for (size_t i = 0; i < shares.size(); i++) {
        const double p = (double)get<float>(bytes.data(), 4 * i) * scale.slope + scale.intercept;
        shares[i] = p > 0 ? (unsigned char)lround(255.0 * (p < 1 ? p : 1)) : 0;
    }
    return shares;
}
