/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-dicom seg: each frame lies where its source image does, and has the voxels of the mask.
 */
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "recipe.h"
#include "volume.h"

namespace fs = std::filesystem;

static std::string program;

static int label_at(int column, int row, int plane) { return (column + 2 * row + 3 * plane) % 3; }

/* A mask of labels 0, 1 and 2 on the grid of a volume of 16 bits. */
static void put_mask(const volume &v, const std::string &path)
{
    std::vector<unsigned char> b = v.bytes;
    size_t at = 352;
    for (int k = 0; k < v.size[2]; k++)
        for (int y = 0; y < v.size[1]; y++)
            for (int x = 0; x < v.size[0]; x++, at += 2) {
                b[at] = (unsigned char)label_at(x, y, k);
                b[at + 1] = 0;
            }
    std::ofstream(path, std::ios::binary).write((const char *)b.data(), (std::streamsize)b.size());
}

static std::string text_of(DcmItem &d, const DcmTagKey &tag)
{
    OFString s;
    d.findAndGetOFStringArray(tag, s, OFTrue);
    return s.c_str();
}

static DcmItem &item_of(DcmItem &d, const DcmTagKey &sequence, long i = 0)
{
    static DcmItem none;
    DcmItem *item = nullptr;
    return d.findAndGetSequenceItem(sequence, item, i).good() && item ? *item : none;
}

struct source {
    std::string sop, position;
};

static std::vector<source> sources(const std::string &folder)
{
    std::vector<source> all;
    for (const auto &entry : fs::directory_iterator(folder)) {
        DcmFileFormat f;
        f.loadFile(entry.path().c_str());
        all.push_back({text_of(*f.getDataset(), DCM_SOPInstanceUID),
            text_of(*f.getDataset(), DCM_ImagePositionPatient)});
    }
    return all;
}

/* planes: the plane of the volume for each source slice. */
static void check_frames(
    const recipe &r, const std::string &name, DcmDataset &d, const std::vector<int> &planes)
{
    const std::vector<source> from = sources(name);
    const Uint8 *bits = nullptr;
    unsigned long size = 0;
    d.findAndGetUint8Array(DCM_PixelData, bits, &size);
    const size_t area = (size_t)(r.rows * r.columns), frames = 2 * planes.size();
    check(atoi(text_of(d, DCM_NumberOfFrames).c_str()) == (int)frames, name, "number of frames");
    check(bits && size == (area * frames + 7) / 8 + ((area * frames + 7) / 8) % 2, name, "size");
    size_t wrong = 0, at = 0;
    for (size_t n = 0; n < frames && bits; n++) {
        DcmItem &item = item_of(d, DCM_PerFrameFunctionalGroupsSequence, (long)n);
        const int number = (int)(n / planes.size()) + 1, k = planes[n % planes.size()];
        Uint16 segment = 0;
        item_of(item, DCM_SegmentIdentificationSequence)
            .findAndGetUint16(DCM_ReferencedSegmentNumber, segment);
        check(segment == number, name, "segment of a frame");
        check(text_of(item, DCM_SpatialLocationsPreserved) == "YES", name, "same locations");
        const std::string position = text_of(item, DCM_ImagePositionPatient),
                          sop = text_of(item, DCM_ReferencedSOPInstanceUID);
        bool found = r.multi == recipe::ENHANCED;
        for (const source &s : from) found = found || (s.sop == sop && s.position == position);
        check(found, name, "a frame is not where its source is: " + position);
        for (int y = 0; y < r.rows; y++)
            for (int x = 0; x < r.columns; x++, at++)
                wrong += (bits[at / 8] >> at % 8 & 1) != (label_at(x, y, k) == number);
    }
    check(wrong == 0, name, std::to_string(wrong) + " voxels differ");
}

static void check_head(const std::string &name, DcmDataset &d)
{
    check(text_of(d, DCM_SOPClassUID) == UID_SegmentationStorage, name, "class");
    check(text_of(d, DCM_PatientID) == SECRET_ID, name, "the patient of the source");
    check(text_of(d, DCM_StudyInstanceUID) == "1.2.826.0.1.3680043.2.1125.1." SECRET_DATE, name,
        "the study of the source");
    check(text_of(d, DCM_FrameOfReferenceUID) == "1.2.826.0.1.3680043.2.1125.3." SECRET_DATE, name,
        "the frame of reference of the source");
    check(text_of(d, DCM_SegmentationType) == "BINARY", name, "type");
    DcmItem &liver = item_of(d, DCM_SegmentSequence), &other = item_of(d, DCM_SegmentSequence, 1);
    check(text_of(liver, DCM_SegmentLabel) == "liver", name, "label");
    check(
        text_of(item_of(liver, DCM_SegmentedPropertyTypeCodeSequence), DCM_CodeValue) == "10200004",
        name, "code of the liver");
    check(text_of(item_of(other, DCM_SegmentedPropertyCategoryCodeSequence), DCM_CodeMeaning) ==
            "Morphologically Abnormal Structure",
        name, "category of a tumor");
}

static int seg(const std::string &name, std::vector<std::string> options)
{
    std::vector<std::string> words = {program, "seg", name, "--mask", name + "_mask.nii", "-o",
        name + ".seg", "--segment", "1=liver", "--segment", "2=liver_tumor"};
    words.insert(words.end(), options.begin(), options.end());
    const int status = run(words);
    check(said.find(SECRET_NAME) == std::string::npos && said.find(SECRET_ID) == std::string::npos,
        name, "its words name the patient");
    return status;
}

static void returns(const std::string &name, std::function<void(recipe &)> f,
    std::vector<int> planes, std::vector<std::string> options = {})
{
    recipe r;
    f(r);
    volume v;
    fs::create_directory(name);
    recipe_write(r, name);
    std::vector<std::string> words = {program, "volume", name, "-o", name + ".nii"};
    words.insert(words.end(), options.begin(), options.end());
    check(run(words) == 0 && volume_read(name + ".nii", v), name, "volume");
    if (v.bytes.empty()) return;
    put_mask(v, name + "_mask.nii");
    check(seg(name, options) == 0, name, "seg");
    DcmFileFormat whole;
    check(whole.loadFile((name + ".seg").c_str()).good(), name, "DCMTK reads it");
    check_head(name, *whole.getDataset());
    check_frames(r, name, *whole.getDataset(), planes);
}

static std::string instance(const std::string &path)
{
    DcmFileFormat whole;
    whole.loadFile(path.c_str());
    return text_of(*whole.getDataset(), DCM_SOPInstanceUID);
}

/* Whether a UID is a UUID of version 8 with its variant. */
static bool is_uuid(const std::string &uid)
{
    unsigned __int128 n = 0;
    for (char c : uid.substr(5)) n = n * 10 + (unsigned)(c - '0');
    return uid.rfind("2.25.", 0) == 0 && (unsigned)(n >> 76) % 16 == 8 &&
        (unsigned)(n >> 62) % 4 == 2;
}

static std::string series_of(DcmDataset &d)
{
    OFString s; /* not that of a reference */
    d.findAndGetOFString(DCM_SeriesInstanceUID, s);
    return s.c_str();
}

/* Another moment is another instance, of one series. */
static void instances()
{
    DcmFileFormat one, other;
    one.loadFile("plain.seg");
    sleep(1); /* ContentTime has seconds */
    check(seg("plain", {}) == 0, "instances", "exit");
    other.loadFile("plain.seg");
    DcmDataset &a = *one.getDataset(), &b = *other.getDataset();
    check(text_of(a, DCM_ContentTime) != text_of(b, DCM_ContentTime) &&
            text_of(a, DCM_SOPInstanceUID) != text_of(b, DCM_SOPInstanceUID),
        "instances", "two objects with one UID");
    check(series_of(a) == series_of(b), "instances", "the same mask has the same series");
    OFString sop;
    b.findAndGetOFString(DCM_SOPInstanceUID, sop);
    for (const std::string &uid : {std::string(sop.c_str()), series_of(b),
             text_of(b, DCM_TrackingUID), text_of(b, DCM_DimensionOrganizationUID)})
        check(is_uuid(uid), "instances", "no UUID: " + uid);
}

static std::string letters(int count)
{
    std::string s;
    for (int i = 0; i < count; i++) s += "\xc3\xa9";
    return s;
}

/* A value has one segment, and a name 64 letters of any bytes in one line. Numbers of segments
 * ascend with the values. */
static void names()
{
    const std::vector<std::string> call = {
        program, "seg", "plain", "--mask", "plain_mask.nii", "-o", "named.seg", "--segment"};
    const auto named = [&](const std::string &first, const std::string &second) {
        std::vector<std::string> all = call;
        all.insert(all.end(), {first, "--segment", second});
        return run(all);
    };
    check(named("1=a", "1=b") == 2 &&
            said.find("--segment 1=a and --segment 1=b contradict each other") != std::string::npos,
        "names", "a value twice");
    check(named("2=b", "1=" + letters(70)) == 0 &&
            said.find("warning: the name of class 1 is longer than 64 letters, so the file has") !=
                std::string::npos,
        "names", "a long one");
    DcmFileFormat whole;
    whole.loadFile("named.seg");
    for (const long i : {0, 1})
        check(text_of(item_of(*whole.getDataset(), DCM_SegmentSequence, i), DCM_SegmentLabel) ==
                (i ? "b" : letters(64)),
            "names", "of segment " + std::to_string(i + 1));
    check(named("1=" + letters(65), "2=" + letters(64)) == 3 &&
            said.find("classes 1 and 2 have one name in 64 letters; give them others") !=
                std::string::npos,
        "names", "two that become one");
    for (const char *const name : {"a\\b", " ", "a\nb"})
        check(named(std::string("1=") + name, "2=b") == 3 &&
                said.find("the name of class 1 is empty or has a backslash or a line feed") !=
                    std::string::npos,
            "names", name);
}

static std::string pixels_of(const std::string &path)
{
    DcmFileFormat whole;
    const Uint8 *bytes = nullptr;
    unsigned long count = 0;
    whole.loadFile(path.c_str());
    whole.getDataset()->findAndGetUint8Array(DCM_PixelData, bytes, &count);
    return bytes ? std::string((const char *)bytes, count) : "";
}

/* The stored labels 0, 1 and 2 mean others. */
static int scaled(float slope, float intercept)
{
    fs::copy_file("plain_mask.nii", "scaled.nii", fs::copy_options::overwrite_existing);
    std::fstream f("scaled.nii", std::ios::binary | std::ios::in | std::ios::out);
    f.seekp(112);
    f.write((const char *)&slope, sizeof slope);
    f.write((const char *)&intercept, sizeof intercept);
    f.close();
    const std::string one = std::to_string((int)(slope + intercept)),
                      two = std::to_string((int)(2 * slope + intercept));
    return run({program, "seg", "plain", "--mask", "scaled.nii", "-o", "scaled.seg", "--segment",
        one + "=a", "--segment", two + "=b"});
}

static void scales()
{
    const std::string plain = pixels_of("plain.seg");
    check(scaled(2, 0) == 0 && !plain.empty() && pixels_of("scaled.seg") == plain &&
            said.find("ignored") == std::string::npos,
        "scales", "2 and 4");
    check(scaled(3, 4) == 0 && pixels_of("scaled.seg") == plain, "scales", "7 and 10");
    check(scaled(1.5, 0) == 3 && said.find("has the value 1.5, which is no") != std::string::npos,
        "scales", "1.5 is no label");
}

/* A mask of attunet is on the straightened grid. */
static void tilts()
{
    check(run({program, "volume", "tilted", "-o", "tilted.nii", "--straighten"}) == 0, "tilts",
        "volume");
    const std::vector<std::string> call = {program, "seg", "tilted", "--mask", "tilted.nii", "-o",
        "tilted.seg", "--segment", "64613=a"};
    check(run(call) == 3 && said.find("add --straighten") != std::string::npos, "tilts", "advice");
    std::vector<std::string> straight = call;
    straight.push_back("--straighten");
    check(run(straight) == 0, "tilts", "... which works");
}

static void refusals()
{
    fs::copy_file("gap_mask.nii", "plain_mask.nii", fs::copy_options::overwrite_existing);
    check(seg("plain", {}) == 3 &&
            said.find("the mask is not on the grid of the series") != std::string::npos,
        "plain", "another grid");
    fs::resize_file("gap_mask.nii", 400);
    check(seg("gap", {"--allow-gaps"}) == 3 &&
            said.find("not a whole NIfTI mask") != std::string::npos,
        "gap", "a short mask");
    check(run({program, "seg", "plain", "--mask", "x.nii", "-o", "y", "--segment", "0=a"}) == 2,
        "plain", "--segment 0=a");
}

static void codes()
{
    const std::string code = R"({"CodingSchemeDesignator": "99X", "CodeMeaning": "Cyst", )",
                      long_value = "12345678901234567";
    std::ofstream("codes.json") << R"({"@schema": "https://x/seg.json", "SeriesDescription": "hand",
        "SeriesNumber": "300", "InstanceNumber": 7, "BodyPartExamined": "CHEST",
        "ContentCreatorName": "Reader^One", "ClinicalTrialSeriesID": "S1",
        "ClinicalTrialTimePointID": "T1", "segmentAttributes": [[{"labelID": 2,
        "SegmentLabel": "cyst", "SegmentDescription": "simple", "SegmentAlgorithmName": "hand",
        "SegmentAlgorithmType": "SEMIAUTOMATIC", "recommendedDisplayRGBValue": [255, 255, 255])"
                                << R"(, "SegmentedPropertyTypeCodeSequence": )" << code
                                << R"("CodeValue": "12"})"
                                << R"(, "SegmentedPropertyTypeModifierCodeSequence": )" << code
                                << R"("LongCodeValue": "7"})"
                                << R"(, "AnatomicRegionSequence": )" << code << R"("CodeValue": ")"
                                << long_value << R"("})"
                                << R"(, "AnatomicRegionModifierSequence": )" << code
                                << R"("CodeValue": "9"}}]]})";
    check(seg("oblique", {"--codes", "codes.json"}) == 0, "codes", "exit");
    DcmFileFormat whole;
    whole.loadFile("oblique.seg");
    DcmItem &second = item_of(*whole.getDataset(), DCM_SegmentSequence, 1);
    check(text_of(second, DCM_SegmentLabel) == "cyst" &&
            text_of(second, DCM_SegmentDescription) == "simple" &&
            text_of(second, DCM_SegmentAlgorithmType) == "SEMIAUTOMATIC" &&
            text_of(second, DCM_SegmentAlgorithmName) == "hand",
        "codes", "texts");
    DcmItem &type = item_of(second, DCM_SegmentedPropertyTypeCodeSequence),
            &region = item_of(second, DCM_AnatomicRegionSequence);
    check(text_of(type, DCM_CodeValue) == "12", "codes", "type");
    check(
        text_of(item_of(type, DCM_SegmentedPropertyTypeModifierCodeSequence), DCM_CodeValue) == "7",
        "codes", "modifier of the type");
    check(text_of(region, DCM_LongCodeValue) == long_value && !region.tagExists(DCM_CodeValue),
        "codes", "a long value");
    check(text_of(item_of(region, DCM_AnatomicRegionModifierSequence), DCM_CodeValue) == "9",
        "codes", "modifier of the region");
    DcmItem &first = item_of(*whole.getDataset(), DCM_SegmentSequence, 0);
    check(text_of(first, DCM_SegmentAlgorithmType) == "AUTOMATIC" &&
            !first.tagExists(DCM_AnatomicRegionSequence),
        "codes", "another segment");
    Uint16 light = 0;
    second.findAndGetUint16(DCM_RecommendedDisplayCIELabValue, light);
    check(light > 65500, "codes", "white is " + std::to_string(light));
    const auto series_texts = [](DcmDataset &d, const char *what) {
        check(text_of(d, DCM_SeriesDescription) == "hand" &&
                text_of(d, DCM_SeriesNumber) == "300" && text_of(d, DCM_InstanceNumber) == "7" &&
                text_of(d, DCM_BodyPartExamined) == "CHEST" &&
                text_of(d, DCM_ContentCreatorName) == "Reader^One" &&
                text_of(d, DCM_ClinicalTrialSeriesID) == "S1" &&
                text_of(d, DCM_ClinicalTrialTimePointID) == "T1" &&
                d.tagExists(DCM_ClinicalTrialCoordinatingCenterName),
            what, "texts of the series");
    };
    series_texts(*whole.getDataset(), "codes");
    check(run({program, "rtstruct", "oblique", "--mask", "oblique_mask.nii", "-o", "oblique.rt",
              "--segment", "1=liver", "--segment", "2=tumor", "--codes", "codes.json"}) == 0,
        "codes of contours", "exit");
    DcmFileFormat contours;
    contours.loadFile("oblique.rt");
    series_texts(*contours.getDataset(), "codes of contours");
    DcmItem &roi = item_of(*contours.getDataset(), DCM_StructureSetROISequence, 1),
            &seen = item_of(*contours.getDataset(), DCM_RTROIObservationsSequence, 1),
            &found = item_of(seen, DCM_RTROIIdentificationCodeSequence);
    check(text_of(roi, DCM_ROIName) == "cyst" && text_of(roi, DCM_ROIDescription) == "simple" &&
            text_of(roi, DCM_ROIGenerationAlgorithm) == "SEMIAUTOMATIC" &&
            text_of(roi, DCM_ROIGenerationDescription) == "hand",
        "codes of contours", "texts");
    check(text_of(found, DCM_CodeValue) == "12" &&
            text_of(item_of(found, DCM_SegmentedPropertyTypeModifierCodeSequence), DCM_CodeValue) ==
                "7" &&
            text_of(item_of(seen, DCM_SegmentedPropertyCategoryCodeSequence), DCM_CodeValue) ==
                "49755003" &&
            text_of(item_of(item_of(seen, DCM_AnatomicRegionSequence),
                        DCM_AnatomicRegionModifierSequence),
                DCM_CodeValue) == "9",
        "codes of contours", "codes");
    std::ofstream("codes.json")
        << R"({"segmentAttributes": [[{"labelID": 2, "SegmentAlgorithmType": "MANUAL"}]]})";
    check(seg("oblique", {"--codes", "codes.json"}) == 0, "codes", "by hand");
    whole.loadFile("oblique.seg");
    DcmItem &drawn = item_of(*whole.getDataset(), DCM_SegmentSequence, 1);
    check(text_of(drawn, DCM_SegmentAlgorithmType) == "MANUAL" &&
            !drawn.tagExists(DCM_SegmentAlgorithmName),
        "codes", "no name of an algorithm by hand");
    std::ofstream("codes.json") << "{}";
    check(seg("oblique", {"--codes", "codes.json"}) == 3 &&
            said.find("its segmentAttributes is no list of lists") != std::string::npos,
        "codes", "no list");
    const struct {
        const char *entry, *sentence;
    } bad[] = {{R"("labelID": "1")", "a labelID is missing or not a whole number; write one"},
        {R"("SegmentLabel": "x")", "a labelID is missing or not a whole number; write one"},
        {R"("labelID": 7)", "its labelID 7 is no class; these are 1="},
        {R"("labelID": 2}, {"labelID": 2)", "it has labelID 2 twice; leave one out"},
        {R"("labelID": 2, "recommendedDisplayRGBValue": [1, 2])",
            "the recommendedDisplayRGBValue of labelID 2 is not three whole numbers from 0 to 255"},
        {R"("labelID": 2, "recommendedDisplayRGBValue": [1, 2, 300])", "is not three whole"},
        {R"("labelID": 2, "recommendedDisplayRGBValue": [1, -2, 3])", "is not three whole"},
        {R"("labelID": 2, "SegmentLabel": "a\\b")",
            "the SegmentLabel of labelID 2 is no line of 1 to 1024 letters without a backslash"},
        {R"("labelID": 2, "SegmentLabel": "")", "the SegmentLabel of labelID 2 is no line of"},
        {R"("labelID": 2, "SegmentLabel": 5)", "the SegmentLabel of labelID 2 is no line of"},
        {R"("labelID": 2, "SegmentLable": "x")",
            "labelID 2 has SegmentLable, which attunet does not write; leave it out"},
        {R"("labelID": 2, "labelID": 2)", "cannot read the codes in codes.json: duplicate object"},
        {R"("labelID": 2, "SegmentAlgorithmType": "GUESS")", "is not AUTOMATIC, SEMIAUTOMATIC or"},
        {R"("labelID": 2, "AnatomicRegionSequence": [])",
            "the AnatomicRegionSequence of labelID 2 is no single code; write one"},
        {R"("labelID": 2, "AnatomicRegionSequence": {"CodeValue": "1", "CodeMeaning": "x"})",
            "the AnatomicRegionSequence of labelID 2 lacks CodingSchemeDesignator; add it"},
        {R"("labelID": 2, "AnatomicRegionSequence": {"CodeValue": 1})",
            "the CodeValue of the AnatomicRegionSequence of labelID 2 is no line of 1 to"},
        {R"("labelID": 2, "AnatomicRegionSequence": {"URNCodeValue": "urn:x"})",
            "the AnatomicRegionSequence of labelID 2 has URNCodeValue, which attunet does not"},
        {R"("labelID": 2, "AnatomicRegionModifierSequence": {"CodeValue": "1", "CodeMeaning": "x",
            "CodingSchemeDesignator": "99X"})",
            "labelID 2 has an AnatomicRegionModifierSequence but no AnatomicRegionSequence"},
        {R"("labelID": 2, "SegmentAlgorithmName": "x", "SegmentAlgorithmType": "MANUAL")",
            "labelID 2 has a SegmentAlgorithmName, which a segment of the SegmentAlgorithmType "
            "MANUAL cannot have; leave out the name, or correct the type"},
        {R"("labelID": 2}]], "SeriesDescripton": [[{"x": 1)",
            "codes.json: it has SeriesDescripton, which attunet does not write; leave it out"},
        {R"("labelID": 2}]], "SeriesNumber": [[{"x": 1)",
            "its SeriesNumber is no whole number of 1 to 9 digits; correct it"},
        {R"("labelID": 2}]], "BodyPartExamined": "chest", "x": [[{"x": 1)",
            "its BodyPartExamined is not of capitals, digits, spaces and _, such as CHEST"},
        {R"("labelID": 2}]], "SeriesDescription": [[{"x": 1)",
            "the SeriesDescription of the series is no line of 1 to 64 letters"}};
    for (const auto &one : bad) {
        std::ofstream("codes.json") << R"({"segmentAttributes": [[{)" << one.entry << "}]]}";
        check(seg("oblique", {"--codes", "codes.json"}) == 3 &&
                said.find(one.sentence) != std::string::npos,
            "codes", one.sentence);
        check(run({program, "segments", "--codes", "codes.json", "--segment", "1=liver",
                  "--segment", "2=tumor"}) == 3 &&
                said.find(one.sentence) != std::string::npos,
            "codes", std::string("before there is a mask: ") + one.sentence);
    }
    std::ofstream("codes.json") << R"({"segmentAttributes": [{"labelID": 2}]})";
    check(run({program, "segments", "--codes", "codes.json", "--segment", "2=a"}) == 3 &&
            said.find("its segmentAttributes is no list of lists") != std::string::npos,
        "codes", "a flat list");
    check(run({program, "segments", "--segment", "2=a\\b"}) == 3 &&
            run({program, "segments", "--segment", "2=a"}) == 0 && said.empty() &&
            run({program, "segments", "x", "--segment", "2=a"}) == 2,
        "codes", "names without codes");
}

/* What a SEG refers to must have names of its own. */
static void bad_sources()
{
    const auto refuses = [](const DcmTagKey &tag, const char *v, const std::string &sentence) {
        fs::remove_all("sources");
        fs::copy("plain", "sources");
        for (const auto &one : fs::directory_iterator("sources")) {
            DcmFileFormat whole;
            whole.loadFile(one.path().c_str());
            whole.loadAllDataIntoMemory();
            whole.getDataset()->putAndInsertString(tag, v);
            whole.saveFile(one.path().c_str());
        }
        for (const std::string as : {"seg", "rtstruct"})
            check(run({program, as, "sources", "--mask", "plain_mask.nii", "-o", "x", "--segment",
                      "1=a"}) == 3 &&
                    said.find(sentence) != std::string::npos,
                "sources", as + " does not say " + sentence);
        check(run({program, "volume", "sources", "-o", "x.nii"}) == 0, "sources", "a volume");
    };
    refuses(DCM_SOPInstanceUID, "", "it has no SOPInstanceUID (0008,0018), which a s");
    refuses(DCM_SOPInstanceUID, "1.2.3", "have one SOPInstanceUID (0008,0018), so a s");
    refuses(DCM_FrameOfReferenceUID, "", "it has no FrameOfReferenceUID (0020,0052), which a s");
    fs::remove_all("sources"); /* bench/dicom reads what tests leave */
}

/* Archives drop a second file with a UID that they have. */
static void other_segments()
{
    std::set<std::string> seen = {instance("odd.seg")};
    for (const char *change : {R"("SegmentLabel": "other")",
             R"("SegmentedPropertyTypeCodeSequence": {"CodeValue": "12",
                "CodingSchemeDesignator": "99X", "CodeMeaning": "Cyst"})",
             R"("recommendedDisplayRGBValue": [1, 2, 3])"}) {
        std::ofstream("codes.json")
            << R"({"segmentAttributes": [[{"labelID": 2, )" << change << "}]]}";
        check(seg("odd", {"--codes", "codes.json"}) == 0 && seen.insert(instance("odd.seg")).second,
            "other_segments", std::string("the UID stays with ") + change);
    }
    run({program, "seg", "odd", "--mask", "odd_mask.nii", "-o", "odd.seg", "--segment", "2=liver",
        "--segment", "1=liver_tumor"});
    check(seen.insert(instance("odd.seg")).second, "other_segments", "labels swapped");
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    program = argv[1];
    recipe_codecs();
    const double c = cos(0.3), s = sin(0.3), o[6] = {c, s, 0, -s * c, c * c, s};
    returns("plain", [](recipe &) {}, {0, 1, 2, 3});
    returns("reversed", [](recipe &r) { r.reversed = true; }, {0, 1, 2, 3});
    returns("oblique", [&](recipe &r) { memcpy(r.orientation, o, sizeof o); }, {0, 1, 2, 3});
    returns("odd", [](recipe &r) { r.rows = 5, r.columns = 3, r.slices = 3; }, {0, 1, 2});
    returns("tilted", [](recipe &r) { r.shear[1] = 0.2; }, {0, 1, 2, 3});
    returns("enhanced", [](recipe &r) { r.multi = recipe::ENHANCED; }, {0, 1, 2, 3});
    returns("single", [](recipe &r) { r.slices = 1; }, {0});
    returns("variable", [](recipe &r) { r.at = {0, 2, 4, 7}; }, {0, 1, 2, 3});
    returns("gap", [](recipe &r) { r.at = {0, 2.5, 7.5, 10}; }, {0, 1, 3, 4}, {"--allow-gaps"});
    codes();
    bad_sources();
    other_segments();
    instances();
    names();
    scales();
    tilts();
    refusals();
    return checked();
}
