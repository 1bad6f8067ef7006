/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-dicom set: a folder with series and labels becomes a data set. */
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>

#include "masks.h"

namespace fs = std::filesystem;

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
        {"DERIVED\\PRIMARY\\AXIAL", "RescaleType", "hu", true},
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
    fs::remove_all("units"); /* bench/dicom reads what tests leave */
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
    fs::remove_all("inverse");
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
            says("ignored 1 series without a label, such as set/p2/other\n") &&
            says("2 series are NIfTI files in made"),
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
    check(run({program, "set", "set", "-o", "made"}) == 0 &&
            says("ignored 1 series without a label, such as set/p2/other\n") &&
            !says("series are NIfTI files"),
        "set", "again");
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

static void edit(const std::string &path, const std::function<void(DcmDataset &)> &f)
{
    DcmFileFormat whole;
    whole.loadFile(path.c_str());
    whole.loadAllDataIntoMemory();
    f(*whole.getDataset());
    whole.saveFile(path.c_str(), EXS_LittleEndianExplicit);
}

/* The sequence of the series to which a label refers. */
static DcmSequenceOfItems *listed_series(DcmDataset &d, bool contours)
{
    DcmItem *at = &d, *next = nullptr;
    DcmSequenceOfItems *all = nullptr;
    for (const DcmTagKey &tag :
        {DCM_ReferencedFrameOfReferenceSequence, DCM_RTReferencedStudySequence})
        if (contours && at->findAndGetSequenceItem(tag, next).good()) at = next;
    at->findAndGetSequence(
        contours ? DCM_RTReferencedSeriesSequence : DCM_ReferencedSeriesSequence, all);
    return all;
}

static void drop_drawn(DcmDataset &d)
{
    DcmItem *roi = nullptr;
    d.findAndDeleteElement(DCM_DerivationImageSequence, OFTrue, OFTrue);
    for (long i = 0; d.findAndGetSequenceItem(DCM_ROIContourSequence, roi, i).good() && roi; i++)
        roi->findAndDeleteElement(DCM_ContourImageSequence, OFTrue, OFTrue);
}

/* A label that lists two series is of the one on which its contours or frames were drawn. */
static void two_series(const std::string &as, const std::string &drawn)
{
    const std::string other = drawn == "a" ? "b" : "a", name = as + " on " + drawn,
                      label = "pair/p/label";
    const bool contours = as == "rtstruct";
    fs::remove_all("pair");
    fs::remove_all("pair_out");
    make("pair/p/a", [](recipe &r) { r.modality = "MR"; });
    make("pair/p/b", [](recipe &r) { r.series = "2"; });
    run({program, "volume", "pair/p/a", "-o", "pair.nii"});
    put_mask("pair.nii", "pair_mask.nii");
    for (const std::string &one : {other, drawn})
        run({program, as, "pair/p/" + one, "--mask", "pair_mask.nii", "-o",
            one == drawn ? label : "pair.obj", "--segment", "1=liver"});
    edit(label, [&](DcmDataset &d) {
        DcmFileFormat whole;
        whole.loadFile("pair.obj");
        whole.loadAllDataIntoMemory();
        DcmSequenceOfItems *from = listed_series(*whole.getDataset(), contours);
        listed_series(d, contours)->prepend(new DcmItem(*from->getItem(0)));
    });
    const auto modality = [] {
        return slurp("pair_out/dataset.json").find("\"CT\"") == std::string::npos ? "a" : "b";
    };
    check(
        run({program, "set", "pair", "-o", "pair_out"}) == 0 && modality() == drawn, "pair", name);
    const words labels = {program, "labels", "pair/p", "-o", "pair_back.nii", "--select"};
    check(run(joined(labels, {drawn == "a" ? "Modality=MR" : "Modality=CT"})) == 0 &&
            run(joined(labels, {drawn == "a" ? "Modality=CT" : "Modality=MR"})) == 3,
        "pair", name + " of one series");
    edit(label, drop_drawn);
    check(run({program, "set", "pair", "-o", "pair_out"}) == 3 &&
            says("pair/p/label refers to p/a and p/b; give it the name of the series that it "
                 "labels, such as a.dcm"),
        "pair", name + " without own references");
    fs::rename(label, "pair/p/" + drawn + ".dcm");
    check(run({program, "set", "pair", "-o", "pair_out"}) == 0 && modality() == drawn, "pair",
        name + " by its name");
    fs::remove_all("pair"); /* bench/dicom reads what tests leave */
}

/* Without references to images, the frame of reference counts; with them, the PatientID may differ.
 */
static void references(const std::string &as)
{
    make("refs", [](recipe &) {});
    make("refs_prior", [](recipe &r) { r.series = "2", r.reference = "4"; });
    run({program, "volume", "refs", "-o", "refs.nii"});
    put_mask("refs.nii", "refs_mask.nii");
    const auto read = [&](const std::string &from, const std::function<void(DcmDataset &)> &f,
                          const words &options) {
        run({program, as, from, "--mask", "refs_mask.nii", "-o", "refs.obj", "--segment", "1=liver",
            "--segment", "2=tumor"});
        edit("refs.obj", f);
        return run(joined({program, "labels", "refs", "-o", "refs_back.nii"}, options));
    };
    const words named = {"--labels", "refs.obj"};
    const auto bare = [&](DcmDataset &d) {
        DcmItem *study = nullptr;
        OFString uid;
        drop_drawn(d);
        if (DcmSequenceOfItems *all = listed_series(d, as == "rtstruct")) delete all->remove(0ul);
        d.findAndGetOFString(DCM_StudyInstanceUID, uid);
        d.findOrCreateSequenceItem(DCM_ReferencedStudySequence, study);
        study->putAndInsertString(DCM_ReferencedSOPInstanceUID, uid.c_str());
    };
    const auto renamed = [](DcmDataset &d) { d.putAndInsertString(DCM_PatientID, "other"); };
    check(read("refs_prior", bare, named) == 3 &&
            says("refs.obj was drawn on another series than that of refs/IM0, in another frame of"),
        "refs", as + " of another frame of reference");
    check(read("refs", renamed, named) == 0 && label_errors("refs_back.nii") == 0 &&
            says("refs.obj has another PatientID (0010,0020) than refs/IM0, but refers to its"),
        "refs", as + " of another PatientID");
    check(read(
              "refs", [&](DcmDataset &d) { bare(d), renamed(d); }, named) == 3 &&
            says("refs.obj is not of the patient of refs/IM0"),
        "refs", as + " of another PatientID without references");
    read("refs", bare, named);
    fs::rename("refs.obj", "refs/label");
    check(run({program, "labels", "refs", "-o", "refs_back.nii"}) == 0 &&
            label_errors("refs_back.nii") == 0,
        "refs", as + " that refers to a study only");
    fs::remove("refs/label");
}

/* A label whose series is not there is of the case in whose folder it lies, or whose name it has,
 * if its frame of reference and patient allow it; never of another one of that name. */
static void places()
{
    const std::string none = "";
    const auto series = [](const std::string &folder, const char *number, const char *reference) {
        make(folder, [&](recipe &r) { r.series = number, r.reference = reference; });
    };
    fs::remove_all("place");
    fs::remove_all("place_out");
    series("absent", "50", "3");
    run({program, "volume", "absent", "-o", "absent.nii"});
    put_mask("absent.nii", "absent_mask.nii");
    run({program, "seg", "absent", "--mask", "absent_mask.nii", "-o", "absent.obj", "--segment",
        "1=liver", "--segment", "2=tumor"});
    int number = 10;
    for (const char *one : {"p0/ct", "p0/other", "p1/ct", "p1/other", "p2/ct", "p2/other"})
        series(std::string("place/") + one, std::to_string(number++).c_str(), "3");
    series("place/p3/deep", "20", "3");
    series("place/p4/one", "21", "3");
    series("place/p4/two", "22", "9");
    make("place/p5", [](recipe &r) { r.series = "23", r.patient = "ID5"; });
    const struct {
        std::string label, made, words;
    } all[] = {{"p1/ct/seg", "p1_ct", "it refers to no series here, so attunet took it for that"},
        {"p1/seg", none, "place/p1/seg may label p1/ct and p1/other; give it the name of the"},
        {"p1/other.dcm", "p1_other", none}, {"labels/p2/other.dcm", "p2_other", none},
        {"other.dcm", none, "place/other.dcm may label p0/other and p1/other; give it the name"},
        {"p3/seg", "p3", "it refers to no series here, so attunet took it for that"},
        {"p4/other.dcm", none, "place/p4/other.dcm may label p4/one and p0/other; give it the"},
        {"p4/seg", "p4_one", "it refers to no series here, so attunet took it for that"},
        {"p5.dcm", none, "place/p5.dcm is not of the patient of place/p5/IM0 by PatientID"}};
    for (const auto &one : all) {
        const std::string path = "place/" + one.label;
        fs::create_directories(fs::path(path).parent_path());
        fs::copy_file("absent.obj", path);
        fs::remove_all("place_out");
        const bool made = !one.made.empty();
        check(run({program, "set", "place", "-o", "place_out"}) == (made ? 0 : 3), "place",
            one.label);
        check(one.words.empty() ? !says("it refers to no series") : says(one.words.c_str()),
            "place", one.label + " words");
        if (made)
            check(label_errors("place_out/labels/" + one.made + ".nii.gz") == 0 &&
                    says("1 series are NIfTI files in place_out"),
                "place", one.label + " of " + one.made);
        fs::remove(path);
    }
    fs::remove_all("place"); /* bench/dicom reads what tests leave */
    fs::remove_all("absent");
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    program = argv[1];
    units();
    inverse();
    sets();
    one_name();
    named_sets();
    places();
    for (const std::string as : {"seg", "rtstruct"}) {
        two_series(as, "a");
        two_series(as, "b");
        references(as);
    }
    return checked();
}
