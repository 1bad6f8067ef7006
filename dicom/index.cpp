/* SPDX-License-Identifier: Apache-2.0 */
/* Which files belong to which series, for attunet-serve: UIDs and paths, and no check of a file but
 * that it can be read, so that a damaged one spoils no other series. */
#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "elements.h"
#include "series.h"

/* "-" for what is no UID, and in a line of words would not be one either. */
static std::string word_of(DcmDataset &top, const DcmTagKey &tag, const char *letters)
{
    const std::string v = element(top, tag);
    const bool good = !v.empty() && v.size() <= 64 && v.find_first_not_of(letters) == v.npos;
    return good ? v : "-";
}

static double count_of(DcmDataset &top, const DcmTagKey &tag)
{
    const double n = atof(element(top, tag).c_str());
    return n >= 1 ? n : 1;
}

/* What warn_series warns of, and "aside" if the volume leaves such an image out beside others. */
static std::string values_of(DcmDataset &top)
{
    const std::string type = "\\" + element(top, DCM_ImageType) + "\\";
    std::string words;
    if (element(top, DCM_PhotometricInterpretation) == "MONOCHROME1") words += ",inverse";
    if (has_other_unit(top)) words += ",units";
    if (type.rfind("\\DERIVED\\", 0) == 0 || type.find("\\LOCALIZER\\") != type.npos)
        words += ",aside";
    return words.empty() ? "-" : words.substr(1);
}

static void index_file(const std::string &path)
{
    DcmFileFormat whole;
    if (!is_dicom(path) || path.find('\n') != path.npos || load(whole, path).bad()) return;
    DcmDataset &top = *whole.getDataset();
    if (has_no_image(element(top, DCM_SOPClassUID)) || !top.tagExists(DCM_PixelData)) return;
    const std::string series = word_of(top, DCM_SeriesInstanceUID, "0123456789.");
    if (series == "-") return;
    printf("%s %s %s %s %.0f %s\n", series.c_str(), /* say and text cut long paths */
        word_of(top, DCM_StudyInstanceUID, "0123456789.").c_str(),
        word_of(top, DCM_Modality, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789").c_str(),
        values_of(top).c_str(),
        count_of(top, DCM_Rows) * count_of(top, DCM_Columns) * count_of(top, DCM_SamplesPerPixel) *
            count_of(top, DCM_NumberOfFrames),
        path.c_str());
}

/* In a process of its own, which a damaged file may end: *at is the file behind it then. */
static bool index_from(const std::vector<std::string> &paths, volatile size_t *at)
{
    const pid_t child = fork();
    if (child < 0) throw refusal(EXIT_MEMORY, "there are too many processes; close other programs");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (*at < paths.size()) {
            const size_t i = *at;
            *at = i + 1;
            try {
                index_file(paths[i]);
            } catch (const std::exception &) { /* it takes too much memory */
            }
            if (fflush(stdout)) _exit(EXIT_IO);
        }
        _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_IO)
        throw refusal(EXIT_IO, "cannot write the list; is the disk full?");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void write_index(const std::string &folder)
{
    const std::vector<std::string> paths = walk(folder);
    void *shared =
        mmap(nullptr, sizeof(size_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) throw std::bad_alloc();
    volatile size_t *at = static_cast<volatile size_t *>(shared);
    while (*at < paths.size() && !index_from(paths, at)) continue;
    munmap(shared, sizeof(size_t));
}
