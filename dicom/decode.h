/* SPDX-License-Identifier: Apache-2.0 */
/* Pixels of a file, plain or compressed, one frame at a time: memory holds one frame, however many
 * the file has. RLE is decoded here, JPEG and JPEG-LS by DCMTK, and JPEG 2000 by openjpeg, where
 * that is there. */
#pragma once

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dcfcache.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>

#include <memory>

#include "elements.h"

struct image_form {
    int rows, columns, samples, frames, allocated;
};

/* Whether plain pixels of `length` bytes have 4:2:2: every two have their chroma in common. Some
 * programs call whole pixels so, too; any other length is that of whole pixels, or wrong. */
bool has_half_chroma(const std::string &photometric, const image_form &f, size_t length);

/* The code of one compressed frame over all its fragments, which stay in the file. */
class frame_code
{
  public:
    frame_code(DcmPixelItem *const *items, size_t count, DcmFileCache &cache);
    size_t size() const { return ends_.empty() ? 0 : ends_.back(); }
    /* How many of `count` bytes from `at` on there are. */
    size_t read(size_t at, void *to, size_t count);

  private:
    DcmPixelItem *const *items_;
    DcmFileCache &cache_;
    std::vector<size_t> ends_;
};

/* These write [row][column][sample], the lowest byte first; false if the code is damaged. */
bool decode_rle(frame_code &code, const image_form &f, Uint8 *to);
/* A frame of which rows are decoded on demand, best in ascending order. */
class jpeg2000;
std::shared_ptr<jpeg2000> open_jpeg2000(const frame_code &code, const image_form &f);
/* How many rows to decode at once. */
int strip_of(const jpeg2000 &j);
bool decode_rows(jpeg2000 &j, int row, int rows, Uint8 *to);

class frame_reader
{
  public:
    /* `d` stays while this does. */
    frame_reader(DcmDataset &d, const image_form &f, const std::string &path);
    /* Plain pixels with these rows of a frame, until the next call; a refusal if they are damaged.
     * They begin at first_row() and are rows() rows: the frame, or part of one that is large. With
     * one bit allocated, the frame begins at first_bit(). */
    const Uint8 *get(int index, int row, int rows);
    int first_row() const { return row_; }
    int rows() const { return rows_; }
    size_t length() const { return length_; }
    /* Whether get() gives 4:2:2. */
    bool half_chroma() const { return half_chroma_; }
    unsigned first_bit() const { return first_bit_; }
    /* Rows that get() gave as an image of its own: all, or some if there is one sample. */
    std::unique_ptr<DcmDataset> image(int row, int rows);
    /* The header of the frame. Decoders change what it says of bits and colours. */
    DcmDataset &head() { return alone_ ? *alone_ : d_; }

  private:
    DcmDataset &d_;
    image_form form_;
    std::string path_;
    E_TransferSyntax syntax_;
    DcmPixelData *pixels_ = nullptr;
    bool compressed_ = false, half_chroma_ = false;
    std::vector<DcmPixelItem *> items_; /* of compressed pixels */
    std::vector<size_t> begins_;        /* items with which frames begin */
    DcmFileCache cache_;
    std::unique_ptr<DcmDataset> alone_;
    std::vector<Uint8> bytes_;
    const Uint8 *now_ = nullptr;
    int index_ = -1, row_ = 0, rows_ = 0; /* in now_ */
    std::shared_ptr<jpeg2000> strips_;    /* of frame index_, or null */
    size_t length_ = 0;
    unsigned first_bit_ = 0;

    bool begins_frame(DcmPixelItem &item);
    void find_frames(DcmPixelSequence &all);
    void read_plain(int index);
    void check_size(size_t bytes) const;
    void decode(int index, int row, int rows);
    bool decode_by_dcmtk(frame_code &code);
    bool decode_here(frame_code &code, int row, int rows);
};
