/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-dicom labels: SEG and RTSTRUCT come back as the masks that they were made of. */
#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>

#include "masks.h"

namespace fs = std::filesystem;

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
    make("broad", [](recipe &r) { r.series = "3", r.slices = 2, r.rows = 2, r.columns = 40000; });
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

/* Gives the third segment the frames of the first one. */
static void repeat_segment(const std::string &path)
{
    DcmFileFormat whole;
    Uint8 *bits = nullptr;
    whole.loadFile(path.c_str());
    whole.getDataset()->findAndGetUint8Array(DCM_PixelData, (const Uint8 *&)bits);
    for (size_t i = 0, size = 7 * 9 * 4; i < size; i++)
        if (bits[i / 8] >> i % 8 & 1)
            bits[(2 * size + i) / 8] = (Uint8)(bits[(2 * size + i) / 8] | 1 << (2 * size + i) % 8);
    whole.saveFile(path.c_str(), EXS_LittleEndianExplicit);
}

static void overlap()
{
    make("both", [](recipe &) {});
    run({program, "volume", "both", "-o", "both.nii"});
    put_mask("both.nii", "both_mask.nii");
    run({program, "seg", "both", "--mask", "both_mask.nii", "-o", "both.obj", "--segment", "1=body",
        "--segment", "2=spot", "--segment", "3=again"});
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
    noisy = true;
    put_mask("readers.nii", "readers_other.nii");
    noisy = false;
    const auto put = [](const std::string &as, const std::string &name, const words &segments,
                         const std::string &mask = "readers_mask.nii") {
        check(run(joined({program, as, "readers/a", "--mask", mask, "-o", "readers/" + name},
                  segments)) == 0,
            "readers", as + " " + name);
    };
    const words labels = {program, "labels", "readers/a", "--labels", "readers", "-o", "both.nii"},
                set = {program, "set", "readers", "-o", "readers_out"};
    const auto refuses = [&](const std::string &sentence) {
        for (const words &one : {labels, set})
            check(run(one) == 3 && says(sentence), "readers", one[1] + " does not say " + sentence);
        check(!fs::exists("readers_out/labels/readers.nii.gz"), "readers", "a label is left");
    };
    put("seg", "x", {"--segment", "1=liver"});
    fs::copy_file("readers/x", "readers/copy");
    put("rtstruct", "y", {"--segment", "2=tumor"});
    check(run(labels) == 0 && says("1=liver\n2=tumor\n") && label_errors("both.nii") == 0,
        "readers", "a copy, and what another file alone marks");
    for (const std::string as : {"seg", "rtstruct"}) {
        put(as, "y", {"--segment", "1=liver", "--segment", "2=tumor"});
        check(run(labels) == 0 && label_errors("both.nii") == 0, "readers",
            "the same mask as another " + as);
        put(as, "y", {"--segment", "1=liver", "--segment", "2=tumor"}, "readers_other.nii");
        refuses("readers/copy and readers/y both mark liver in one series; leave one of these");
        put(as, "y", {"--segment", "1=organ"});
        refuses("readers/copy and readers/y mark the same voxels of one series; leave one of");
    }
    put("seg", "y", {"--segment", "1=liver"}, "readers_other.nii");
    DcmFileFormat first, edited; /* one was changed after it was copied */
    OFString uid;
    first.loadFile("readers/x");
    first.getDataset()->findAndGetOFString(DCM_SOPInstanceUID, uid);
    edited.loadFile("readers/y");
    edited.loadAllDataIntoMemory();
    edited.getDataset()->putAndInsertOFStringArray(DCM_SOPInstanceUID, uid);
    edited.saveFile("readers/y", EXS_LittleEndianExplicit);
    refuses("readers/copy and readers/y both mark liver in one series; leave one of these");
    put("seg", "y", {"--segment", "3=liver", "--segment", "2=tumor"});
    check(run(set) == 0 && says("marks no voxel of the series with liver") &&
            label_errors("readers_out/labels/readers.nii.gz") == 0,
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

/* Closed contours of one slice, as rectangles in pixels: left, top, right, bottom. */
typedef std::array<double, 4> box;
static void put_boxes(const std::string &path, const std::vector<box> &all, const char *type)
{
    DcmFileFormat whole;
    DcmItem *roi = nullptr;
    whole.loadFile("boxes.obj");
    whole.getDataset()->findAndGetSequenceItem(DCM_ROIContourSequence, roi);
    roi->findAndDeleteElement(DCM_ContourSequence);
    for (const box &b : all) {
        DcmItem *contour = nullptr;
        std::string data;
        for (int i = 0; i < 4; i++) {
            const double x = b[i == 1 || i == 2 ? 2 : 0] - 0.5, y = b[i > 1 ? 3 : 1] - 0.5;
            data += (i ? "\\" : "") + std::to_string(-20 + 0.5 * x) + "\\" +
                std::to_string(10 + 0.75 * y) + "\\32.5";
        }
        roi->findOrCreateSequenceItem(DCM_ContourSequence, contour, -2);
        contour->putAndInsertString(DCM_ContourGeometricType, type);
        contour->putAndInsertString(DCM_NumberOfContourPoints, "4");
        contour->putAndInsertString(DCM_ContourData, data.c_str());
    }
    whole.saveFile(path.c_str(), EXS_LittleEndianImplicit);
}

/* Copies and contours that overlap do not cancel; inner ones are holes, and islands in these. */
static void several_contours()
{
    make("boxes", [](recipe &) {});
    run({program, "volume", "boxes", "-o", "boxes.nii"});
    put_mask("boxes.nii", "boxes_mask.nii");
    run({program, "rtstruct", "boxes", "--mask", "boxes_mask.nii", "-o", "boxes.obj", "--segment",
        "1=liver"});
    const box large = {1, 1, 8, 6}, inner = {2, 2, 7, 5}, island = {3, 3, 5, 4},
              corner = {6, 4, 9, 7}, edge = {1, 1, 4, 3}, near_copy = {1.1, 1.2, 7.9, 5.9},
              thin_wall = {1.6, 1.6, 7.4, 5.4}, over_edge = {0.8, 2, 3, 4}, next = {4, 3, 8, 6},
              far_over = {0.6, 2, 3, 4}, most = {1, 1, 8.1, 5}, part = {6, 4, 11, 7};
    const struct {
        std::vector<box> boxes;
        int pixels;
        const char *what, *said = "", *type = "CLOSED_PLANAR";
    } all[] = {{{large}, 35, "one"}, {{large, large}, 35, "a copy"},
        {{large, corner}, 35 + 9 - 4, "an overlap", "contours overlap in part, in 4 voxels, so"},
        {{large, inner}, 35 - 15, "a hole"}, {{inner, large, large}, 35 - 15, "a hole in copies"},
        {{island, large, inner}, 35 - 15 + 2, "an island"},
        {{large, edge}, 35 - 6, "a hole at the edge"},
        {{large, inner, corner}, 35 - 15 + 9 - 3, "a hole, and an overlap with both",
            "contours overlap in part, in 3 voxels, so"},
        {{near_copy, large}, 35, "a near copy",
            "boxed.obj: 1 of 2 contours lie less than half a pixel inside another one; attunet"},
        {{inner, near_copy, large}, 35 - 15, "a hole in near copies", "1 of 3 contours lie less"},
        {{large, thin_wall}, 35 - 15, "a thin wall"},
        {{large, over_edge}, 35 - 4, "a hole over the edge",
            "boxed.obj: 1 of 2 contours reach over the edge of a contour around them; attunet"},
        {{large, far_over}, 35, "a tenth and more", "contours overlap in part, in 4 voxels"},
        {{large, most}, 35, "more than half", "contours overlap in part, in 28 voxels"},
        {{large, edge, next}, 35 - 6 - 12, "holes side by side"},
        {{large, inner, over_edge}, 35 - 15 - 2, "a hole, and one over both edges",
            "overlap in part, in 2 voxels"},
        {{part}, 9, "a part outside", "boxed.obj: 1 of 1 contours reach beyond the slices, so"},
        {{large, corner}, 35 + 9 - 2 * 4, "an overlap by even and odd", "", "CLOSEDPLANAR_XOR"},
        {{large, large, inner}, 15, "copies by even and odd", "", "CLOSEDPLANAR_XOR"}};
    for (const auto &one : all) {
        put_boxes("boxed.obj", one.boxes, one.type);
        volume v;
        check(run({program, "labels", "boxes", "--labels", "boxed.obj", "-o", "boxed.nii"}) == 0 &&
                volume_read("boxed.nii", v),
            "boxes", one.what);
        check(says(one.said) && says("warning") == (*one.said != 0), "boxes",
            std::string(one.what) + " says something else");
        int pixels = 0;
        for (double value : v.value) pixels += value != 0;
        check(pixels == one.pixels, "boxes",
            std::string(one.what) + " has " + std::to_string(pixels) + " pixels");
    }
}

/* Contours of a series of thick slices leave stripes on thin ones. */
static void thick_contours()
{
    make("thick", [](recipe &) {});
    make("slices", [](recipe &r) {
        r.series = "2", r.slices = 8;
        for (int k = 0; k < 8; k++) r.at.push_back(1.25 * k);
    });
    run({program, "volume", "thick", "-o", "thick.nii"});
    put_mask("thick.nii", "thick_mask.nii");
    run({program, "rtstruct", "thick", "--mask", "thick_mask.nii", "-o", "thick.obj", "--segment",
        "1=liver", "--segment", "2=tumor"});
    const std::string stripes =
        "thick.obj: 2 structures have no contours on neighbouring slices; sl";
    for (const std::string one : {"slices", "thick"})
        check(run({program, "labels", one, "--labels", "thick.obj", "-o", "thick_back.nii"}) == 0 &&
                says(stripes) == (one == "slices"),
            "thick", "contours on " + one);
}

/* Parts of a label that no slice has are counted; most of them are refused. */
static void outside()
{
    const auto make_label = [](const std::string &as, const std::string &name, int slices) {
        fs::remove_all(name);
        make(name, [=](recipe &r) { r.slices = slices; });
        run({program, "volume", name, "-o", name + ".nii"});
        put_mask(name + ".nii", name + "_mask.nii");
        run({program, as, name, "--mask", name + "_mask.nii", "-o", name + ".obj", "--segment",
            "1=liver", "--segment", "2=tumor"});
    };
    const words labels = {program, "labels", "part", "--labels", "part.obj", "-o", "part_back.nii"};
    for (const std::string as : {"seg", "rtstruct"}) {
        const std::string what = as == "seg" ? "voxels" : "contours";
        make_label(as, "part", 6); /* slices 1 to 5 */
        for (const char *one : {"part/IM5", "part/IM4"}) fs::remove(one);
        check(run(labels) == 0 &&
                says(as == "seg" ? "part.obj: 54 of 135 voxels lie outside the series, so"
                                 : "part.obj: 4 of 10 contours lie outside the series, so") &&
                label_errors("part_back.nii") == 0,
            "part", as + " of two slices more");
        fs::remove("part/IM3");
        check(run(labels) == 3 &&
                says(what + " lie outside the series that it refers to; complete the series, or"),
            "part", as + " of three slices more");
        make_label(as, "part", 6);
        for (const char *one : {"part/IM0", "part/IM2", "part/IM4"}) fs::remove(one);
        check(run(labels) == 0 &&
                says(as == "seg" ? "part.obj: 54 of 135 voxels lie between slices, so attunet"
                                 : "part.obj: 4 of 10 contours lie between slices, so attunet"),
            "part", as + " of slices between");
        make_label(as, "part", 4);
        make("moved", [](recipe &r) { r.series = "2", r.origin[2] = 31; });
        check(
            run({program, "labels", "moved", "--labels", "part.obj", "-o", "part_back.nii"}) == 0 &&
                says("part.obj: labels lie up to 1 mm beside slices, so attunet moved them") &&
                label_errors("part_back.nii") == 0,
            "part", as + " beside slices");
    }
    make_label("seg", "part", 4);
    make("narrow", [](recipe &r) { r.series = "2", r.columns = 6; });
    check(run({program, "labels", "narrow", "--labels", "part.obj", "-o", "part_back.nii"}) == 0 &&
            says("part.obj: 30 of 81 voxels lie outside the series, so attunet ignored them"),
        "part", "of more columns");
    make("thin", [](recipe &r) {
        r.series = "2", r.slices = 8;
        for (int k = 0; k < 8; k++) r.at.push_back(1.25 * k);
    });
    check(run({program, "labels", "thin", "--labels", "part.obj", "-o", "part_back.nii"}) == 3 &&
            says("part.obj: its frames are 2.5 mm apart but the slices of the series 1.25 mm; "
                 "resample it to the series first"),
        "part", "of thick slices");
}

/* Frames with slices between them: those of thicker slices are refused, unless the label was drawn
 * on some slices of the series itself. */
static void thick_frames()
{
    make("slices", [](recipe &r) {
        r.series = "2", r.slices = 8;
        for (int k = 0; k < 8; k++) r.at.push_back(1.25 * k);
    });
    DcmFileFormat first;
    OFString sop;
    first.loadFile("slices/IM0");
    first.getDataset()->findAndGetOFString(DCM_SOPInstanceUID, sop);
    const struct {
        int slices;
        const char *thickness;
        bool own;
        int code;
        const char *said;
    } all[] = {{2, "2.5", false, 3, "frames are 2.5 mm apart but the slices of the series 1.25 mm"},
        {2, "2", false, 3, "apart"}, {2, "0", false, 3, "apart"}, {4, "0", false, 3, "apart"},
        {1, "2.5", false, 3, "frames are 2.5 mm thick but the slices of the series 1.25 mm; resam"},
        {1, "1.25", false, 0, ""}, {1, "2.5", true, 0, ""},
        {2, "1.25", false, 0, "1.25 mm; slices between frames have no label"},
        {2, "2.5", true, 0, "1.25 mm; slices between frames have no label"},
        {4, "0", true, 0, "1.25 mm; slices between frames have no label"}};
    for (const auto &one : all) {
        fs::remove_all("thick");
        make("thick", [&](recipe &r) { r.slices = one.slices; });
        run({program, "volume", "thick", "-o", "thick.nii"});
        put_mask("thick.nii", "thick_mask.nii");
        run({program, "seg", "thick", "--mask", "thick_mask.nii", "-o", "thick.obj", "--segment",
            "1=liver", "--segment", "2=tumor"});
        DcmFileFormat whole;
        DcmStack at;
        whole.loadFile("thick.obj");
        whole.loadAllDataIntoMemory();
        while (whole.getDataset()->nextObject(at, OFTrue).good()) {
            DcmElement *e = at.top()->isLeaf() ? static_cast<DcmElement *>(at.top()) : nullptr;
            if (e && e->getTag() == DCM_SliceThickness) e->putString(one.thickness);
            if (e && e->getTag() == DCM_SpacingBetweenSlices) e->putString(one.thickness);
            if (e && e->getTag() == DCM_ReferencedSOPInstanceUID && one.own)
                e->putString(sop.c_str());
        }
        whole.saveFile("thick.obj", EXS_LittleEndianExplicit);
        const int code =
            run({program, "labels", "slices", "--labels", "thick.obj", "-o", "thick_back.nii"});
        check(code == one.code && says(one.said) && says("no label") == (!code && *one.said),
            "thick", std::to_string(one.slices) + " frames of " + one.thickness + " mm");
    }
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
    no_rle_segments();
    overlap();
    readers();
    damaged();
    finer_contours();
    several_contours();
    outside();
    thick_frames();
    thick_contours();
    return checked();
}
