/* SPDX-License-Identifier: Apache-2.0 */
#include "elements.h"

#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>

#include "hash.h"
#include "series.h"

namespace fs = std::filesystem;

static const char *volatile loading; /* a signal brings no argument */

memory_limit::memory_limit(double bytes)
{
    getrlimit(RLIMIT_DATA, &before_);
#ifndef ATT_SANITIZED
    long pages = -1;
    FILE *in = fopen("/proc/self/statm", "r");
    if (in && fscanf(in, "%*d %*d %*d %*d %*d %ld", &pages) != 1) pages = -1;
    if (in) fclose(in);
    const double most = bytes + (double)pages * (double)sysconf(_SC_PAGESIZE);
    if (pages < 0 || most >= (double)before_.rlim_cur) return;
    const struct rlimit now = {(rlim_t)most, before_.rlim_max};
    setrlimit(RLIMIT_DATA, &now);
#else
    (void)bytes; /* a sanitizer has memory of its own */
#endif
}

memory_limit::~memory_limit() { setrlimit(RLIMIT_DATA, &before_); }

/* A file may inflate, and its elements take more memory than their bytes. */
static const double any_file = 256, times_its_size = 8; /* MiB */

OFCondition load(DcmFileFormat &whole, const std::string &path)
{
    const double mib = 1048576, size = (double)stamp_of(path)[0],
                 most = any_file + ceil(times_its_size * size / mib);
    OFCondition done;
    if (size < 0) return EC_InvalidStream; /* it is gone, or no file */
    loading = path.c_str();
    try {
        const memory_limit limit(most * mib);
        done = whole.loadFile(path.c_str());
    } catch (const std::bad_alloc &) {
        done = EC_MemoryExhausted;
    }
    loading = nullptr;
    if (done == EC_MemoryExhausted)
        throw refusal(EXIT_DATA,
            text("%s: reading it takes more than %.0f MiB of memory, which is %.0f MiB and %.0f "
                 "times its size; leave this file out",
                path.c_str(), most, any_file, times_its_size));
    return done;
}

static bool tell(const char *words)
{
    return write(STDERR_FILENO, words, strlen(words)) == (ssize_t)strlen(words);
}

/* DCMTK calls itself for each sequence in a sequence, so a file of many ends the stack. */
static void end_of_stack(int number, siginfo_t *what, void *)
{
    struct rlimit size = {};
    const char *here = (const char *)what->si_addr, *top = (const char *)environ;
    getrlimit(RLIMIT_STACK, &size);
    if (here < top && (rlim_t)(top - here) > size.rlim_cur - size.rlim_cur / 8 &&
        (rlim_t)(top - here) < size.rlim_cur + size.rlim_cur / 8 && loading &&
        tell("attunet-dicom: ") && tell(loading) &&
        tell(" is damaged DICOM (its sequences are nested too deep); leave this file out\n"))
        _exit(EXIT_DATA);
    signal(number, SIG_DFL); /* another fault, which comes again */
}

static void watch_stack()
{
    static char other[1 << 16];
    stack_t stack = {};
    stack.ss_sp = other;
    stack.ss_size = sizeof other;
    struct sigaction act = {};
    act.sa_sigaction = end_of_stack;
    act.sa_flags = SA_SIGINFO | SA_ONSTACK;
    if (sigaltstack(&stack, nullptr) == 0) sigaction(SIGSEGV, &act, nullptr);
}

void begin_reading()
{
    watch_stack();
    OFLog::configure(OFLogger::OFF_LOG_LEVEL); /* its lines may quote values of a file */
    dcmEnableUnknownVRConversion.set(OFTrue);
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
}

[[noreturn]] static void refuse_closed(const std::string &path, int why)
{
    struct stat there;
    if (why == ENOENT && lstat(path.c_str(), &there) != 0)
        throw refusal(EXIT_DATA, text("%s is gone since it was listed; try again", path.c_str()));
    if (why == ENOENT)
        throw refusal(EXIT_IO,
            text(
                "%s is a link to a file that does not exist; restore that file, or remove the link",
                path.c_str()));
    throw refusal(EXIT_IO,
        text("cannot read %s: %s; check its permissions and the disk, or move the file away",
            path.c_str(), strerror(why)));
}

/* Part 10 files have DICM at 128; those without a preamble begin with an element of group 8 or 2.
 * The command has the same rule (src/format/format.c). */
static bool begins_as_dicom(const unsigned char head[132])
{
    if (memcmp(head + 128, "DICM", 4) == 0) return true;
    if ((head[0] != 8 && head[0] != 2) || head[1] || head[2] > 0x20 || head[3]) return false;
    if (head[4] >= 'A' && head[4] <= 'Z' && head[5] >= 'A' && head[5] <= 'Z') return true;
    const size_t next = 8u + head[4];
    return head[4] && head[4] % 2 == 0 && !head[5] && !head[6] && !head[7] && next + 4 <= 132 &&
        head[next] == head[0] && !head[next + 1] && (head[next + 2] > head[2] || head[next + 3]);
}

bool is_dicom(const std::string &path)
{
    unsigned char head[132] = {0};
    errno = 0;
    const int fd = open_regular(path);
    const ssize_t size = fd < 0 ? -1 : read(fd, head, sizeof head);
    const int why = errno;
    if (fd >= 0) close(fd);
    if (size < 0 && why) refuse_closed(path, why);
    if (size == (ssize_t)sizeof head && begins_as_dicom(head)) return true;
    const std::string ending = fs::path(path).extension().string();
    if (ending != ".dcm" && ending != ".DCM") return false;
    throw refusal(EXIT_DATA,
        text("%s does not begin as DICOM, so it may be damaged; restore it, or remove it",
            path.c_str()));
}

file_stamp stamp_of(const std::string &path)
{
    struct stat s;
    if (stat(path.c_str(), &s) != 0 || !S_ISREG(s.st_mode)) return {-1, 0, 0};
    return {s.st_size, s.st_mtim.tv_sec * 1000000000LL + s.st_mtim.tv_nsec, (long long)s.st_ino};
}

void check_same(const std::string &path, const file_stamp &before)
{
    if (stamp_of(path) != before)
        throw refusal(EXIT_DATA, text("%s changed while it was read; try again", path.c_str()));
}

void load_first(DcmFileFormat &whole, const std::string &path)
{
    const OFCondition loaded = load(whole, path);
    if (loaded.bad() || whole.getDataset()->card() == 0)
        throw refusal(EXIT_DATA,
            text("%s is damaged DICOM (%s); leave this file out", path.c_str(),
                loaded.bad() ? loaded.text() : "it ends after its header"));
}

void load_again(DcmFileFormat &whole, const std::string &path, const file_stamp &before)
{
    const OFCondition loaded = load(whole, path);
    check_same(path, before);
    if (loaded.bad())
        throw refusal(EXIT_IO, text("cannot read %s: %s", path.c_str(), loaded.text()));
}

std::string element(DcmItem &item, const DcmTagKey &tag)
{
    OFString found;
    if (item.findAndGetOFStringArray(tag, found).bad()) return "";
    return trimmed(found.c_str());
}

unsigned long long patient_of(DcmItem &item)
{
    std::string id = element(item, DCM_PatientID);
    const bool plain =
        std::all_of(id.begin(), id.end(), [](char c) { return c >= ' ' && c < 127; });
    DcmDataset alone;
    OFString set;
    if (!plain && item.findAndGetOFStringArray(DCM_SpecificCharacterSet, set).good() &&
        alone.putAndInsertOFStringArray(DCM_SpecificCharacterSet, set).good() &&
        alone.putAndInsertString(DCM_PatientID, id.c_str()).good() && alone.convertToUTF8().good())
        id = element(alone, DCM_PatientID);
    return id.empty() ? 0 : fnv(id.data(), id.size());
}

std::string sop_class_of(DcmFileFormat &whole)
{
    const std::string v = element(*whole.getDataset(), DCM_SOPClassUID);
    return v.empty() && whole.getMetaInfo()
        ? element(*whole.getMetaInfo(), DCM_MediaStorageSOPClassUID)
        : v;
}

std::string element_name(const DcmTagKey &tag)
{
    DcmTag known(tag);
    return text("%s (%04X,%04X)", known.getTagName(), tag.getGroup(), tag.getElement());
}

int element_whole(
    const std::string &v, const DcmTagKey &tag, int least, int most, const std::string &path)
{
    char *end;
    const long n = strtol(v.c_str(), &end, 10);
    if (v.empty() || *end || n < least || n > most)
        throw refusal(EXIT_DATA,
            text("%s: its %s is not a whole number from %d to %d; leave this file out",
                path.c_str(), element_name(tag).c_str(), least, most));
    return (int)n;
}

int element_count(
    DcmItem &item, const DcmTagKey &tag, int missing, int most, const std::string &path, int least)
{
    const std::string v = element(item, tag);
    return v.empty() && missing >= 0 ? missing : element_whole(v, tag, least, most, path);
}

void element_numbers(const std::string &v, const DcmTagKey &tag, int count, double *to,
    const std::string &path, double most)
{
    const char *at = v.c_str();
    for (int i = 0; i < count; i++) {
        char *end;
        to[i] = strtod(at, &end);
        if (end == at || !std::isfinite(to[i]) || (*end && *end != '\\') ||
            ((i < count - 1) != (*end == '\\')))
            throw refusal(EXIT_DATA,
                text("%s: its %s does not hold %d number%s; leave this file out", path.c_str(),
                    element_name(tag).c_str(), count, count == 1 ? "" : "s"));
        if (fabs(to[i]) > most)
            throw refusal(EXIT_DATA,
                text("%s: its %s holds %g, which is more than it can be; leave this file out",
                    path.c_str(), element_name(tag).c_str(), to[i]));
        at = end + 1;
    }
}

/* The functional groups of tags (PS3.3, C.7.6.16.2), and the sequence in them, if there is one. */
static const struct {
    DcmTagKey tag, group, inner;
} group_of_tag[] = {
    {DCM_ImageOrientationPatient, DCM_PlaneOrientationSequence, {}},
    {DCM_ImagePositionPatient, DCM_PlanePositionSequence, {}},
    {DCM_PixelSpacing, DCM_PixelMeasuresSequence, {}},
    {DCM_SliceThickness, DCM_PixelMeasuresSequence, {}},
    {DCM_SpacingBetweenSlices, DCM_PixelMeasuresSequence, {}},
    {DCM_ImagerPixelSpacing, DCM_FramePixelDataPropertiesSequence, {}},
    {DCM_PixelSpacingCalibrationType, DCM_FramePixelDataPropertiesSequence, {}},
    {DCM_RescaleSlope, DCM_PixelValueTransformationSequence, {}},
    {DCM_RescaleIntercept, DCM_PixelValueTransformationSequence, {}},
    {DCM_RescaleType, DCM_PixelValueTransformationSequence, {}},
    {DCM_ReferencedSegmentNumber, DCM_SegmentIdentificationSequence, {}},
    {DCM_StackID, DCM_FrameContentSequence, {}},
    {DCM_TemporalPositionIndex, DCM_FrameContentSequence, {}},
    {DCM_FrameAcquisitionDateTime, DCM_FrameContentSequence, {}},
    {DCM_EffectiveEchoTime, DCM_MREchoSequence, {}},
    {DCM_FlipAngle, DCM_MRTimingAndRelatedParametersSequence, {}},
    {DCM_DiffusionBValue, DCM_MRDiffusionSequence, {}},
    {DCM_DiffusionGradientOrientation, DCM_MRDiffusionSequence,
        DCM_DiffusionGradientDirectionSequence},
    {DCM_NominalPercentageOfCardiacPhase, DCM_CardiacSynchronizationSequence, {}},
    {DCM_NominalCardiacTriggerDelayTime, DCM_CardiacSynchronizationSequence, {}},
    {DCM_ComplexImageComponent, DCM_MRImageFrameTypeSequence, {}},
    {DCM_FrameType, DCM_MRImageFrameTypeSequence, {}},
    {DCM_FrameType, DCM_CTImageFrameTypeSequence, {}},
    {DCM_FrameType, DCM_PETFrameTypeSequence, {}},
    {DCM_FrameType, DCM_XRay3DFrameTypeSequence, {}},
    {DCM_FrameType, DCM_ParametricMapFrameTypeSequence, {}},
    {DCM_KVP, DCM_CTXRayDetailsSequence, {}},
    {DCM_ConvolutionKernel, DCM_CTReconstructionSequence, {}},
};

static std::string element_inside(DcmItem &groups, const DcmTagKey &group, const DcmTagKey &tag)
{
    DcmItem *item = nullptr;
    return groups.findAndGetSequenceItem(group, item).good() && item ? element(*item, tag) : "";
}

static std::string group_element(DcmItem &groups, const DcmTagKey &tag)
{
    std::string v = element(groups, tag); /* of a detector */
    for (const auto &one : group_of_tag) {
        DcmItem *item = nullptr;
        if (!v.empty() || one.tag != tag || groups.findAndGetSequenceItem(one.group, item).bad() ||
            !item)
            continue;
        v = one.inner == DcmTagKey() ? element(*item, tag) : element_inside(*item, one.inner, tag);
    }
    /* what converters of classic files found no group for */
    for (const DcmTagKey &group : {DCM_UnassignedPerFrameConvertedAttributesSequence,
             DCM_UnassignedSharedConvertedAttributesSequence})
        if (v.empty()) v = element_inside(groups, group, tag);
    return v;
}

std::string element_places::get(const DcmTagKey &tag) const
{
    std::string v = own ? group_element(*own, tag) : "";
    if (v.empty() && shared) v = group_element(*shared, tag);
    return v.empty() ? element(*top, tag) : v;
}

std::vector<std::string> walk(const std::string &path)
{
    std::vector<std::string> paths;
    std::error_code bad;
    if (!fs::exists(path, bad))
        throw refusal(EXIT_IO, text("%s does not exist; check the path", path.c_str()));
    if (fs::is_regular_file(path, bad)) return {path};
    if (!fs::is_directory(path, bad))
        throw refusal(
            EXIT_IO, text("%s is neither a file nor a folder; check the path", path.c_str()));
    std::set<fs::path> seen = {fs::canonical(path, bad)}; /* links may lead back */
    fs::recursive_directory_iterator at(path, fs::directory_options::follow_directory_symlink, bad),
        end;
    for (; !bad && at != end; at.increment(bad)) {
        const std::string name = at->path().filename().string();
        std::error_code unread;
        if (at->is_directory(unread) &&
            (name[0] == '.' || !seen.insert(fs::canonical(at->path(), unread)).second))
            at.disable_recursion_pending();
        const fs::file_type type = at->status(unread).type();
        /* whoever reads it refuses a broken link, but not a pipe, which is no slice */
        if (name[0] != '.' &&
            (type == fs::file_type::regular || type == fs::file_type::not_found ||
                type == fs::file_type::none || type == fs::file_type::unknown))
            paths.push_back(at->path().string());
    }
    if (bad)
        throw refusal(EXIT_IO,
            text("cannot read the folder %s: %s; check its permissions", path.c_str(),
                bad.message().c_str()));
    std::sort(paths.begin(), paths.end());
    return paths;
}
