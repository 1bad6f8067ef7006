/* SPDX-License-Identifier: Apache-2.0 */
/* Writes DICOM Segmentation objects (PS3.3 A.51), as viewers want them: all frames, also empty
 * ones, positions and orientation with the digits of the source, a source image for each frame. The
 * patient and the study are those of the source. */
#include "seg.h"

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>

static void put(DcmItem &d, const DcmTagKey &tag, const std::string &v)
{
    if (d.putAndInsertString(tag, v.c_str()).bad())
        throw refusal(EXIT_DATA,
            text("the segmentation cannot have the tag (%04X,%04X); please report it",
                tag.getGroup(), tag.getElement()));
}

static void put_us(DcmItem &d, const DcmTagKey &tag, unsigned v)
{
    d.putAndInsertUint16(tag, (Uint16)v);
}

/* A new item at the end of a sequence. */
static DcmItem &item_of(DcmItem &d, const DcmTagKey &sequence)
{
    DcmItem *item = nullptr;
    if (d.findOrCreateSequenceItem(sequence, item, -2).bad() || !item) throw std::bad_alloc();
    return *item;
}

static void put_code(DcmItem &d, const DcmTagKey &sequence, const code &c)
{
    DcmItem &item = item_of(d, sequence);
    put(item, DCM_CodeValue, c.value);
    put(item, DCM_CodingSchemeDesignator, c.scheme);
    put(item, DCM_CodeMeaning, c.meaning.substr(0, 64));
}

/* 2.25 and a number of 128 bits: the same series, mask and segments give the same UIDs. */
class uid_maker
{
  public:
    void add(const void *data, size_t size)
    {
        const unsigned char *b = (const unsigned char *)data;
        for (size_t i = 0; i < size; i++) {
            a_ = (a_ ^ b[i]) * 1099511628211u;
            b_ = (b_ ^ b[i]) * 6364136223846793005u + 1442695040888963407u;
        }
    }
    void add(const std::string &s) { add(s.c_str(), s.size() + 1); }
    std::string get(const char *what) const
    {
        uid_maker m = *this;
        m.add(std::string(what));
        unsigned __int128 n = (unsigned __int128)(m.a_ ^ m.a_ >> 31) << 64 | (m.b_ ^ m.b_ >> 29);
        std::string digits;
        for (; n; n /= 10) digits.insert(digits.begin(), (char)('0' + (int)(n % 10)));
        return "2.25." + digits;
    }

  private:
    uint64_t a_ = 14695981039346656037u, b_ = 88172645463325252u;
};

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

/* Patient and study are the source's, with empty values where it has none. */
static void copy_patient(const file &f, const std::vector<segment> &segments, DcmDataset &d)
{
    static const DcmTagKey tags[] = {DCM_SpecificCharacterSet, DCM_PatientName, DCM_PatientID,
        DCM_IssuerOfPatientID, DCM_PatientBirthDate, DCM_PatientSex, DCM_PatientAge,
        DCM_PatientSize, DCM_PatientWeight, DCM_PatientIdentityRemoved, DCM_StudyInstanceUID,
        DCM_StudyDate, DCM_StudyTime, DCM_ReferringPhysicianName, DCM_StudyID, DCM_AccessionNumber,
        DCM_StudyDescription, DCM_FrameOfReferenceUID, DCM_PositionReferenceIndicator},
                           empty[] = {DCM_PatientName, DCM_PatientID, DCM_PatientBirthDate,
                               DCM_PatientSex, DCM_StudyDate, DCM_StudyTime,
                               DCM_ReferringPhysicianName, DCM_StudyID, DCM_AccessionNumber,
                               DCM_PositionReferenceIndicator};
    DcmFileFormat source;
    const OFCondition loaded = source.loadFile(f.path.c_str());
    if (loaded.bad())
        throw refusal(EXIT_DATA,
            text("%s changed while it was read (%s); try again", f.path.c_str(), loaded.text()));
    bool ascii = true;
    for (const segment &s : segments)
        for (char c : s.name + s.type.meaning + s.category.meaning) ascii = ascii && !(c & 0x80);
    if (!ascii && source.getDataset()->convertToUTF8().bad())
        throw refusal(EXIT_DATA,
            text("%s: its SpecificCharacterSet (0008,0005) cannot become UTF-8, which the names "
                 "of segments need; name them with plain letters in --codes",
                f.path.c_str()));
    for (const DcmTagKey &tag : tags)
        source.getDataset()->findAndInsertCopyOfElement(tag, &d); /* if it is there */
    for (const DcmTagKey &tag : empty)
        if (!d.tagExists(tag)) d.insertEmptyElement(tag);
    static const DcmTagKey needed[] = {
        DCM_StudyInstanceUID, DCM_FrameOfReferenceUID, DCM_SeriesInstanceUID};
    for (const DcmTagKey &tag : needed)
        if (!source.getDataset()->tagExistsWithValue(tag))
            throw refusal(EXIT_DATA,
                text("%s: it has no %s (%04X,%04X), which a segmentation needs; complete the "
                     "series",
                    f.path.c_str(), DcmTag(tag).getTagName(), tag.getGroup(), tag.getElement()));
}

static void put_series(const file &f, const uid_maker &uid, DcmDataset &d)
{
    OFString date, time;
    DcmDate::getCurrentDate(date);
    DcmTime::getCurrentTime(time);
    put(d, DCM_SOPClassUID, UID_SegmentationStorage);
    put(d, DCM_SOPInstanceUID, uid.get("instance"));
    put(d, DCM_Modality, "SEG");
    put(d, DCM_SeriesInstanceUID, uid.get("series"));
    put(d, DCM_SeriesNumber, std::to_string(atoi(f.number.c_str()) % 100000 + 9000));
    put(d, DCM_SeriesDescription, "attunet segmentation");
    put(d, DCM_Manufacturer, "attunet");
    put(d, DCM_ManufacturerModelName, "attunet");
    put(d, DCM_DeviceSerialNumber, "0");
    put(d, DCM_SoftwareVersions, ATTUNET_VERSION);
    put(d, DCM_InstanceNumber, "1");
    put(d, DCM_ContentDate, date.c_str());
    put(d, DCM_ContentTime, time.c_str());
    put(d, DCM_ContentLabel, "SEGMENTATION");
    put(d, DCM_ContentDescription, "for research only");
    put(d, DCM_ContentCreatorName, "attunet");
    put(d, DCM_ImageType, "DERIVED\\PRIMARY");
    put(d, DCM_SegmentationType, "BINARY");
    put(d, DcmTag(0x0062, 0x0013, EVR_CS), "NO"); /* SegmentsOverlap */
    put(d, DCM_LossyImageCompression, "00");
}

static void put_image(const file &f, size_t frames, DcmDataset &d)
{
    put_us(d, DCM_Rows, (unsigned)f.rows);
    put_us(d, DCM_Columns, (unsigned)f.columns);
    put_us(d, DCM_SamplesPerPixel, 1);
    put(d, DCM_PhotometricInterpretation, "MONOCHROME2");
    put_us(d, DCM_BitsAllocated, 1);
    put_us(d, DCM_BitsStored, 1);
    put_us(d, DCM_HighBit, 0);
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
        put(item, DCM_SegmentAlgorithmType, "AUTOMATIC");
        put(item, DCM_SegmentAlgorithmName, "attunet " ATTUNET_VERSION);
        put_code(item, DCM_SegmentedPropertyCategoryCodeSequence, s.category);
        put_code(item, DCM_SegmentedPropertyTypeCodeSequence, s.type);
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
    double step = 0;
    for (int i = 0; i < 3; i++) step += g.affine[i][2] * g.affine[i][2];
    DcmItem &shared = item_of(d, DCM_SharedFunctionalGroupsSequence);
    put(item_of(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
        first.orientation_text);
    DcmItem &measures = item_of(shared, DCM_PixelMeasuresSequence);
    put(measures, DCM_PixelSpacing, first.spacing_text);
    put(measures, DCM_SliceThickness, text("%.8g", g.spacing[2]));
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
    put_code(image, DCM_PurposeOfReferenceCodeSequence,
        {"121322", "DCM", "Source image for image processing operation"});
}

/* The source files, each once. */
static void put_references(const study &s, const grid &g, DcmDataset &d)
{
    std::map<int, bool> seen;
    DcmItem *series = nullptr;
    for (int number : g.frames) {
        const int file_number = s.frames[(size_t)number].file;
        const file &f = s.files[(size_t)file_number];
        if (seen[file_number]) continue;
        seen[file_number] = true;
        if (!series) {
            series = &item_of(d, DCM_ReferencedSeriesSequence);
            put(*series, DCM_SeriesInstanceUID, f.series);
        }
        DcmItem &one = item_of(*series, DCM_ReferencedInstanceSequence);
        put(one, DCM_ReferencedSOPClassUID, f.sop_class);
        put(one, DCM_ReferencedSOPInstanceUID, f.sop);
    }
}

/* One stream of bits over all frames, the lowest bit of a byte first. */
static std::vector<Uint8> bits(const file &f, const grid &g,
    const std::vector<unsigned short> &mask, const std::vector<segment> &segments)
{
    const size_t area = (size_t)f.rows * (size_t)f.columns;
    const size_t count = area * g.frames.size() * segments.size(), bytes = (count + 7) / 8;
    if (count / 8 > 0xFFFFFFF0u)
        throw refusal(EXIT_DATA,
            text("%zu segments of this series are more than 4 GiB, which no DICOM file holds; "
                 "leave some out",
                segments.size()));
    std::vector<Uint8> b(bytes + bytes % 2);
    size_t at = 0;
    for (const segment &s : segments)
        for (size_t k = 0; k < g.frames.size(); k++)
            for (int y = 0; y < f.rows; y++)
                for (int x = 0; x < f.columns; x++, at++)
                    if (mask[g.voxel_of(k, x, y)] == s.label)
                        b[at / 8] = (Uint8)(b[at / 8] | 1u << at % 8);
    return b;
}

static void save(DcmFileFormat &whole, const std::string &path)
{
    const std::string part = path + text(".tmp-%d", (int)getpid());
    const OFCondition saved = whole.saveFile(part.c_str(), EXS_LittleEndianExplicit);
    if (saved.good() && rename(part.c_str(), path.c_str()) == 0) return;
    const std::string why = saved.good() ? strerror(errno) : saved.text();
    remove(part.c_str());
    throw refusal(EXIT_IO,
        text("cannot write %s: %s; check the folder and its disk", path.c_str(), why.c_str()));
}

/* All that a segment shows, since another file needs another UID. */
static void add_segment(const segment &s, uid_maker &uid)
{
    uid.add(&s.label, sizeof s.label);
    uid.add(s.name);
    for (const code *c : {&s.category, &s.type})
        for (const std::string *part : {&c->value, &c->scheme, &c->meaning}) uid.add(*part);
    uid.add(s.rgb, sizeof s.rgb);
}

void write_seg(const study &s, const grid &g, const std::vector<unsigned short> &mask,
    const std::vector<segment> &segments, const std::string &path)
{
    const frame &first = s.frames[(size_t)g.frames[0]];
    const file &f = s.files[(size_t)first.file];
    if (!first.placed)
        throw refusal(EXIT_DATA,
            text("%s: it has no ImagePositionPatient (0020,0032), which a segmentation needs; use "
                 "the mask as it is",
                f.path.c_str()));
    uid_maker uid;
    for (int one : g.frames) uid.add(s.file_of(one).sop);
    for (const segment &one : segments) add_segment(one, uid);
    uid.add(mask.data(), mask.size() * sizeof mask[0]);
    DcmFileFormat whole;
    DcmDataset &d = *whole.getDataset();
    copy_patient(f, segments, d);
    if (!d.tagExists(DCM_SpecificCharacterSet)) put(d, DCM_SpecificCharacterSet, "ISO_IR 192");
    put_series(f, uid, d);
    put_image(f, g.frames.size() * segments.size(), d);
    put_segments(segments, uid, d);
    put_dimensions(uid, d);
    put_shared(s, g, d);
    for (unsigned n = 1; n <= segments.size(); n++)
        for (unsigned k = 0; k < g.frames.size(); k++)
            put_frame(s, s.frames[(size_t)g.frames[k]], n, k + 1, d);
    put_references(s, g, d);
    const std::vector<Uint8> b = bits(f, g, mask, segments);
    if (d.putAndInsertUint8Array(DCM_PixelData, b.data(), (unsigned long)b.size()).bad())
        throw std::bad_alloc();
    save(whole, path);
}
