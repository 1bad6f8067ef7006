/* SPDX-License-Identifier: Apache-2.0 */
/* attunet-dicom: DICOM series become volumes, masks become DICOM SEG. */
#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>

#include <cstdio>
#include <cstring>
#include <new>

#include "seg.h"

static const char usage[] =
    "usage: attunet-dicom list DIR\n"
    "       attunet-dicom volume DIR -o FILE.nii.gz [--select KEY=VALUE|largest] [--allow-gaps]\n"
    "       attunet-dicom seg DIR --mask FILE.nii.gz -o FILE.dcm --segment LABEL=NAME...\n"
    "                         [--codes FILE.json] [--select ...] [--allow-gaps]\n"
    "\n"
    "list shows the series in a folder; volume writes one of them as NIfTI;\n"
    "seg writes a mask of that volume as DICOM SEG.\n"
    "  -o FILE          where to write; a volume is .nii.gz or .nii\n"
    "  --select CHOICE  which series: KEY=VALUE as `list` shows them, or largest; repeat to "
    "narrow\n"
    "  --allow-gaps     interpolate missing slices\n"
    "  --mask FILE      the mask, on the grid of the volume\n"
    "  --segment L=NAME what the value L of the mask is; one for each segment\n"
    "  --codes FILE     coded terms and colours of the segments, as dcmqi has them\n"
    "docs/dicom.md tells more.\n";

struct arguments {
    std::string command, input, output, mask, codes;
    selection select;
    std::vector<segment> segments;
    bool gaps = false;
};

static arguments parse(int argc, char **argv)
{
    arguments a;
    for (int i = 1; i < argc; i++) {
        const std::string word = argv[i];
        const bool takes = word == "-o" || word == "--select" || word == "--mask" ||
            word == "--segment" || word == "--codes";
        if (takes && i + 1 == argc)
            throw refusal(EXIT_USAGE, text("%s needs a value", word.c_str()));
        if (word == "-o")
            a.output = argv[++i];
        else if (word == "--select")
            a.select.push_back(argv[++i]);
        else if (word == "--mask")
            a.mask = argv[++i];
        else if (word == "--codes")
            a.codes = argv[++i];
        else if (word == "--segment")
            a.segments.push_back(segment_of(argv[++i], a.segments.size()));
        else if (word == "--allow-gaps")
            a.gaps = true;
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

static void run(const arguments &a)
{
    const bool volume = a.command == "volume", seg = a.command == "seg";
    if (!volume && !seg && a.command != "list")
        throw refusal(EXIT_USAGE,
            text("there is no command %s; attunet-dicom --help lists them", a.command.c_str()));
    if (a.input.empty())
        throw refusal(EXIT_USAGE, text("%s needs a folder with DICOM files", a.command.c_str()));
    if (volume && !ends(a.output, ".nii.gz") && !ends(a.output, ".nii"))
        throw refusal(EXIT_USAGE, "volume needs -o FILE that ends in .nii.gz or .nii");
    if (seg && (a.output.empty() || a.mask.empty() || a.segments.empty()))
        throw refusal(EXIT_USAGE, "seg needs -o FILE, --mask FILE and --segment LABEL=NAME");
    const study s = read_study(a.input);
    if (!volume && !seg) {
        for (const stack &k : group(s)) say(describe(s, k));
        if (s.objects)
            say(text("%d DICOM object%s without an image", s.objects, s.objects == 1 ? "" : "s"));
        if (s.others) say(text("%d file%s not DICOM", s.others, s.others == 1 ? " is" : "s are"));
        return;
    }
    const grid g = arrange(s, choose(s, a.select), a.gaps);
    if (volume) {
        write_volume(s, g, a.output);
        return;
    }
    std::vector<segment> segments = a.segments;
    if (!a.codes.empty()) segment_codes(a.codes, segments);
    write_seg(s, g, read_mask(a.mask, s, g), segments, a.output);
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
    OFLog::configure(OFLogger::OFF_LOG_LEVEL); /* its lines may quote values of a file */
    try {
        const arguments a = parse(argc, argv);
        if (!dcmDataDict.isDictionaryLoaded())
            throw refusal(EXIT_IO,
                "DCMTK's data dictionary is missing; install it again, or set DCMDICTPATH");
        DJDecoderRegistration::registerCodecs();
        DJLSDecoderRegistration::registerCodecs();
        DcmRLEDecoderRegistration::registerCodecs();
        run(a);
    } catch (const refusal &r) {
        fprintf(stderr, "attunet-dicom: %s\n", r.what());
        return r.code;
    } catch (const std::bad_alloc &) {
        fputs("attunet-dicom: there is not enough memory; close other programs\n", stderr);
        return EXIT_MEMORY;
    }
    return fflush(stdout) ? EXIT_IO : 0;
}
