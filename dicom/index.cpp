/* SPDX-License-Identifier: Apache-2.0 */
/* Which files belong to which series, for attunet-serve: UIDs and paths, and no check of a file but
 * that it can be read, so that a damaged one spoils no other series. */
#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include <cstdio>
#include <cstdlib>

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

static void index_file(const std::string &path)
{
    DcmFileFormat whole;
    if (!is_dicom(path) || path.find('\n') != path.npos || load(whole, path).bad()) return;
    DcmDataset &top = *whole.getDataset();
    if (is_volume_of_others(element(top, DCM_SOPClassUID)) || !top.tagExists(DCM_PixelData)) return;
    const std::string series = word_of(top, DCM_SeriesInstanceUID, "0123456789.");
    if (series == "-") return;
    printf("%s %s %s %.0f %s\n", series.c_str(), /* say and text cut long paths */
        word_of(top, DCM_StudyInstanceUID, "0123456789.").c_str(),
        word_of(top, DCM_Modality, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789").c_str(),
        count_of(top, DCM_Rows) * count_of(top, DCM_Columns) * count_of(top, DCM_SamplesPerPixel) *
            count_of(top, DCM_NumberOfFrames),
        path.c_str());
}

void write_index(const std::string &folder)
{
    for (const std::string &path : walk(folder)) {
        try {
            index_file(path);
        } catch (const refusal &) { /* it takes too much memory */
        }
    }
}
