/* SPDX-License-Identifier: Apache-2.0 */
/* Pixels of a file, plain or compressed, one frame at a time: memory holds one frame, however many
 * the file has. Compressed frames go to DCMTK's decoders, and JPEG 2000 to openjpeg, where that is
 * there. */
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

class frame_reader
{
  public:
    /* `d` stays while this does. */
    frame_reader(DcmDataset &d, const image_form &f, const std::string &path);
    /* The plain pixels of a frame, until the next one; a refusal if they are damaged. With one bit
     * allocated, the frame begins at first_bit(). */
    const Uint8 *get(int index);
    size_t length() const { return length_; }
    unsigned first_bit() const { return first_bit_; }
    /* The frame as an image of its own. Decoders change what it says of its bits and colours. */
    DcmDataset &image();
    /* The same without pixels, if they were not compressed. */
    DcmDataset &head() { return alone_ ? *alone_ : d_; }

  private:
    DcmDataset &d_;
    image_form form_;
    std::string path_;
    E_TransferSyntax syntax_;
    DcmPixelData *pixels_ = nullptr;
    bool compressed_ = false;
    std::vector<DcmPixelItem *> items_; /* of compressed pixels */
    std::vector<size_t> begins_;        /* items with which frames begin */
    DcmFileCache cache_;
    std::unique_ptr<DcmDataset> alone_;
    std::vector<Uint8> bytes_;
    const Uint8 *now_ = nullptr;
    int index_ = -1;
    size_t length_ = 0;
    unsigned first_bit_ = 0;

    bool begins_frame(DcmPixelItem &item);
    void find_frames(DcmPixelSequence &all);
    void read_plain(int index);
    void read_code(int index);
    void check_size(size_t bytes) const;
    void decode(int index);
    bool decode_by_dcmtk();
    std::unique_ptr<DcmDataset> bare() const;
};
