/* SPDX-License-Identifier: Apache-2.0 */
/* Segmented palettes (PS3.3, C.7.9.2) become plain ones, since DCMTK knows only these. */
#include <cmath>

#include "elements.h"
#include "series.h"

namespace
{
enum { DISCRETE, LINEAR, INDIRECT };

/* Segments as numbers of a table's width, and the entries that they stand for. */
struct palette_segments {
    std::vector<Uint16> code;
    int bytes; /* of a number */
    size_t most;
    std::vector<Uint16> entries;
    bool expand();
    bool expand_one(size_t &at, bool copied);
    bool copy(size_t at, size_t count);
};
} // namespace

/* False: the segments are damaged. */
bool palette_segments::expand_one(size_t &at, bool copied)
{
    const size_t left = code.size() - at, offset = bytes == 1 ? 4 : 2; /* numbers of 32 bits */
    if (left < 3) return false;
    const int kind = code[at];
    const size_t length = code[at + 1], begin = at + 2;
    if (length == 0 || (kind != DISCRETE && entries.empty())) return false;
    if (kind == INDIRECT) {
        at = begin + offset;
        return !copied && left >= 2 + offset && copy(begin, length);
    }
    if (kind > INDIRECT || length > most - entries.size()) return false;
    at = begin + (kind == DISCRETE ? length : 1);
    if (at > code.size()) return false;
    const double first = entries.empty() ? 0 : entries.back(), step = code[begin] - first;
    for (size_t i = 0; i < length; i++) {
        const double between = first + step * (double)(i + 1) / (double)length;
        entries.push_back(kind == DISCRETE ? code[begin + i] : (Uint16)nearbyint(between));
    }
    return true;
}

/* Some segments again; their offset, in bytes, stands at `at`. */
bool palette_segments::copy(size_t at, size_t count)
{
    size_t from = 0;
    for (int i = 4 / bytes; i-- > 0;) from = from << 8 * bytes | code[at + (size_t)i];
    if (from % (size_t)bytes || from / (size_t)bytes >= code.size()) return false;
    from /= (size_t)bytes;
    for (; count > 0; count--)
        if (!expand_one(from, true)) return false;
    return true;
}

bool palette_segments::expand()
{
    for (size_t at = 0; at + 1 < code.size();) /* one number may be padding */
        if (!expand_one(at, false)) return false;
    return entries.size() == most;
}

static void expand_colour(DcmItem &top, const DcmTagKey &segmented, const DcmTagKey &descriptor,
    const DcmTagKey &plain, const std::string &path)
{
    const Uint16 *words = nullptr;
    unsigned long count = 0;
    Uint16 form[3] = {};
    palette_segments p;
    for (unsigned long i = 0; i < 3; i++) {
        Sint16 begin = 0; /* the second number may have a sign */
        if (top.findAndGetUint16(descriptor, form[i], i).bad() &&
            top.findAndGetSint16(descriptor, begin, i).good())
            form[i] = (Uint16)begin;
    }
    const bool wide = form[2] > 8;
    top.findAndGetUint16Array(segmented, words, &count);
    for (unsigned long i = 0; words && i < count; i++) {
        p.code.push_back(wide ? words[i] : words[i] & 255);
        if (!wide) p.code.push_back(words[i] >> 8);
    }
    p.bytes = wide ? 2 : 1;
    p.most = form[0] ? form[0] : 65536;
    if (!p.expand())
        throw refusal(EXIT_DATA,
            text("%s: its %s does not give the %zu entries of its descriptor; leave this file out",
                path.c_str(), element_name(segmented).c_str(), p.most));
    for (Uint16 &one : p.entries)
        if (!wide) one = (Uint16)(one * 257);
    form[2] = 16;
    top.putAndInsertUint16Array(DcmTag(descriptor, EVR_US), form, 3);
    top.putAndInsertUint16Array(
        DcmTag(plain, EVR_OW), p.entries.data(), (unsigned long)p.entries.size());
}

void expand_palette(DcmItem &top, const std::string &path)
{
    static const DcmTagKey tags[3][3] = {
        {DCM_SegmentedRedPaletteColorLookupTableData, DCM_RedPaletteColorLookupTableDescriptor,
            DCM_RedPaletteColorLookupTableData},
        {DCM_SegmentedGreenPaletteColorLookupTableData, DCM_GreenPaletteColorLookupTableDescriptor,
            DCM_GreenPaletteColorLookupTableData},
        {DCM_SegmentedBluePaletteColorLookupTableData, DCM_BluePaletteColorLookupTableDescriptor,
            DCM_BluePaletteColorLookupTableData}};
    for (const DcmTagKey *t : tags)
        if (top.tagExists(t[0]) && !top.tagExists(t[2])) expand_colour(top, t[0], t[1], t[2], path);
}
