/* SPDX-License-Identifier: Apache-2.0 */
/* Writes NIfTI-1: numbers only, no text of the source. */
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "series.h"

enum { U8 = 2, I16 = 4, I32 = 8, F32 = 16, RGB = 128, U16 = 512 };

static int width_of(int type) { return type == U8 ? 1 : type == I16 || type == U16 ? 2 : 4; }

/* The smallest type for all values that the stored bits allow. */
static int type_of(const study &s, const grid &g)
{
    pixels reader(s);
    if (reader.channels(g.frames[0]) == 3) return RGB;
    double least = 0, most = 0;
    bool whole = true, first = true;
    for (int f : g.frames) {
        double low, high;
        bool is_whole;
        reader.range(f, low, high, is_whole);
        least = first ? low : std::min(least, low);
        most = first ? high : std::max(most, high);
        whole = whole && is_whole;
        first = false;
    }
    if (!whole || least < -2147483648.0 || most > 2147483647.0) return F32;
    if (least >= 0 && most <= 255) return U8;
    if (least >= -32768 && most <= 32767) return I16;
    return least >= 0 && most <= 65535 ? U16 : I32;
}

template <typename T> static void put(std::vector<unsigned char> &b, size_t at, T value)
{
    memcpy(b.data() + at, &value, sizeof value);
}

static std::vector<unsigned char> header(const study &s, const grid &g, int type)
{
    const file &f = s.file_of(g.frames[0]);
    std::vector<unsigned char> h(352, 0);
    put<int32_t>(h, 0, 348);
    const int16_t dim[8] = {
        3, (int16_t)f.columns, (int16_t)f.rows, (int16_t)g.planes.size(), 1, 1, 1, 1};
    for (size_t i = 0; i < 8; i++) put(h, 40 + 2 * i, dim[i]);
    put(h, 70, (int16_t)type);
    put(h, 72, (int16_t)(type == RGB ? 24 : 8 * width_of(type)));
    put(h, 76, 1.0f);
    for (size_t i = 0; i < 3; i++) {
        double length = 0;
        for (int j = 0; j < 3; j++) length += g.affine[j][i] * g.affine[j][i];
        put(h, 80 + 4 * i, (float)sqrt(length));
    }
    put(h, 108, 352.0f);
    put(h, 112, 1.0f);
    h[123] = g.known ? 2 : 0; /* mm */
    put(h, 254, (int16_t)(g.known ? 1 : 0));
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 4; k++) /* NIfTI's axes are right, anterior, superior */
            put(h, 280 + 16 * i + 4 * k, (float)(i < 2 ? -g.affine[i][k] : g.affine[i][k]));
    memcpy(h.data() + 344, "n+1", 4);
    return h;
}

static void encode(const std::vector<double> &v, int type, std::vector<unsigned char> &b)
{
    const size_t width = type == RGB ? 1 : (size_t)width_of(type);
    b.resize(v.size() * width);
    for (size_t i = 0; i < v.size(); i++) {
        const double whole = round(v[i]);
        switch (type) {
        case U8:
        case RGB:
            b[i] = (unsigned char)whole;
            break;
        case I16:
            put(b, i * 2, (int16_t)whole);
            break;
        case U16:
            put(b, i * 2, (uint16_t)whole);
            break;
        case I32:
            put(b, i * 4, (int32_t)whole);
            break;
        default:
            put(b, i * 4, (float)v[i]);
        }
    }
}

/* A file that appears only when it is complete. */
class output
{
  public:
    explicit output(const std::string &path) : path_(path)
    {
        const bool gz = path.size() > 3 && path.compare(path.size() - 3, 3, ".gz") == 0;
        part_ = path + text(".tmp-%d", (int)getpid());
        out_ = gzopen(part_.c_str(), gz ? "wb1" : "wbT");
        if (!out_) fail();
    }
    output(const output &) = delete;
    output &operator=(const output &) = delete;
    ~output()
    {
        if (out_) gzclose(out_);
        if (!part_.empty()) remove(part_.c_str());
    }
    void write(const std::vector<unsigned char> &b)
    {
        if (!b.empty() && gzwrite(out_, b.data(), (unsigned)b.size()) != (int)b.size()) fail();
    }
    void commit()
    {
        const int closed = gzclose(out_);
        out_ = nullptr;
        if (closed != Z_OK || rename(part_.c_str(), path_.c_str()) != 0) fail();
        part_.clear();
    }

  private:
    std::string path_, part_;
    gzFile out_ = nullptr;
    [[noreturn]] void fail() const
    {
        throw refusal(EXIT_IO,
            text("cannot write %s: %s; check the folder and its disk", path_.c_str(),
                strerror(errno)));
    }
};

void write_volume(const study &s, const grid &g, const std::string &path)
{
    const file &first = s.file_of(g.frames[0]);
    if (first.rows > 32767 || first.columns > 32767)
        throw refusal(EXIT_DATA,
            text("%s: its %dx%d pixels are more than NIfTI takes; crop it first",
                first.path.c_str(), first.columns, first.rows));
    const int type = type_of(s, g);
    output out(path);
    out.write(header(s, g, type));
    pixels reader(s);
    std::vector<double> low, high;
    std::vector<unsigned char> bytes;
    int at = -1, next = -1; /* planes in low and high */
    for (const plane &p : g.planes) {
        if (p.first != at && p.first == next) {
            low.swap(high);
            std::swap(at, next);
        } else if (p.first != at) {
            reader.read(g.frames[(size_t)p.first], low);
            at = p.first;
        }
        if (p.share == 0) {
            encode(low, type, bytes);
        } else {
            if (next != p.first + 1) reader.read(g.frames[(size_t)p.first + 1], high);
            next = p.first + 1;
            std::vector<double> mixed(low.size());
            for (size_t i = 0; i < low.size(); i++)
                mixed[i] = low[i] + p.share * (high[i] - low[i]);
            encode(mixed, type, bytes);
        }
        out.write(bytes);
    }
    out.commit();
    if (first.photometric == "MONOCHROME1")
        say("the images are MONOCHROME1 (0028,0004), so high values are dark; values are as "
            "stored");
}
