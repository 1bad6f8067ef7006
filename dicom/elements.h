/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of DICOM files as text and numbers. */
#pragma once

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include <sys/resource.h>

#include <array>
#include <string>
#include <vector>

/* While it lives, this program gets only `bytes` more memory, so that a small file that asks for
 * gigabytes ends in a sentence. A sanitizer has no limit: it takes terabytes of addresses. */
class memory_limit
{
  public:
    explicit memory_limit(double bytes);
    ~memory_limit();
    memory_limit(const memory_limit &) = delete;
    memory_limit &operator=(const memory_limit &) = delete;

  private:
    struct rlimit before_ = {RLIM_INFINITY, RLIM_INFINITY}; /* a sandbox may hide it */
};

/* Once, before anything is read: decoders, no log, known tags in files that call them unknown. */
void begin_reading();
/* Part 10 files, and older ones without a preamble; a refusal of a file that cannot be read, or is
 * called .dcm and is none. */
bool is_dicom(const std::string &path);
/* Says whether a file is the one that was read before: its size, time and number. */
typedef std::array<long long, 3> file_stamp;
file_stamp stamp_of(const std::string &path);
/* A refusal if the file is another one. */
void check_same(const std::string &path, const file_stamp &before);
/* All reading begins here. */
OFCondition load(DcmFileFormat &whole, const std::string &path);
/* A refusal of a damaged file. */
void load_first(DcmFileFormat &whole, const std::string &path);
void load_again(DcmFileFormat &whole, const std::string &path, const file_stamp &before);
/* All files and broken links in a folder and its folders but hidden ones, sorted; or the file. */
std::vector<std::string> walk(const std::string &path);
/* The value of a tag as text, with backslashes between several; "": missing or empty. */
std::string element(DcmItem &item, const DcmTagKey &tag);
/* Of the dataset, else of the header of the file. */
std::string sop_class_of(DcmFileFormat &whole);
/* A hash of the PatientID, in any character set; 0: none. */
unsigned long long patient_of(DcmItem &item);
/* "Rows (0028,0010)" */
std::string element_name(const DcmTagKey &tag);
/* A whole number from `least` to `most`, or a refusal; missing: if there is none, unless below 0.
 */
int element_count(DcmItem &item, const DcmTagKey &tag, int missing, int most,
    const std::string &path, int least = 1);
/* The same of a value. */
int element_whole(
    const std::string &v, const DcmTagKey &tag, int least, int most, const std::string &path);
/* `count` numbers up to `most`, or a refusal; a kilometre is more than lengths in mm can be. */
void element_numbers(const std::string &v, const DcmTagKey &tag, int count, double *to,
    const std::string &path, double most = 1e6);

/* Gives a segmented palette as a plain one of 16 bits, too; a refusal if it is damaged. */
void expand_palette(DcmItem &top, const std::string &path);

/* The parts of a file that may hold a frame's values: its own functional groups, those of all
 * frames, and the file. A tag is read only in the group that the standard has for it: others, such
 * as those of a source image, say the same tag of something else. */
struct element_places {
    DcmItem *own, *shared, *top;
    std::string get(const DcmTagKey &tag) const;
};
