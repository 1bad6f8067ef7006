/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-dicom reads files in which tags are missing, differ from file to file or contradict each
 * other: the right values, or a refusal that names the tag. */
#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>

#include "recipe.h"
#include "volume.h"

namespace fs = std::filesystem;

static std::string program;

static bool says(const std::string &what) { return said.find(what) != std::string::npos; }

static void make(const std::string &folder, const std::function<void(recipe &)> &f)
{
    recipe r;
    f(r);
    fs::create_directories(folder);
    if (!recipe_write(r, folder)) exit(1);
}

/* Changes the files of a folder whose names begin with `prefix`. */
static void edit(const std::string &folder, const std::function<void(DcmDataset &)> &f,
    const std::string &prefix = "")
{
    for (const auto &entry : fs::directory_iterator(folder)) {
        if (entry.path().filename().string().rfind(prefix, 0) != 0) continue;
        DcmFileFormat whole;
        whole.loadFile(entry.path().c_str());
        whole.loadAllDataIntoMemory();
        f(*whole.getDataset());
        if (whole.saveFile(entry.path().c_str(), whole.getDataset()->getOriginalXfer()).bad())
            exit(1);
    }
}

typedef std::vector<std::string> words;

static int convert(const std::string &name, const words &options = {})
{
    words all = {program, "volume", name, "-o", name + ".nii"};
    all.insert(all.end(), options.begin(), options.end());
    fs::remove(name + ".nii");
    return run(all);
}

static std::vector<double> values_of(const std::string &name, const words &options = {})
{
    volume v;
    check(convert(name, options) == 0 && volume_read(name + ".nii", v), name, "volume");
    return v.value;
}

static void refuses(const std::string &name, const std::string &sentence)
{
    check(convert(name) == 3 && says(sentence), name, "not said: " + sentence);
    check(!fs::exists(name + ".nii"), name, "a refusal leaves a file");
}

static void put(DcmItem &d, const DcmTagKey &tag, const std::string &v)
{
    if (d.putAndInsertString(tag, v.c_str()).bad()) exit(1);
}

/* One series with numbers of two kinds: they are no volume. */
static void kinds()
{
    for (const std::string kind : {"PALETTE COLOR", "MONOCHROME1"}) {
        const std::string name = kind.substr(0, 4);
        const auto half = [&](bool first) {
            make(name, [&](recipe &r) {
                r.slices = 2, r.allocated = r.stored = 8, r.high = 7;
                r.at = first ? std::vector<double>{0, 5} : std::vector<double>{2.5, 7.5};
                r.prefix = first ? "A" : "B";
                if (!first) r.photometric = kind;
            });
        };
        half(true);
        half(false);
        refuses(name, "holds 2 series or parts of series");
        fs::remove(name + "/B0");
        fs::remove(name + "/B1");
        check(convert(name) == 0, name, "those of one kind");
    }
}

static void colours(recipe &r)
{
    r.allocated = r.stored = 8, r.high = 7, r.slices = 1, r.columns = 8, r.rows = 6;
    r.modality = "US", r.positions = false;
}

static void resize_pixels(const std::string &name, unsigned long length)
{
    edit(name, [&](DcmDataset &d) {
        const Uint8 *all = nullptr;
        unsigned long there = 0;
        d.findAndGetUint8Array(DCM_PixelData, all, &there);
        std::vector<Uint8> bytes(all, all + std::min(there, length));
        bytes.resize(length, 200);
        d.putAndInsertUint8Array(DCM_PixelData, bytes.data(), length);
    });
}

/* Two thirds of the bytes are enough for 4:2:2 only. */
static void short_colours()
{
    const unsigned long all = 6 * 8 * 3, half = 6 * 8 * 2;
    const char *const too_short = "PixelData (7FE0,0010) is shorter than its rows and columns ask";
    for (const std::string kind : {"RGB", "YBR_FULL"})
        for (const unsigned long left : {all - 2, half}) {
            const std::string name = kind + std::to_string(left);
            make(name, [&](recipe &r) { colours(r), r.photometric = kind; });
            resize_pixels(name, left);
            refuses(name, too_short);
        }
    make("whole", [](recipe &r) { colours(r), r.photometric = "YBR_FULL"; });
    const std::vector<double> before = values_of("whole");
    edit("whole", [](DcmDataset &d) { put(d, DCM_PhotometricInterpretation, "YBR_FULL_422"); });
    check(values_of("whole") == before, "whole", "each pixel has its own chroma");
    resize_pixels("whole", all + 4);
    check(values_of("whole") == before, "whole", "... also with padding");
    for (const unsigned long left : {all - 2, half + 2}) {
        resize_pixels("whole", left);
        refuses("whole", too_short);
    }
    resize_pixels("whole", half);
    check(values_of("whole").size() == before.size(), "whole", "4:2:2");
}

/* What frames say of other images is not theirs. */
static void groups()
{
    make("groups", [](recipe &r) { r.multi = recipe::ENHANCED, r.modality = "MR"; });
    const std::vector<double> before = values_of("groups");
    edit("groups", [](DcmDataset &d) {
        DcmSequenceOfItems *all = nullptr;
        d.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, all);
        for (unsigned long i = 0; i < all->card(); i++) {
            DcmItem *image = nullptr;
            all->getItem(i)->findOrCreateSequenceItem(DCM_ReferencedImageSequence, image);
            put(*image, DCM_RescaleSlope, "7");
            put(*image, DCM_ImagePositionPatient, "1\\2\\3");
            put(*image, DCM_EchoTime, std::to_string(i));
        }
    });
    check(values_of("groups") == before, "groups", "values of a referenced image");
}

static void put_vector(DcmDataset &d, const DcmTagKey &tag, const std::vector<Uint16> &v)
{
    d.putAndInsertUint16Array(tag, v.data(), (unsigned long)v.size());
}

/* Nuclear files say which slice, time and the like a frame is of; the pointer lists the tags. */
static void nuclear()
{
    make("gated", [](recipe &r) { r.multi = recipe::CLASSIC, r.modality = "NM", r.slices = 8; });
    const std::vector<double> all = values_of("gated");
    const auto point = [](const std::string &tags) {
        edit("gated", [&](DcmDataset &d) { put(d, DCM_FrameIncrementPointer, tags); });
    };
    edit("gated", [](DcmDataset &d) {
        put_vector(d, DCM_TimeSlotVector, {1, 1, 1, 1, 2, 2, 2, 2});
        put_vector(d, DCM_SliceVector, {1, 2, 3, 4, 4, 3, 2, 1});
    });
    point("(0054,0070)\\(0054,0080)");
    refuses("gated", ", TimeSlotVector=2");
    const std::vector<double> late = values_of("gated", {"--select", "TimeSlotVector=2"});
    const size_t area = all.size() / 8;
    bool same = late.size() == 4 * area;
    for (size_t i = 0; i < late.size() && same; i++)
        same = late[i] == all[(7 - i / area) * area + i % area];
    check(same, "gated", "slices of the second time, by SliceVector");
    point("(0054,0070)\\(0054,0090)");
    refuses("gated", "they are a film, not a volume");
    point("(0018,1063)\\(0054,0080)");
    refuses("gated", "FrameIncrementPointer (0028,0009) names FrameTime (0018,1063), which is");
    point("(0054,0070)\\(0054,0080)");
    edit("gated", [](DcmDataset &d) { put_vector(d, DCM_TimeSlotVector, {1, 1, 1, 2, 2, 2}); });
    refuses("gated", "TimeSlotVector (0054,0070) does not hold 8 numbers, one for each frame");
}

/* Doses are pixels times a scaling. */
static void doses()
{
    recipe r;
    r.multi = recipe::CLASSIC, r.modality = "RTDOSE";
    make("dose", [&](recipe &to) { to = r; });
    edit("dose", [](DcmDataset &d) {
        d.findAndDeleteElement(DCM_RescaleIntercept);
        d.findAndDeleteElement(DCM_RescaleSlope);
        put(d, DCM_GridFrameOffsetVector, "0\\2.5\\5\\7.5");
        put(d, DCM_DoseGridScaling, "0.01");
    });
    const std::vector<double> v = values_of("dose");
    size_t wrong = 0;
    for (int i = 0; i < (int)v.size(); i++)
        wrong += v[(size_t)i] != (double)(float)(0.01 * recipe_stored(r, i % 9, i / 9 % 7, i / 63));
    check(v.size() == 7 * 9 * 4 && !wrong, "dose", std::to_string(wrong) + " doses differ");
    edit("dose", [](DcmDataset &d) { d.findAndDeleteElement(DCM_DoseGridScaling); });
    refuses("dose", "DoseGridScaling (3004,000E) is missing or not above 0");
}

/* In implicit VR, and after some archives, private tags have no known VR. */
static void b_values()
{
    static const struct {
        const char *name, *creator;
        unsigned short group, element;
    } vendors[] = {{"siemens", "SIEMENS MR HEADER", 0x0019, 0x100c},
        {"ge", "GEMS_PARM_01", 0x0043, 0x1039},
        {"philips", "Philips Imaging DD 001", 0x2001, 0x1003}};
    for (const auto &one : vendors)
        for (const E_TransferSyntax syntax : {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit}) {
            const std::string name =
                one.name + std::string(syntax == EXS_LittleEndianExplicit ? "" : "_implicit");
            for (const int b : {0, 100, 150, 1000}) {
                const std::string prefix = "B" + std::to_string(b) + "_";
                make(name, [&](recipe &r) {
                    r.modality = "MR", r.prefix = prefix, r.phase = b, r.syntax = syntax;
                });
                std::string v = std::to_string(b);
                if (one.group == 0x0043) v = std::to_string(1000000000 + b) + "\\8\\0\\0";
                if (v.size() % 2) v += ' ';
                const Float32 number = (Float32)b;
                if (one.group == 0x2001) v.assign((const char *)&number, sizeof number);
                edit(
                    name,
                    [&](DcmDataset &d) {
                        put(d, DcmTag(one.group, 0x10, EVR_LO), one.creator);
                        DcmElement *e =
                            new DcmOtherByteOtherWord(DcmTag(one.group, one.element, EVR_UN));
                        e->putUint8Array((const Uint8 *)v.data(), (unsigned long)v.size());
                        d.insert(e, OFTrue);
                    },
                    prefix);
            }
            check(run({program, "list", name}) == 0 && says("DiffusionBValue=0") &&
                    says("DiffusionBValue=100") && says("DiffusionBValue=1000"),
                name, "parts");
            recipe r;
            r.phase = 150;
            const std::vector<double> v = values_of(name, {"--select", "DiffusionBValue=150"});
            check(v.size() == 7 * 9 * 4 && v[0] == recipe_stored(r, 0, 0, 0) - 1024, name,
                "values of b=150");
        }
}

/* Blank images that lie beside each other are no copies. */
static void beside()
{
    for (const double x : {0, 30})
        make("beside",
            [&](recipe &r) { r.origin[0] = x, r.slices = 2, r.prefix = x > 0 ? "B" : "A"; });
    refuses("beside", "lie beside each other in one plane by ImagePositionPatient (0020,0032)");
    make("one_file", [](recipe &r) {
        r.multi = recipe::ENHANCED, r.slices = 3, r.at = {0, 2.5, 2.5};
    });
    refuses("one_file", "IM0, frame 2, and one_file/IM0, frame 3, have the same ImagePosition");
}

/* A pipe has no end while somebody may write; `timeout` ends what waits. */
static void calls()
{
    make("calls", [](recipe &) {});
    check(mkfifo("pipe", 0600) == 0, "calls", "mkfifo");
    for (const words &one :
        {words{"list", "pipe"}, words{"labels", "calls", "-o", "x.nii", "--labels", "pipe"},
            words{"seg", "calls", "-o", "x", "--segment", "1=a", "--mask", "pipe"},
            words{
                "seg", "calls", "-o", "x", "--segment", "1=a", "--mask", "x", "--codes", "pipe"}}) {
        words all = {"/usr/bin/timeout", "60", program};
        all.insert(all.end(), one.begin(), one.end());
        check(run(all) == 6 && says("pipe") && says("check"), "calls", one[0] + " of a pipe");
    }
    check(run({"/bin/sh", "-c", program + " list calls >/dev/full"}) == 6 &&
            says("cannot write to standard output; check the disk or the pipe"),
        "calls", "a full disk");
    check(run({program, "list", "calls", "--mask", "x.nii"}) == 2 &&
            says("list does not take --mask; leave it out"),
        "calls", "an option of another command");
}

static void put_file(const std::string &path, const std::string &what)
{
    std::ofstream(path, std::ios::binary) << what;
}

/* A slice that cannot be read is not left out of the volume. */
static void lost_slices()
{
    const std::string last = "lost/IM3";
    make("lost", [](recipe &) {});
    const std::vector<double> whole = values_of("lost");
    put_file(last, slurp(last).substr(132));
    check(values_of("lost") == whole, "lost", "a slice without preamble");
    put_file(last, "");
    refuses("lost", "lost/IM3 is empty, but it is among DICOM files");
    fs::remove(last);
    fs::create_symlink("nowhere", last);
    check(convert("lost") == 6 && says("lost/IM3 is a link to a file that does not exist") &&
            !fs::exists("lost.nii"),
        "lost", "a broken link");
    fs::remove(last);
    fs::create_directory("lost/notes");
    put_file("lost/notes/empty.txt", "");
    check(convert("lost") == 0, "lost", "an empty file in a folder without DICOM");
}

/* -o is no input under any name of it; what is no input may be replaced. */
static void kept_inputs()
{
    make("kept", [](recipe &r) { r.intercept = {"0"}; });
    check(run({program, "volume", "kept", "-o", "kept.nii"}) == 0, "kept", "volume");
    put_file("kept.json", "{\"segmentAttributes\": []}");
    fs::create_hard_link("kept/IM1", "kept_IM1.nii");
    const words seg = {"--mask", "kept.nii", "--segment", "1=liver", "--codes", "kept.json"};
    for (const words &one : {words{"seg", "kept/IM0"}, words{"rtstruct", "kept/../kept/IM0"},
             words{"seg", "kept.nii"}, words{"rtstruct", "kept.json"},
             words{"volume", "kept_IM1.nii"}, words{"labels", "kept_IM1.nii"}}) {
        words all = {program, one[0], "kept", "-o", one[1]};
        if (one[0] == "seg" || one[0] == "rtstruct") all.insert(all.end(), seg.begin(), seg.end());
        const std::string before = slurp(one[1]);
        check(run(all) == 2 && says(one[1] + " is an input and would be overwritten") &&
                slurp(one[1]) == before,
            "kept", one[0] + " -o " + one[1]);
    }
    for (int i = 0; i < 2; i++) { /* the second one finds the SEG of the first among the images */
        words all = {program, "seg", "kept", "-o", "kept/seg.dcm"};
        all.insert(all.end(), seg.begin(), seg.end());
        check(run(all) == 0, "kept", "a SEG beside its series");
    }
    fs::copy_file("kept/seg.dcm", "kept_seg.nii");
    check(run({program, "labels", "kept", "-o", "kept_seg.nii", "--labels", "kept_seg.nii"}) == 2 &&
            says("kept_seg.nii is an input and would be overwritten"),
        "kept", "labels -o its SEG");
}

/* One UID of series in two studies, and none in two folders. */
static void copied_uids()
{
    for (const std::string uid : {"1.2.3", ""}) {
        const std::string name = uid.empty() ? "no_uid" : "copied_uid";
        fs::create_directory(name);
        for (const std::string part : {"a", "b"}) {
            const std::string folder = name + "/" + part;
            make(folder, [&](recipe &r) { r.origin[2] = part == "a" ? 30 : 40; });
            edit(folder, [&](DcmDataset &d) {
                put(d, DCM_SeriesInstanceUID, uid);
                put(d, DCM_StudyInstanceUID, uid.empty() ? "" : "1.2." + std::to_string(part[0]));
            });
            check(values_of(folder).size() == 7 * 9 * 4, folder, "one folder is one series");
            fs::remove(folder + ".nii");
        }
        refuses(name, name + " holds 2 series or parts of series");
        std::string id = said.substr(said.find("--select series=") + 16);
        check(values_of(name, {"--select", "series=" + id.substr(0, id.find(':'))}).size() ==
                7 * 9 * 4,
            name, "--select chooses one");
    }
}

/* Positions with few digits, or with noise: what is missing is still missing. */
static void inexact_gaps()
{
    const std::vector<double> even = {0, 1.2, 2.5, 3.8, 5, 6.2, 7.5, 8.8, 10, 11.2, 12.5, 13.8},
                              hole = {0.011, 2.982, 5.963, 8.961, 24.025, 27.033, 30.009, 33.018};
    std::vector<double> short_of_one = even, short_of_many;
    short_of_one.erase(short_of_one.begin() + 5);
    for (int k = 0; k < 40; k++) /* 1.3 mm is the median, and goes 19 times into the hole of 20 */
        if (k < 10 || k > 28) short_of_many.push_back(floor(12.5 * k + 0.5) / 10);
    const struct {
        const char *name, *gap;
        std::vector<double> at;
        size_t planes;
    } all[] = {{"few_digits", "", even, 12}, {"digits_gap", "1 slice is missing", short_of_one, 12},
        {"digits_hole", "19 slices are missing", short_of_many, 40},
        {"noise_hole", "4 slices are missing", hole, 12}};
    for (const auto &one : all) {
        make(one.name,
            [&](recipe &r) { r.at = one.at, r.slices = (int)one.at.size(), r.intercept = {"0"}; });
        const bool gap = one.gap[0];
        if (gap) refuses(one.name, one.gap);
        const std::vector<double> v = values_of(one.name, gap ? words{"--allow-gaps"} : words{});
        check(v.size() == 7 * 9 * one.planes && says("interpolated") == gap, one.name, "planes");
        recipe r;
        const int last = (int)one.at.size() - 1;
        for (const auto &at :
            {std::make_pair(size_t(3), 3), std::make_pair(one.planes - 2, last - 1)})
            check(v.size() > 63 * at.first && v[63 * at.first] == recipe_stored(r, 0, 0, at.second),
                one.name, "a plane of the source");
    }
}

/* Folders, links and what is beside DICOM in them. */
static void files()
{
    recipe r;
    fs::create_directories("study/a/b");
    recipe_write(r, "study/a/b");
    put_file("study/notes.txt", "not DICOM");
    check(convert("study") == 0, "study", "nested folders");
    check(run({program, "list", "study"}) == 0 && says("CT, 4 images of 9x7") &&
            says("1 file is not DICOM"),
        "study", "list");
    put_file("study/damaged", std::string(128, 0) + "DICM" + std::string(50, 'x'));
    check(convert("study") == 3 && says("study/damaged"), "study", "a damaged file");
    fs::remove("study/damaged");
    fs::resize_file("study/a/b/IM2", fs::file_size("study/a/b/IM2") - 20);
    check(convert("study") == 3 && says("study/a/b/IM2"), "study", "a short file");
    fs::create_directory("empty");
    check(convert("empty") == 3 && says("holds no DICOM file"), "empty", "sentence");
    check(convert("missing") == 6 && says("does not exist"), "missing", "sentence");
    check(run({program, "volume", "study", "-o", "x.png"}) == 2, "study", "-o x.png");
    fs::create_directory("plain");
    recipe_write(r, "plain");
    check(run({program, "volume", "plain", "-o", "missing/x.nii.gz"}) == 6 &&
            says("cannot write missing/x.nii.gz"),
        "plain", "no folder to write to");
    check(run({program, "volume", "plain", "-o", "plain.nii"}) == 0, "plain", ".nii");
    volume v;
    check(volume_read("plain.nii", v) && v.size[2] == 4, "plain", ".nii reads");
    fs::create_directory("linked");
    fs::create_directory_symlink(fs::absolute("plain"), "linked/to");
    fs::create_directory_symlink(".", "linked/back");
    check(convert("linked") == 0 && said.empty(), "linked", "each folder is read once");
    fs::create_symlink("plain.nii", "link.nii");
    fs::create_directory("folder.nii");
    for (const char *name : {"link.nii", "folder.nii"})
        check(run({program, "volume", "plain", "-o", name}) == 6 &&
                says(std::string("cannot write ") + name + ": it is a link, a folder or a"),
            "plain", std::string("writes ") + name);
    check(fs::is_symlink("link.nii"), "plain", "the link stays");
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    program = argv[1];
    kinds();
    short_colours();
    groups();
    nuclear();
    doses();
    b_values();
    beside();
    calls();
    lost_slices();
    kept_inputs();
    copied_uids();
    inexact_gaps();
    files();
    const int bad = checked();
    for (const auto &entry : fs::directory_iterator(fs::current_path()))
        if (!bad && entry.is_directory()) fs::remove_all(entry); /* bench/dicom reads the others */
    return bad;
}
