/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-dicom reads made series: values exact, affine to 1e-4 mm, refusals by their sentence. */
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "recipe.h"
#include "volume.h"

namespace fs = std::filesystem;

static std::string program;

static std::string fresh(const std::string &name)
{
    fs::remove_all(name);
    fs::create_directory(name);
    return name;
}

static bool is_private(const std::string &s)
{
    return s.find(SECRET_NAME) == std::string::npos && s.find(SECRET_ID) == std::string::npos &&
        s.find(SECRET_DATE) == std::string::npos;
}

static int convert(const std::string &name, std::vector<std::string> options)
{
    std::vector<std::string> words = {program, "volume", name, "-o", name + ".nii.gz"};
    words.insert(words.end(), options.begin(), options.end());
    fs::remove(name + ".nii.gz");
    const int status = run(words);
    check(is_private(said), name, "its words name the patient");
    return status;
}

/* LPS of the voxel (0,0,k) and of steps along columns and rows. */
static void expect_affine(
    const recipe &r, const std::string &name, const volume &v, double step, int first)
{
    const double *o = r.orientation;
    for (int i = 0; i < 3; i++) {
        const int a = (i + 1) % 3, b = (i + 2) % 3, flip = i < 2 ? -1 : 1;
        const double normal = o[a] * o[3 + b] - o[b] * o[3 + a] + r.shear[i];
        const double want[4] = {o[i] * r.spacing[1], o[3 + i] * r.spacing[0], normal * step,
            r.origin[i] + recipe_at(r, first) * normal};
        for (int k = 0; k < 4; k++)
            check(fabs((double)v.affine[i][k] - flip * want[k]) < 1e-4, name,
                "affine " + std::to_string(i) + "," + std::to_string(k) + " is " +
                    std::to_string(v.affine[i][k]) + ", not " + std::to_string(flip * want[k]));
    }
}

static double one_of(const std::vector<std::string> &list, int k)
{
    return atof(list[list.size() > 1 ? (size_t)k : 0].c_str());
}

static double wanted(const recipe &r, int x, int y, int slice, int position, int sample)
{
    const int v =
        recipe_stored(r, x, y, slice, r.photometric.rfind("YBR_FULL", 0) == 0 ? 0 : sample);
    if (r.photometric == "PALETTE COLOR") return recipe_stored(r, x, y, slice) * (sample + 1) % 256;
    if (r.photometric.rfind("YBR_FULL", 0) == 0) {
        const int own = r.photometric == "YBR_FULL" ? x : x - x % 2;
        const double b = recipe_stored(r, own, y, slice, 1) - 128,
                     c = recipe_stored(r, own, y, slice, 2) - 128,
                     add[3] = {1.402 * c, -0.344136 * b - 0.714136 * c, 1.772 * b};
        return std::min(255.0, std::max(0.0, floor(v + add[sample] + 0.5)));
    }
    if (r.table) return 60000 - 2 * std::max(0, std::min(v - r.table_first, r.table - 1));
    const double slope = one_of(r.slope, position);
    return v * (slope == 0 ? 1 : slope) + one_of(r.intercept, position);
}

/* slices: of the recipe, ascending. */
static void expect_values(
    const recipe &r, const std::string &name, const volume &v, const std::vector<int> &slices)
{
    const bool colours = v.type == 128;
    const int samples = colours ? 3 : 1;
    size_t at = 0, wrong = 0;
    for (int k : slices)
        for (int y = 0; y < r.rows; y++)
            for (int x = 0; x < r.columns; x++)
                for (int c = 0; c < samples; c++) {
                    const bool turned = r.multi == recipe::ENHANCED && r.reversed;
                    double want = wanted(r, x, y, turned ? r.slices - 1 - k : k, k, c);
                    if (v.type == 16) want = (double)(float)want;
                    wrong += at >= v.value.size() || v.value[at] != want;
                    at++;
                }
    check(v.size[0] == r.columns && v.size[1] == r.rows && at == v.value.size(), name,
        "size " + std::to_string(v.size[0]) + "," + std::to_string(v.size[1]) + "," +
            std::to_string(v.size[2]));
    check(wrong == 0, name, std::to_string(wrong) + " values differ");
}

static std::vector<int> all_of(const recipe &r)
{
    std::vector<int> k;
    for (int i = 0; i < r.slices; i++) k.push_back(i);
    return k;
}

typedef std::function<void(recipe &)> change;

/* A series reads as it was made. */
static void reads(const std::string &name, change f, int type = 4)
{
    recipe r;
    f(r);
    volume v;
    fresh(name);
    if (!recipe_write(r, name)) exit(1);
    const int status = convert(name, {});
    check(status == 0, name, "exit " + std::to_string(status));
    if (status || !volume_read(name + ".nii.gz", v)) return;
    check(v.type == type, name, "type " + std::to_string(v.type));
    check(is_private(std::string(v.bytes.begin(), v.bytes.end())), name, "it names the patient");
    expect_values(r, name, v, all_of(r));
    const double step =
        r.slices > 1 ? (recipe_at(r, r.slices - 1) - recipe_at(r, 0)) / (r.slices - 1) : 1;
    if (r.positions) expect_affine(r, name, v, step, 0);
    check(v.in_mm, name, "unit");
}

/* Several series in one folder; reads `which` of them, or -1: refuses with `sentence`. */
static void several(const std::string &name, std::vector<change> changes,
    std::vector<std::string> options, int which, const std::string &sentence)
{
    std::vector<recipe> all;
    fresh(name);
    for (const change &f : changes) {
        recipe r;
        r.prefix = std::string(1, (char)('A' + (int)all.size()));
        f(r);
        if (!recipe_write(r, name)) exit(1);
        all.push_back(r);
    }
    volume v;
    const int status = convert(name, options);
    check(said.find(sentence) != std::string::npos, name, "not said: " + sentence);
    check((status == 0) == (which >= 0), name, "exit " + std::to_string(status));
    if (which < 0) check(!fs::exists(name + ".nii.gz"), name, "a refusal leaves a file");
    if (which < 0 || status || !volume_read(name + ".nii.gz", v)) return;
    const recipe &r = all[(size_t)which];
    expect_values(r, name, v, all_of(r));
    expect_affine(r, name, v, recipe_at(r, 1) - recipe_at(r, 0), 0);
}

static void refuses(const std::string &name, change f, const std::string &sentence)
{
    several(name, {f}, {}, -1, sentence);
}

static void oblique(recipe &r)
{
    const double a = 0.3, c = cos(a), s = sin(a), o[6] = {c, s, 0, -s * c, c * c, s};
    for (int i = 0; i < 6; i++) r.orientation[i] = o[i];
}

static void turn(recipe &r, std::vector<double> o)
{
    for (size_t i = 0; i < 6; i++) r.orientation[i] = o[i];
}

static void geometry()
{
    reads("plain", [](recipe &) {});
    reads("reversed", [](recipe &r) { r.reversed = true; });
    reads("oblique", oblique);
    reads("sagittal", [](recipe &r) { turn(r, {0, 1, 0, 0, 0, -1}); });
    reads("coronal", [](recipe &r) { turn(r, {1, 0, 0, 0, 0, -1}); });
    reads("feet_first", [](recipe &r) { turn(r, {-1, 0, 0, 0, 1, 0}); });
    reads("single", [](recipe &r) { r.slices = 1; });
    reads("two", [](recipe &r) { r.slices = 2; });
    reads("nearly_even", [](recipe &r) { r.at = {0, 2.501, 4.999, 7.5}; });
    reads("rounded", [](recipe &r) { r.at = {0, 1.2, 2.5, 3.8, 5}, r.slices = 5; });
    reads("many", [](recipe &r) { r.slices = 120, r.rows = r.columns = 4; });
    reads("two_thousand", [](recipe &r) { r.slices = 2000, r.rows = r.columns = 2; });
    for (int n : {1, 3, 5, 11, 17})
        reads("odd_" + std::to_string(n), [=](recipe &r) {
            r.rows = n, r.columns = n + 2;
            r.multi = n % 2 && n > 4 ? recipe::ENHANCED : recipe::SINGLE;
        });
    reads("oblique_reversed", [](recipe &r) { oblique(r), r.reversed = true; });
    reads("oblique_enhanced", [](recipe &r) { oblique(r), r.multi = recipe::ENHANCED; });
    reads("oblique_tilted", [](recipe &r) { oblique(r), r.shear[0] = 0.1, r.shear[2] = 0; });
    reads("tilted_back", [](recipe &r) { r.shear[1] = -0.2, r.reversed = true; });
    reads("slight_tilt", [](recipe &r) { r.shear[1] = 0.02; });
    reads("thin", [](recipe &r) { r.at = {0, 0.1, 0.2, 0.3}; });
    reads("far_away", [](recipe &r) { r.origin[2] = -1834.5; });
    reads("wide_pixels", [](recipe &r) { r.spacing[0] = 4, r.spacing[1] = 0.0625; });
    reads("overlapping", [](recipe &r) { r.at = {0, 0.625, 1.25, 1.875}; });
    reads("tilted", [](recipe &r) { r.shear[1] = tan(15 * M_PI / 180); });
    check(said.find("tilted by 15.0 degrees") != std::string::npos, "tilted", "tilt is not said");
    refuses(
        "crooked",
        [](recipe &r) {
            r.shear[1] = 0;
            r.at = {0, 2.5, 5, 7.5};
            r.tag = "ImageOrientationPatient";
            r.value = "1\\0\\0\\0\\1";
        },
        "ImageOrientationPatient (0020,0037) does not hold 6 numbers");
    refuses(
        "not_unit",
        [](recipe &r) {
            turn(r, {1, 0, 0, 0, 2, 0});
        },
        "is not two unit vectors at a right angle");
    refuses(
        "not_finite", [](recipe &r) { r.tag = "ImagePositionPatient", r.value = "nan\\0\\0"; },
        "ImagePositionPatient (0020,0032) does not hold 3 numbers");
    refuses(
        "no_spacing", [](recipe &r) { r.pixel_spacing = false; },
        "it has a position but no PixelSpacing (0028,0030)");
    refuses(
        "tiny", [](recipe &r) { r.spacing[0] = 1e-300; },
        "PixelSpacing (0028,0030) is not above 0");
    refuses(
        "huge", [](recipe &r) { r.spacing[1] = 1e300; },
        "PixelSpacing (0028,0030) holds 1e+300, which is more than it can be");
    refuses(
        "beyond",
        [](recipe &r) {
            r.at = {0, 2.5, 5, 1e12};
        },
        "ImagePositionPatient (0020,0032) holds 1e+12, which is more than it can be");
    recipe digits; /* of the file are rounded */
    turn(digits, {1.00005, 0, 0, 0, 1.00005, 0}), digits.slices = 1;
    recipe_write(digits, fresh("digits"));
    check(convert("digits", {}) == 0, "digits", "exit");
    check(said.find("tilt") == std::string::npos, "digits", "it is no tilt");
}

static void gaps()
{
    const auto gap = [](recipe &r) { r.at = {0, 2.5, 7.5, 10}; };
    refuses("gap", gap, "1 slice is missing, the first behind gap/A1");
    recipe r;
    gap(r);
    volume v;
    check(convert("gap", {"--allow-gaps"}) == 0, "gap", "--allow-gaps");
    check(volume_read("gap.nii.gz", v) && v.size[2] == 5, "gap", "planes");
    const size_t plane = (size_t)(r.rows * r.columns);
    for (size_t i = 0; i < plane; i++)
        check(v.value[2 * plane + i] == round((v.value[plane + i] + v.value[3 * plane + i]) / 2),
            "gap", "interpolated");
    check(v.value[3 * plane] == wanted(r, 0, 0, 2, 2, 0), "gap", "source plane");
    expect_affine(r, "gap", v, 2.5, 0);

    refuses(
        "fine_gap", /* narrower than twice the mean spacing */
        [](recipe &f) {
            f.at = {0, 0.02};
            for (int i = 0; i < 20; i++) f.at.push_back(f.at.back() + 0.0299);
            f.at.push_back(f.at.back() + 0.04);
            f.slices = 23;
        },
        "1 slice is missing, the first behind fine_gap/A21");

    recipe u; /* head CT: thin below, thick above */
    u.at = {0, 2, 4, 7, 10};
    u.slices = 5;
    fresh("variable");
    recipe_write(u, "variable");
    check(convert("variable", {}) == 0, "variable", "exit");
    check(said.find("resampled to 2 mm") != std::string::npos, "variable", "not said");
    check(volume_read("variable.nii.gz", v) && v.size[2] == 6, "variable", "planes");
    check(v.value[2 * plane] == wanted(u, 0, 0, 2, 2, 0), "variable", "source plane");
    check(v.value[3 * plane] ==
            round(wanted(u, 0, 0, 2, 2, 0) +
                (wanted(u, 0, 0, 3, 3, 0) - wanted(u, 0, 0, 2, 2, 0)) * 2 / 3),
        "variable", "between");
    expect_affine(u, "variable", v, 2, 0);
}

static void values()
{
    reads("signed", [](recipe &r) { r.is_signed = true, r.intercept = {"0"}; });
    reads(
        "sixteen", [](recipe &r) { r.stored = 16, r.high = 15, r.intercept = {"0"}; }, 512);
    reads("sixteen_signed",
        [](recipe &r) { r.stored = 16, r.high = 15, r.is_signed = true, r.intercept = {"0"}; });
    reads(
        "wide", [](recipe &r) { r.stored = 16, r.high = 15; }, 512);
    reads("wide_signed",
        [](recipe &r) { r.stored = 16, r.high = 15, r.is_signed = true, r.slope = {"2"}; });
    reads(
        "wide_slopes",
        [](recipe &r) {
            r.stored = 16, r.high = 15, r.intercept = {"-1024", "-1000", "0", "5"};
        },
        8);
    reads(
        "eight", [](recipe &r) { r.allocated = r.stored = 8, r.high = 7, r.intercept = {"0"}; }, 2);
    reads("signed_shifted",
        [](recipe &r) { r.is_signed = true, r.stored = 10, r.high = 11, r.overlay = 0x3000; });
    reads("signed_overlay",
        [](recipe &r) { r.is_signed = true, r.overlay = 0xF000, r.intercept = {"0"}; });
    reads("ten_bits", [](recipe &r) { r.stored = 10, r.high = 9; });
    reads(
        "one_bit", [](recipe &r) { r.stored = 1, r.high = 0, r.intercept = {"0"}; }, 2);
    reads("slope_two", [](recipe &r) { r.slope = {"2"}; });
    reads("slope_zero", [](recipe &r) { r.slope = {"0"}; });
    reads("slope_negative", [](recipe &r) { r.slope = {"-1"}, r.intercept = {"0"}; });
    reads(
        "fraction", [](recipe &r) { r.slope = {"0.001"}, r.intercept = {"0.5"}; }, 16);
    for (E_TransferSyntax syntax : {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit})
        reads(
            syntax == EXS_LittleEndianExplicit ? "signed_table" : "signed_table_implicit",
            [=](recipe &r) {
                r.is_signed = true, r.table = 3000, r.table_first = -1800, r.syntax = syntax;
            },
            512);
    reads(
        "one_pixel",
        [](recipe &r) {
            r.rows = r.columns = r.slices = 1;
            r.allocated = r.stored = 8, r.high = 7, r.intercept = {"0"};
        },
        2);
    reads("overlay", [](recipe &r) { r.overlay = 0xF000; });
    reads("shifted", [](recipe &r) { r.stored = 10, r.high = 11, r.overlay = 0x3000; });
    reads(
        "slopes",
        [](recipe &r) {
            r.slope = {"0.5", "0.25", "1.75", "2"}, r.modality = "PT";
            r.intercept = {"0"};
        },
        16);
    reads("intercepts", [](recipe &r) { r.intercept = {"-1024", "-1000", "0", "5"}; });
    reads(
        "table", [](recipe &r) { r.table = 200; }, 512);
    reads("monochrome1", [](recipe &r) { r.photometric = "MONOCHROME1"; });
    check(said.find("MONOCHROME1") != std::string::npos, "monochrome1", "not said");
    reads("padding", [](recipe &r) { r.tag = "PixelPaddingValue", r.value = "0"; });
    const auto colours = [](recipe &r) {
        r.allocated = r.stored = 8, r.high = 7, r.slices = 1, r.modality = "US";
        r.intercept = {"0"}, r.photometric = "RGB", r.positions = false;
    };
    reads("rgb", colours, 128);
    for (const char *name : {"YBR_FULL", "YBR_FULL_422"})
        reads(
            name,
            [&](recipe &r) {
                colours(r);
                r.photometric = name, r.columns = 64, r.rows = 50;
            },
            128);
    reads(
        "palette", [&](recipe &r) { colours(r), r.photometric = "PALETTE COLOR"; }, 128);
    check(said.find("16 bits") == std::string::npos, "palette", "8 bits are enough for it");
    reads(
        "fine_palette",
        [&](recipe &r) { colours(r), r.photometric = "PALETTE COLOR", r.fine = 200; }, 128);
    check(said.find("the palette has colours of 16 bits, of which the upper 8 are kept") !=
            std::string::npos,
        "fine_palette", "lost bits are not said");
    const auto segments = [&](recipe &r, int bits) {
        colours(r);
        r.photometric = "PALETTE COLOR", r.segments = bits, r.columns = 64;
    };
    for (int bits : {8, 16}) {
        const std::string name = "segments_" + std::to_string(bits);
        reads(
            name, [&](recipe &r) { segments(r, bits); }, 128);
        check(said.empty(), name, "8 bits are enough for it");
        for (E_TransferSyntax syntax : {EXS_BigEndianExplicit, EXS_RLELossless})
            reads(
                name + (syntax == EXS_RLELossless ? "_rle" : "_big"),
                [&](recipe &r) { segments(r, bits), r.syntax = syntax; }, 128);
    }
    for (const auto &bits : {std::make_pair(32, 32), std::make_pair(16, 16), std::make_pair(16, 12),
             std::make_pair(8, 5)})
        refuses(
            "rgb_" + std::to_string(bits.second),
            [&](recipe &r) {
                colours(r);
                r.allocated = bits.first, r.stored = bits.second, r.high = r.stored - 1;
            },
            "BitsStored (0028,0101) is not 8, which colours need");
    refuses(
        "bad_slope", [](recipe &r) { r.slope = {"nan"}; },
        "RescaleSlope (0028,1053) does not hold 1 number");
    refuses(
        "steep", [](recipe &r) { r.slope = {"1e39"}; },
        "RescaleSlope (0028,1053) holds 1e+39, which is more than it can be");
    refuses(
        "bad_bits", [](recipe &r) { r.stored = 12, r.high = 5; },
        "BitsStored (0028,0101) and HighBit");
}

static void syntaxes()
{
    const struct {
        const char *name;
        E_TransferSyntax syntax;
    } all[] = {{"implicit", EXS_LittleEndianImplicit}, {"big_endian", EXS_BigEndianExplicit},
        {"deflated", EXS_DeflatedLittleEndianExplicit}, {"rle", EXS_RLELossless},
        {"jpeg_lossless", EXS_JPEGProcess14SV1}, {"jpeg_ls", EXS_JPEGLSLossless}};
    for (const auto &one : all) {
        reads(one.name, [&](recipe &r) { r.syntax = one.syntax; });
        reads(std::string(one.name) + "_frames", [&](recipe &r) {
            r.syntax = one.syntax;
            r.multi = recipe::ENHANCED;
        });
    }
    refuses(
        "big_endian_wide",
        [](recipe &r) {
            r.syntax = EXS_BigEndianExplicit, r.allocated = r.stored = 32, r.high = 31;
        },
        "32 bits are big endian, which programs write with either half first");
#ifdef ATT_OPENJPEG
    const auto jpeg2000 = [](recipe &r) {
        r.syntax = EXS_JPEG2000LosslessOnly, r.rows = 40, r.columns = 33;
    };
    reads("jpeg2000", jpeg2000);
    reads("jpeg2000_frames", [&](recipe &r) { jpeg2000(r), r.multi = recipe::ENHANCED; });
    reads("jpeg2000_signed",
        [&](recipe &r) { jpeg2000(r), r.is_signed = true, r.intercept = {"0"}; });
    reads(
        "jpeg2000_sixteen",
        [&](recipe &r) { jpeg2000(r), r.stored = 16, r.high = 15, r.intercept = {"0"}; }, 512);
    for (const int tile : {0, 512, 300}) /* large enough for strips, also with sanitizers */
        reads("jpeg2000_tiles_" + std::to_string(tile), [&](recipe &r) {
            jpeg2000(r), r.slices = 1, r.rows = 2100, r.columns = 2050, r.tile = tile;
        });
    reads(
        "jpeg2000_colours",
        [&](recipe &r) {
            jpeg2000(r);
            r.allocated = r.stored = 8, r.high = 7, r.slices = 1, r.modality = "US";
            r.intercept = {"0"}, r.photometric = "YBR_RCT", r.positions = false;
        },
        128);
#endif
    reads(
        "no_preamble", [](recipe &r) { r.preamble = false, r.syntax = EXS_LittleEndianImplicit; });
}

static void frames()
{
    reads("enhanced", [](recipe &r) { r.multi = recipe::ENHANCED; });
    reads("enhanced_reversed", [](recipe &r) { r.multi = recipe::ENHANCED, r.reversed = true; });
    reads("enhanced_slopes", [](recipe &r) {
        r.multi = recipe::ENHANCED;
        r.slope = {"1", "2", "3", "4"};
    });
    reads("nuclear", [](recipe &r) { r.multi = recipe::CLASSIC, r.modality = "NM"; });
    refuses(
        "many_frames", [](recipe &r) { r.slices = 1, r.tag = "NumberOfFrames", r.value = "60000"; },
        "NumberOfFrames (0028,0008) is more than its pixels are enough for");
    refuses(
        "film", [](recipe &r) { r.multi = recipe::CLASSIC, r.modality = "US"; },
        "they are a film, not a volume");
}

static void choices()
{
    const auto second = [](recipe &r) { r.series = "2", r.slices = 6, r.description = "thin"; };
    const auto same = [](recipe &) {};
    several("two_series", {same, second}, {}, -1,
        "holds 2 series or parts of series; give a folder with one of them, or choose one");
    several("by_number", {same, second}, {"--select", "SeriesNumber=2"}, 1, "");
    several("by_text", {same, second}, {"--select", "SeriesDescription=made"}, 0, "");
    several("largest", {same, second}, {"--select", "largest"}, 1, "");
    several("no_such", {same, second}, {"--select", "SeriesNumber=5"}, -1,
        "has no series with SeriesNumber=5");
    several("no_key", {same, second}, {"--select", "PatientName=x"}, -1, "this key is unknown");
    const auto localizer = [](recipe &r) {
        r.type = "ORIGINAL\\PRIMARY\\LOCALIZER", r.slices = 1;
        turn(r, {1, 0, 0, 0, 0, -1});
    };
    several("localizer", {same, localizer}, {}, 0,
        "ignored 1 image of the same series: localizer/B0 is a localizer");
    const auto derived = [](recipe &r) { r.type = "DERIVED\\SECONDARY", r.rows = 5; };
    several("derived", {derived, same}, {}, 1,
        "ignored 4 images of the same series: derived/A0 has another size");
    const auto report = [](recipe &r) { r.positions = false, r.slices = 1, r.rows = 30; };
    several("report", {same, report}, {}, 0,
        "ignored 1 image of the same series: report/B0 has no position");
    const auto echo = [](int n) {
        return [=](recipe &r) {
            r.tag = "EchoNumbers", r.value = std::to_string(n), r.phase = n, r.modality = "MR";
        };
    };
    several("echoes", {echo(1), echo(2)}, {}, -1, "EchoNumbers=2");
    several("echo", {echo(1), echo(2)}, {"--select", "EchoNumbers=2"}, 1, "");
    const auto b = [](const char *v) {
        return [=](recipe &r) { r.tag = "DiffusionBValue", r.value = v, r.phase = atoi(v); };
    };
    several("b_value", {b("0"), b("1000")}, {"--select", "DiffusionBValue=1000"}, 1, "");
    const auto own_b = [](const char *v) {
        return [=](recipe &r) { r.own_b_value = v, r.phase = atoi(v) + 1, r.modality = "MR"; };
    };
    several("own_b_values", {own_b("0"), own_b("800")}, {}, -1, "DiffusionBValue=800");
    several("own_b", {own_b("0"), own_b("800")}, {"--select", "DiffusionBValue=800"}, 1, "");
    const auto tagged = [](const char *tag, const char *v) {
        return [=](recipe &r) { r.tag = tag, r.value = v, r.phase = atoi(v), r.modality = "MR"; };
    };
    for (const char *tag : {"EchoTime", "FrameReferenceTime"})
        several(
            tag, {tagged(tag, "10"), tagged(tag, "20")}, {}, -1, std::string(", ") + tag + "=20");
    const auto at = [&](const char *v) { return tagged("AcquisitionTime", v); };
    several("clock", {at("101112"), at("101314")}, {}, -1,
        "series=eedf7a4d.1: MR, 4 images of 9x7, AcquisitionTime 1 of 2");
    check(said.find("1011") == std::string::npos, "clock", "the time of day is printed");
    const auto mosaic = [](recipe &r) { r.type = "ORIGINAL\\PRIMARY\\M\\MOSAIC", r.slices = 1; };
    several("mosaic", {mosaic}, {}, -1, "it is a MOSAIC (ImageType (0008,0008))");
    several("beside_mosaic", {mosaic, second}, {}, 1, "ignored 1 other series");
    several("copies", {same, same}, {}, 0, "ignored 4 images that repeat another");
    const auto other = [](recipe &r) { r.phase = 1; };
    several("differ", {same, other}, {}, -1, "have the same ImagePositionPatient (0020,0032)");
    several("escape", {same, [](recipe &r) { r.series = "3", r.description = "a\x1b[31mb"; }}, {},
        -1, "\"a?[31mb\"");
    const auto wider = [](recipe &r) { r.spacing[0] = 0.8; };
    several("spacings", {same, wider}, {}, -1, "4 images of 9x7, pixels of 0.5x0.8 mm");
    several("references", {same, [](recipe &r) { r.reference = "4", r.phase = 1; }}, {}, -1,
        "4 images of 9x7, frame of reference ");
    several("orientations",
        {same,
            [](recipe &r) {
                turn(r, {1, 0, 0, 0, 0, -1});
            }},
        {}, -1, "4 images of 9x7, orientation 1\\0\\0\\0\\0\\-1");
    const auto alone = [](double z) {
        return [=](recipe &r) { r.spacing[0] = 0.8, r.at = {z}, r.slices = 1; };
    };
    several("end", {same, alone(10)}, {}, 0,
        "ignored 1 image of the same series: end/B0 has another PixelSpacing (0028,0030)");
    several("middle",
        {[](recipe &r) {
             r.at = {0, 2.5, 7.5, 10};
         },
            alone(5)},
        {}, -1, "(0020,0032); middle/B0 has another PixelSpacing (0028,0030); complete the series");
}

/* Of one enhanced file, the frames with a value of a tag: `from` to `end` of the recipe. `listed`:
 * what a refusal without a choice says. */
static void part_of_file(const std::string &name, const change &f, const std::string &which,
    const std::string &listed, int from, int end)
{
    recipe r;
    r.multi = recipe::ENHANCED, r.modality = "MR", r.slices = 8;
    r.at = {0, 2.5, 5, 7.5, 0, 2.5, 5, 7.5};
    f(r);
    recipe_write(r, fresh(name));
    check(convert(name, {}) == 3 && said.find(listed) != std::string::npos, name,
        "not said: " + listed);
    volume v;
    check(convert(name, {"--select", which}) == 0 && volume_read(name + ".nii.gz", v), name,
        "--select " + which);
    std::vector<int> slices;
    for (int k = from; k < end; k++) slices.push_back(k);
    expect_values(r, name, v, slices);
    if (r.turned_from >= r.slices) expect_affine(r, name, v, 2.5, from);
}

static void dimensions()
{
    for (const auto &one : {std::make_pair("StackID", "2"), std::make_pair("FrameType", "PHASE"),
             std::make_pair("EffectiveEchoTime", "20"), std::make_pair("DiffusionBValue", "800"),
             std::make_pair("TemporalPositionIndex", "3")})
        part_of_file(
            std::string("frames_") + one.first,
            [&](recipe &r) {
                r.frame_tag = one.first;
                for (int k = 0; k < 8; k++) r.frame_values.push_back(k < 4 ? "1" : one.second);
            },
            std::string(one.first) + "=" + one.second, std::string(one.first) + "=" + one.second, 4,
            8);
    const change turned = [](recipe &r) {
        r.turned_from = 4, r.frame_tag = "StackID";
        r.at = {0, 2.5, 5, 7.5, 10, 12.5, 15, 17.5};
        for (int k = 0; k < 8; k++) r.frame_values.push_back(k < 4 ? "1" : "2");
    };
    part_of_file("stack", turned, "StackID=1", "holds 2 series or parts of series", 0, 4);
}

/* Pictures without a position: mm of a pixel along x and y, and what is said of them. */
static void picture(
    const std::string &name, const change &f, double x, double y, const std::string &sentence)
{
    recipe r;
    r.slices = 1, r.positions = r.pixel_spacing = false, r.modality = "US";
    f(r);
    recipe_write(r, fresh(name));
    volume v;
    check(convert(name, {}) == 0 && volume_read(name + ".nii.gz", v), name, "exit");
    check(said.find(sentence) != std::string::npos && said.empty() == sentence.empty(), name,
        "not said: " + sentence);
    check(fabs((double)v.affine[0][0] + x) < 1e-6 && fabs((double)v.affine[1][1] + y) < 1e-6, name,
        "spacing " + std::to_string(v.affine[0][0]));
    check(v.in_mm == (sentence.find("no tag tells") == std::string::npos), name, "unit");
    expect_values(r, name, v, {0});
}

static void pictures()
{
    const std::string none = "no tag tells the pixel spacing; give it to attunet with --voxel-size";
    picture(
        "x_ray", [](recipe &r) { r.tag = "ImagerPixelSpacing", r.value = "0.3\\0.2"; }, 0.2, 0.3,
        "measured at the detector, not in the patient");
    for (const char *const value : {"0.75\\0.5", "0.8\\0.6"}) { /* a copy, or calibrated */
        const bool copy = value[3] == '5';
        picture(
            copy ? "x_ray_copy" : "x_ray_calibrated",
            [&](recipe &r) {
                r.pixel_spacing = true, r.tag = "ImagerPixelSpacing", r.value = value;
            },
            0.5, 0.75, copy ? "measured at the detector, not in the patient" : "");
    }
    picture(
        "no_size", [](recipe &) {}, 1, 1, none);
    picture(
        "region",
        [](recipe &r) {
            r.regions = {{0.02, -0.03}};
        },
        0.2, 0.3, "");
    picture(
        "regions",
        [](recipe &r) {
            r.regions = {{0.02, 0.03}, {0.02, 0.03}};
        },
        0.2, 0.3, "");
    picture(
        "two_regions",
        [](recipe &r) {
            r.regions = {{0.02, 0.03}, {0.05, 0.03}};
        },
        1, 1, none);
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    program = argv[1];
    recipe_codecs();
    geometry();
    gaps();
    values();
    syntaxes();
    frames();
    choices();
    dimensions();
    pictures();
    return checked();
}
