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
    std::unique_ptr<frame_reader> frames; /* ends before `whole` */
    std::vector<double> table;            /* modality LUT, or empty */
    int table_first = 0;
    std::vector<Uint8> colours; /* of frame coloured, as RGB by DCMTK */
    int coloured = -1;
};

pixels::pixels(const study &of) : study_(of), open_(new open_file) {}
pixels::~pixels() { delete open_; }

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

/* PS3.3, C.11.1.1: the first of three numbers has no sign, the second has that of the pixels, and
 * in implicit VR nothing else says so. Entries of 8 bits may fill both halves of a word. */
static void read_table(DcmItem &top, const file &f, std::vector<double> &table, int &first)
{
    DcmItem *item = nullptr;
    DcmElement *form = nullptr;
    table.clear();
    if (top.findAndGetSequenceItem(DCM_ModalityLUTSequence, item).bad() || !item) return;
    const Uint16 *data = nullptr;
    unsigned long size = 0;
    if (item->findAndGetElement(DCM_LUTDescriptor, form).bad() || form->getVM() != 3 ||
        item->findAndGetUint16Array(DCM_LUTData, data, &size).bad() || !data)
        throw wrong(f, "ModalityLUTSequence (0028,3000)", "has no table");
    const size_t said = (Uint16)number_of(*item, DCM_LUTDescriptor, 0, 0),
                 count = said ? said : 65536;
    const bool has_sign = f.is_signed || form->getVR() == EVR_SS,
               halves = number_of(*item, DCM_LUTDescriptor, 16, 2) <= 8 && size < count;
    first = number_of(*item, DCM_LUTDescriptor, 0, 1);
    if (has_sign) first = (Sint16)first;
    if (size * (halves ? 2 : 1) < count)
        throw wrong(f, "ModalityLUTSequence (0028,3000)", "is shorter than it says");
    for (size_t i = 0; i < count; i++)
        table.push_back(halves ? data[i / 2] >> 8 * (i % 2) & 255 : data[i]);
}

pixels::open_file &pixels::get(int number)
{
    if (open_->number == number) return *open_;
    delete open_; /* two files are never in memory */
    open_ = new open_file;
    open_file &o = *open_;
    const file &f = study_.files[(size_t)number];
    load_again(o.whole, f.path, f.stamp);
    DcmDataset *top = o.whole.getDataset();
    const int allocated = number_of(*top, DCM_BitsAllocated, 0);
    if (allocated != 8 && allocated != 16 && allocated != 32)
        throw wrong(f, "BitsAllocated (0028,0100)", "is not 8, 16 or 32");
    if (allocated == 32 && DcmXfer(top->getOriginalXfer()).isBigEndian())
        throw refusal(EXIT_DATA,
            text("%s: its pixels of 32 bits are big endian, which programs write with either half "
                 "first; save it as little endian with the program that wrote it",
                f.path.c_str()));
    if (f.photometric == "PALETTE COLOR") expand_palette(*top, f.path);
    o.frames.reset(
        new frame_reader(*top, {f.rows, f.columns, f.samples, f.frames, allocated}, f.path));
    read_table(*top, f, o.table, o.table_first);
    o.number = number;
    return o;
}

/* How the pixels of a frame lie in their bytes, which may be those of some rows. */
struct pixels::form {
    const Uint8 *bytes;
    size_t first, area; /* the pixel that was asked for; how many there are */
    int allocated, stored, high;
};

/* DCMTK reads pixels late, so the file may be another one by then. */
pixels::form pixels::read_frame(const frame &at, int row, int rows)
{
    const file &f = study_.files[(size_t)at.file];
    open_file &o = get(at.file);
    form now = {};
    try {
        now.bytes = o.frames->get(at.index, row, rows);
    } catch (const refusal &) {
        check_same(f.path, f.stamp);
        throw;
    }
    check_same(f.path, f.stamp);
    DcmDataset &top = o.frames->head();
    now.allocated = number_of(top, DCM_BitsAllocated, 0);
    now.stored = std::min(f.stored, number_of(top, DCM_BitsStored, f.stored));
    now.high = number_of(top, DCM_HighBit, now.stored - 1);
    if (now.stored < 1 || now.high < now.stored - 1 || now.high >= now.allocated)
        throw wrong(
            f, "BitsStored (0028,0101)", "and HighBit (0028,0102) contradict BitsAllocated");
    now.first = (size_t)(row - o.frames->first_row()) * (size_t)f.columns;
    now.area = (size_t)o.frames->rows() * (size_t)f.columns;
    if ((double)o.frames->length() <
        (double)now.area * (o.frames->half_chroma() ? 2 : f.samples) * now.allocated / 8)
        throw wrong(f, "PixelData (7FE0,0010)", "is shorter than its rows and columns ask for");
    return now;
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

static bool has_planes(DcmItem &top) { return number_of(top, DCM_PlanarConfiguration, 0) == 1; }

static void read_rgb(DcmItem &top, const Uint8 *from, size_t area, size_t first, size_t count,
    std::vector<double> &values)
{
    const bool planes = has_planes(top);
    const size_t step = planes ? 1 : 3, next = planes ? area : 1;
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < 3; c++) values[3 * i + c] = from[step * (first + i) + c * next];
}

/* Luma and chroma of 8 bits as RGB, to the nearest number, which DCMTK does not give. Two pixels of
 * 4:2:2 share their chroma: Y Y Cb Cr. */
static void read_ycc(DcmItem &top, const Uint8 *from, bool half, size_t area, size_t first,
    size_t count, std::vector<double> &values)
{
    const bool planes = has_planes(top);
    const size_t step = planes ? 1 : 3, next = planes ? area : 1;
    for (size_t i = 0; i < count; i++) {
        const size_t at = first + i;
        const Uint8 *pair = from + at / 2 * 4, *own = from + step * at;
        const double y = half ? pair[at % 2] : own[0], b = (half ? pair[2] : own[next]) - 128.0,
                     r = (half ? pair[3] : own[2 * next]) - 128.0;
        const double rgb[3] = {
            y + 1.402 * r, y - (0.202008 * b + 0.419198 * r) / 0.587, y + 1.772 * b};
        for (size_t c = 0; c < 3; c++)
            values[3 * i + c] = std::min(255.0, std::max(0.0, floor(rgb[c] + 0.5)));
    }
}

/* Other colours, by DCMTK: `rows` rows from `row` on as RGB. */
static void convert_colours(
    frame_reader &frames, const file &f, int row, int rows, std::vector<Uint8> &to)
{
    const std::unique_ptr<DcmDataset> image = frames.image(row, rows);
    DicomImage made(image.get(), EXS_LittleEndianExplicit);
    const size_t count = (size_t)rows * (size_t)f.columns * 3;
    const Uint8 *rgb =
        made.getStatus() == EIS_Normal ? (const Uint8 *)made.getOutputData(8, 0, 0) : nullptr;
    if (!rgb || made.getOutputDataSize(8) < count)
        throw wrong(
            f, "PhotometricInterpretation (0028,0004)", "is of colours that cannot be read");
    to.assign(rgb, rgb + count);
}

void pixels::read_colours(const frame &at, int row, int rows, std::vector<double> &values)
{
    const file &f = study_.files[(size_t)at.file];
    const size_t count = (size_t)rows * (size_t)f.columns;
    if (f.samples > 1 && f.stored != 8) /* DCMTK would scale them silently */
        throw wrong(f, "BitsStored (0028,0101)", "is not 8, which colours need");
    const form now = read_frame(at, row, rows);
    open_file &o = *open_;
    DcmDataset &top = o.frames->head();
    const std::string kind = element(top, DCM_PhotometricInterpretation);
    const bool half = o.frames->half_chroma(), bytes = now.allocated == 8 && f.samples == 3,
               pairs = !half || (!has_planes(top) && f.columns % 2 == 0);
    values.resize(3 * count);
    if (bytes && kind == "RGB") return read_rgb(top, now.bytes, now.area, now.first, count, values);
    if (bytes && pairs && (kind == "YBR_FULL" || kind == "YBR_FULL_422"))
        return read_ycc(top, now.bytes, half, now.area, now.first, count, values);
    size_t first = 0;
    if (f.samples == 1) { /* a palette */
        convert_colours(*o.frames, f, row, rows, o.colours);
    } else {
        read_frame(at, 0, f.rows);
        if (o.coloured != at.index) convert_colours(*o.frames, f, 0, f.rows, o.colours);
        o.coloured = at.index;
        first = 3 * (size_t)row * (size_t)f.columns;
    }
    std::copy_n(o.colours.begin() + (long)first, 3 * count, values.begin());
    if (narrowed_ || f.samples > 1 || !is_fine(top)) return;
    narrowed_ = true;
    say("the palette has colours of 16 bits, of which the upper 8 are kept");
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
    read_rows(number, 0, study_.file_of(number).rows, values);
}

void pixels::read_rows(int number, int row, int rows, std::vector<double> &values)
{
    const frame &at = study_.frames[(size_t)number];
    const file &f = study_.files[(size_t)at.file];
    if (f.channels() == 3) return read_colours(at, row, rows, values);
    const form now = read_frame(at, row, rows);
    const std::vector<double> &entries = open_->table;
    const bool table = !entries.empty();
    const int width = now.allocated / 8;
    values.resize((size_t)rows * (size_t)f.columns);
    (width == 1          ? widen<uint8_t, int32_t>
            : width == 2 ? widen<uint16_t, int32_t>
                         : widen<uint32_t, int64_t>)(now.bytes + now.first * (size_t)width,
        now.stored, now.high, f.is_signed, table ? 1 : at.slope, table ? 0 : at.intercept, values);
    if (!table) return;
    const double last = (double)entries.size() - 1, begin = open_->table_first;
    for (double &v : values) v = entries[(size_t)std::min(last, std::max(0.0, v - begin))];
}

void pixels::range(int number, double &least, double &most, bool &whole)
{
    const frame &at = study_.frames[(size_t)number];
    const file &f = study_.files[(size_t)at.file];
    if (f.channels() == 3) {
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
