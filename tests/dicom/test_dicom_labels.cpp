/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-dicom labels and set: SEG and RTSTRUCT come back as the masks that they were made of. */
#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>

#include "recipe.h"
#include "volume.h"

namespace fs = std::filesystem;

static std::string program;

static bool says(const std::string &what) { return said.find(what) != std::string::npos; }

static bool noisy; /* parts that touch at corners, holes in holes, along all borders */

/* 1 is a box with a hole of 0, 2 a box in the hole and touching it at a corner. */
static int label_at(int x, int y, int k)
{
    if (noisy) {
        unsigned h = (unsigned)(x * 7919 + y * 104729 + k * 1299709 + 1);
        for (int i = 0; i < 3; i++) h = (h ^ h >> 15) * 2246822519u;
        return (int)(h >> 16) % 3;
    }
    if (k < 1 || x < 2 || y < 1) return 0;
    if (x == 4 && y == 3) return 2;
    const bool hole = x >= 4 && x <= 5 && y >= 3 && y <= 4;
    return x <= 7 && y <= 5 && !hole;
}

static void put_mask(const std::string &volume_path, const std::string &path)
{
    volume v;
    volume_read(volume_path, v);
    std::vector<unsigned char> b(v.bytes.begin(), v.bytes.begin() + 352);
    b[70] = 2, b[71] = 0, b[72] = 8;
    for (int k = 0; k < v.size[2]; k++)
        for (int y = 0; y < v.size[1]; y++)
            for (int x = 0; x < v.size[0]; x++) b.push_back((unsigned char)label_at(x, y, k));
    std::ofstream(path, std::ios::binary).write((const char *)b.data(), (std::streamsize)b.size());
}

static void make(const std::string &folder, std::function<void(recipe &)> f)
{
    recipe r;
    f(r);
    fs::create_directories(folder);
    recipe_write(r, folder);
}

typedef std::vector<std::string> words;
static words joined(words a, const words &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/* shifted: slices of the source lie (3 - k, 2 k) pixels in, and nothing is beside them. */
static int label_errors(const std::string &path, bool shifted = false)
{
    volume v;
    if (!volume_read(path, v)) return -1;
    int wrong = 0;
    size_t at = 0;
    for (int k = 0; k < v.size[2]; k++)
        for (int y = 0; y < v.size[1]; y++)
            for (int x = 0; x < v.size[0]; x++) {
                const int column = x - 3 + k, row = y - 2 * k;
                const bool in = column >= 0 && column < 9 && row >= 0 && row < 7;
                wrong += v.value[at++] != (in || !shifted ? label_at(x, y, k) : 0);
            }
    return wrong;
}

/* Mask, object, mask. */
static void returns(const std::string &name, const std::string &as, std::function<void(recipe &)> f,
    const words &options = {})
{
    fs::remove_all(name);
    make(name, f);
    check(
        run(joined({program, "volume", name, "-o", name + ".nii"}, options)) == 0, name, "volume");
    put_mask(name + ".nii", name + "_mask.nii");
    check(run(joined({program, as, name, "--mask", name + "_mask.nii", "-o", name + ".obj",
                         "--segment", "1=liver", "--segment", "2=tumor"},
              options)) == 0,
        name, as);
    check(run(joined({program, "labels", name, "--labels", name + ".obj", "-o", name + "_back.nii"},
              options)) == 0 &&
            says("1=liver\n2=tumor\n"),
        name, "labels");
    const int wrong = label_errors(name + "_back.nii", !options.empty());
    check(wrong == 0, name, std::to_string(wrong) + " voxels differ from the mask");
}

static void oblique(recipe &r)
{
    const double c = cos(0.3), s = sin(0.3), o[6] = {c, s, 0, -s * c, c * c, s};
    for (int i = 0; i < 6; i++) r.orientation[i] = o[i];
}

static void round_trips(const std::string &as)
{
    returns("plain", as, [](recipe &) {});
    returns("reversed", as, [](recipe &r) { r.reversed = true; });
    returns("oblique", as, oblique);
    returns("odd", as, [](recipe &r) { r.rows = 11, r.columns = 13, r.slices = 5; });
    returns("enhanced", as, [](recipe &r) { r.multi = recipe::ENHANCED; });
    noisy = true;
    returns("noisy", as, [](recipe &r) { r.rows = 41, r.columns = 37; });
    noisy = false;
    returns("tilted", as, [](recipe &r) { r.shear[1] = 0.3; });
}

/* A tilt of whole pixels moves slices without interpolation; the mask comes back to the source. */
static void straightened()
{
    const auto tilt = [](recipe &r) { r.shear[1] = 0.6, r.shear[0] = -0.2; };
    returns("straight", "seg", tilt, {"--straighten"});
    check(says("straightened the slices"), "straight", "not said");
    recipe r;
    tilt(r);
    volume v;
    volume_read("straight.nii", v); /* 0.6 * 2.5 mm are 2 rows, -0.2 * 2.5 mm -1 column */
    check(v.size[0] == 9 + 3 && v.size[1] == 7 + 6 && v.size[2] == 4, "straight", "size");
    check(fabs((double)v.affine[1][2]) < 1e-6 && fabs((double)v.affine[2][2] - 2.5) < 1e-6 &&
            fabs((double)v.affine[0][3] - (20 + 1.5)) < 1e-5,
        "straight", "affine");
    int wrong = 0;
    for (int k = 0; k < 4; k++)
        for (int y = 0; y < 7; y++)
            for (int x = 0; x < 9; x++)
                wrong += v.value[(size_t)((k * 13 + y + 2 * k) * 12 + x + 3 - k)] !=
                    recipe_stored(r, x, y, k) - 1024;
    check(wrong == 0, "straight", std::to_string(wrong) + " values moved wrongly");
    check(v.value[0] == -1024, "straight", "outside");
    make("slight", [](recipe &s) { s.shear[1] = 0.03; });
    check(run({program, "volume", "slight", "--straighten", "-o", "slight.nii"}) == 0 &&
            !says("straightened"),
        "slight", "1.7 degrees stay");
}

/* Probabilities 0, 1/3, 2/3 and 1: from a half on, they are inside. */
static void fractions()
{
    make("shares", [](recipe &) {});
    run({program, "volume", "shares", "-o", "shares.nii"});
    volume v;
    volume_read("shares.nii", v);
    std::vector<unsigned char> b(v.bytes.begin(), v.bytes.begin() + 352);
    b[70] = 16, b[72] = 32;
    for (int i = 0; i < 7 * 9 * 4; i++) {
        const float p = (float)(i % 4) / 3;
        const unsigned char *from = (const unsigned char *)&p;
        b.insert(b.end(), from, from + 4);
    }
    std::ofstream("p.nii", std::ios::binary)
        .write((const char *)b.data(), (std::streamsize)b.size());
    check(run({program, "seg", "shares", "--probability", "p.nii", "--segment", "1=liver", "-o",
              "shares.obj"}) == 0,
        "shares", "seg");
    DcmFileFormat f;
    const Uint8 *bytes = nullptr;
    unsigned long size = 0;
    OFString kind, title;
    f.loadFile("shares.obj");
    f.getDataset()->findAndGetOFString(DCM_SegmentationType, kind);
    f.getDataset()->findAndGetOFString(DCM_SeriesDescription, title);
    check(title == "attunet probabilities", "shares", "not told from a mask by its series");
    f.getDataset()->findAndGetUint8Array(DCM_PixelData, bytes, &size);
    check(kind == "FRACTIONAL" && size == 7 * 9 * 4, "shares", "kind and size");
    bool same = bytes != nullptr;
    for (int i = 0; i < 7 * 9 * 4 && same; i++) same = bytes[i] == 85 * (i % 4);
    check(same, "shares", "values");
    check(run({program, "labels", "shares", "--labels", "shares.obj", "-o", "back.nii"}) == 0,
        "shares", "labels");
    volume_read("back.nii", v);
    int wrong = 0;
    for (int i = 0; i < 7 * 9 * 4; i++) wrong += v.value[(size_t)i] != (i % 4 >= 2);
    check(wrong == 0, "shares", "a half and more is inside");
    check(run({program, "seg", "shares", "--probability", "p.nii", "--segment", "1=a", "--segment",
              "2=b", "-o", "x"}) == 2 &&
            says("--probability is for seg; give one for each --segment"),
        "shares", "a probability is missing");
}

/* As highdicom writes label maps: a frame a slice, segment 0 is the background. */
static void label_map()
{
    make("map", [](recipe &) {});
    run({program, "volume", "map", "-o", "map.nii"});
    put_mask("map.nii", "map_mask.nii");
    run({program, "seg", "map", "--mask", "map_mask.nii", "-o", "map.obj", "--segment", "1=liver",
        "--segment", "2=tumor"});
    DcmFileFormat whole;
    whole.loadFile("map.obj");
    DcmDataset &d = *whole.getDataset();
    DcmSequenceOfItems *frames = nullptr, *segments = nullptr;
    d.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, frames);
    while (frames->card() > 4) delete frames->remove(4ul);
    for (unsigned long k = 0; k < 4; k++)
        frames->getItem(k)->findAndDeleteElement(DCM_SegmentIdentificationSequence);
    d.findAndGetSequence(DCM_SegmentSequence, segments);
    DcmItem *background = new DcmItem;
    background->putAndInsertUint16(DCM_SegmentNumber, 0);
    background->putAndInsertString(DCM_SegmentLabel, "Background");
    segments->prepend(background);
    std::vector<Uint8> labels;
    for (int i = 0; i < 7 * 9 * 4; i++) labels.push_back((Uint8)label_at(i % 9, i / 9 % 7, i / 63));
    d.putAndInsertString(DCM_SOPClassUID, "1.2.840.10008.5.1.4.1.1.66.7");
    d.putAndInsertString(DCM_SegmentationType, "LABELMAP");
    d.putAndInsertString(DCM_NumberOfFrames, "4");
    for (const DcmTagKey &tag : {DCM_BitsAllocated, DCM_BitsStored}) d.putAndInsertUint16(tag, 8);
    d.putAndInsertUint16(DCM_HighBit, 7);
    d.putAndInsertUint8Array(DCM_PixelData, labels.data(), (unsigned long)labels.size());
    whole.saveFile("map.obj", EXS_LittleEndianExplicit);
    check(run({program, "labels", "map", "--labels", "map.obj", "-o", "map_back.nii"}) == 0 &&
            says("1=liver\n2=tumor\n") && !says("Background"),
        "map", "names");
    check(label_errors("map_back.nii") == 0, "map", "voxels");
}

/* Segments of a SEG that was made of a SEG: frames say twice what segment they are of. */
static void frames_of_segments()
{
    static const DcmTagKey number = DCM_ReferencedSegmentNumber;
    make("frames", [](recipe &) {});
    run({program, "volume", "frames", "-o", "frames.nii"});
    put_mask("frames.nii", "frames_mask.nii");
    run({program, "seg", "frames", "--mask", "frames_mask.nii", "-o", "frames.obj", "--segment",
        "1=liver", "--segment", "2=tumor"});
    const auto read = [](const std::string &name, std::function<void(DcmItem &)> edit) {
        DcmFileFormat whole;
        DcmSequenceOfItems *all = nullptr;
        whole.loadFile("frames.obj");
        whole.getDataset()->findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, all);
        for (unsigned long i = 0; i < all->card(); i++) edit(*all->getItem(i));
        whole.saveFile(name.c_str(), EXS_LittleEndianExplicit);
        return run({program, "labels", "frames", "--labels", name, "-o", "frames_back.nii"});
    };
    const auto source = [](DcmItem &frame) {
        DcmItem *image = nullptr;
        frame.findAndGetSequenceItem(DCM_DerivationImageSequence, image);
        image->findAndGetSequenceItem(DCM_SourceImageSequence, image);
        image->putAndInsertUint16(number, 2);
    };
    check(read("source.obj", source) == 0 && label_errors("frames_back.nii") == 0, "frames",
        "the segment of the source image is that of the frame");
    const auto none = [](DcmItem &frame) {
        frame.findAndDeleteElement(DCM_SegmentIdentificationSequence);
    };
    check(read("none.obj", none) == 3 &&
            says("none.obj: its ReferencedSegmentNumber (0062,000B) is not a whole number from 1"),
        "frames", "no segment");
    const auto unknown = [](DcmItem &frame) {
        DcmItem *own = nullptr;
        frame.findAndGetSequenceItem(DCM_SegmentIdentificationSequence, own);
        own->putAndInsertUint16(number, 9);
    };
    check(read("unknown.obj", unknown) == 3 &&
            says("unknown.obj: a frame has segment 9, which its SegmentSequence (0062,0002) does"),
        "frames", "an unknown segment");
    int count = 0;
    const auto turned = [&](DcmItem &frame) {
        DcmItem *own = nullptr;
        frame.findOrCreateSequenceItem(DCM_PlaneOrientationSequence, own);
        const char *axes[] = {"1\\0\\0\\0\\1\\0", "1\\0\\0\\0\\0\\-1"};
        own->putAndInsertString(DCM_ImageOrientationPatient, axes[count++ > 1]);
    };
    check(read("turned.obj", turned) == 3 &&
            says("turned.obj: its frame 3 has another ImageOrientationPatient (0020,0037) or"),
        "frames", "of several orientations");
    const auto flat = [](DcmItem &frame) {
        DcmItem *own = nullptr;
        frame.findAndGetSequenceItem(DCM_PlanePositionSequence, own);
        own->putAndInsertString(DCM_ImagePositionPatient, "-20\\10\\30");
    };
    check(read("flat.obj", flat) == 3 &&
            says("flat.obj: several of its frames mark one segment in one plane, as of phases or"),
        "frames", "of several phases");
}

/* Numbers of contours may have zeros before them; what marks nothing is named. */
static void numbers_of_contours()
{
    make("rois", [](recipe &) {});
    make("away", [](recipe &r) { r.series = "2", r.origin[2] = 500; });
    run({program, "volume", "rois", "-o", "rois.nii"});
    put_mask("rois.nii", "rois_mask.nii");
    make("broad", [](recipe &r) { r.slices = 2, r.rows = 2, r.columns = 40000; });
    for (const std::string as : {"rtstruct", "seg"}) {
        run({program, as, "rois", "--mask", "rois_mask.nii", "-o", "rois.obj", "--segment",
            "1=liver", "--segment", "2=tumor"});
        check(run({program, "labels", "away", "--labels", "rois.obj", "-o", "away.nii"}) == 0 &&
                says("rois.obj marks no voxel of the series with liver, tumor\n"),
            "rois", as + " of another place");
        check(run({program, "labels", "broad", "--labels", "rois.obj", "-o", "x.nii"}) == 3 &&
                says("cannot write x.nii: 40000x2 pixels are more than NIfTI takes"),
            "rois", as + " on a series that NIfTI cannot hold");
        if (as == "seg") continue;
        DcmFileFormat whole;
        DcmItem *roi = nullptr;
        whole.loadFile("rois.obj");
        for (long i = 0; i < 2; i++) {
            whole.getDataset()->findAndGetSequenceItem(DCM_ROIContourSequence, roi, i);
            roi->putAndInsertString(DCM_ReferencedROINumber, i ? "+02" : "01");
        }
        whole.saveFile("zeros.obj", EXS_LittleEndianImplicit);
        check(
            run({program, "labels", "rois", "--labels", "zeros.obj", "-o", "rois_back.nii"}) == 0 &&
                !says("marks no voxel") && label_errors("rois_back.nii") == 0,
            "rois", "numbers as text");
        roi->findAndDeleteElement(DCM_ReferencedROINumber);
        whole.saveFile("zeros.obj", EXS_LittleEndianImplicit);
        check(
            run({program, "labels", "rois", "--labels", "zeros.obj", "-o", "rois_back.nii"}) == 3 &&
                says("zeros.obj: its ReferencedROINumber (3006,0084) is not a whole number"),
            "rois", "no number");
    }
}

/* Only values in Hounsfield units make the channel a CT. */
static void units()
{
    const struct {
        const char *type, *tag, *value;
        bool is_ct;
        const char *intercept = "-1024";
    } all[] = {{"ORIGINAL\\PRIMARY\\AXIAL", "", "", true},
        {"ORIGINAL\\PRIMARY\\AXIAL", "RescaleType", "US", false},
        {"DERIVED\\PRIMARY\\AXIAL", "", "", false},
        {"DERIVED\\PRIMARY\\AXIAL", "RescaleType", "HU", true},
        {"ORIGINAL\\PRIMARY\\AXIAL", "", "", false, ""}};
    for (const auto &one : all) {
        fs::remove_all("units");
        fs::remove_all("units_out");
        make("units/images/a", [&](recipe &r) {
            r.type = one.type, r.tag = one.tag, r.value = one.value;
            r.intercept = {one.intercept};
        });
        fs::create_directory("units/labels");
        std::ofstream("units/labels/a.nii.gz") << "any";
        const std::string name = std::string(one.type) + one.value;
        check(run({program, "set", "units", "-o", "units_out"}) == 0, "units", name);
        const bool named = slurp("units_out/dataset.json").find("\"CT\"") != std::string::npos;
        check(named == one.is_ct &&
                says("1 of 1 CT series may not be in Hounsfield units, such as images/a: ") !=
                    one.is_ct,
            "units", name);
    }
}

/* Where high is dark, the name of the channel says it; of a mixture one case is named. */
static void inverse()
{
    for (const bool mixed : {false, true}) {
        fs::remove_all("inverse");
        fs::remove_all("inverse_out");
        fs::create_directories("inverse/labels");
        for (const std::string one : {"a", "b"}) {
            make("inverse/images/" + one, [&](recipe &r) {
                r.series = one == "a" ? "1" : "2", r.modality = "DX";
                if (one == "b" || !mixed) r.photometric = "MONOCHROME1";
            });
            std::ofstream("inverse/labels/" + one + ".nii.gz") << "any";
        }
        check(run({program, "set", "inverse", "-o", "inverse_out"}) == 0, "inverse", "set");
        check(says("1 of 2 series is MONOCHROME1 (0028,0004), such as images/b, so high") == mixed,
            "inverse", "words");
        check((slurp("inverse_out/dataset.json").find("\"DX MONOCHROME1\"") == std::string::npos) ==
                mixed,
            "inverse", "channel");
    }
    run({program, "volume", "inverse/images/b", "-o", "x.nii", "--modality", "DX MONOCHROME1"});
    check(!says("warning"), "inverse", "of such a model");
    run({program, "volume", "inverse/images/a", "-o", "x.nii", "--modality", "DX MONOCHROME1"});
    check(says("warning of values: inverse/images/a is MONOCHROME2 (0028,0004), but the model was "
               "trained on MONOCHROME1"),
        "inverse", "of another model");
}

/* Pixels of 1 bit as RLE with a header of 0 segments, which would leave them as memory was. */
static void no_rle_segments()
{
    make("bits", [](recipe &r) { r.rows = 8; }); /* whole bytes */
    run({program, "volume", "bits", "-o", "bits.nii"});
    put_mask("bits.nii", "bits_mask.nii");
    run({program, "seg", "bits", "--mask", "bits_mask.nii", "-o", "bits.obj", "--segment",
        "1=liver"});
    DcmFileFormat whole;
    whole.loadFile("bits.obj");
    whole.loadAllDataIntoMemory();
    DcmPixelSequence *all = new DcmPixelSequence(DCM_PixelSequenceTag);
    all->insert(new DcmPixelItem(DCM_PixelItemTag)); /* no table of offsets */
    DcmOffsetList offsets;
    Uint8 head[64] = {0};
    for (int k = 0; k < 4; k++) all->storeCompressedFrame(offsets, head, sizeof head, 0);
    DcmPixelData *pixels = new DcmPixelData(DCM_PixelData);
    pixels->putOriginalRepresentation(EXS_RLELossless, nullptr, all);
    whole.getDataset()->insert(pixels, OFTrue);
    whole.saveFile("bits.obj", EXS_RLELossless);
    check(run({program, "labels", "bits", "--labels", "bits.obj", "-o", "bits_back.nii"}) == 3 &&
            says("bits.obj: its pixels are compressed as RLE Lossless (0002,0010), which cannot"),
        "bits", "sentence");
    check(!fs::exists("bits_back.nii"), "bits", "a refusal leaves a file");
}

/* Gives the second segment the frames of the first one. */
static void repeat_segment(const std::string &path)
{
    DcmFileFormat whole;
    Uint8 *bits = nullptr;
    whole.loadFile(path.c_str());
    whole.getDataset()->findAndGetUint8Array(DCM_PixelData, (const Uint8 *&)bits);
    for (size_t i = 0, size = 7 * 9 * 4; i < size; i++)
        if (bits[i / 8] >> i % 8 & 1)
            bits[(size + i) / 8] = (Uint8)(bits[(size + i) / 8] | 1 << (size + i) % 8);
    whole.saveFile(path.c_str(), EXS_LittleEndianExplicit);
}

static void overlap()
{
    make("both", [](recipe &) {});
    run({program, "volume", "both", "-o", "both.nii"});
    put_mask("both.nii", "both_mask.nii");
    run({program, "seg", "both", "--mask", "both_mask.nii", "-o", "both.obj", "--segment", "1=body",
        "--segment", "3=again", "--segment", "2=spot"});
    repeat_segment("both.obj");
    check(run({program, "labels", "both", "--labels", "both.obj", "-o", "both_back.nii",
              "--segment", "7=again", "--segment", "9=spot"}) == 0 &&
            says("7=again\n9=spot\n") && !says("several structures"),
        "both", "chosen structures");
    volume v;
    volume_read("both_back.nii", v);
    check(
        v.value[(size_t)((1 * 7 + 1) * 9 + 2)] == 7 && v.value[(size_t)((1 * 7 + 3) * 9 + 4)] == 9,
        "both", "chosen values");
    check(run({program, "labels", "both", "--labels", "both.obj", "-o", "both_back.nii"}) == 0 &&
            says("voxels are in several structures"),
        "both", "an overlap is said");
    check(run({program, "labels", "both", "-o", "x.nii"}) == 3 &&
            says("both holds no SEG or RTSTRUCT of this series"),
        "both", "no labels");
    check(run({program, "labels", "both", "-o", "x.nii", "--segment", "1=body", "--segment",
              "2=body"}) == 2 &&
            says("--segment 1=body and --segment 2=body contradict each other"),
        "both", "two values for a name");
    fs::remove_all("two");
    make("skew", oblique);
    run({program, "volume", "skew", "-o", "skew.nii"});
    put_mask("skew.nii", "skew_mask.nii");
    fs::create_directory("two");
    run({program, "seg", "skew", "--mask", "skew_mask.nii", "-o", "two/skew", "--segment", "1=bone",
        "--segment", "2=fat"});
    fs::copy_file("both.obj", "two/both");
    const words all = {program, "labels", "both", "--labels", "two", "-o", "both_back.nii"};
    check(run(joined(all, {"--segment", "7=again", "--segment", "9=spot"})) == 0, "both",
        "another file, which is not parallel");
    check(run(joined(all, {"--segment", "7=again", "--segment", "9=bone"})) == 3 &&
            says("two/skew: its frames are not parallel to the slices of the series"),
        "both", "a structure that is not parallel");
}

/* Several objects of one series: only what they do not share is one label. */
static void readers()
{
    fs::remove_all("readers");
    make("readers/a", [](recipe &) {});
    run({program, "volume", "readers/a", "-o", "readers.nii"});
    put_mask("readers.nii", "readers_mask.nii");
    const auto put = [](const std::string &as, const std::string &name, const words &segments) {
        check(run(joined(
                  {program, as, "readers/a", "--mask", "readers_mask.nii", "-o", "readers/" + name},
                  segments)) == 0,
            "readers", as + " " + name);
    };
    const words labels = {program, "labels", "readers/a", "--labels", "readers", "-o", "both.nii"},
                set = {program, "set", "readers", "-o", "readers_out"};
    const auto refuses = [&](const std::string &sentence) {
        for (const words &one : {labels, set})
            check(run(one) == 3 && says(sentence), "readers", one[1] + " does not say " + sentence);
        check(!fs::exists("readers_out/labels/a.nii.gz"), "readers", "a label is left");
    };
    put("seg", "x", {"--segment", "1=liver"});
    fs::copy_file("readers/x", "readers/copy");
    put("rtstruct", "y", {"--segment", "2=tumor"});
    check(run(labels) == 0 && says("1=liver\n2=tumor\n") && label_errors("both.nii") == 0,
        "readers", "a copy, and what another file alone marks");
    for (const std::string as : {"seg", "rtstruct"}) {
        put(as, "y", {"--segment", "1=liver", "--segment", "2=tumor"});
        refuses("readers/copy and readers/y both mark liver in one series; leave one of these");
        put(as, "y", {"--segment", "1=organ"});
        refuses("readers/copy and readers/y mark the same voxels of one series; leave one of");
    }
    put("seg", "y", {"--segment", "3=liver", "--segment", "2=tumor"});
    check(run(set) == 0 && says("marks no voxel of the series with liver") &&
            label_errors("readers_out/labels/a.nii.gz") == 0,
        "readers", "a name that marks nothing");
    fs::remove_all("readers"); /* bench/dicom reads what tests leave */
}

/* A damaged file beside a good one: cut anywhere, also between two elements, or without its head.
 */
static void damaged()
{
    fs::remove_all("hurt");
    make("hurt/images/a", [](recipe &) {});
    run({program, "volume", "hurt/images/a", "-o", "hurt.nii"});
    put_mask("hurt.nii", "hurt_mask.nii");
    fs::create_directory("hurt/labels");
    for (const std::string as : {"rtstruct", "seg"}) {
        const std::string good = "hurt/labels/a.dcm", bad = "hurt/labels/b";
        run({program, as, "hurt/images/a", "--mask", "hurt_mask.nii", "-o", good, "--segment",
            "1=liver"});
        const std::string all = slurp(good);
        const auto refuses = [&](const std::string &path, const std::string &content,
                                 const std::string &what) {
            std::ofstream(path, std::ios::binary) << content;
            check(run({program, "labels", "hurt/images/a", "--labels", "hurt/labels", "-o",
                      "hurt_back.nii"}) == 3 &&
                    says(path) && !fs::exists("hurt_back.nii"),
                "hurt", as + " " + what);
            check(run({program, "set", "hurt", "-o", "hurt_out"}) == 3 && says(path) &&
                    !fs::exists("hurt_out"),
                "hurt", as + " in a set " + what);
            fs::remove(path);
        };
        for (size_t left = 132; left < all.size(); left += all.size() / 16)
            refuses(bad, all.substr(0, left), "of " + std::to_string(left) + " bytes");
        for (const size_t left : {144u, 376u}) /* where elements end */
            refuses(bad, all.substr(0, left), "of " + std::to_string(left) + " bytes");
        refuses(bad + ".dcm", all.substr(100), "without its head");
        refuses(bad + ".dcm", all.substr(0, 100), "of its head");
        DcmFileFormat whole;
        whole.loadFile(good.c_str());
        whole.loadAllDataIntoMemory();
        whole.getDataset()->findAndDeleteElement(
            as == "seg" ? DCM_PixelData : DCM_ROIContourSequence);
        whole.saveFile("hurt.obj", EXS_LittleEndianExplicit);
        refuses(bad, slurp("hurt.obj"), "without its last element");
    }
    fs::remove_all("hurt"); /* bench/dicom reads what tests leave */
}

/* Contours of every slice, when every other one is gone: only those of the slices count. */
static void finer_contours()
{
    fs::remove_all("fine");
    make("fine", [](recipe &r) { r.slices = 8; });
    run({program, "volume", "fine", "-o", "fine.nii"});
    put_mask("fine.nii", "fine_mask.nii");
    run({program, "rtstruct", "fine", "--mask", "fine_mask.nii", "-o", "fine.obj", "--segment",
        "1=liver", "--segment", "2=tumor"});
    for (int k = 0; k < 8; k += 2) fs::remove("fine/IM" + std::to_string(k));
    check(run({program, "labels", "fine", "--labels", "fine.obj", "-o", "fine_back.nii"}) == 0,
        "fine", "labels");
    volume v;
    check(volume_read("fine_back.nii", v) && v.size[2] == 4, "fine", "slices");
    int wrong = 0;
    for (int k = 1; k < 3; k++)
        for (int y = 0; y < 7; y++)
            for (int x = 0; x < 9; x++)
                wrong += v.value[(size_t)((k * 7 + y) * 9 + x)] != label_at(x, y, 1);
    check(wrong == 0, "fine", std::to_string(wrong) + " voxels differ from the mask");
}

/* Cases whose files would have one name. */
static void one_name()
{
    fs::remove_all("twice");
    int n = 10;
    for (const char *one : {"twice/p1/1", "twice/p1/2", "twice/p1_2"}) {
        make(one, [&](recipe &r) { r.series = std::to_string(n++); });
        std::ofstream(std::string(one) + "/mask.nii.gz") << "any";
    }
    check(run({program, "set", "twice", "-o", "twice_out"}) == 3 &&
            says("two files of twice would be images/p1_2.nii.gz in the data set"),
        "twice", "words");
}

static void sets()
{
    fs::remove_all("set");
    make("set/p1/study/ct", [](recipe &) {});
    make("set/p2/ct", [](recipe &r) { r.series = "2", r.phase = 1; });
    make("set/p2/other", [](recipe &r) { r.series = "3", r.phase = 2; });
    int n = 0;
    for (const char *one : {"set/p1/study/ct", "set/p2/ct"}) {
        const std::string v = "set" + std::to_string(++n) + ".nii";
        run({program, "volume", one, "-o", v});
        put_mask(v, "mask_" + v);
        run({program, "seg", one, "--mask", "mask_" + v, "-o", std::string(one) + "/../mask",
            "--segment", "1=liver", "--segment", "2=tumor"});
    }
    check(run({program, "set", "set", "-o", "never", "--segment", "1=Liver"}) == 3 &&
            says("no SEG or RTSTRUCT has Liver; give --segment names that are there: liver, "
                 "tumor") &&
            !fs::exists("never"),
        "set", "a name that no file has");
    check(run({program, "labels", "set/p1", "-o", "some.nii", "--segment", "1=liver", "--segment",
              "2=gtv"}) == 0 &&
            says("no SEG or RTSTRUCT has gtv\n"),
        "set", "one name of two");
    check(run({program, "set", "set", "-o", "made"}) == 0 &&
            says("ignored 1 series without a label") && says("2 series are NIfTI files in made"),
        "set", "words");
    volume a, b;
    check(
        label_errors("made/labels/p1.nii.gz") == 0 && label_errors("made/labels/p2_ct.nii.gz") == 0,
        "set", "labels");
    check(
        volume_read("made/images/p1.nii.gz", a) && volume_read("set1.nii", b) && a.value == b.value,
        "set", "images");
    const std::string names = slurp("made/dataset.json");
    check(names.find("\"liver\": 1") != std::string::npos, "set", "names");
    const auto before = fs::last_write_time("made/images/p1.nii.gz"),
               other = fs::last_write_time("made/images/p2_ct.nii.gz");
    check(run({program, "set", "set", "-o", "made"}) == 0 && said.empty(), "set", "again");
    fs::remove("set/p1/study/ct/IM3");
    check(run({program, "set", "set", "-o", "made"}) == 0, "set", "changed");
    check(fs::last_write_time("made/images/p1.nii.gz") != before &&
            fs::last_write_time("made/images/p2_ct.nii.gz") == other,
        "set", "only what changed is made again");
    const std::string left = "made/images/x.nii.gz.tmp-1-0123456789ab-0", fresh = left + "1";
    std::ofstream(left) << "part";
    std::ofstream(fresh) << "part"; /* perhaps of another machine that still writes */
    fs::last_write_time(left, fs::last_write_time(left) - std::chrono::hours(25));
    fs::remove_all("set/p1");
    check(run({program, "set", "set", "-o", "made"}) == 0 && !fs::exists("made/images/p1.nii.gz") &&
            !fs::exists("made/labels/p1.nii.gz") && fs::exists("made/images/p2_ct.nii.gz"),
        "set", "a removed case is removed");
    check(!fs::exists(left) && fs::exists(fresh), "set", "what a killed call left is removed");
    fs::remove(fresh);
    fs::create_directory("theirs");
    std::ofstream("theirs/file") << "x";
    check(run({program, "set", "set", "-o", "theirs"}) == 2 &&
            says("holds files that attunet-dicom did not write"),
        "set", "a folder of others");
}

/* images/ with labels of other formats, and single files. */
static void named_sets()
{
    fs::remove_all("named");
    make("named/images/c1", [](recipe &) {});
    make("named/images/c2/deep", [](recipe &r) { r.series = "2"; });
    make("named/one", [](recipe &r) { r.series = "3", r.multi = recipe::ENHANCED; });
    fs::rename("named/one/IM0", "named/images/c3.dcm");
    fs::remove("named/one");
    check(run({program, "set", "named", "-o", "named_out"}) == 3 &&
            says("named holds DICOM series but no labels"),
        "named", "no labels");
    fs::create_directories("named/labels");
    for (const char *c : {"c1", "c2", "c3"})
        std::ofstream(std::string("named/labels/") + c + ".nii.gz") << "any";
    check(run({program, "set", "named", "-o", "named_out"}) == 0, "named", "set");
    for (const char *c : {"c1", "c2", "c3"})
        check(fs::exists(std::string("named_out/images/") + c + ".nii.gz") &&
                fs::exists(std::string("named_out/labels/") + c + ".nii.gz"),
            "named", c);
    make("named/images/c1", [](recipe &r) { r.series = "4", r.prefix = "B", r.slices = 5; });
    check(run({program, "set", "named", "-o", "named_out"}) == 3 &&
            says("named/images/c1 holds several series or parts of series"),
        "named", "two series in a case");
    fs::remove_all("named/images/c1");
    check(run({program, "set", "named/labels", "-o", "none"}) == 3 &&
            says("holds no DICOM series; give the folder of the whole data set") &&
            !fs::exists("none"),
        "named", "labels alone");
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    program = argv[1];
    recipe_codecs();
    round_trips("seg");
    round_trips("rtstruct");
    straightened();
    fractions();
    label_map();
    frames_of_segments();
    numbers_of_contours();
    units();
    inverse();
    no_rle_segments();
    overlap();
    readers();
    damaged();
    finer_contours();
    sets();
    one_name();
    named_sets();
    return checked();
}
