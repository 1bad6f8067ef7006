/* SPDX-License-Identifier: Apache-2.0 */
#include "recipe.h"

#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dcrlerp.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/dcmjpls/djencode.h>

#include <cstdio>
#include <cstdlib>

void recipe_codecs()
{
    DJDecoderRegistration::registerCodecs();
    DJEncoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
    DJLSEncoderRegistration::registerCodecs();
    DcmRLEDecoderRegistration::registerCodecs();
    DcmRLEEncoderRegistration::registerCodecs();
}

const std::vector<named_syntax> &recipe_syntaxes()
{
    static const std::vector<named_syntax> all = {{"plain", EXS_LittleEndianExplicit},
        {"rle", EXS_RLELossless}, {"jpeg", EXS_JPEGProcess14SV1}, {"jpeg_ls", EXS_JPEGLSLossless},
#ifdef ATT_OPENJPEG
        {"jpeg2000", EXS_JPEG2000LosslessOnly}
#endif
    };
    return all;
}

double recipe_at(const recipe &r, int slice)
{
    return r.at.empty() ? 2.5 * slice : r.at[(size_t)slice];
}

int recipe_stored(const recipe &r, int column, int row, int slice, int sample)
{
    const int all = 1 << (r.stored < 16 ? r.stored : 16);
    int raw = column * 3 + row * 17 + slice * 101 + r.phase * 1009 + sample * 71;
    if (r.noise) {
        unsigned h = (unsigned)(column * 7919 + row * 104729 + slice * 1299709 + 1);
        for (int i = 0; i < 3; i++) h = (h ^ h >> 15) * 2246822519u;
        raw = (int)(h >> 16);
    }
    return raw % all - (r.is_signed ? all / 2 : 0);
}

static std::string join(const std::vector<double> &v)
{
    std::string s;
    char number[32];
    for (size_t i = 0; i < v.size(); i++) {
        snprintf(number, sizeof number, "%s%.9g", i ? "\\" : "", v[i]);
        s += number;
    }
    return s;
}

static std::string position(const recipe &r, int slice)
{
    const double *o = r.orientation, at = recipe_at(r, slice);
    std::vector<double> p;
    for (int i = 0; i < 3; i++) {
        const int a = (i + 1) % 3, b = (i + 2) % 3;
        p.push_back(r.origin[i] + at * (o[a] * o[3 + b] - o[b] * o[3 + a] + r.shear[i]));
    }
    return join(p);
}

static const std::string &one_of(const std::vector<std::string> &list, int slice)
{
    return list.size() > 1 ? list[(size_t)slice] : list[0];
}

static std::string number(int n) { return std::to_string(n); }

static void put(DcmItem &d, const DcmTagKey &tag, const std::string &v)
{
    if (d.putAndInsertString(tag, v.c_str()).bad()) fprintf(stderr, "cannot put %s\n", v.c_str());
}

static void put_us(DcmItem &d, const DcmTagKey &tag, int v)
{
    d.putAndInsertUint16(tag, (Uint16)v);
}

static void put_patient(const recipe &r, DcmItem &d)
{
    put(d, DCM_PatientName, SECRET_NAME "^Given");
    put(d, DCM_PatientID, r.patient);
    put(d, DCM_PatientBirthDate, SECRET_DATE);
    put(d, DCM_PatientSex, "O");
    put(d, DCM_StudyDate, SECRET_DATE);
    put(d, DCM_SeriesDate, SECRET_DATE);
    put(d, DCM_StudyTime, "101112");
    put(d, DCM_AccessionNumber, SECRET_ID);
    put(d, DCM_ReferringPhysicianName, SECRET_NAME);
    put(d, DCM_StudyID, "7");
    put(d, DCM_StudyInstanceUID, "1.2.826.0.1.3680043.2.1125.1." SECRET_DATE);
    put(d, DCM_SeriesInstanceUID, "1.2.826.0.1.3680043.2.1125.2." SECRET_DATE "." + r.series);
    put(d, DCM_FrameOfReferenceUID, "1.2.826.0.1.3680043.2.1125." + r.reference + "." SECRET_DATE);
    put(d, DCM_SeriesNumber, r.series);
    put(d, DCM_SeriesDescription, r.description);
    put(d, DCM_Modality, r.modality);
    put(d, DCM_Manufacturer, "attunet tests");
    d.putAndInsertString(DcmTag(0x0009, 0x0010, EVR_LO), "ATTUNET TESTS"); /* private */
    d.putAndInsertString(DcmTag(0x0009, 0x1001, EVR_LO), SECRET_NAME);
}

static std::string spacing(const recipe &r) { return join({r.spacing[0], r.spacing[1]}); }

static std::string orientation(const recipe &r)
{
    return join(std::vector<double>(r.orientation, r.orientation + 6));
}

static int samples_of(const recipe &r)
{
    return r.photometric.rfind("MONOCHROME", 0) == 0 || r.photometric == "PALETTE COLOR" ? 1 : 3;
}

/* The entries i * (colour + 1) % 256 of a palette as segments: a first entry and a line for each
 * ramp, but those of the second colour say to repeat its first ramp. */
static std::vector<Uint16> segments_of(const recipe &r, int colour)
{
    const int step = colour + 1, up = r.segments - 8;
    std::vector<int> all;
    for (int i = 0, lines = 1; i < 256; i += 1 + lines) {
        const int first = i * step % 256;
        lines = (255 - first) / step;
        const std::vector<int> ramp = {0, 1, first << up, 1, lines, (first + lines * step) << up},
                               again = {2, 2, 0, 0};
        const bool repeat = colour == 1 && i > 0;
        all.insert(
            all.end(), repeat ? again.begin() : ramp.begin(), repeat ? again.end() : ramp.end());
        if (repeat && up == 0) all.insert(all.end(), {0, 0}); /* the offset has 32 bits */
    }
    std::vector<Uint16> words;
    for (size_t i = 0; i < all.size(); i += up ? 1 : 2)
        words.push_back((Uint16)(up ? all[i] : all[i] | all[i + 1] << 8));
    return words;
}

static void put_palette(const recipe &r, DcmItem &d)
{
    static const DcmTagKey table[2][3] = {{DCM_RedPaletteColorLookupTableData,
                                              DCM_GreenPaletteColorLookupTableData,
                                              DCM_BluePaletteColorLookupTableData},
        {DCM_SegmentedRedPaletteColorLookupTableData, DCM_SegmentedGreenPaletteColorLookupTableData,
            DCM_SegmentedBluePaletteColorLookupTableData}},
                           form[3] = {DCM_RedPaletteColorLookupTableDescriptor,
                               DCM_GreenPaletteColorLookupTableDescriptor,
                               DCM_BluePaletteColorLookupTableDescriptor};
    for (int c = 0; c < 3; c++) {
        const Uint16 descriptor[3] = {256, 0, (Uint16)(r.segments ? r.segments : 16)};
        std::vector<Uint16> entries;
        for (int i = 0; i < 256; i++)
            entries.push_back((Uint16)((i * (c + 1) % 256) << 8 | r.fine));
        if (r.segments) entries = segments_of(r, c);
        d.putAndInsertUint16Array(DcmTag(form[c], EVR_US), descriptor, 3);
        d.putAndInsertUint16Array(DcmTag(table[r.segments > 0][c], EVR_OW), entries.data(),
            (unsigned long)entries.size());
    }
}

static void put_pixels(const recipe &r, DcmItem &d, int from, int count)
{
    const int samples = samples_of(r);
    put_us(d, DCM_Rows, r.rows);
    put_us(d, DCM_Columns, r.columns);
    put_us(d, DCM_SamplesPerPixel, samples);
    put_us(d, DCM_BitsAllocated, r.allocated);
    put_us(d, DCM_BitsStored, r.stored);
    put_us(d, DCM_HighBit, r.high);
    put_us(d, DCM_PixelRepresentation, r.is_signed);
    put(d, DCM_PhotometricInterpretation, r.photometric);
    if (samples == 3) put_us(d, DCM_PlanarConfiguration, 0);
    if (r.photometric == "PALETTE COLOR") put_palette(r, d);
    std::vector<Uint16> wide;
    std::vector<Uint8> narrow;
    for (int k = from; k < from + count; k++)
        for (int y = 0; y < r.rows; y++)
            for (int x = 0; x < r.columns * samples; x++) {
                unsigned v = (unsigned)recipe_stored(r, x / samples, y, k, x % samples);
                if (r.stored < 32) v &= (1u << r.stored) - 1;
                if (r.high + 1 > r.stored) v <<= r.high + 1 - r.stored;
                v |= r.overlay;
                wide.push_back((Uint16)v);
                if (r.allocated == 32) wide.push_back((Uint16)(v >> 16));
                narrow.push_back((Uint8)v);
            }
    if (r.photometric == "YBR_FULL_422") { /* Y Y Cb Cr of two pixels */
        std::vector<Uint8> pairs;
        for (size_t i = 0; i + 6 <= narrow.size(); i += 6)
            pairs.insert(pairs.end(), {narrow[i], narrow[i + 3], narrow[i + 1], narrow[i + 2]});
        narrow.swap(pairs);
    }
    if (narrow.size() % 2) narrow.push_back(0);
    if (r.allocated == 8)
        d.putAndInsertUint8Array(DCM_PixelData, narrow.data(), (unsigned long)narrow.size());
    else
        d.putAndInsertUint16Array(DCM_PixelData, wide.data(), (unsigned long)wide.size());
}

static void put_table(const recipe &r, DcmItem &d)
{
    DcmItem *item = nullptr;
    d.findOrCreateSequenceItem(DCM_ModalityLUTSequence, item);
    const Uint16 descriptor[3] = {(Uint16)r.table, (Uint16)r.table_first, 16};
    const Sint16 with_sign[3] = {(Sint16)r.table, (Sint16)r.table_first, 16};
    std::vector<Uint16> entries;
    for (int i = 0; i < r.table; i++) entries.push_back((Uint16)(60000 - 2 * i));
    if (r.is_signed)
        item->putAndInsertSint16Array(DcmTag(DCM_LUTDescriptor, EVR_SS), with_sign, 3);
    else
        item->putAndInsertUint16Array(DcmTag(DCM_LUTDescriptor, EVR_US), descriptor, 3);
    put(*item, DCM_ModalityLUTType, "US");
    item->putAndInsertUint16Array(
        DcmTag(DCM_LUTData, EVR_US), entries.data(), (unsigned long)entries.size());
}

static bool put_named(DcmItem &d, const std::string &name, const std::string &v)
{
    DcmTag tag;
    if (DcmTag::findTagFromName(name.c_str(), tag).bad()) return false;
    if (d.putAndInsertString(tag, v.c_str()).bad()) put_us(d, DcmTag(tag, EVR_US), atoi(v.c_str()));
    return true;
}

static void put_regions(const recipe &r, DcmItem &d)
{
    for (const auto &one : r.regions) {
        DcmItem *item = nullptr;
        d.findOrCreateSequenceItem(DCM_SequenceOfUltrasoundRegions, item, -2);
        put_us(*item, DCM_RegionSpatialFormat, 1);
        put_us(*item, DCM_PhysicalUnitsXDirection, 3);
        put_us(*item, DCM_PhysicalUnitsYDirection, 3);
        item->putAndInsertFloat64(DCM_PhysicalDeltaX, one.first);
        item->putAndInsertFloat64(DCM_PhysicalDeltaY, one.second);
    }
}

/* What a frame has, and its place in a file: the b-value, echo, stack or phase of enhanced MR. */
static void put_frame_tag(const recipe &r, DcmItem &frame, int k)
{
    DcmItem *item = nullptr;
    if (r.frame_values.empty()) return;
    const DcmTagKey place = r.frame_tag == "DiffusionBValue" ? DCM_MRDiffusionSequence
        : r.frame_tag == "EffectiveEchoTime"                 ? DCM_MREchoSequence
        : r.frame_tag == "FrameType"                         ? DCM_MRImageFrameTypeSequence
                                                             : DCM_FrameContentSequence;
    frame.findOrCreateSequenceItem(place, item);
    if (r.frame_tag == "TemporalPositionIndex")
        item->putAndInsertUint32(
            DCM_TemporalPositionIndex, (Uint32)atoi(r.frame_values[(size_t)k].c_str()));
    else
        put_named(*item, r.frame_tag, r.frame_values[(size_t)k]);
}

static void put_groups(const recipe &r, DcmItem &d)
{
    DcmItem *shared = nullptr, *item = nullptr;
    d.findOrCreateSequenceItem(DCM_SharedFunctionalGroupsSequence, shared);
    shared->findOrCreateSequenceItem(DCM_PixelMeasuresSequence, item);
    put(*item, DCM_PixelSpacing, spacing(r));
    put(*item, DCM_SliceThickness, "99"); /* nobody may read it */
    if (r.turned_from >= r.slices) {
        shared->findOrCreateSequenceItem(DCM_PlaneOrientationSequence, item);
        put(*item, DCM_ImageOrientationPatient, orientation(r));
    }
    for (int k = 0; k < r.slices; k++) {
        DcmItem *frame = nullptr;
        const int at = r.reversed ? r.slices - 1 - k : k;
        d.findOrCreateSequenceItem(DCM_PerFrameFunctionalGroupsSequence, frame, -2);
        frame->findOrCreateSequenceItem(DCM_PlanePositionSequence, item);
        put(*item, DCM_ImagePositionPatient, position(r, at));
        frame->findOrCreateSequenceItem(DCM_PixelValueTransformationSequence, item);
        put(*item, DCM_RescaleSlope, one_of(r.slope, at));
        put(*item, DCM_RescaleIntercept, one_of(r.intercept, at));
        put(*item, DCM_RescaleType, "US");
        put_frame_tag(r, *frame, at);
        if (r.turned_from >= r.slices) continue;
        frame->findOrCreateSequenceItem(DCM_PlaneOrientationSequence, item);
        put(*item, DCM_ImageOrientationPatient,
            at < r.turned_from ? orientation(r) : "1\\0\\0\\0\\0\\-1");
    }
}

static const char *class_of(const recipe &r)
{
    if (r.multi == recipe::ENHANCED)
        return r.modality == "MR" ? UID_EnhancedMRImageStorage : UID_EnhancedCTImageStorage;
    return r.multi == recipe::CLASSIC ? UID_NuclearMedicineImageStorage
        : r.modality == "MR"          ? UID_MRImageStorage
        : r.modality == "US"          ? UID_UltrasoundImageStorage
                                      : UID_CTImageStorage;
}

static bool write_file(const recipe &r, const std::string &folder, int file)
{
    const bool single = r.multi == recipe::SINGLE;
    const int slice = r.reversed && single ? r.slices - 1 - file : single ? file : 0;
    DcmFileFormat whole;
    DcmDataset &d = *whole.getDataset();
    put_patient(r, d);
    put(d, DCM_SOPClassUID, class_of(r));
    put(d, DCM_SOPInstanceUID,
        "1.2.826.0.1.3680043.2.1125.4." SECRET_DATE "." + r.series + "." + number(r.phase) + "." +
            number(slice + 1) + "." + number(r.prefix.front()));
    put(d, DCM_InstanceNumber, number(file + 1));
    put(d, DCM_ImageType, r.type);
    if (single && r.positions) {
        put(d, DCM_ImagePositionPatient, position(r, slice));
        put(d, DCM_ImageOrientationPatient, orientation(r));
    }
    if (r.multi == recipe::CLASSIC) {
        DcmItem *detector = nullptr;
        d.findOrCreateSequenceItem(DCM_DetectorInformationSequence, detector);
        put(*detector, DCM_ImagePositionPatient, position(r, 0));
        put(*detector, DCM_ImageOrientationPatient, orientation(r));
        put(d, DCM_SpacingBetweenSlices, "2.5");
    }
    if (r.multi != recipe::ENHANCED) {
        if (r.pixel_spacing) put(d, DCM_PixelSpacing, spacing(r));
        put(d, DCM_SliceThickness, "99");
        if (r.table)
            put_table(r, d);
        else
            put(d, DCM_RescaleSlope, one_of(r.slope, slice));
        if (!r.table) put(d, DCM_RescaleIntercept, one_of(r.intercept, slice));
    }
    if (!r.tag.empty() && !put_named(d, r.tag, r.value)) return false;
    put_regions(r, d);
    if (!r.own_b_value.empty()) {
        d.putAndInsertString(DcmTag(0x0019, 0x0010, EVR_LO), "SIEMENS MR HEADER");
        d.putAndInsertString(DcmTag(0x0019, 0x100c, EVR_IS), r.own_b_value.c_str());
    }
    if (!single) put(d, DCM_NumberOfFrames, number(r.slices));
    if (r.multi == recipe::ENHANCED) put_groups(r, d);
    put_pixels(r, d, slice, single ? 1 : r.slices);
    if (r.syntax == EXS_JPEG2000LosslessOnly) recipe_jpeg2000(r, slice, single ? 1 : r.slices, d);
    const DJ_RPLossless lossless;
    const DcmRepresentationParameter *parameter =
        r.syntax == EXS_JPEGProcess14SV1 ? &lossless : nullptr;
    if (d.chooseRepresentation(r.syntax, parameter).bad()) {
        fprintf(stderr, "cannot compress as %s\n", DcmXfer(r.syntax).getXferName());
        return false;
    }
    const std::string path = folder + "/" + r.prefix + number(file);
    const OFCondition saved = whole.saveFile(path.c_str(), r.syntax, EET_ExplicitLength,
        EGL_recalcGL, EPD_noChange, 0, 0, r.preamble ? EWM_fileformat : EWM_dataset);
    if (saved.bad()) fprintf(stderr, "%s: %s\n", path.c_str(), saved.text());
    return saved.good();
}

bool recipe_write(const recipe &r, const std::string &folder)
{
    for (int i = 0; i < (r.multi == recipe::SINGLE ? r.slices : 1); i++)
        if (!write_file(r, folder, i)) return false;
    return true;
}
