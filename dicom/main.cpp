/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-dicom: DICOM series become volumes, masks become DICOM SEG. */
#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iterator>
#include <new>

#include "derived.h"
#include "elements.h"
#include "seg.h"
#include "set.h"

static const char usage[] =
    "usage: attunet-dicom list DIR\n"
    "       attunet-dicom index DIR\n"
    "       attunet-dicom volume DIR -o FILE.nii.gz [--select KEY=VALUE|largest] [--allow-gaps]\n"
    "       attunet-dicom labels DIR -o FILE.nii.gz [--labels PATH] [--segment LABEL=NAME...]\n"
    "       attunet-dicom set DIR -o FOLDER [--segment LABEL=NAME...] [--allow-gaps]\n"
    "       attunet-dicom seg DIR --mask FILE.nii.gz -o FILE.dcm --segment LABEL=NAME...\n"
    "                         [--codes FILE.json] [--select ...] [--allow-gaps]\n"
    "       attunet-dicom rtstruct ... (the arguments of seg)\n"
    "       attunet-dicom segments --segment LABEL=NAME... [--codes FILE.json]\n"
    "\n"
    "list      print the series in a folder\n"
    "index     print each image file with its UIDs, for programs\n"
    "volume    write a series as a NIfTI volume\n"
    "labels    write the SEG and RTSTRUCT files of a series as a NIfTI mask\n"
    "set       write all series and labels in a folder as a data set for training\n"
    "seg       write a mask of a volume as DICOM SEG\n"
    "rtstruct  write a mask of a volume as DICOM RTSTRUCT (contours)\n"
    "segments  check the names and codes of segments, before there is a mask\n"
    "\n"
    "  -o FILE            write to this file; the name of a volume ends in .nii.gz or .nii\n"
    "  --select CHOICE    which series: KEY=VALUE as `list` shows it, or largest; if repeated, "
    "all\n"
    "                     must hold\n"
    "  --allow-gaps       interpolate missing slices; without it, they are an error\n"
    "  --identify         also print what names the patient\n"
    "  --straighten       shift slices onto a straight grid if the gantry tilt is above 2 "
    "degrees;\n"
    "                     set always does\n"
    "  --own-slices       refuse a series if the slices of its volume would differ from its own\n"
    "  --modality LIST    warn if the Modality of the series is none of these, such as CT,MR, or\n"
    "                     if its values mean something else\n"
    "  --patient-of DIR   refuse a series that is not of the patient of the series in DIR\n"
    "  --labels PATH      SEG and RTSTRUCT files, if they are not in DIR\n"
    "  --mask FILE        the mask, on the grid of the volume\n"
    "  --probability FILE instead of --mask: a probability for each segment, in their order\n"
    "  --check            only whether the series can have a SEG or RTSTRUCT, without --mask and "
    "-o\n"
    "  --segment L=NAME   the class of the value L in the mask, one for each segment; for labels "
    "and\n"
    "                     set: a structure to use, and its value in the mask\n"
    "  --codes FILE       coded terms and colours of the segments, in the JSON format of dcmqi\n"
    "\n"
    "docs/dicom.md explains all of it.\n";

struct arguments {
    std::string command, input, output, mask, codes, labels, modality, patient_of;
    selection select;
    std::vector<segment> segments;
    std::vector<std::string> probabilities;
    reading how = {};
    bool identify = false, check = false;
    std::vector<std::string> options; /* as they were given */
};

static arguments parse(int argc, char **argv)
{
    arguments a;
    for (int i = 1; i < argc; i++) {
        const std::string word = argv[i];
        const bool takes = word == "-o" || word == "--select" || word == "--mask" ||
            word == "--segment" || word == "--codes" || word == "--labels" ||
            word == "--probability" || word == "--modality" || word == "--patient-of";
        if (word.size() > 1 && word[0] == '-') a.options.push_back(word);
        if (takes && i + 1 == argc)
            throw refusal(EXIT_USAGE, text("%s needs a value", word.c_str()));
        if (word == "-o")
            a.output = argv[++i];
        else if (word == "--select")
            a.select.push_back(argv[++i]);
        else if (word == "--mask")
            a.mask = argv[++i];
        else if (word == "--labels")
            a.labels = argv[++i];
        else if (word == "--probability")
            a.probabilities.push_back(argv[++i]);
        else if (word == "--modality")
            a.modality = argv[++i];
        else if (word == "--patient-of")
            a.patient_of = argv[++i];
        else if (word == "--codes")
            a.codes = argv[++i];
        else if (word == "--segment")
            a.segments.push_back(segment_of(argv[++i], a.segments.size()));
        else if (word == "--allow-gaps")
            a.how.allow_gaps = true;
        else if (word == "--identify")
            a.identify = true;
        else if (word == "--check")
            a.check = true;
        else if (word == "--straighten")
            a.how.straighten = true;
        else if (word == "--own-slices")
            a.how.own_slices = true;
        else if (word.size() > 1 && word[0] == '-')
            throw refusal(EXIT_USAGE,
                text("there is no option %s; attunet-dicom --help lists them", word.c_str()));
        else if (a.command.empty())
            a.command = word;
        else if (a.input.empty())
            a.input = word;
        else
            throw refusal(
                EXIT_USAGE, text("%s is one folder too many; give one folder", word.c_str()));
    }
    return a;
}

static bool ends(const std::string &s, const std::string &tail)
{
    return s.size() > tail.size() && s.compare(s.size() - tail.size(), tail.size(), tail) == 0;
}

/* Only on request: what names the patient. */
static void identify(const study &s, const stack &k)
{
    static const DcmTagKey tags[] = {DCM_PatientName, DCM_PatientID, DCM_PatientBirthDate,
        DCM_StudyDate, DCM_AccessionNumber, DCM_StudyInstanceUID, DCM_SeriesInstanceUID};
    DcmFileFormat whole;
    load(whole, s.file_of(k.frames[0]).path);
    whole.getDataset()->convertToUTF8(); /* a failure leaves the text as it is */
    for (const DcmTagKey &tag : tags) {
        const std::string v = element(*whole.getDataset(), tag);
        if (!v.empty()) say(text("%s: %s", DcmTag(tag).getTagName(), v.c_str()));
    }
}

static void list(const arguments &a)
{
    const study s = read_study(a.input);
    const std::vector<label_file> labels = known_labels(s.objects);
    const size_t objects = s.objects.size() - labels.size(), others = s.others.size();
    const std::vector<stack> all = group(s);
    for (const stack &k : all) {
        say(describe(s, k, all));
        if (a.identify) identify(s, k);
    }
    for (const label_file &one : labels) say(one.path + ": " + label_text(one));
    if (objects) say(text("%zu DICOM object%s without an image", objects, objects == 1 ? "" : "s"));
    if (others) say(text("%zu file%s not DICOM", others, others == 1 ? " is" : "s are"));
}

static label_values values_of(const arguments &a)
{
    label_values values;
    for (const segment &s : a.segments) values[s.name] = s.label;
    return values;
}

static void keep_input(const arguments &a, const std::string &path)
{
    std::error_code missing; /* both; a new name replaces nothing */
    if (std::filesystem::equivalent(path, a.output, missing))
        throw refusal(EXIT_USAGE,
            text("%s is an input and would be overwritten; give another name with -o",
                a.output.c_str()));
}

static void make_labels(const arguments &a, const study &s)
{
    const stack k = choose(s, a.select);
    const std::vector<stack> all = group(s);
    const auto is_foreign = [&](const label_file &l) {
        const label_fit fit = labels_fit(l, s, k.frames);
        return !fit || std::any_of(all.begin(), all.end(), [&](const stack &other) {
            return labels_fit(l, s, other.frames) > fit;
        });
    };
    std::vector<label_file> files = find_labels(a.labels.empty() ? s.objects : walk(a.labels));
    if (a.labels.empty())
        files.erase(std::remove_if(files.begin(), files.end(), is_foreign), files.end());
    if (files.empty())
        throw refusal(EXIT_DATA,
            text("%s holds no SEG or RTSTRUCT of this series; give one with --labels",
                a.labels.empty() ? a.input.c_str() : a.labels.c_str()));
    for (const label_file &one : files) keep_input(a, one.path);
    const label_values values = a.segments.empty() ? number_names(files) : values_of(a);
    class_names classes;
    for (const segment &s_ : a.segments) classes.emplace(s_.label, s_.name);
    for (const auto &one : values) classes.emplace(one.second, one.first);
    check_names(files, values);
    std::string command = "attunet-dicom labels " + shell_path(a.input);
    if (!a.labels.empty()) command += " --labels " + shell_path(a.labels);
    for (const std::string &one : a.select) command += " --select " + shell_word(one);
    check_classes(
        files, classes, values, command + " -o " + shell_path(a.output), !a.segments.empty());
    refuse_similar(a.input, files, values);
    const grid g = arrange(s, k, a.how);
    write_labels(g, read_labels(files, s, g, values), a.output);
    for (const auto &one : values) say(text("%d=%s", one.second, one.first.c_str()));
}

/* The options of each command. */
static const struct {
    const char *name, *options;
} commands[] = {{"list", " --identify "}, {"index", ""},
    {"volume",
        " -o --select --allow-gaps --identify --straighten --own-slices --modality --patient-of "},
    {"labels", " -o --select --allow-gaps --straighten --own-slices --labels --segment "},
    {"set", " -o --allow-gaps --segment "},
    {"seg",
        " -o --select --allow-gaps --identify --straighten --own-slices --mask --probability "
        "--segment --codes --check "},
    {"rtstruct",
        " -o --select --allow-gaps --identify --straighten --own-slices --mask --segment "
        "--codes --check "},
    {"segments", " --segment --codes "}};

static void check_options(const arguments &a)
{
    const auto command = std::find_if(std::begin(commands), std::end(commands),
        [&](const auto &one) { return a.command == one.name; });
    if (command == std::end(commands))
        throw refusal(EXIT_USAGE,
            text("there is no command %s; attunet-dicom --help lists them", a.command.c_str()));
    for (const std::string &one : a.options)
        if (!strstr(command->options, (" " + one + " ").c_str()))
            throw refusal(
                EXIT_USAGE, text("%s does not take %s; leave it out", command->name, one.c_str()));
}

/* A value has one segment; of labels, a name has one value. */
static void check_segments(const arguments &a)
{
    const bool labels = a.command == "labels" || a.command == "set";
    for (const segment &one : a.segments)
        for (const segment &other : a.segments)
            if (&one != &other &&
                (labels ? one.name == other.name && one.label != other.label
                        : one.label == other.label))
                throw refusal(EXIT_USAGE,
                    text("--segment %d=%s and --segment %d=%s contradict each other; leave one out",
                        one.label, one.name.c_str(), other.label, other.name.c_str()));
}

static void say_dropped(const std::vector<unsigned short> &mask, const std::vector<segment> &all)
{
    std::vector<bool> kept(65536);
    size_t dropped = 0;
    int one = 0;
    kept[0] = true;
    for (const segment &s : all) kept[(size_t)s.label] = true;
    for (unsigned short v : mask)
        if (!kept[v] && !dropped++) one = v;
    if (dropped)
        say(text("ignored %zu voxel%s of the mask whose value, such as %d, has no --segment",
            dropped, dropped == 1 ? "" : "s", one));
}

/* Of a model that was trained on others. A derived CT without a unit is in Hounsfield units as a
 * rule, so this prints nothing about it. */
static void warn_series(const std::string &wanted, const study &s, const stack &k)
{
    const file &f = s.file_of(k.frames[0]);
    const std::string inverse = f.modality + inverse_name, &folder = s.folder;
    if (wanted.empty() || f.modality.empty()) return;
    if (!lists(wanted, f.modality) && !lists(wanted, inverse))
        return say(text(
            "warning of modality: %s is %s, but the model was trained on %s; do not trust its mask",
            folder.c_str(), f.modality.c_str(), wanted.c_str()));
    if (!lists(wanted, f.is_inverse() ? inverse : f.modality))
        return say(text("warning of values: %s is MONOCHROME%d (0028,0004), but the model was "
                        "trained on MONOCHROME%d; do not trust its mask",
            folder.c_str(), f.is_inverse() ? 1 : 2, f.is_inverse() ? 2 : 1));
    for (int one : k.frames) {
        const hounsfield units = s.frames[(size_t)one].units;
        if (is_other_unit(units))
            return say(text("warning of values: %s may not be in Hounsfield units, as the images "
                            "of the training: %s; do not trust its mask",
                folder.c_str(), why_not_hounsfield(units)));
    }
}

/* Numbers of segments ascend with the values of the mask, however they were given. */
static terms terms_of(const arguments &a)
{
    terms t = {a.segments, {}};
    std::vector<segment> &all = t.segments;
    for (size_t i = 0; i < a.probabilities.size(); i++) all[i].probability = a.probabilities[i];
    std::sort(all.begin(), all.end(),
        [](const segment &one, const segment &other) { return one.label < other.label; });
    if (!a.codes.empty()) take_codes(a.codes, t);
    fit_names(all);
    return t;
}

/* A SEG or RTSTRUCT. The call that made the volume has said what there is to say of the series. */
static void make_object(const arguments &a, const study &s)
{
    std::vector<std::string> lines;
    stack k;
    grid g = {};
    {
        const listener hears(lines);
        k = choose(s, a.select);
        g = arrange(s, k, a.how);
    }
    if (a.identify) identify(s, k);
    const terms t = terms_of(a);
    if (a.check) {
        const char *what = a.command == "seg" ? "a segmentation" : "a structure set";
        check_source(s, g, what);
        if (a.command == "seg") check_size(s, g, t.segments.size(), a.probabilities.empty());
        return;
    }
    if (!a.probabilities.empty()) return write_fractional(s, g, t, a.output);
    const std::vector<unsigned short> mask = read_mask(a.mask, g);
    say_dropped(mask, t.segments);
    (a.command == "seg" ? write_seg : write_rtstruct)(s, g, mask, t, a.output);
}

/* What seg and rtstruct would refuse. */
static void check_only(const arguments &a)
{
    if (a.segments.empty() || !a.input.empty())
        throw refusal(EXIT_USAGE,
            "segments needs --segment LABEL=NAME and no folder; --help shows an example");
    terms_of(a);
}

static void run(const arguments &a)
{
    const std::string &c = a.command;
    const bool seg = c == "seg" || c == "rtstruct", nifti = c == "volume" || c == "labels";
    check_options(a);
    check_segments(a);
    if (c == "segments") return check_only(a);
    if (a.input.empty())
        throw refusal(EXIT_USAGE, text("%s needs a folder with DICOM files", c.c_str()));
    if (nifti && !ends(a.output, ".nii.gz") && !ends(a.output, ".nii"))
        throw refusal(EXIT_USAGE, text("%s needs -o FILE that ends in .nii.gz or .nii", c.c_str()));
    if (seg && a.check && (!a.output.empty() || !a.mask.empty() || a.segments.empty()))
        throw refusal(EXIT_USAGE,
            text("%s --check needs --segment LABEL=NAME, but neither -o nor --mask", c.c_str()));
    if (seg && !a.check &&
        (a.output.empty() || a.mask.empty() == a.probabilities.empty() || a.segments.empty()))
        throw refusal(
            EXIT_USAGE, text("%s needs -o FILE, --mask FILE and --segment LABEL=NAME", c.c_str()));
    if (!a.probabilities.empty() && (c != "seg" || a.probabilities.size() != a.segments.size()))
        throw refusal(EXIT_USAGE, "--probability is for seg; give one for each --segment");
    if (c == "set" && a.output.empty()) throw refusal(EXIT_USAGE, "set needs -o FOLDER");
    if (c == "list") return list(a);
    if (c == "index") return write_index(a.input);
    if (c == "set") return write_set(a.input, a.output, a.segments, {a.how.allow_gaps, true});
    for (const std::string &one : {a.mask, a.codes}) keep_input(a, one);
    for (const std::string &one : a.probabilities)
        if (!a.check) keep_input(a, one);
    const study s = read_study(a.input);
    for (const file &one : s.files) keep_input(a, one.path);
    if (c == "labels") return make_labels(a, s);
    if (seg) return make_object(a, s);
    const stack k = choose(s, a.select, a.modality);
    if (a.identify) identify(s, k);
    warn_series(a.modality, s, k);
    if (!a.patient_of.empty()) {
        const study other = read_study(a.patient_of);
        std::vector<std::string> lines; /* which the call for that folder says */
        const listener hears(lines);
        refuse_patients(other, choose(other, a.select), s, k, EXIT_USAGE);
    }
    const grid g = arrange(s, k, a.how);
    write_volume(s, g, a.output);
}

int main(int argc, char **argv)
{
    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        fputs(usage, argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_USAGE : 0;
    }
    if (!strcmp(argv[1], "--version")) {
        puts("attunet-dicom " ATTUNET_VERSION);
        return 0;
    }
    try {
        const arguments a = parse(argc, argv);
        if (!dcmDataDict.isDictionaryLoaded())
            throw refusal(EXIT_IO,
                "DCMTK's data dictionary is missing; install it again, or set DCMDICTPATH");
        begin_reading();
        run(a);
        if (fflush(stdout) != 0 || ferror(stdout))
            throw refusal(EXIT_IO, "cannot write to standard output; check the disk or the pipe");
    } catch (const refusal &r) {
        fprintf(stderr, "attunet-dicom: %s\n", r.what());
        return r.code;
    } catch (const std::bad_alloc &) {
        fputs("attunet-dicom: there is not enough memory; close other programs\n", stderr);
        return EXIT_MEMORY;
    } catch (const std::exception &e) { /* of files and folders */
        fprintf(stderr, "attunet-dicom: %s; check paths and permissions\n", e.what());
        return EXIT_IO;
    }
    return 0;
}
