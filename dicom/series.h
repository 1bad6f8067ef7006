/* SPDX-License-Identifier: Apache-2.0 */
/* DICOM files as frames, frames as stacks, a stack as a grid of planes. Sentences hold no patient's
 * name, identifier or date: they name files, tags, sizes, numbers and descriptions of series. Only
 * --identify and `index` print more, on request. */
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/* A sentence for the user, with the exit status of attunet's commands. */
enum { EXIT_USAGE = 2, EXIT_DATA = 3, EXIT_MEMORY = 4, EXIT_IO = 6 };
class DcmDataset;
struct refusal : std::runtime_error {
    int code;
    refusal(int status, const std::string &sentence) : std::runtime_error(sentence), code(status) {}
};
[[gnu::format(printf, 1, 2)]] std::string text(const char *format, ...);
/* A new name beside `path` for what will be renamed to it, or a refusal of a link, folder or
 * device: PATH.tmp-PID-RANDOM-0, so machines with one disk never take the same. */
std::string part_of(const std::string &path);
/* A descriptor to read a file, or -1: also of what is no file, such as a pipe, which might never
 * have data. */
int open_regular(const std::string &path);
/* Without spaces at both ends, which DICOM does not count. */
std::string trimmed(const std::string &v);
/* A path as a word of a printed command: in quotes if a shell would change it. */
std::string shell_path(const std::string &path);
std::string shell_word(const std::string &word);
/* A line without control characters, which a terminal would obey. */
std::string tamed(std::string line);
/* The first letters of UTF-8. */
std::string first_letters(const std::string &v, size_t most);
/* Equal for names that a reader may take for one: without capitals, forms of Unicode, spaces and
 * underscores. */
std::string name_key(const std::string &name);
/* Whether a value of DICOM can hold this UTF-8: not empty, one line, no backslash, at most `most`
 * letters. */
bool fits_value(const std::string &v, size_t most);
/* One line on standard output: what the user should know of a volume that was read. */
void say(const std::string &sentence);
/* The same of what may be wrong with it, or was left out. */
const char *const warning_begin = "warning: ";
void warn(const std::string &sentence);
/* Stand before each name of a list of structures, and after the list; they are not printed. */
const char *const names_mark = "\x1f";
const char *const names_end = "\x1e";
/* While it lives, a list gets the lines instead. */
class listener
{
  public:
    explicit listener(std::vector<std::string> &lines);
    ~listener();
    listener(const listener &) = delete;
    listener &operator=(const listener &) = delete;

  private:
    std::vector<std::string> *before_;
};

double dot(const double a[3], const double b[3]);
/* The unit vector of a right-handed system with row and column. */
void normal_of(const double row[3], const double column[3], double to[3]);

/* Tags that tell frames of one position from each other, in the order in which they are tried.
 * Times of day are not printed, and separate frames only into whole volumes. */
struct telling {
    const char *name;
    unsigned short group, element;
    bool time_of_day = false;
    bool of_frames = false; /* a number for each frame of a nuclear file */
};
enum { TELLING = 31, TELLING_B_VALUE = 6 };
extern const telling tellings[TELLING];

struct file {
    std::array<long long, 3> stamp; /* elements.h */
    std::string path, sop_class, sop, series, study, reference;
    std::string modality, description, number, photometric;
    unsigned long long patient; /* hash of the PatientID; 0: none */
    int rows, columns, samples, frames;
    int stored; /* bits of a pixel */
    bool is_signed, has_table, localizer, derived, mosaic;
    /* Of a pixel's value: 3 are a colour. */
    int channels() const { return samples > 1 || photometric == "PALETTE COLOR" ? 3 : 1; }
    bool is_inverse() const { return photometric == "MONOCHROME1"; } /* high is dark */
};

/* What follows the Modality in the name of a channel whose images are inverse. */
const char *const inverse_name = " MONOCHROME1";
/* Whether values are in Hounsfield units (HU). Of a derived CT without a unit they may be. */
enum hounsfield { HU_GIVEN, HU_DERIVED, HU_NO_INTERCEPT, HU_OTHER_UNIT, HU_NO_CT };
/* Why those of a CT may not be. */
const char *why_not_hounsfield(hounsfield units);
bool is_other_unit(hounsfield units);
/* Whether is_other_unit holds for a frame of the file. */
bool has_other_unit(DcmDataset &top);

struct frame {
    int file, index; /* index: of the frame in its file */
    bool placed;     /* has position and orientation */
    double row[3], column[3], position[3];
    double spacing[2]; /* mm between rows and between columns; 0: unknown */
    bool at_detector;  /* spacing of ImagerPixelSpacing */
    std::string orientation_text, position_text, spacing_text; /* digits as in the file */
    double slope, intercept;
    hounsfield units;
    std::array<std::string, TELLING> tells;
    void normal(double to[3]) const;
    double along() const; /* mm of the position along the normal */
};

struct study {
    std::string folder;
    std::vector<file> files;
    std::vector<frame> frames;
    std::vector<std::string> others;  /* files that are not DICOM */
    std::vector<std::string> objects; /* DICOM without pixels, and masks */
    const file &file_of(int frame) const { return files[(size_t)frames[(size_t)frame].file]; }
};

/* Reads the headers of all DICOM files in a folder and its folders, or of one file. */
study read_study(const std::string &path);
/* What messages call a UID: a hash. */
std::string uid_name(const std::string &uid);
/* The same of these files, perhaps without an image. */
study read_files(const std::vector<std::string> &paths, const std::string &folder);
/* Of segmentations, registrations, surfaces, folders: no image to read as a volume. */
bool has_no_image(const std::string &sop_class);
/* Prints a line for each image file in a folder: UIDs of series and study, modality, what is odd
 * about its values, samples, path. */
void write_index(const std::string &folder);

const double same_position = 0.01; /* mm along the normal: frames that repeat a position */
/* Frames of one study, series, size, orientation and, if positions repeat, one value of a tag. */
struct stack {
    std::vector<int> frames;
    std::string id; /* of a hash of the series' UID */
    /* Of tellings; of a time of day, its place among those of the series. */
    std::vector<std::pair<int, std::string>> values;
};
/* KEY=VALUE, or "largest". */
typedef std::vector<std::string> selection;
std::vector<stack> group(const study &s);
/* Whether a list, such as CT,MR, has the word. */
bool lists(const std::string &list, const std::string &word);
/* The one stack that `wanted` leaves; a refusal of several suggests one of this Modality. */
stack choose(const study &s, const selection &wanted, const std::string &modality = "");
/* A line, which differs from those of the other stacks. */
std::string describe(const study &s, const stack &k, const std::vector<stack> &all);
/* Why the second frame cannot be in one stack with the first, or null. */
const char *difference(const study &s, const frame &a, const frame &b);
/* Refuses two channels of one case whose patients differ. */
void refuse_patients(
    const study &s, const stack &k, const study &other, const stack &channel, int code);
/* Leaves localizers, pictures without position and derived images aside if others remain. */
void set_aside(const study &s, std::vector<stack> &all);

/* An output plane: (1 - share) of plane `first` and `share` of the next one. */
struct plane {
    int first;
    double share;
};
/* Planes along the normal, ascending; frames[k] is the k-th source plane, plane_of[k] the output
 * plane nearest to it. */
struct grid {
    std::vector<int> frames, plane_of;
    std::vector<plane> planes;
    int columns, rows;
    /* Of a straightened grid: its voxel (column, row) is pixel (column, row) - shift[k] of the
     * k-th source plane. Else empty. */
    std::vector<std::array<double, 2>> shift;
    double affine[3][4]; /* voxel (column, row, plane) to mm, LPS */
    double spacing[3];   /* of columns, rows, planes */
    bool known;          /* spacing is */
    size_t area() const { return (size_t)columns * (size_t)rows; }
    /* The k-th source plane and its pixel nearest to a voxel's column and row; false: outside. */
    bool pixel_at(size_t k, int column, int row, const file &f, size_t &pixel) const;
    /* The voxel of a plane nearest to a pixel of the k-th source plane. */
    size_t voxel_of(size_t k, int column, int row) const;
    /* The source plane nearest to a plane. */
    size_t source_of(size_t plane) const
    {
        return (size_t)planes[plane].first + (planes[plane].share > 0.5);
    }
};
struct reading {
    bool allow_gaps, straighten; /* a gantry tilt above 2 degrees */
    bool own_slices = false;     /* refuses what needs other slices than those of the series */
    bool of_set = false;         /* of a data set, whose series no option chooses */
};
/* Drops frames that repeat others in position and pixels. */
grid arrange(const study &s, const stack &k, const reading &how);

/* Decodes frames, the file last read stays open. */
class pixels
{
  public:
    explicit pixels(const study &of);
    ~pixels();
    pixels(const pixels &) = delete;
    pixels &operator=(const pixels &) = delete;
    /* Values after rescale, [row][column][sample]; colours as RGB. */
    void read(int frame, std::vector<double> &values);
    /* Those of `rows` rows from `row` on. */
    void read_rows(int frame, int row, int rows, std::vector<double> &values);
    /* Bounds of the values of a frame, and whether they are whole numbers. */
    void range(int frame, double &least, double &most, bool &whole);

  private:
    struct open_file;
    struct form;
    const study &study_;
    open_file *open_;
    bool narrowed_ = false; /* it has said that colours lose bits */
    open_file &get(int file);
    form read_frame(const frame &at, int row, int rows);
    void read_colours(const frame &at, int row, int rows, std::vector<double> &values);
};

/* Writes the volume as NIfTI, plane by plane. */
void write_volume(const study &s, const grid &g, const std::string &path);
