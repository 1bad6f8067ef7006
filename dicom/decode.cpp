/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

#include <algorithm>
#include <cstring>

#include "series.h"

/* Blank pictures compress to next to nothing, but a small file may also lie about its size. A frame
 * may have so many samples in any case, and so many more for each compressed byte. */
static const double free_samples = 1 << 25, samples_a_byte = 1024;

frame_code::frame_code(DcmPixelItem *const *items, size_t count, DcmFileCache &cache)
    : items_(items), cache_(cache), ends_(count)
{
    size_t end = 0;
    for (size_t i = 0; i < count; i++) ends_[i] = end += items[i]->getLength();
}

size_t frame_code::read(size_t at, void *to, size_t count)
{
    size_t done = 0;
    size_t i = (size_t)(std::upper_bound(ends_.begin(), ends_.end(), at) - ends_.begin());
    for (; done < count && i < ends_.size(); i++) {
        const size_t from = at + done - (i ? ends_[i - 1] : 0),
                     n = std::min(count - done, items_[i]->getLength() - from);
        if (items_[i]->getPartialValue((Uint8 *)to + done, (Uint32)from, (Uint32)n, &cache_).bad())
            break;
        done += n;
    }
    return done;
}

namespace
{
enum { PART = 1 << 20 }; /* bytes */

/* A part of a frame's code that is in memory only while DCMTK uses it. Its JPEG decoder still needs
 * the end of the part before, so two buffers take turns. */
class code_part : public DcmPixelItem
{
  public:
    code_part(frame_code &code, size_t begin, std::vector<Uint8> &buffer)
        : DcmPixelItem(DCM_PixelItemTag), code_(code), begin_(begin),
          size_(std::min<size_t>(PART, code.size() - begin)), buffer_(buffer)
    {
    }
    Uint32 getLength(const E_TransferSyntax = EXS_LittleEndianImplicit,
        const E_EncodingType = EET_UndefinedLength) override
    {
        return (Uint32)size_;
    }
    OFCondition getUint8Array(Uint8 *&to) override
    {
        buffer_.resize(size_);
        to = buffer_.data();
        return code_.read(begin_, to, size_) == size_ ? EC_Normal : EC_InvalidStream;
    }

  private:
    frame_code &code_;
    size_t begin_, size_;
    std::vector<Uint8> &buffer_;
};
} // namespace

/* Whether a JPEG or JPEG-LS has the size that the file says, and no more bits; DCMTK would leave
 * the rest as it is. */
static bool jpeg_fits(frame_code &code, const image_form &f)
{
    Uint8 c[9];
    const auto number = [&](size_t at) { return c[at] << 8 | c[at + 1]; };
    for (size_t at = 2; code.read(at, c, sizeof c) == sizeof c && c[0] == 0xff;) {
        const int mark = c[1];
        if ((mark >= 0xc0 && mark <= 0xcf && mark % 4) || mark == 0xc0 || mark == 0xf7)
            return number(5) == f.rows && number(7) == f.columns && c[4] <= f.allocated;
        at += mark == 0xff ? 1 : 2 + (size_t)number(2);
    }
    return false;
}

static bool is_jpeg2000(E_TransferSyntax as)
{
    return as == EXS_JPEG2000 || as == EXS_JPEG2000LosslessOnly;
}

bool has_half_chroma(const std::string &photometric, const image_form &f, size_t length)
{
    const size_t half =
        (size_t)f.rows * (size_t)f.columns * 2 * (size_t)f.frames * (size_t)f.allocated / 8;
    return f.samples == 3 && (photometric == "YBR_FULL_422" || photometric == "YBR_PARTIAL_422") &&
        (length == half || length == half + half % 2); /* bytes come in pairs */
}

frame_reader::frame_reader(DcmDataset &d, const image_form &f, const std::string &path)
    : d_(d), form_(f), path_(path), syntax_(d.getOriginalXfer())
{
    DcmElement *e = nullptr;
    DcmPixelSequence *all = nullptr;
    const DcmRepresentationParameter *none = nullptr;
    if (d.findAndGetElement(DCM_PixelData, e).bad()) return;
    pixels_ = dynamic_cast<DcmPixelData *>(e);
    compressed_ = pixels_ && DcmXfer(syntax_).isEncapsulated() &&
        pixels_->getEncapsulatedRepresentation(syntax_, none, all).good() && all;
    if (compressed_)
        find_frames(*all);
    else if (pixels_)
        half_chroma_ =
            has_half_chroma(element(d, DCM_PhotometricInterpretation), form_, pixels_->getLength());
}

/* With RLE, each item is a frame. JPEG may have several; a frame begins where a codestream does. */
bool frame_reader::begins_frame(DcmPixelItem &item)
{
    static const Uint8 jpeg[] = {0xff, 0xd8, 0xff}, jpeg2000[] = {0xff, 0x4f, 0xff, 0x51},
                       box[] = {0, 0, 0, 12, 'j', 'P', ' ', ' '};
    Uint8 head[sizeof box] = {};
    const Uint32 size = std::min((Uint32)sizeof head, item.getLength());
    if (items_.empty() || syntax_ == EXS_RLELossless) return true;
    if (item.getPartialValue(head, 0, size, &cache_).bad()) return false;
    if (!is_jpeg2000(syntax_)) return !memcmp(head, jpeg, sizeof jpeg);
    return !memcmp(head, jpeg2000, sizeof jpeg2000) || !memcmp(head, box, sizeof box);
}

void frame_reader::find_frames(DcmPixelSequence &all)
{
    DcmObject *one = all.nextInContainer(nullptr); /* a table of offsets */
    while (one && (one = all.nextInContainer(one))) {
        DcmPixelItem *item = dynamic_cast<DcmPixelItem *>(one);
        if (!item || item->getLength() == 0) continue;
        if (begins_frame(*item)) begins_.push_back(items_.size());
        items_.push_back(item);
    }
}

void frame_reader::read_plain(int index)
{
    const size_t there = pixels_ ? pixels_->getLength() : 0,
                 bits = (size_t)form_.rows * (size_t)form_.columns * (size_t)form_.allocated *
        (size_t)(half_chroma_ ? 2 : form_.samples),
                 first = bits * (size_t)index, from = first / 8, end = (first + bits + 7) / 8;
    if (!pixels_ || end > there)
        throw refusal(EXIT_DATA,
            text("%s: its PixelData (7FE0,0010) is shorter than its rows and columns ask for; "
                 "leave this file out",
                path_.c_str()));
    first_bit_ = (unsigned)(first % 8);
    length_ = end - from;
    Uint8 *all = nullptr;
    if (pixels_->valueLoaded() && pixels_->getUint8Array(all).good() && all) { /* deflated */
        now_ = all + from;
        return;
    }
    bytes_.resize(length_);
    if (pixels_->getPartialValue(bytes_.data(), (Uint32)from, (Uint32)length_, &cache_).bad())
        throw refusal(EXIT_IO, text("cannot read the pixels of %s", path_.c_str()));
    now_ = bytes_.data();
}

/* Header and tables of an image, without pixels. */
static std::unique_ptr<DcmDataset> bare(DcmDataset &from)
{
    enum { TABLE = 1 << 20 };
    std::unique_ptr<DcmDataset> to(new DcmDataset);
    for (DcmObject *o = nullptr; (o = from.nextInContainer(o));)
        if ((o->getGTag() == 0x0028 && o->isLeaf() && o->getLength() < TABLE) ||
            o->getTag() == DCM_SOPClassUID)
            to->insert(static_cast<DcmElement *>(o->clone()), OFTrue);
    to->putAndInsertString(DCM_NumberOfFrames, "1");
    return to;
}

void frame_reader::check_size(size_t bytes) const
{
    const double samples = (double)form_.rows * form_.columns * form_.samples;
    if (samples > free_samples + samples_a_byte * (double)bytes)
        throw refusal(EXIT_DATA,
            text("%s: its Rows (0028,0010) and Columns (0028,0011) ask for %.0f million samples, "
                 "but its compressed frame has %zu bytes; leave this file out",
                path_.c_str(), samples / 1e6, bytes));
}

bool frame_reader::decode_by_dcmtk(frame_code &code)
{
    std::vector<Uint8> buffers[2];
    if (!jpeg_fits(code, form_)) return false;
    std::unique_ptr<DcmPixelSequence> all(new DcmPixelSequence(DCM_PixelSequenceTag));
    all->insert(new DcmPixelItem(DCM_PixelItemTag)); /* no table of offsets */
    for (size_t at = 0; at < code.size(); at += PART)
        all->insert(new code_part(code, at, buffers[at / PART % 2]));
    DcmPixelData *own = new DcmPixelData(DCM_PixelData);
    own->putOriginalRepresentation(syntax_, nullptr, all.release());
    Uint8 *made = nullptr;
    if (alone_->insert(own, OFTrue).bad() ||
        alone_->chooseRepresentation(EXS_LittleEndianExplicit, nullptr).bad())
        return false;
    own->removeAllButCurrentRepresentations(); /* the parts end here */
    if (own->getUint8Array(made).bad()) return false;
    now_ = made;
    length_ = own->getLength();
    return made != nullptr;
}

/* Into bytes_, by the decoders of this program: the frame, or rows of it. */
bool frame_reader::decode_here(frame_code &code, int row, int rows)
{
    if (is_jpeg2000(syntax_)) {
        if (!strips_) strips_ = open_jpeg2000(code, form_);
        if (!strips_) return false;
        row_ = row;
        rows_ = std::min(std::max(rows, strip_of(*strips_)), form_.rows - row);
    }
    const std::string colours = element(*alone_, DCM_PhotometricInterpretation);
    if (colours == "YBR_RCT" || colours == "YBR_ICT") /* openjpeg undoes these */
        alone_->putAndInsertString(DCM_PhotometricInterpretation, "RGB");
    if (form_.samples > 1) alone_->putAndInsertUint16(DCM_PlanarConfiguration, 0);
    length_ =
        (size_t)rows_ * (size_t)form_.columns * (size_t)form_.samples * (size_t)form_.allocated / 8;
    bytes_.resize(length_);
    now_ = bytes_.data();
    return strips_ ? decode_rows(*strips_, row_, rows_, bytes_.data())
                   : decode_rle(code, form_, bytes_.data());
}

void frame_reader::decode(int index, int row, int rows)
{
    bool good = begins_.size() == (size_t)form_.frames;
    if (!alone_) alone_ = bare(d_);
    if (good) {
        const size_t begin = begins_[(size_t)index],
                     end = (size_t)index + 1 < begins_.size() ? begins_[(size_t)index + 1]
                                                              : items_.size();
        frame_code code(items_.data() + begin, end - begin, cache_);
        check_size(code.size());
        const double samples = (double)form_.rows * form_.columns * form_.samples;
        const memory_limit limit(128e6 + 16 * samples + 4.0 * (double)code.size());
        try {
            good = syntax_ == EXS_RLELossless || is_jpeg2000(syntax_) ? decode_here(code, row, rows)
                                                                      : decode_by_dcmtk(code);
        } catch (const std::bad_alloc &) { /* its code asks for more than the limit */
            good = false;
        }
    }
    if (!good)
        throw refusal(EXIT_DATA,
            text("%s: its pixels are compressed as %s (0002,0010), which cannot be decoded or are "
                 "damaged; decompress the files first, such as with gdcmconv --raw IN OUT",
                path_.c_str(), DcmXfer(syntax_).getXferName()));
}

const Uint8 *frame_reader::get(int index, int row, int rows)
{
    if (index == index_ && row >= row_ && row + rows <= row_ + rows_) return now_;
    if (index != index_) {
        alone_.reset();
        strips_.reset();
    }
    index_ = -1;
    row_ = 0;
    rows_ = form_.rows;
    if (compressed_)
        decode(index, row, rows);
    else
        read_plain(index);
    index_ = index;
    return now_;
}

std::unique_ptr<DcmDataset> frame_reader::image(int row, int rows)
{
    std::unique_ptr<DcmDataset> to = bare(head());
    const bool whole = rows == form_.rows, wide = element(*to, DCM_BitsAllocated) != "8";
    const size_t line = length_ / (size_t)rows_, size = whole ? length_ : (size_t)rows * line;
    const Uint8 *from = now_ + (size_t)(row - row_) * line;
    to->putAndInsertUint16(DCM_Rows, (Uint16)rows);
    const OFCondition put = wide
        ? to->putAndInsertUint16Array(
              DCM_PixelData, (const Uint16 *)from, (unsigned long)(size / 2))
        : to->putAndInsertUint8Array(DCM_PixelData, from, (unsigned long)size);
    if (put.bad()) throw std::bad_alloc();
    return to;
}
