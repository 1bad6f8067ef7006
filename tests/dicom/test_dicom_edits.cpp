/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-dicom reads files in which tags are missing, differ from file to file or contradict each
 * other: the right values, or a refusal that names the tag. */
#include <filesystem>
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

static int convert(const std::string &name)
{
    fs::remove(name + ".nii");
    return run({program, "volume", name, "-o", name + ".nii"});
}

static std::vector<double> values_of(const std::string &name)
{
    volume v;
    check(convert(name) == 0 && volume_read(name + ".nii", v), name, "volume");
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

/* Two thirds of the bytes are enough for 4:2:2 only. */
static void short_colours()
{
    for (const std::string kind : {"RGB", "YBR_FULL"})
        for (const size_t left : {6 * 8 * 3 - 2, 6 * 8 * 2}) {
            const std::string name = kind + std::to_string(left);
            make(name, [&](recipe &r) { colours(r), r.photometric = kind; });
            const std::vector<Uint8> bytes(left, 200);
            edit(name, [&](DcmDataset &d) {
                d.putAndInsertUint8Array(DCM_PixelData, bytes.data(), (unsigned long)left);
            });
            refuses(name, "PixelData (7FE0,0010) is shorter than its rows and columns ask for");
        }
    make("whole", [](recipe &r) { colours(r), r.photometric = "YBR_FULL"; });
    const std::vector<double> before = values_of("whole");
    edit("whole", [](DcmDataset &d) { put(d, DCM_PhotometricInterpretation, "YBR_FULL_422"); });
    check(values_of("whole") == before, "whole", "each pixel has its own chroma");
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

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    program = argv[1];
    kinds();
    short_colours();
    groups();
    return checked();
}
