/* SPDX-License-Identifier: Apache-2.0 */
/* Makes DICOM series with known values, geometry and quirks. Every file names a patient, so that
 * tests can look for that name in what programs print and write. */
#pragma once

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include <string>
#include <vector>

#define SECRET_NAME "Secretname"
#define SECRET_ID "SECRETID77"
#define SECRET_DATE "19010203"

struct recipe {
    int slices = 4, rows = 7, columns = 9;
    double spacing[2] = {0.75, 0.5}; /* of rows, of columns */
    std::vector<double> at;          /* mm along the normal; default: every 2.5 */
    double orientation[6] = {1, 0, 0, 0, 1, 0}, origin[3] = {-20, 10, 30};
    double shear[3] = {0, 0, 0}; /* mm in the plane per mm along the normal */
    int allocated = 16, stored = 12, high = 11;
    bool is_signed = false;
    unsigned overlay = 0; /* bits set above the stored ones */
    std::vector<std::string> slope = {"1"}, intercept = {"-1024"}; /* one, or one per slice */
    std::string photometric = "MONOCHROME2", modality = "CT", type = "ORIGINAL\\PRIMARY\\AXIAL";
    std::string series = "1", description = "made", patient = SECRET_ID, reference = "3";
    int phase = 0;           /* changes values */
    std::string tag, value;  /* one more attribute, such as EchoNumbers */
    std::string own_b_value; /* in a private tag of a vendor */
    bool positions = true;   /* has position and orientation */
    bool pixel_spacing = true;
    bool reversed = false; /* files and instance numbers against the positions */
    enum { SINGLE, CLASSIC, ENHANCED } multi = SINGLE;
    /* Of an enhanced file: a tag that its frames have, and its value for each of them. */
    std::string frame_tag;
    std::vector<std::string> frame_values;
    int turned_from = 1 << 30;                      /* frames from this one on are coronal */
    std::vector<std::pair<double, double>> regions; /* of ultrasound: cm of a pixel, x and y */
    int table = 0, table_first = 0; /* entries of a modality LUT, value of the first */
    int fine = 0;                   /* added to 8 bits of 16 in the entries of a palette */
    /* The palettes as segments of numbers of 8 or 16 bits; 0: as a table. */
    int segments = 0;
    bool noise = false; /* which compresses badly */
    E_TransferSyntax syntax = EXS_LittleEndianExplicit;
    int tile = 0; /* of JPEG 2000, pixels along an axis; 0: none */
    bool preamble = true;
    std::string prefix = "IM";
};

/* Pixels of slices as JPEG 2000, in one fragment or several; false without openjpeg. */
bool recipe_jpeg2000(const recipe &r, int from, int count, DcmItem &d);
/* Registers the coders of compressed pixels. */
void recipe_codecs();
struct named_syntax {
    const char *name;
    E_TransferSyntax syntax;
};
/* Plain pixels, and each compression of frames that this build can write. */
const std::vector<named_syntax> &recipe_syntaxes();
/* The stored number of a voxel. */
int recipe_stored(const recipe &r, int column, int row, int slice, int sample = 0);
double recipe_at(const recipe &r, int slice);
/* Writes the files into an existing folder; false after a failure, with a message. */
bool recipe_write(const recipe &r, const std::string &folder);
