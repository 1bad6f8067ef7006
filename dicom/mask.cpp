/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a mask that lies on the grid of a series: NIfTI of 8 or 16 bits, as attunet writes it. */
#include <zlib.h>

#include <cmath>
#include <cstdint>
#include <cstring>

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
            "of attunet-dicom");
}

std::vector<unsigned short> read_mask(const std::string &path, const grid &g)
{
    gzFile in = gzopen(path.c_str(), "rb");
    if (!in) throw refusal(EXIT_IO, text("cannot read %s; check the path", path.c_str()));
    unsigned char h[348];
    const bool whole = gzread(in, h, sizeof h) == (int)sizeof h;
    const int type = whole ? get<int16_t>(h, 70) : 0;
    const float offset = whole ? get<float>(h, 108) : 0;
    const bool good = whole && get<int32_t>(h, 0) == 348 &&
        (type == 2 || type == 4 || type == 512) && offset >= 348 && offset < 1e8f &&
        gzseek(in, (z_off_t)offset, SEEK_SET) >= 0;
    std::vector<unsigned char> bytes;
    const size_t width = type == 2 ? 1 : 2, plane_bytes = g.area() * width;
    bool full = good;
    if (good) {
        try {
            check_grid(path, h, g);
        } catch (...) {
            gzclose(in);
            throw;
        }
        bytes.resize(plane_bytes * g.planes.size());
        for (size_t k = 0; k < g.planes.size() && full; k++)
            full = gzread(in, bytes.data() + k * plane_bytes, (unsigned)plane_bytes) ==
                (int)plane_bytes;
    }
    gzclose(in);
    if (!full)
        throw bad_mask(path, "not a whole NIfTI mask of 8 or 16 bits; give a mask of attunet");
    std::vector<unsigned short> mask(bytes.size() / width);
    for (size_t i = 0; i < mask.size(); i++)
        mask[i] = width == 1 ? bytes[i] : get<uint16_t>(bytes.data(), 2 * i);
    return mask;
}
