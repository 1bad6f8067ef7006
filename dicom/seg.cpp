/* SPDX-License-Identifier: Apache-2.0 */
/* Writes DICOM Segmentation objects (PS3.3 A.51), as viewers want them: all frames, also empty
 * ones, positions and orientation with the digits of the source, a source image for each frame. The
 * patient and the study are those of the source. */
#include <cmath>

#include "derived.h"

static void put_lab(DcmItem &d, const int rgb[3])
{
    double linear[3], f[3];
    for (int i = 0; i < 3; i++) {
        const double v = rgb[i] / 255.0;
        linear[i] = v > 0.04045 ? pow((v + 0.055) / 1.055, 2.4) : v / 12.92;
    }
    static const double to_xyz[3][3] = {{0.4124564, 0.3575761, 0.1804375},
        {0.2126729, 0.7151522, 0.0721750}, {0.0193339, 0.1191920, 0.9503041}},
                        white[3] = {0.95047, 1, 1.08883};
    for (int i = 0; i < 3; i++) {
        double x = 0;
        for (int k = 0; k < 3; k++) x += to_xyz[i][k] * linear[k] / white[i];
        f[i] = x > 0.008856 ? cbrt(x) : 7.787 * x + 16.0 / 116;
    }
    const Uint16 lab[3] = {(Uint16)lround((116 * f[1] - 16) / 100 * 65535),
        (Uint16)lround((500 * (f[0] - f[1]) + 128) / 255 * 65535),
        (Uint16)lround((200 * (f[1] - f[2]) + 128) / 255 * 65535)};
    d.putAndInsertUint16Array(DCM_RecommendedDisplayCIELabValue, lab, 3);
}

static void put_us(DcmItem &d, const DcmTagKey &tag, unsigned v)
{
    d.putAndInsertUint16(tag, (Uint16)v);
}

static void put_content(bool binary, DcmDataset &d)
{
    put(d, DCM_ContentLabel, "SEGMENTATION");
    put(d, DCM_ContentDescription, "for research only");
    put(d, DCM_ContentCreatorName, "attunet");
    put(d, DCM_ImageType, "DERIVED\\PRIMARY");
    put(d, DCM_SegmentationType, binary ? "BINARY" : "FRACTIONAL");
    if (!binary) {
        put(d, DCM_SegmentationFractionalType, "PROBABILITY");
        put_us(d, DCM_MaximumFractionalValue, 255);
        put(d, DCM_SeriesDescription, "attunet probabilities");
    }
    put(d, DcmTag(0x0062, 0x0013, EVR_CS), binary ? "NO" : "UNDEFINED"); /* SegmentsOverlap */
    put(d, DCM_LossyImageCompression, "00");
}

static void put_image(const file &f, size_t frames, unsigned stored, DcmDataset &d)
{
    put_us(d, DCM_Rows, (unsigned)f.rows);
    put_us(d, DCM_Columns, (unsigned)f.columns);
    put_us(d, DCM_SamplesPerPixel, 1);
    put(d, DCM_PhotometricInterpretation, "MONOCHROME2");
    put_us(d, DCM_BitsAllocated, stored);
    put_us(d, DCM_BitsStored, stored);
    put_us(d, DCM_HighBit, stored - 1);
    put_us(d, DCM_PixelRepresentation, 0);
    put(d, DCM_NumberOfFrames, std::to_string(frames));
}

static void put_segments(const std::vector<segment> &segments, const uid_maker &uid, DcmDataset &d)
{
    unsigned number = 0;
    for (const segment &s : segments) {
        DcmItem &item = item_of(d, DCM_SegmentSequence);
        put_us(item, DCM_SegmentNumber, ++number);
        put(item, DCM_SegmentLabel, s.name);
        if (!s.description.empty()) put(item, DCM_SegmentDescription, s.description);
        put(item, DCM_SegmentAlgorithmType, s.algorithm_type);
        if (s.algorithm_type != "MANUAL") put(item, DCM_SegmentAlgorithmName, s.algorithm);
        put_code(item, DCM_SegmentedPropertyCategoryCodeSequence, s.category);
        put_modifier(put_code(item, DCM_SegmentedPropertyTypeCodeSequence, s.type), s);
        put_region(item, s);
        put(item, DCM_TrackingID, s.name);
        put(item, DCM_TrackingUID, uid.get(text("segment %u", number).c_str()));
        put_lab(item, s.rgb);
    }
}

static void put_dimensions(const uid_maker &uid, DcmDataset &d)
{
    const std::string organization = uid.get("dimensions");
    put(item_of(d, DCM_DimensionOrganizationSequence), DCM_DimensionOrganizationUID, organization);
    const struct {
        DcmTagKey pointer, group;
        const char *label;
    } dimensions[] = {{DCM_ReferencedSegmentNumber, DCM_SegmentIdentificationSequence, "Segment"},
        {DCM_ImagePositionPatient, DCM_PlanePositionSequence, "Position"}};
    for (const auto &one : dimensions) {
        DcmItem &item = item_of(d, DCM_DimensionIndexSequence);
        put(item, DCM_DimensionOrganizationUID, organization);
        item.putAndInsertTagKey(DCM_DimensionIndexPointer, one.pointer);
        item.putAndInsertTagKey(DCM_FunctionalGroupPointer, one.group);
        put(item, DCM_DimensionDescriptionLabel, one.label);
    }
}

static void put_shared(const study &s, const grid &g, DcmDataset &d)
{
    const frame &first = s.frames[(size_t)g.frames[0]];
    DcmItem &shared = item_of(d, DCM_SharedFunctionalGroupsSequence);
    put(item_of(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
        first.orientation_text);
    DcmItem &measures = item_of(shared, DCM_PixelMeasuresSequence);
    put(measures, DCM_PixelSpacing, first.spacing_text);
    put(measures, DCM_SliceThickness, text("%.8g", g.spacing[2]));
    if (g.planes.size() == g.frames.size()) /* else it differs from frame to frame */
        put(measures, DCM_SpacingBetweenSlices, text("%.8g", g.spacing[2]));
}

static void put_frame(const study &s, const frame &f, unsigned number, unsigned at, DcmDataset &d)
{
    const file &source = s.files[(size_t)f.file];
    DcmItem &item = item_of(d, DCM_PerFrameFunctionalGroupsSequence);
    const Uint32 index[2] = {number, at};
    item_of(item, DCM_FrameContentSequence)
        .putAndInsertUint32Array(DCM_DimensionIndexValues, index, 2);
    put(item_of(item, DCM_PlanePositionSequence), DCM_ImagePositionPatient, f.position_text);
    put_us(item_of(item, DCM_SegmentIdentificationSequence), DCM_ReferencedSegmentNumber, number);
    DcmItem &derivation = item_of(item, DCM_DerivationImageSequence);
    put_code(derivation, DCM_DerivationCodeSequence, {"113076", "DCM", "Segmentation"});
    DcmItem &image = item_of(derivation, DCM_SourceImageSequence);
    put(image, DCM_ReferencedSOPClassUID, source.sop_class);
    put(image, DCM_ReferencedSOPInstanceUID, source.sop);
    if (source.frames > 1) put(image, DCM_ReferencedFrameNumber, std::to_string(f.index + 1));
    put(image, DCM_SpatialLocationsPreserved, "YES"); /* else highdicom asks before it reads */
    put_code(image, DCM_PurposeOfReferenceCodeSequence,
        {"121322", "DCM", "Source image for image processing operation"});
}

static size_t bytes_of(const study &s, const grid &g, size_t segments, bool binary)
{
    const file &f = s.file_of(g.frames[0]);
    const size_t values = (size_t)f.rows * (size_t)f.columns * g.frames.size() * segments,
                 bytes = binary ? (values + 7) / 8 : values;
    if (bytes > 0xFFFFFFF0u)
        throw refusal(EXIT_DATA,
            text("%zu segments of this series are more than 4 GiB, which no DICOM file holds; "
                 "leave some out",
                segments));
    return bytes + bytes % 2;
}

void check_size(const study &s, const grid &g, size_t segments, bool binary)
{
    bytes_of(s, g, segments, binary);
}

/* One stream of bits over all frames, the lowest bit of a byte first. */
static std::vector<Uint8> bits(const study &study_, const grid &g,
    const std::vector<unsigned short> &mask, const std::vector<segment> &segments)
{
    const file &f = study_.file_of(g.frames[0]);
    std::vector<Uint8> b(bytes_of(study_, g, segments.size(), true));
    size_t at = 0;
    for (const segment &s : segments)
        for (size_t k = 0; k < g.frames.size(); k++)
            for (int y = 0; y < f.rows; y++)
                for (int x = 0; x < f.columns; x++, at++)
                    if (mask[g.voxel_of(k, x, y)] == s.label)
                        b[at / 8] = (Uint8)(b[at / 8] | 1u << at % 8);
    return b;
}

static std::vector<Uint8> shares(
    const study &study_, const grid &g, const std::vector<segment> &segments)
{
    const file &f = study_.file_of(g.frames[0]);
    std::vector<Uint8> b(bytes_of(study_, g, segments.size(), false));
    size_t at = 0;
    for (const segment &s : segments) {
        const std::vector<unsigned char> p = read_probability(s.probability, g);
        for (size_t k = 0; k < g.frames.size(); k++)
            for (int y = 0; y < f.rows; y++)
                for (int x = 0; x < f.columns; x++) b[at++] = p[g.voxel_of(k, x, y)];
    }
    return b;
}

static void write_object(const study &s, const grid &g, const terms &t,
    const std::vector<Uint8> &pixels_, bool binary, const std::string &path)
{
    const file &f = s.file_of(g.frames[0]);
    const std::vector<segment> &segments = t.segments;
    uid_maker uid = uid_of(s, g, t);
    uid.add(pixels_.data(), pixels_.size());
    DcmFileFormat whole;
    DcmDataset &d = *whole.getDataset();
    copy_patient(f, t, d);
    put_derived(f, uid, UID_SegmentationStorage, "SEG", d);
    put_content(binary, d);
    put_series(t, d);
    put_image(f, g.frames.size() * segments.size(), binary ? 1 : 8, d);
    put_segments(segments, uid, d);
    put_dimensions(uid, d);
    put_shared(s, g, d);
    for (unsigned n = 1; n <= segments.size(); n++)
        for (unsigned k = 0; k < g.frames.size(); k++)
            put_frame(s, s.frames[(size_t)g.frames[k]], n, k + 1, d);
    DcmItem &series = item_of(d, DCM_ReferencedSeriesSequence);
    put(series, DCM_SeriesInstanceUID, f.series);
    put_instances(s, g, series, DCM_ReferencedInstanceSequence);
    if (d.putAndInsertUint8Array(DCM_PixelData, pixels_.data(), (unsigned long)pixels_.size())
            .bad())
        throw std::bad_alloc();
    save(whole, path, EXS_LittleEndianExplicit);
}

void write_seg(const study &s, const grid &g, const std::vector<unsigned short> &mask,
    const terms &t, const std::string &path)
{
    check_source(s, g, "a segmentation");
    write_object(s, g, t, bits(s, g, mask, t.segments), true, path);
}

void write_fractional(const study &s, const grid &g, const terms &t, const std::string &path)
{
    check_source(s, g, "a segmentation");
    write_object(s, g, t, shares(s, g, t.segments), false, path);
}
