/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of DICOM files. */
#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <set>

#include "decode.h"
#include "hash.h"
#include "series.h"

namespace fs = std::filesystem;

const telling tellings[TELLING] = {
    {"StackID", 0x0020, 0x9056},
    {"EchoNumbers", 0x0018, 0x0086},
    {"EchoTime", 0x0018, 0x0081},
    {"EffectiveEchoTime", 0x0018, 0x9082},
    {"TemporalPositionIdentifier", 0x0020, 0x0100},
    {"TemporalPositionIndex", 0x0020, 0x9128},
    {"DiffusionBValue", 0x0018, 0x9087},
    {"DiffusionGradientOrientation", 0x0018, 0x9089},
    {"NominalPercentageOfCardiacPhase", 0x0020, 0x9241},
    {"InversionTime", 0x0018, 0x0082},
    {"AcquisitionNumber", 0x0020, 0x0012},
    {"ImageType", 0x0008, 0x0008},
    {"FrameType", 0x0008, 0x9007},
    {"ComplexImageComponent", 0x0008, 0x9208},
    {"FlipAngle", 0x0018, 0x1314},
    {"KVP", 0x0018, 0x0060},
    {"SequenceName", 0x0018, 0x0024},
    {"ConvolutionKernel", 0x0018, 0x1210},
    {"TriggerTime", 0x0018, 0x1060},
    {"NominalCardiacTriggerDelayTime", 0x0020, 0x9153},
    {"FrameReferenceTime", 0x0054, 0x1300},
    {"AcquisitionTime", 0x0008, 0x0032, true},
    {"FrameAcquisitionDateTime", 0x0018, 0x9074, true},
    {"EnergyWindowVector", 0x0054, 0x0010, false, true},
    {"DetectorVector", 0x0054, 0x0020, false, true},
    {"PhaseVector", 0x0054, 0x0030, false, true},
    {"RotationVector", 0x0054, 0x0050, false, true},
    {"RRIntervalVector", 0x0054, 0x0060, false, true},
    {"TimeSlotVector", 0x0054, 0x0070, false, true},
    {"AngularViewVector", 0x0054, 0x0090, false, true},
    {"TimeSliceVector", 0x0054, 0x0100, false, true},
};

/* Each takes about 1 KiB before a pixel is read. */
static const int most_frames = 1 << 16;

static void read_orientation(const element_places &p, frame &f, const std::string &path)
{
    f.orientation_text = p.get(DCM_ImageOrientationPatient);
    f.position_text = p.get(DCM_ImagePositionPatient);
    f.placed = !f.orientation_text.empty() && !f.position_text.empty();
    if (!f.placed) return;
    double o[6];
    element_numbers(f.orientation_text, DCM_ImageOrientationPatient, 6, o, path);
    element_numbers(f.position_text, DCM_ImagePositionPatient, 3, f.position, path);
    double dot = 0, row = 0, column = 0;
    for (int i = 0; i < 3; i++) {
        dot += o[i] * o[3 + i];
        row += o[i] * o[i];
        column += o[3 + i] * o[3 + i];
    }
    if (fabs(row - 1) > 0.01 || fabs(column - 1) > 0.01 || fabs(dot) > 0.01)
        throw refusal(EXIT_DATA,
            text("%s: its %s is not two unit vectors at a right angle; leave this file out",
                path.c_str(), element_name(DCM_ImageOrientationPatient).c_str()));
    memcpy(f.row, o, sizeof f.row);
    memcpy(f.column, o + 3, sizeof f.column);
}

/* Regions of an ultrasound picture in cm, if all agree. */
static void read_regions(DcmItem &top, frame &f)
{
    for (long i = 0;; i++) {
        DcmItem *region = nullptr;
        if (top.findAndGetSequenceItem(DCM_SequenceOfUltrasoundRegions, region, i).bad()) return;
        Uint16 form = 0, x = 0, y = 0;
        double dx = 0, dy = 0;
        region->findAndGetUint16(DCM_RegionSpatialFormat, form);
        region->findAndGetUint16(DCM_PhysicalUnitsXDirection, x);
        region->findAndGetUint16(DCM_PhysicalUnitsYDirection, y);
        region->findAndGetFloat64(DCM_PhysicalDeltaX, dx);
        region->findAndGetFloat64(DCM_PhysicalDeltaY, dy);
        if (form != 1 || x != 3 || y != 3) continue; /* not an image in cm */
        const double mm[2] = {10 * fabs(dy), 10 * fabs(dx)};
        if (f.spacing[0] > 0 && (mm[0] != f.spacing[0] || mm[1] != f.spacing[1])) {
            f.spacing[0] = f.spacing[1] = 0;
            return;
        }
        memcpy(f.spacing, mm, sizeof mm);
    }
}

static void read_spacing(const element_places &p, frame &f, const std::string &path)
{
    DcmTagKey tag = DCM_PixelSpacing;
    f.spacing_text = p.get(tag);
    f.at_detector = f.spacing_text.empty();
    if (f.at_detector) f.spacing_text = p.get(tag = DCM_ImagerPixelSpacing);
    f.at_detector = f.at_detector && !f.spacing_text.empty();
    /* A copy that nobody calibrated */
    if (!f.placed && f.spacing_text == p.get(DCM_ImagerPixelSpacing) &&
        p.get(DCM_PixelSpacingCalibrationType).empty())
        f.at_detector = !f.spacing_text.empty();
    if (f.spacing_text.empty()) {
        if (f.placed)
            throw refusal(EXIT_DATA,
                text("%s: it has a position but no %s; leave this file out", path.c_str(),
                    element_name(DCM_PixelSpacing).c_str()));
        read_regions(*p.top, f);
        return;
    }
    element_numbers(f.spacing_text, tag, 2, f.spacing, path);
    if (!(f.spacing[0] > 1e-6 && f.spacing[1] > 1e-6)) /* mm */
        throw refusal(EXIT_DATA,
            text("%s: its %s is not above 0; leave this file out", path.c_str(),
                element_name(tag).c_str()));
}

static double rescale(
    const element_places &p, const DcmTagKey &tag, double missing, const std::string &path)
{
    const std::string v = p.get(tag);
    double number = missing;
    if (!v.empty())
        element_numbers(v, tag, 1, &number, path, 1e30); /* a float holds values of it */
    return number;
}

/* The value of a private element, whose VR is unknown in implicit VR: digits, or a float. */
static std::string private_element(DcmItem &top, const DcmTagKey &tag, bool is_float)
{
    DcmElement *e = nullptr;
    Uint8 *bytes = nullptr;
    Float32 number = 0;
    if (top.findAndGetElement(tag, e).bad()) return "";
    const bool unknown = dynamic_cast<DcmOtherByteOtherWord *>(e) && e->getVR() != EVR_OW;
    if (!unknown || e->getUint8Array(bytes).bad() || !bytes) return element(top, tag);
    const std::string v((const char *)bytes, e->getLength());
    if (!is_float || v.size() != sizeof number) return v.substr(0, v.find_last_not_of(' ') + 1);
    memcpy(&number, bytes, sizeof number);
    return text("%g", (double)number);
}

/* The b-value where vendors kept it before it had a tag, as a number; or "". */
static std::string private_b_value(DcmItem &top)
{
    static const struct {
        unsigned short group, element;
        const char *creator;
        bool is_float;
    } places[] = {{0x0019, 0x0c, "SIEMENS MR HEADER", false}, {0x0043, 0x39, "GEMS_PARM_01", false},
        {0x2001, 0x03, "Philips Imaging DD 001", true}};
    if (element(top, DCM_Modality) != "MR") return "";
    for (const auto &p : places)
        for (unsigned short block = 0x10; block < 0x20; block++) {
            if (private_element(top, DcmTagKey(p.group, block), false) != p.creator) continue;
            const DcmTagKey tag(p.group, (unsigned short)(block << 8 | p.element));
            const std::string v = private_element(top, tag, p.is_float);
            char *end;
            const double b = fmod(strtod(v.c_str(), &end), 1e9); /* GE adds 1e9 */
            if (end != v.c_str() && b >= 0) return text("%g", b);
        }
    return "";
}

/* HU in letters of either case, or written out; [hnsf'U] in UCUM. HU_MOD is another unit, and so is
 * what has a digit or an operator, such as HU*10. */
static bool is_hounsfield(const std::string &unit)
{
    static const char *const words[] = {
        "HU", "HOUNSFIELD", "HOUNSFIELDUNIT", "HOUNSFIELDUNITS", "HOUNSFIELDUNITSHU", "HNSFU"};
    std::string letters;
    for (char c : unit) {
        if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
        if (!strchr(" _[]()'", c) || !c) letters += c;
    }
    return std::find(std::begin(words), std::end(words), letters) != std::end(words);
}

/* PS3.3, C.8.2.1 and C.11.1: an original CT need not say it. */
static hounsfield units_of(const element_places &p, const file &f)
{
    DcmItem *table = nullptr;
    if (f.modality != "CT") return HU_NO_CT;
    p.top->findAndGetSequenceItem(DCM_ModalityLUTSequence, table);
    const std::string unit = table ? element(*table, DCM_ModalityLUTType) : p.get(DCM_RescaleType);
    if (is_hounsfield(unit)) return HU_GIVEN;
    if (table || !unit.empty()) return HU_OTHER_UNIT;
    if (p.get(DCM_RescaleIntercept).empty()) return HU_NO_INTERCEPT;
    return element(*p.top, DCM_ImageType).rfind("ORIGINAL", 0) == 0 ? HU_GIVEN : HU_DERIVED;
}

const char *why_not_hounsfield(hounsfield units)
{
    return units == HU_NO_INTERCEPT ? "it has no RescaleIntercept (0028,1052)"
        : units == HU_DERIVED       ? "it is derived and has no RescaleType (0028,1054)"
                                    : "its RescaleType (0028,1054) or modality table is not HU";
}

bool is_other_unit(hounsfield units) { return units == HU_NO_INTERCEPT || units == HU_OTHER_UNIT; }

bool has_other_unit(DcmDataset &top)
{
    element_places p = {nullptr, nullptr, &top};
    file f = {};
    DcmSequenceOfItems *groups = nullptr;
    f.modality = element(top, DCM_Modality);
    top.findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, p.shared);
    top.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, groups);
    if (!groups || !groups->card()) return is_other_unit(units_of(p, f));
    for (DcmObject *one = nullptr; (one = groups->nextInContainer(one));) {
        p.own = static_cast<DcmItem *>(one);
        if (is_other_unit(units_of(p, f))) return true;
    }
    return false;
}

/* Gray, or percent. */
static double dose_scaling(const element_places &p, const std::string &path)
{
    const double scaling = rescale(p, DCM_DoseGridScaling, 0, path);
    if (scaling > 0) return scaling;
    throw refusal(EXIT_DATA,
        text("%s: its %s is missing or not above 0, so its doses are unknown; leave this file out",
            path.c_str(), element_name(DCM_DoseGridScaling).c_str()));
}

static frame read_frame(const element_places &p, const file &of, int number, int index)
{
    const std::string &path = of.path;
    frame f = {};
    f.file = number;
    f.index = index;
    read_orientation(p, f, path);
    read_spacing(p, f, path);
    f.slope =
        of.modality == "RTDOSE" ? dose_scaling(p, path) : rescale(p, DCM_RescaleSlope, 1, path);
    if (f.slope == 0) f.slope = 1; /* as other readers have it: with 0, all values are one */
    f.intercept = rescale(p, DCM_RescaleIntercept, 0, path);
    f.units = units_of(p, of);
    for (int t = 0; t < TELLING; t++)
        if (!tellings[t].of_frames)
            f.tells[(size_t)t] = p.get(DcmTagKey(tellings[t].group, tellings[t].element));
    if (f.tells[TELLING_B_VALUE].empty()) f.tells[TELLING_B_VALUE] = private_b_value(*p.top);
    return f;
}

/* What the frames of a classic file count (PS3.3, C.8.4.8), or nothing. */
static std::vector<DcmTagKey> pointers(DcmDataset &top)
{
    std::vector<DcmTagKey> tags;
    DcmElement *e = nullptr;
    DcmTagKey tag;
    if (top.findAndGetElement(DCM_FrameIncrementPointer, e).good())
        for (unsigned long i = 0; i < e->getVM() && e->getTagVal(tag, i).good(); i++)
            tags.push_back(tag);
    return tags;
}

/* A number for each frame. */
static std::vector<Uint16> vector_of(DcmDataset &top, const DcmTagKey &tag, const file &f)
{
    const Uint16 *v = nullptr;
    unsigned long count = 0;
    if (top.findAndGetUint16Array(tag, v, &count).bad() || !v || count != (unsigned long)f.frames)
        throw refusal(EXIT_DATA,
            text("%s: its %s does not hold %d numbers, one for each frame; leave this file out",
                f.path.c_str(), element_name(tag).c_str(), f.frames));
    return std::vector<Uint16>(v, v + count);
}

/* Says which volume each frame of a nuclear file is of. */
static void tell_frames(
    DcmDataset &top, const std::vector<DcmTagKey> &tags, const file &f, frame *frames)
{
    for (const DcmTagKey &tag : tags) {
        int t = 0;
        while (t < TELLING &&
            !(tellings[t].of_frames && tag == DcmTagKey(tellings[t].group, tellings[t].element)))
            t++;
        if (t == TELLING && tag != DCM_SliceVector)
            throw refusal(EXIT_DATA,
                text("%s: its %s names %s, which is not known; leave this file out", f.path.c_str(),
                    element_name(DCM_FrameIncrementPointer).c_str(), element_name(tag).c_str()));
        if (t == TELLING) continue;
        const std::vector<Uint16> v = vector_of(top, tag, f);
        for (size_t i = 0; i < v.size(); i++) frames[i].tells[(size_t)t] = std::to_string(v[i]);
    }
}

/* The offset in mm along the normal of each frame of a classic file: doses list it, reconstructed
 * nuclear images count it in steps. Empty: the frames have no positions. */
static std::vector<double> offsets(
    DcmDataset &top, const std::vector<DcmTagKey> &tags, const file &f)
{
    std::vector<double> mm;
    const std::string list = element(top, DCM_GridFrameOffsetVector);
    if (f.modality != "NM" && !list.empty()) {
        for (const DcmTagKey &tag : tags)
            if (tag != DCM_GridFrameOffsetVector) return mm;
        mm.resize((size_t)f.frames);
        element_numbers(list, DCM_GridFrameOffsetVector, f.frames, mm.data(), f.path);
        const double first = mm[0]; /* 0, or the position of the first frame */
        for (double &one : mm) one -= first;
        return mm;
    }
    const std::string step = element(top, DCM_SpacingBetweenSlices);
    if (f.modality != "NM" || step.empty()) return mm;
    double wide;
    element_numbers(step, DCM_SpacingBetweenSlices, 1, &wide, f.path);
    const bool has_slices = std::find(tags.begin(), tags.end(), DCM_SliceVector) != tags.end();
    if (wide == 0 || (!tags.empty() && !has_slices)) return mm; /* views, or moments */
    if (has_slices)
        for (Uint16 slice : vector_of(top, DCM_SliceVector, f)) mm.push_back((slice - 1) * wide);
    for (int i = 0; i < f.frames && !has_slices; i++) mm.push_back(i * wide);
    return mm;
}

static void shift(frame &f, double mm)
{
    double normal[3];
    f.normal(normal);
    for (int i = 0; i < 3; i++) f.position[i] += mm * normal[i];
    f.position_text = text("%.10g\\%.10g\\%.10g", f.position[0], f.position[1], f.position[2]);
}

/* Of a classic file with several frames. */
static void place_frames(DcmDataset &top, const file &f, frame *frames)
{
    const std::vector<DcmTagKey> tags = pointers(top);
    const std::vector<double> along = offsets(top, tags, f);
    if (f.modality == "NM" && !along.empty()) tell_frames(top, tags, f, frames);
    for (size_t i = 0; i < (size_t)f.frames; i++) {
        frames[i].placed = frames[i].placed && !along.empty();
        if (frames[i].placed) shift(frames[i], along[i]);
    }
}

/* Before each frame costs memory: whether the file can hold as many as it says. */
static void check_frames(DcmDataset &top, const file &f)
{
    DcmElement *pixels_ = nullptr;
    top.findAndGetElement(DCM_PixelData, pixels_);
    const bool compressed = DcmXfer(top.getOriginalXfer()).isEncapsulated();
    const int bits = element_count(top, DCM_BitsAllocated, 16, 64, f.path);
    const Uint32 length = pixels_ ? pixels_->getLength() : 0;
    const bool half =
        has_half_chroma(f.photometric, {f.rows, f.columns, f.samples, f.frames, bits}, length);
    const double each = compressed /* bytes, at least */
        ? 8
        : (double)f.rows * f.columns * (half ? 2 : f.samples) * bits / 8,
                 there = compressed ? (double)f.stamp[0] : length;
    if (f.frames > 1 && each * f.frames > there)
        throw refusal(EXIT_DATA,
            text("%s: its %s is more than its pixels are enough for; leave this file out",
                f.path.c_str(), element_name(DCM_NumberOfFrames).c_str()));
    if (!compressed && each * f.frames > there)
        throw refusal(EXIT_DATA,
            text(
                "%s: its PixelData (7FE0,0010) is shorter than its rows and columns ask for; leave "
                "this file out",
                f.path.c_str()));
    const double padded = 2 * ceil(each * f.frames / 2); /* bytes come in pairs */
    if (!compressed && each * (f.frames + 1) <= there && there > padded)
        throw refusal(EXIT_DATA,
            text("%s: its pixels hold more frames than its %s says; leave this file out",
                f.path.c_str(), element_name(DCM_NumberOfFrames).c_str()));
}

bool has_no_image(const std::string &sop_class)
{
    return sop_class.rfind("1.2.840.10008.5.1.4.1.1.66", 0) == 0 ||
        sop_class == UID_MediaStorageDirectoryStorage;
}

/* The groups of each frame, or none. */
static std::vector<DcmItem *> groups_of(DcmDataset &top, const file &f)
{
    std::vector<DcmItem *> all;
    DcmSequenceOfItems *groups = nullptr;
    if (top.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, groups).bad() || !groups)
        return all;
    const unsigned long count = groups->card(), frames = (unsigned long)f.frames;
    if (count != frames)
        throw refusal(EXIT_DATA,
            text("%s: its %s has %s items than the file has frames (%d); leave this file out",
                f.path.c_str(), element_name(DCM_PerFrameFunctionalGroupsSequence).c_str(),
                count < frames ? "fewer" : "more", f.frames));
    for (DcmObject *one = nullptr; (one = groups->nextInContainer(one));)
        all.push_back(static_cast<DcmItem *>(one));
    return all;
}

static void read_file(const std::string &path, study &s)
{
    DcmFileFormat whole;
    const file_stamp stamp = stamp_of(path);
    load_first(whole, path);
    DcmDataset *top = whole.getDataset();
    file f = {};
    f.path = path;
    f.stamp = stamp;
    f.sop_class = sop_class_of(whole);
    if (has_no_image(f.sop_class) || !top->tagExists(DCM_PixelData)) {
        s.objects.push_back(path);
        return;
    }
    const std::string syntax =
        whole.getMetaInfo() ? element(*whole.getMetaInfo(), DCM_TransferSyntaxUID) : "";
    if (!syntax.empty() && DcmXfer(syntax.c_str()).getXfer() == EXS_Unknown)
        throw refusal(EXIT_DATA,
            text("%s: its %s is none that this program knows; convert the file first, such as with "
                 "gdcmconv --raw IN OUT",
                path.c_str(), element_name(DCM_TransferSyntaxUID).c_str()));
    f.sop = element(*top, DCM_SOPInstanceUID);
    f.series = element(*top, DCM_SeriesInstanceUID);
    f.study = element(*top, DCM_StudyInstanceUID);
    f.reference = element(*top, DCM_FrameOfReferenceUID);
    f.patient = patient_of(*top);
    f.modality = element(*top, DCM_Modality);
    f.description = element(*top, DCM_SeriesDescription);
    f.number = element(*top, DCM_SeriesNumber);
    f.photometric = element(*top, DCM_PhotometricInterpretation);
    f.rows = element_count(*top, DCM_Rows, -1, 65535, path);
    f.columns = element_count(*top, DCM_Columns, -1, 65535, path);
    f.samples = element_count(*top, DCM_SamplesPerPixel, 1, 4, path);
    f.frames = element_count(*top, DCM_NumberOfFrames, 1, most_frames, path);
    f.stored = element_count(
        *top, DCM_BitsStored, element_count(*top, DCM_BitsAllocated, 16, 64, path), 64, path);
    check_frames(*top, f);
    f.is_signed = element(*top, DCM_PixelRepresentation) == "1";
    f.has_table = top->tagExists(DCM_ModalityLUTSequence);
    const std::string type = "\\" + element(*top, DCM_ImageType) + "\\";
    f.localizer = type.find("\\LOCALIZER\\") != std::string::npos;
    f.mosaic = type.find("\\MOSAIC\\") != std::string::npos;
    f.derived = type.rfind("\\DERIVED\\", 0) == 0;
    element_places p = {nullptr, nullptr, top};
    top->findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, p.shared);
    s.files.push_back(f);
    const std::vector<DcmItem *> groups = groups_of(*top, f);
    const bool classic = groups.empty() && f.frames > 1;
    if (classic) top->findAndGetSequenceItem(DCM_DetectorInformationSequence, p.own);
    const size_t begin = s.frames.size();
    for (int i = 0; i < f.frames; i++) {
        if (!groups.empty()) p.own = groups[(size_t)i];
        s.frames.push_back(read_frame(p, f, (int)s.files.size() - 1, i));
    }
    if (classic) place_frames(*top, f, &s.frames[begin]);
}

/* An empty file among DICOM files may be a slice that was lost. */
static void refuse_empty(const study &s)
{
    std::set<fs::path> folders;
    for (const file &f : s.files) folders.insert(fs::path(f.path).parent_path());
    for (const std::string &one : s.objects) folders.insert(fs::path(one).parent_path());
    for (const std::string &one : s.others)
        if (stamp_of(one)[0] == 0 && folders.count(fs::path(one).parent_path()))
            throw refusal(EXIT_DATA,
                text("%s is empty, but it is among DICOM files; restore it, or remove it",
                    one.c_str()));
}

study read_files(const std::vector<std::string> &paths, const std::string &folder)
{
    study s = {};
    s.folder = folder;
    for (const std::string &one : paths) {
        if (is_dicom(one))
            read_file(one, s);
        else
            s.others.push_back(one);
    }
    refuse_empty(s);
    return s;
}

study read_study(const std::string &path)
{
    const study s = read_files(walk(path), path);
    if (s.frames.empty() && s.objects.empty())
        throw refusal(EXIT_DATA, text("%s holds no DICOM file; check the path", path.c_str()));
    if (s.frames.empty())
        throw no_series(path, s,
            std::string("give the folder of the series, in which a label may lie") +
                (s.others.empty() ? "" : ", or the name of another image"));
    return s;
}
