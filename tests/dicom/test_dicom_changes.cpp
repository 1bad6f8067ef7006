/* SPDX-License-Identifier: Apache-2.0 */
/* A series that changes between its headers and its pixels ends in a sentence that names the file,
 * and leaves no volume. */
#include <filesystem>
#include <fstream>
#include <functional>

#include "elements.h"
#include "labels.h"
#include "recipe.h"
#include "seg.h"
#include "volume.h"

namespace fs = std::filesystem;

static const std::string changed = "made/IM2";
typedef std::function<void(recipe &)> change;

static void make(const change &f)
{
    recipe r;
    f(r);
    fs::remove_all("made");
    fs::create_directory("made");
    if (!recipe_write(r, "made")) exit(1);
}

/* Writes the series anew; the file that changes differs. */
static std::function<void()> again(change f)
{
    return [=] {
        recipe r;
        f(r);
        fs::create_directory("other");
        recipe_write(r, "other");
        fs::copy_file("other/IM2", changed, fs::copy_options::overwrite_existing);
        fs::remove_all("other");
    };
}

static std::string refused(const std::function<void()> &f)
{
    try {
        f();
    } catch (const refusal &r) {
        return r.what();
    }
    return "";
}

static void changes(
    const std::string &name, const std::function<void()> &tamper, const std::string &why,
    const change &f = [](recipe &) {})
{
    make(f);
    const study s = read_study("made");
    const grid g = arrange(s, choose(s, {}), {false, false});
    tamper();
    const std::string sentence = refused([&] { write_volume(s, g, "out/x.nii"); });
    check(sentence.find(changed) == 0 && sentence.find(why) != std::string::npos, name,
        "says \"" + sentence + "\"");
    check(fs::is_empty("out"), name, "a volume is left");
    check(sentence.find(SECRET_NAME) == std::string::npos, name, "names the patient");
}

static void pixels_change()
{
    const char *const anew = "changed while it was read";
    changes(
        "removed", [] { fs::remove(changed); }, anew);
    const auto folder = [] { fs::remove(changed), fs::create_directory(changed); };
    changes("a folder", folder, anew);
    for (const size_t left : {size_t(0), size_t(100), size_t(140), size_t(600)})
        changes(
            "cut to " + std::to_string(left), [=] { fs::resize_file(changed, left); }, anew);
    const auto end = [] { fs::resize_file(changed, fs::file_size(changed) - 3); };
    changes("cut at the end", end, anew);
    changes(
        "text", [] { std::ofstream(changed) << std::string(500, 'x'); }, anew);
    changes("rows", again([](recipe &r) { r.rows = 6; }), anew);
    changes("columns", again([](recipe &r) { r.columns = 10; }), anew);
    changes("bits", again([](recipe &r) { r.stored = 10, r.high = 9; }), anew);
    changes("sign", again([](recipe &r) { r.is_signed = true; }), anew);
    changes("colours", again([](recipe &r) { r.photometric = "RGB"; }), anew);
    changes("palette", again([](recipe &r) { r.photometric = "PALETTE COLOR"; }), anew);
    changes("rescale", again([](recipe &r) { r.slope = {"2"}; }), anew);
    changes("position", again([](recipe &r) { r.origin[2] = 0; }), anew);
}

/* A SEG copies the patient of the first image. */
static void headers_change()
{
    make([](recipe &) {});
    const study s = read_study("made");
    const grid g = arrange(s, choose(s, {}), {false, false});
    const std::vector<unsigned short> mask(g.area() * g.planes.size(), 1);
    for (const bool contours : {false, true}) {
        fs::remove("made/IM0");
        const std::string sentence = refused([&] {
            (contours ? write_rtstruct : write_seg)(
                s, g, mask, {{segment_of("1=liver", 0)}, {}}, "out/x.dcm");
        });
        check(sentence.find("made/IM0 changed while it was read") == 0, "patient",
            "says \"" + sentence + "\"");
        check(fs::is_empty("out"), "patient", "an object is left");
    }
}

static void labels_change()
{
    make([](recipe &) {});
    const study s = read_study("made");
    const grid g = arrange(s, choose(s, {}), {false, false});
    std::vector<unsigned short> mask(g.area() * g.planes.size(), 1);
    for (const bool contours : {false, true}) {
        const auto write = contours ? write_rtstruct : write_seg;
        mask[0] = 1;
        write(s, g, mask, {{segment_of("1=liver", 0)}, {}}, "out/x.dcm");
        const std::vector<label_file> labels = find_labels({"out/x.dcm"});
        mask[0] = 0;
        write(s, g, mask, {{segment_of("1=liver", 0)}, {}}, "out/x.dcm");
        const std::string sentence =
            refused([&] { read_labels(labels, s, g, number_names(labels)); });
        check(sentence == "out/x.dcm changed while it was read; try again", "labels",
            "says \"" + sentence + "\"");
        fs::remove("out/x.dcm");
    }
}

/* The names of files come first, so they too may be out of date. */
static void listed_files_change()
{
    make([](recipe &) {});
    const std::vector<std::string> paths = walk("made");
    fs::remove(changed);
    const std::string sentence = refused([&] { read_files(paths, "made"); });
    check(sentence == std::string(changed) + " is gone since it was listed; try again", "listed",
        "says \"" + sentence + "\"");
}

/* Of colours although the header has promised numbers, such as when photometrics are mixed. */
static void planes_differ()
{
    make([](recipe &r) { r.allocated = r.stored = 8, r.high = 7; });
    recipe other;
    other.allocated = other.stored = 8, other.high = 7, other.series = "2";
    other.prefix = "Z", other.photometric = "PALETTE COLOR";
    recipe_write(other, "made");
    const study s = read_study("made");
    grid g = arrange(s, choose(s, {"SeriesNumber=1"}), {false, false});
    g.frames[1] = choose(s, {"SeriesNumber=2"}).frames[1];
    for (const double share : {0.0, 0.5}) {
        g.planes[1].share = share;
        const std::string sentence = refused([&] { write_volume(s, g, "out/x.nii"); });
        check(sentence.find("made/Z1: its size or colours differ") == 0, "planes",
            "says \"" + sentence + "\"");
        check(fs::is_empty("out"), "planes", "a volume is left");
    }
    fs::remove_all("made"); /* bench/dicom reads what tests leave */
}

int main()
{
    recipe_codecs();
    begin_reading();
    fs::create_directory("out");
    pixels_change();
    headers_change();
    labels_change();
    listed_files_change();
    planes_differ();
    return checked();
}
