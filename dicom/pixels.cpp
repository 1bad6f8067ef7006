/* SPDX-License-Identifier: Apache-2.0 */
/* Stored bits become values. */
#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmimage/diregist.h>
#include <dcmtk/dcmimgle/dcmimage.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>

#include "decode.h"
#include "series.h"

struct pixels::open_file {
    int number = -1;
    DcmFileFormat whole;
    Uint8 *bytes = nullptr;
    double length = 0; /* of them */
    int allocated = 0, high = 0;
    std::vector<double> table; /* modality LUT, or empty */
    int table_first = 0;
};

pixels::pixels(const study &of) : study_(of), open_(new open_file) {}
pixels::~pixels() { delete open_; }

int pixels::channels(int frame) const
{
    const file &f = study_.file_of(frame);
    return f.samples > 1 || f.photometric == "PALETTE COLOR" ? 3 : 1;
}

static int number_of(DcmItem &item, const DcmTagKey &tag, int missing, unsigned long at = 0)
{
    DcmElement *e = nullptr;
    if (item.findAndGetElement(tag, e).bad()) return missing;
    Uint16 u;
    Sint16 i;
    if (e->getUint16(u, at).good()) return u;
    return e->getSint16(i, at).good() ? i : missing;
}

static refusal wrong(const file &f, const char *tag, const char *why)
{
    return refusal(EXIT_DATA, text("%s: its %s %s; leave this file out", f.path.c_str(), tag, why));
}

static void read_table(DcmItem &top, const file &f, std::vector<double> &table, int &first)
{
    DcmItem *item = nullptr;
    table.clear();
    if (top.findAndGetSequenceItem(DCM_ModalityLUTSequence, item).bad() || !item) return;
    int count = number_of(*item, DCM_LUTDescriptor, -1, 0);
    first = number_of(*item, DCM_LUTDescriptor, 0, 1);
    if (count == 0) count = 65536;
    const Uint16 *data = nullptr;
    unsigned long size = 0;
    if (count < 0 || item->findAndGetUint16Array(DCM_LUTData, data, &size).bad() || !data ||
        size < (unsigned long)count)
        throw wrong(f, "ModalityLUTSequence (0028,3000)", "is shorter than it says");
    table.assign(data, data + count);
}

static void decode(DcmDataset &top, const file &f, int allocated)
{
    const E_TransferSyntax as = top.getOriginalXfer();
    if (!decode_pixels(top, {f.rows, f.columns, f.samples, f.frames, allocated}))
        throw refusal(EXIT_DATA,
            text("%s: its pixels are compressed as %s (0002,0010), which cannot be decoded or are "
                 "damaged; decompress the files first, such as with gdcmconv --raw IN OUT",
                f.path.c_str(), DcmXfer(as).getXferName()));
}

pixels::open_file &pixels::get(int number)
{
    if (open_->number == number) return *open_;
    std::unique_ptr<open_file> o(new open_file);
    const file &f = study_.files[(size_t)number];
    load_again(o->whole, f.path, f.stamp);
    DcmDataset *top = o->whole.getDataset();
    o->allocated = number_of(*top, DCM_BitsAllocated, 0);
    decode(*top, f, o->allocated);
    o->high = number_of(*top, DCM_HighBit, f.stored - 1);
    if (o->allocated != 8 && o->allocated != 16 && o->allocated != 32)
        throw wrong(f, "BitsAllocated (0028,0100)", "is not 8, 16 or 32");
    if (f.stored < 1 || o->high < f.stored - 1 || o->high >= o->allocated)
        throw wrong(
            f, "BitsStored (0028,0101)", "and HighBit (0028,0102) contradict BitsAllocated");
    DcmElement *e = nullptr;
    const double size = (double)f.rows * f.columns * f.samples * f.frames * (o->allocated / 8);
    if (top->findAndGetElement(DCM_PixelData, e).bad() || e->getUint8Array(o->bytes).bad() ||
        !o->bytes || (double)e->getLength() < size * (f.samples == 3 ? 2.0 / 3 : 1))
        throw wrong(f, "PixelData (7FE0,0010)", "is shorter than its rows and columns ask for");
    o->length = e->getLength();
    check_same(f.path, f.stamp); /* DCMTK reads pixels late */
    read_table(*top, f, o->table, o->table_first);
    o->number = number;
    delete open_;
    open_ = o.release();
    return *open_;
}

/* Whether colours of 16 bits say more than 8 bits can; 8 bits stand in the upper byte, or in both.
 */
static bool is_fine(DcmItem &top)
{
    if (number_of(top, DCM_RedPaletteColorLookupTableDescriptor, 16, 2) <= 8) return false;
    for (const DcmTagKey &tag : {DCM_RedPaletteColorLookupTableData,
             DCM_GreenPaletteColorLookupTableData, DCM_BluePaletteColorLookupTableData}) {
        const Uint16 *entries = nullptr;
        unsigned long count = 0;
        if (top.findAndGetUint16Array(tag, entries, &count).bad() || !entries) continue;
        for (unsigned long i = 0; i < count; i++)
            if (entries[i] % 256 && entries[i] % 256 != entries[i] / 256) return true;
    }
    return false;
}

/* Luma and chroma of 8 bits as RGB, to the nearest number, which DCMTK does not give; false: other
 * colours. Two pixels of 4:2:2 share their chroma: Y Y Cb Cr. */
static bool read_ycc(DcmItem &top, const file &f, int index, const Uint8 *from, double length,
    std::vector<double> &values)
{
    const std::string kind = element(top, DCM_PhotometricInterpretation);
    const bool half = kind == "YBR_FULL_422", planes = number_of(top, DCM_PlanarConfiguration, 0);
    const size_t area = (size_t)f.rows * (size_t)f.columns, each = half ? 2 * area : 3 * area;
    if ((!half && kind != "YBR_FULL") || (half && (planes || f.columns % 2)) ||
        number_of(top, DCM_BitsAllocated, 0) != 8 || length < (double)each * ((double)index + 1))
        return false;
    from += each * (size_t)index;
    values.resize(area * 3);
    const size_t step = planes ? 1 : 3, next = planes ? area : 1;
    for (size_t i = 0; i < area; i++) {
        const Uint8 *pair = from + i / 2 * 4, *own = from + step * i;
        const double y = half ? pair[i % 2] : own[0], b = (half ? pair[2] : own[next]) - 128.0,
                     r = (half ? pair[3] : own[2 * next]) - 128.0;
        const double rgb[3] = {
            y + 1.402 * r, y - (0.202008 * b + 0.419198 * r) / 0.587, y + 1.772 * b};
        for (size_t c = 0; c < 3; c++)
            values[3 * i + c] = std::min(255.0, std::max(0.0, floor(rgb[c] + 0.5)));
    }
    return true;
}

static void read_colours(DcmDataset &top, const file &f, const frame &at, const Uint8 *bytes,
    double length, std::vector<double> &values)
{
    if (f.samples > 1 && f.stored != 8) /* DCMTK would scale them without a word */
        throw wrong(f, "BitsStored (0028,0101)", "is not 8, which colours need");
    if (f.samples > 1 && read_ycc(top, f, at.index, bytes, length, values)) return;
    DicomImage image(&top, EXS_LittleEndianExplicit, CIF_UsePartialAccessToPixelData,
        (unsigned long)at.index, 1);
    const size_t count = (size_t)f.rows * (size_t)f.columns * 3;
    const unsigned char *rgb = image.getStatus() == EIS_Normal
        ? (const unsigned char *)image.getOutputData(8, 0, 0)
        : nullptr;
    if (!rgb || image.getOutputDataSize(8) < count)
        throw wrong(
            f, "PhotometricInterpretation (0028,0004)", "is of colours that cannot be read");
    values.assign(rgb, rgb + count);
}

/* Bits above and below the stored ones may hold an overlay. T: pixels as allocated; W: wider, with
 * a sign. */
template <typename T, typename W>
static void widen(const Uint8 *from, int stored, int high, bool is_signed, double slope,
    double intercept, std::vector<double> &to)
{
    typedef typename std::make_unsigned<W>::type bits;
    const int all = 8 * (int)sizeof(W), up = all - 1 - high, down = all - stored;
    for (size_t i = 0; i < to.size(); i++) {
        T raw;
        memcpy(&raw, from + i * sizeof raw, sizeof raw);
        const bits top = (bits)raw << up;
        const W v = is_signed ? (W)top >> down : (W)(top >> down);
        to[i] = (double)v * slope + intercept;
    }
}

void pixels::read(int number, std::vector<double> &values)
{
    const frame &at = study_.frames[(size_t)number];
    const file &f = study_.files[(size_t)at.file];
    open_file &o = get(at.file);
    if (channels(number) == 3) {
        DcmDataset &top = *o.whole.getDataset();
        read_colours(top, f, at, o.bytes, o.length, values);
        if (narrowed_ || f.samples > 1 || !is_fine(top)) return;
        narrowed_ = true;
        say("the palette has colours of 16 bits, of which the upper 8 are kept");
        return;
    }
    const size_t count = (size_t)f.rows * (size_t)f.columns, width = (size_t)o.allocated / 8;
    const Uint8 *from = o.bytes + (size_t)at.index * count * width;
    values.resize(count);
    const bool table = !o.table.empty();
    (width == 1          ? widen<uint8_t, int32_t>
            : width == 2 ? widen<uint16_t, int32_t>
                         : widen<uint32_t, int64_t>)(from, f.stored, o.high, f.is_signed,
        table ? 1 : at.slope, table ? 0 : at.intercept, values);
    if (!table) return;
    const double last = (double)o.table.size() - 1;
    for (double &v : values) v = o.table[(size_t)std::min(last, std::max(0.0, v - o.table_first))];
}

void pixels::range(int number, double &least, double &most, bool &whole)
{
    const frame &at = study_.frames[(size_t)number];
    const file &f = study_.files[(size_t)at.file];
    if (channels(number) == 3) {
        least = 0, most = 255, whole = true;
        return;
    }
    if (f.has_table && !get(at.file).table.empty()) {
        const std::vector<double> &table = get(at.file).table;
        least = *std::min_element(table.begin(), table.end());
        most = *std::max_element(table.begin(), table.end());
        whole = true;
        return;
    }
    const double low = f.is_signed ? -ldexp(1, f.stored - 1) : 0,
                 high = ldexp(1, f.is_signed ? f.stored - 1 : f.stored) - 1;
    least = std::min(low * at.slope, high * at.slope) + at.intercept;
    most = std::max(low * at.slope, high * at.slope) + at.intercept;
    whole = at.slope == round(at.slope) && at.intercept == round(at.intercept);
}
