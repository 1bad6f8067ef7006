/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of DICOM files. */
#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "series.h"

namespace fs = std::filesystem;

const telling tellings[TELLING] = {
    {"StackID", 0x0020, 0x9056},
    {"EchoNumbers", 0x0018, 0x0086},
    {"EffectiveEchoTime", 0x0018, 0x9082},
    {"TemporalPositionIdentifier", 0x0020, 0x0100},
    {"TemporalPositionIndex", 0x0020, 0x9128},
    {"DiffusionBValue", 0x0018, 0x9087},
    {"DiffusionGradientOrientation", 0x0018, 0x9089},
    {"NominalPercentageOfCardiacPhase", 0x0020, 0x9241},
    {"InversionTime", 0x0018, 0x0082},
    {"AcquisitionNumber", 0x0020, 0x0012},
    {"ImageType", 0x0008, 0x0008},
    {"ConvolutionKernel", 0x0018, 0x1210},
    {"TriggerTime", 0x0018, 0x1060},
};

/* Part 10 files have DICM at 128; older ones begin with an element of group 8. */
static bool is_dicom(const std::string &path)
{
    char head[132] = {0};
    std::ifstream in(path, std::ios::binary);
    in.read(head, sizeof head);
    const std::streamsize got = in.gcount();
    if (got >= 132 && memcmp(head + 128, "DICM", 4) == 0) return true;
    if (got < 132 || head[0] != 8 || head[1] != 0 || (unsigned char)head[2] > 0x20 || head[3])
        return false;
    const bool explicit_vr = isupper(head[4]) && isupper(head[5]);
    return explicit_vr || (head[5] == 0 && head[6] == 0 && head[7] == 0);
}

/* The value of a tag as text, with backslashes between several; "": missing or empty. */
static std::string value(DcmItem &item, const DcmTagKey &tag, bool inside)
{
    OFString found;
    if (item.findAndGetOFStringArray(tag, found, inside).bad()) return "";
    std::string v(found.c_str());
    while (!v.empty() && (v.back() == ' ' || v.back() == 0)) v.pop_back();
    return v.substr(std::min(v.find_first_not_of(' '), v.size()));
}

static std::string name_of(const DcmTagKey &tag)
{
    DcmTag known(tag);
    return text("%s (%04X,%04X)", known.getTagName(), tag.getGroup(), tag.getElement());
}

static int count_of(DcmItem &item, const DcmTagKey &tag, int missing, int most, const char *path)
{
    const std::string v = value(item, tag, false);
    if (v.empty() && missing >= 0) return missing;
    char *end;
    const long n = strtol(v.c_str(), &end, 10);
    if (v.empty() || *end || n < 1 || n > most)
        throw refusal(EXIT_DATA,
            text("%s: its %s is not a whole number from 1 to %d; leave this file out", path,
                name_of(tag).c_str(), most));
    return (int)n;
}

/* `count` finite numbers, or a refusal. */
static void numbers(
    const std::string &v, const DcmTagKey &tag, int count, double *to, const std::string &path)
{
    const char *at = v.c_str();
    for (int i = 0; i < count; i++) {
        char *end;
        to[i] = strtod(at, &end);
        if (end == at || !std::isfinite(to[i]) || (*end && *end != '\\') ||
            ((i < count - 1) != (*end == '\\')))
            throw refusal(EXIT_DATA,
                text("%s: its %s does not hold %d number%s; leave this file out", path.c_str(),
                    name_of(tag).c_str(), count, count == 1 ? "" : "s"));
        at = end + 1;
    }
}

/* The parts of a file that may hold a frame's values: its own functional groups, those of all
 * frames, and the file. */
struct places {
    DcmItem *own, *shared, *top;
    std::string get(const DcmTagKey &tag) const
    {
        std::string v = own ? value(*own, tag, true) : "";
        if (v.empty() && shared) v = value(*shared, tag, true);
        return v.empty() ? value(*top, tag, false) : v;
    }
};

static void read_orientation(const places &p, frame &f, const std::string &path)
{
    f.orientation_text = p.get(DCM_ImageOrientationPatient);
    f.position_text = p.get(DCM_ImagePositionPatient);
    f.placed = !f.orientation_text.empty() && !f.position_text.empty();
    if (!f.placed) return;
    double o[6];
    numbers(f.orientation_text, DCM_ImageOrientationPatient, 6, o, path);
    numbers(f.position_text, DCM_ImagePositionPatient, 3, f.position, path);
    double dot = 0, row = 0, column = 0;
    for (int i = 0; i < 3; i++) {
        dot += o[i] * o[3 + i];
        row += o[i] * o[i];
        column += o[3 + i] * o[3 + i];
    }
    if (fabs(row - 1) > 0.01 || fabs(column - 1) > 0.01 || fabs(dot) > 0.01)
        throw refusal(EXIT_DATA,
            text("%s: its %s is not two unit vectors at a right angle; leave this file out",
                path.c_str(), name_of(DCM_ImageOrientationPatient).c_str()));
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

static void read_spacing(const places &p, frame &f, const std::string &path)
{
    DcmTagKey tag = DCM_PixelSpacing;
    f.spacing_text = p.get(tag);
    f.at_detector = f.spacing_text.empty();
    if (f.at_detector) f.spacing_text = p.get(tag = DCM_ImagerPixelSpacing);
    f.at_detector = f.at_detector && !f.spacing_text.empty();
    if (f.spacing_text.empty()) {
        if (f.placed)
            throw refusal(EXIT_DATA,
                text("%s: it has a position but no %s; leave this file out", path.c_str(),
                    name_of(DCM_PixelSpacing).c_str()));
        read_regions(*p.top, f);
        return;
    }
    numbers(f.spacing_text, tag, 2, f.spacing, path);
    if (!(f.spacing[0] > 0 && f.spacing[1] > 0))
        throw refusal(EXIT_DATA,
            text("%s: its %s is not above 0; leave this file out", path.c_str(),
                name_of(tag).c_str()));
}

static double rescale(
    const places &p, const DcmTagKey &tag, double missing, const std::string &path)
{
    const std::string v = p.get(tag);
    double number = missing;
    if (!v.empty()) numbers(v, tag, 1, &number, path);
    return number;
}

static frame read_frame(const places &p, int number, int index, const std::string &path)
{
    frame f = {};
    f.file = number;
    f.index = index;
    read_orientation(p, f, path);
    read_spacing(p, f, path);
    f.slope = rescale(p, DCM_RescaleSlope, 1, path);
    f.intercept = rescale(p, DCM_RescaleIntercept, 0, path);
    for (int t = 0; t < TELLING; t++)
        f.tells[(size_t)t] = p.get(DcmTagKey(tellings[t].group, tellings[t].element));
    return f;
}

/* The offset in mm along the normal of each frame of a classic file: doses list it, reconstructed
 * nuclear images count it in steps. Empty: the frames have no positions. */
static std::vector<double> offsets(DcmDataset &top, const file &f)
{
    std::vector<double> mm;
    const std::string list = value(top, DCM_GridFrameOffsetVector, false);
    if (!list.empty()) {
        mm.resize((size_t)f.frames);
        numbers(list, DCM_GridFrameOffsetVector, f.frames, mm.data(), f.path);
        const double first = mm[0]; /* 0, or the position of the first frame */
        for (double &one : mm) one -= first;
        return mm;
    }
    const std::string step = value(top, DCM_SpacingBetweenSlices, false);
    if (f.modality != "NM" || step.empty()) return mm;
    double wide;
    numbers(step, DCM_SpacingBetweenSlices, 1, &wide, f.path);
    for (int i = 0; i < f.frames && wide != 0; i++) mm.push_back(i * wide);
    return mm;
}

static void shift(frame &f, double mm)
{
    double normal[3];
    f.normal(normal);
    for (int i = 0; i < 3; i++) f.position[i] += mm * normal[i];
    f.position_text = text("%.10g\\%.10g\\%.10g", f.position[0], f.position[1], f.position[2]);
}

static bool is_volume_of_others(const std::string &sop_class)
{
    /* Segmentations, registrations, surfaces: no images of their own. */
    return sop_class.rfind("1.2.840.10008.5.1.4.1.1.66", 0) == 0 ||
        sop_class == UID_MediaStorageDirectoryStorage;
}

static void read_file(const std::string &path, study &s)
{
    DcmFileFormat whole;
    const OFCondition loaded = whole.loadFile(path.c_str());
    DcmDataset *top = whole.getDataset();
    if (loaded.bad() || !top)
        throw refusal(EXIT_DATA,
            text("%s is damaged DICOM (%s); leave this file out", path.c_str(), loaded.text()));
    file f = {};
    f.path = path;
    f.sop_class = value(*top, DCM_SOPClassUID, false);
    if (f.sop_class.empty() && whole.getMetaInfo())
        f.sop_class = value(*whole.getMetaInfo(), DCM_MediaStorageSOPClassUID, false);
    if (is_volume_of_others(f.sop_class) || !top->tagExists(DCM_PixelData)) {
        s.objects++;
        return;
    }
    f.sop = value(*top, DCM_SOPInstanceUID, false);
    f.series = value(*top, DCM_SeriesInstanceUID, false);
    f.study = value(*top, DCM_StudyInstanceUID, false);
    f.reference = value(*top, DCM_FrameOfReferenceUID, false);
    f.modality = value(*top, DCM_Modality, false);
    f.description = value(*top, DCM_SeriesDescription, false);
    f.number = value(*top, DCM_SeriesNumber, false);
    f.photometric = value(*top, DCM_PhotometricInterpretation, false);
    f.rows = count_of(*top, DCM_Rows, -1, 65535, path.c_str());
    f.columns = count_of(*top, DCM_Columns, -1, 65535, path.c_str());
    f.samples = count_of(*top, DCM_SamplesPerPixel, 1, 4, path.c_str());
    f.frames = count_of(*top, DCM_NumberOfFrames, 1, 1 << 20, path.c_str());
    const std::string type = "\\" + value(*top, DCM_ImageType, false) + "\\";
    f.localizer = type.find("\\LOCALIZER\\") != std::string::npos;
    f.derived = type.rfind("\\DERIVED\\", 0) == 0;
    places p = {nullptr, nullptr, top};
    top->findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, p.shared);
    s.files.push_back(f);
    const bool groups = top->tagExists(DCM_PerFrameFunctionalGroupsSequence);
    if (!groups && f.frames > 1)
        top->findAndGetSequenceItem(DCM_DetectorInformationSequence, p.own);
    const std::vector<double> along =
        groups || f.frames < 2 ? std::vector<double>() : offsets(*top, f);
    for (int i = 0; i < f.frames; i++) {
        if (groups &&
            top->findAndGetSequenceItem(DCM_PerFrameFunctionalGroupsSequence, p.own, i).bad())
            throw refusal(EXIT_DATA,
                text("%s: its %s has fewer items than its %d frames; leave this file out",
                    path.c_str(), name_of(DCM_PerFrameFunctionalGroupsSequence).c_str(), f.frames));
        frame one = read_frame(p, (int)s.files.size() - 1, i, path);
        if (f.frames > 1 && !groups) one.placed = one.placed && !along.empty();
        if (one.placed && !along.empty()) shift(one, along[(size_t)i]);
        s.frames.push_back(one);
    }
}

static std::vector<std::string> walk(const std::string &path)
{
    std::vector<std::string> paths;
    std::error_code bad;
    if (!fs::exists(path, bad))
        throw refusal(EXIT_IO, text("%s does not exist; check the path", path.c_str()));
    if (!fs::is_directory(path, bad)) return {path};
    fs::recursive_directory_iterator at(path, bad), end;
    for (; !bad && at != end; at.increment(bad)) {
        const std::string name = at->path().filename().string();
        std::error_code unread;
        if (name[0] == '.' && at->is_directory(unread)) at.disable_recursion_pending();
        if (name[0] != '.' && at->is_regular_file(unread)) paths.push_back(at->path().string());
    }
    if (bad)
        throw refusal(EXIT_IO,
            text("cannot read the folder %s: %s; check its permissions", path.c_str(),
                bad.message().c_str()));
    std::sort(paths.begin(), paths.end());
    return paths;
}

study read_study(const std::string &path)
{
    study s = {};
    s.folder = path;
    for (const std::string &one : walk(path)) {
        if (is_dicom(one))
            read_file(one, s);
        else
            s.others++;
    }
    if (s.frames.empty() && s.objects)
        throw refusal(EXIT_DATA,
            text("%s holds %d DICOM object%s but no image; give the folder of the images",
                path.c_str(), s.objects, s.objects == 1 ? "" : "s"));
    if (s.frames.empty())
        throw refusal(EXIT_DATA, text("%s holds no DICOM file; check the path", path.c_str()));
    return s;
}
