/* SPDX-License-Identifier: Apache-2.0 */
/* Writes NIfTI-1: numbers only, no text of the source. */
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "labels.h"

enum { U8 = 2, I16 = 4, I32 = 8, F32 = 16, RGB = 128, U16 = 512 };

/* How values are stored: value = slope * stored + intercept. */
struct storage {
    int type;
    double slope, intercept;
};

static size_t channels_of(const storage &as) { return as.type == RGB ? 3 : 1; }

static int width_of(int type) { return type == U8 ? 1 : type == I16 || type == U16 ? 2 : 4; }

static int type_for(double least, double most)
{
    if (least < -2147483648.0 || most > 2147483647.0) return F32;
    if (least >= 0 && most <= 255) return U8;
    if (least >= -32768 && most <= 32767) return I16;
    return least >= 0 && most <= 65535 ? U16 : I32;
}

/* The smallest type for all values that the stored bits allow. Values that need 32 bits although
 * the bits of the source are 16, such as 16 bits with an intercept of -1024, stay as the source has
 * them, with its rescale in the header. */
static storage storage_of(const study &s, const grid &g)
{
    pixels reader(s);
    if (s.file_of(g.frames[0]).channels() == 3) return {RGB, 1, 0};
    const frame &one = s.frames[(size_t)g.frames[0]];
    double least = INFINITY, most = -INFINITY;
    bool whole = true, same = true;
    for (int f : g.frames) {
        double low, high;
        bool is_whole;
        reader.range(f, low, high, is_whole);
        least = std::min(least, low);
        most = std::max(most, high);
        whole = whole && is_whole;
        const frame &other = s.frames[(size_t)f];
        same = same && !s.file_of(f).has_table && other.slope == one.slope &&
            other.intercept == one.intercept;
    }
    const int type = whole ? type_for(least, most) : F32;
    const bool exact = (double)(float)one.slope == one.slope && one.slope != 0 &&
        (double)(float)one.intercept == one.intercept;
    if (type != I32 || !same || !exact) return {type, 1, 0};
    const double a = (least - one.intercept) / one.slope, b = (most - one.intercept) / one.slope;
    return {type_for(std::min(a, b), std::max(a, b)), one.slope, one.intercept};
}

template <typename T> static void put(std::vector<unsigned char> &b, size_t at, T value)
{
    memcpy(b.data() + at, &value, sizeof value);
}

static std::vector<unsigned char> header(const grid &g, const storage &as)
{
    const int type = as.type;
    std::vector<unsigned char> h(352, 0);
    put<int32_t>(h, 0, 348);
    const int16_t dim[8] = {
        3, (int16_t)g.columns, (int16_t)g.rows, (int16_t)g.planes.size(), 1, 1, 1, 1};
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
    put(h, 112, (float)as.slope);
    put(h, 116, (float)as.intercept);
    h[123] = g.known ? 2 : 0; /* mm */
    put(h, 254, (int16_t)(g.known ? 1 : 0));
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 4; k++) /* NIfTI's axes are right, anterior, superior */
            put(h, 280 + 16 * i + 4 * k, (float)(i < 2 ? -g.affine[i][k] : g.affine[i][k]));
    memcpy(h.data() + 344, "n+1", 4);
    return h;
}

/* Rounds as round() does, but faster. W: wide enough for all values. */
template <typename T, typename W>
static void round_all(
    const std::vector<double> &v, const storage &as, std::vector<unsigned char> &b)
{
    b.resize(v.size() * sizeof(T));
    unsigned char *to = b.data();
    for (size_t i = 0; i < v.size(); i++) {
        const double x = (v[i] - as.intercept) / as.slope;
        const T whole = (T)(W)(x + std::copysign(0.5, x));
        memcpy(to + i * sizeof whole, &whole, sizeof whole);
    }
}

static void encode(const std::vector<double> &v, const storage &as, std::vector<unsigned char> &b)
{
    switch (as.type) {
    case U8:
    case RGB:
        return round_all<uint8_t, int32_t>(v, as, b);
    case I16:
        return round_all<int16_t, int32_t>(v, as, b);
    case U16:
        return round_all<uint16_t, int32_t>(v, as, b);
    case I32:
        return round_all<int32_t, int64_t>(v, as, b);
    }
    b.resize(4 * v.size());
    for (size_t i = 0; i < v.size(); i++) put(b, i * 4, (float)v[i]);
}

/* A file that appears only when it is complete. */
class output
{
  public:
    explicit output(const std::string &path) : path_(path)
    {
        const bool gz = path.size() > 3 && path.compare(path.size() - 3, 3, ".gz") == 0;
        part_ = part_of(path);
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

/* Pixels of a source plane in the places of a straightened grid; `outside` where there are none. */
static void shift_plane(
    std::vector<double> &v, const file &f, const grid &g, size_t k, size_t channels, double outside)
{
    std::vector<double> to(g.area() * channels, outside);
    for (int row = 0; row < g.rows; row++)
        for (int column = 0; column < g.columns; column++) {
            const double x = column - g.shift[k][0], y = row - g.shift[k][1];
            if (x < -0.5 || y < -0.5 || x > f.columns - 0.5 || y > f.rows - 0.5) continue;
            const double cx = std::min(std::max(x, 0.0), f.columns - 1.0),
                         cy = std::min(std::max(y, 0.0), f.rows - 1.0);
            const size_t x0 = (size_t)cx, y0 = (size_t)cy,
                         x1 = std::min(x0 + 1, (size_t)f.columns - 1),
                         y1 = std::min(y0 + 1, (size_t)f.rows - 1), wide = (size_t)f.columns;
            const double a = cx - (double)x0, b = cy - (double)y0;
            for (size_t c = 0; c < channels; c++) {
                const double up = (1 - a) * v[(y0 * wide + x0) * channels + c] +
                    a * v[(y0 * wide + x1) * channels + c],
                             down = (1 - a) * v[(y1 * wide + x0) * channels + c] +
                    a * v[(y1 * wide + x1) * channels + c];
                to[((size_t)row * (size_t)g.columns + (size_t)column) * channels + c] =
                    (1 - b) * up + b * down;
            }
        }
    v.swap(to);
}

/* The header has promised as many values. */
static void check_count(const file &f, size_t values, size_t pixels_, const storage &as)
{
    if (values != pixels_ * channels_of(as))
        throw refusal(EXIT_DATA,
            text("%s: its size or colours differ from those of the first image of its series; "
                 "choose a part with --select, or leave it out",
                f.path.c_str()));
}

/* One plane, in parts: values take several times the bytes of pixels, and a picture may be all that
 * there is. */
static void write_plane(
    const study &s, pixels &reader, int frame, const grid &g, const storage &as, output &out)
{
    std::vector<double> values;
    std::vector<unsigned char> bytes;
    int part = 1; /* a power of two, as strips and most tiles are high: none is decoded twice */
    while (2 * part * g.columns <= 1 << 18) part *= 2;
    for (int row = 0; row < g.rows; row += part) {
        const int rows = std::min(part, g.rows - row);
        reader.read_rows(frame, row, rows, values);
        check_count(s.file_of(frame), values.size(), (size_t)rows * (size_t)g.columns, as);
        encode(values, as, bytes);
        out.write(bytes);
    }
}

/* Source planes on the grid. */
class plane_reader
{
  public:
    plane_reader(const study &s, const grid &g, const storage &as)
        : study_(s), grid_(g), as_(as), pixels_(s)
    {
    }
    pixels &source() { return pixels_; }
    void read(int k, std::vector<double> &values)
    {
        const int number = grid_.frames[(size_t)k];
        pixels_.read(number, values);
        const file &f = study_.file_of(number);
        check_count(f, values.size(),
            grid_.shift.empty() ? grid_.area() : (size_t)f.rows * (size_t)f.columns, as_);
        if (grid_.shift.empty()) return;
        if (!known_) outside_ = *std::min_element(values.begin(), values.end());
        known_ = true;
        shift_plane(values, f, grid_, (size_t)k, channels_of(as_), outside_);
    }

  private:
    const study &study_;
    const grid &grid_;
    const storage &as_;
    pixels pixels_;
    double outside_ = 0; /* the lowest value of the first plane */
    bool known_ = false;
};

static void check_size(const grid &g, const std::string &path)
{
    if (g.rows > INT16_MAX || g.columns > INT16_MAX)
        throw refusal(EXIT_DATA,
            text("cannot write %s: %dx%d pixels are more than NIfTI takes; crop the series first",
                path.c_str(), g.columns, g.rows));
}

void write_volume(const study &s, const grid &g, const std::string &path)
{
    const file &first = s.file_of(g.frames[0]);
    check_size(g, path);
    const storage type = storage_of(s, g);
    output out(path);
    out.write(header(g, type));
    plane_reader reader(s, g, type);
    std::vector<double> low, high;
    std::vector<unsigned char> bytes;
    int at = -1, next = -1; /* planes in low and high */
    const bool as_they_are = g.shift.empty() &&
        std::all_of(g.planes.begin(), g.planes.end(), [](const plane &p) { return p.share == 0; });
    for (const plane &p : g.planes) {
        if (as_they_are) {
            write_plane(s, reader.source(), g.frames[(size_t)p.first], g, type, out);
            continue;
        }
        if (p.first != at && p.first == next) {
            low.swap(high);
            std::swap(at, next);
        } else if (p.first != at) {
            reader.read(p.first, low);
            at = p.first;
        }
        if (p.share == 0) {
            encode(low, type, bytes);
        } else {
            if (next != p.first + 1) reader.read(p.first + 1, high);
            next = p.first + 1;
            std::vector<double> mixed(low.size());
            for (size_t i = 0; i < low.size(); i++)
                mixed[i] = low[i] + p.share * (high[i] - low[i]);
            encode(mixed, type, bytes);
        }
        out.write(bytes);
    }
    out.commit();
    if (first.is_inverse())
        say("the images are MONOCHROME1 (0028,0004), so high values are dark; values are as "
            "stored");
}

void write_labels(const grid &g, const std::vector<unsigned short> &labels, const std::string &path)
{
    check_size(g, path);
    const storage as = {*std::max_element(labels.begin(), labels.end()) < 256 ? U8 : U16, 1, 0};
    output out(path);
    out.write(header(g, as));
    std::vector<unsigned char> bytes;
    for (size_t p = 0; p < g.planes.size(); p++) {
        const auto from = labels.begin() + (long)(p * g.area());
        encode(std::vector<double>(from, from + (long)g.area()), as, bytes);
        out.write(bytes);
    }
    out.commit();
}
