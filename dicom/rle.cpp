/* SPDX-License-Identifier: Apache-2.0 */
/* Pixels compressed as RLE Lossless (PS3.5, Annex G), read and written in small parts: DCMTK's
 * decoder holds the code, a plane of bytes and the pixels at once. */
#include <algorithm>

#include "decode.h"

namespace
{
/* The bytes of one segment, in order. */
class segment_bytes
{
  public:
    segment_bytes(frame_code &code, size_t begin, size_t end) : code_(code), next_(begin), end_(end)
    {
    }
    /* The next byte, or -1. */
    int get()
    {
        if (at_ == have_) {
            have_ = code_.read(next_, part_, std::min(sizeof part_, end_ - next_));
            next_ += have_;
            at_ = 0;
        }
        return have_ ? part_[at_++] : -1;
    }

  private:
    frame_code &code_;
    size_t next_, end_, at_ = 0, have_ = 0;
    Uint8 part_[1 << 14];
};
} // namespace

/* Whether nothing but padding is left: one value and zeros. */
static bool ends(segment_bytes &in)
{
    int byte = in.get();
    if (byte == 0) {
        in.get();
        byte = in.get();
    }
    while (byte == 0 || byte == 128) byte = in.get();
    return byte < 0;
}

/* Every `step`-th byte of `to`, `count` of them. */
static bool unpack(segment_bytes &in, Uint8 *to, size_t count, size_t step)
{
    for (size_t i = 0; i < count;) {
        const int head = in.get();
        if (head < 0) return false;
        if (head == 128) continue;
        const size_t end = i + (size_t)(head < 128 ? head + 1 : 257 - head);
        if (end > count + 1) return false; /* one value is padding */
        for (int byte = -1; i < end; i++) {
            if (head < 128 || byte < 0) byte = in.get();
            if (byte < 0) return false;
            if (i < count) to[i * step] = (Uint8)byte;
        }
    }
    return ends(in);
}

bool decode_rle(frame_code &code, const image_form &f, Uint8 *to)
{
    enum { NUMBERS = 16 }; /* the count of segments, and where each begins */
    Uint8 head[4 * NUMBERS];
    if (code.read(0, head, sizeof head) < sizeof head) return false;
    const auto number = [&](size_t i) {
        return (size_t)head[4 * i] | (size_t)head[4 * i + 1] << 8 | (size_t)head[4 * i + 2] << 16 |
            (size_t)head[4 * i + 3] << 24;
    };
    const size_t width = (size_t)f.allocated / 8, samples = (size_t)f.samples,
                 segments = width * samples, area = (size_t)f.rows * (size_t)f.columns;
    if (f.allocated % 8 || segments >= NUMBERS || number(0) != segments) return false;
    for (size_t s = 0; s < segments; s++) {
        const size_t begin = number(s + 1), end = s + 1 < segments ? number(s + 2) : code.size();
        if (begin < sizeof head || begin > end || end > code.size()) return false;
        segment_bytes in(code, begin, end);
        const size_t lane =
            s / width * width + (width - 1 - s % width); /* the highest byte first */
        if (!unpack(in, to + lane, area, segments)) return false;
    }
    return true;
}
