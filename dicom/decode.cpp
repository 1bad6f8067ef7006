/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

#include <algorithm>
#include <cstring>

#ifdef ATT_OPENJPEG
#include <openjpeg.h>
#endif

#include "series.h"

/* Blank pictures compress to next to nothing, but a small file may also lie about its size. A frame
 * may have so many samples in any case, and so many more for each compressed byte. */
static const double free_samples = 1 << 25, samples_a_byte = 1024;

#ifdef ATT_OPENJPEG
struct codestream {
    const std::vector<Uint8> &bytes;
    size_t at;
};

static OPJ_SIZE_T take(void *to, OPJ_SIZE_T count, void *user)
{
    codestream &c = *(codestream *)user;
    const size_t n = std::min(count, c.bytes.size() - c.at);
    if (n == 0) return (OPJ_SIZE_T)-1;
    memcpy(to, c.bytes.data() + c.at, n);
    c.at += n;
    return n;
}

static OPJ_BOOL seek(OPJ_OFF_T to, void *user)
{
    codestream &c = *(codestream *)user;
    c.at = (size_t)std::min<OPJ_OFF_T>(std::max<OPJ_OFF_T>(to, 0), (OPJ_OFF_T)c.bytes.size());
    return (OPJ_OFF_T)c.at == to;
}

static OPJ_OFF_T skip(OPJ_OFF_T count, void *user)
{
    codestream &c = *(codestream *)user;
    return seek((OPJ_OFF_T)c.at + count, user) ? count : -1;
}

/* Whether the header in front of the pixels has the size that the file says. openjpeg allocates by
 * it. */
static bool fits(const std::vector<Uint8> &c, const image_form &f)
{
    enum { SIZ = 40 };
    const auto number = [&](size_t at) {
        return (unsigned)c[at] << 24 | (unsigned)c[at + 1] << 16 | (unsigned)c[at + 2] << 8 |
            c[at + 3];
    };
    if (c.size() < SIZ + 2) return false;
    const unsigned right = number(8), bottom = number(12), left = number(16), top = number(20);
    const double tiles = ((double)right / number(24) + 1) * ((double)bottom / number(28) + 1);
    return right > left && bottom > top && right - left == (unsigned)f.columns &&
        bottom - top == (unsigned)f.rows && tiles <= (double)c.size() &&
        (c[SIZ] << 8 | c[SIZ + 1]) == f.samples;
}

static bool decode_jpeg2000(const std::vector<Uint8> &code, const image_form &f, Uint8 *to)
{
    static const Uint8 start[] = {0xff, 0x4f, 0xff, 0x51}; /* perhaps in a file of its own */
    const auto from = std::search(code.begin(), code.end(), start, start + sizeof start);
    const std::vector<Uint8> bytes(from, code.end());
    codestream c = {bytes, 0};
    if (!fits(bytes, f) || (f.allocated != 8 && f.allocated != 16)) return false;
    const std::unique_ptr<opj_codec_t, void (*)(opj_codec_t *)> codec(
        opj_create_decompress(OPJ_CODEC_J2K), opj_destroy_codec);
    const std::unique_ptr<opj_stream_t, void (*)(opj_stream_t *)> in(
        opj_stream_default_create(OPJ_TRUE), opj_stream_destroy);
    opj_dparameters_t how;
    opj_set_default_decoder_parameters(&how);
    if (!codec || !in || !opj_setup_decoder(codec.get(), &how)) return false;
    opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE);
    opj_stream_set_user_data(in.get(), &c, nullptr);
    opj_stream_set_user_data_length(in.get(), bytes.size());
    opj_stream_set_read_function(in.get(), take);
    opj_stream_set_seek_function(in.get(), seek);
    opj_stream_set_skip_function(in.get(), skip);
    opj_image_t *made = nullptr;
    bool good = opj_read_header(in.get(), codec.get(), &made);
    const std::unique_ptr<opj_image_t, void (*)(opj_image_t *)> image(made, opj_image_destroy);
    good = good && opj_decode(codec.get(), in.get(), made);
    const size_t area = (size_t)f.rows * (size_t)f.columns, width = (size_t)f.allocated / 8;
    for (int s = 0; good && s < f.samples; s++) {
        const opj_image_comp_t &one = made->comps[s];
        good = one.data && one.w == (OPJ_UINT32)f.columns && one.h == (OPJ_UINT32)f.rows &&
            one.prec <= (OPJ_UINT32)f.allocated;
        for (size_t i = 0; good && i < area; i++) /* the lowest bytes come first */
            memcpy(to + (i * (size_t)f.samples + (size_t)s) * width, &one.data[i], width);
    }
    return good;
}
#else
static bool decode_jpeg2000(const std::vector<Uint8> &, const image_form &, Uint8 *)
{
    return false;
}
#endif

/* Whether a JPEG or JPEG-LS has the size that the file says; DCMTK would leave the rest as it is.
 */
static bool jpeg_fits(const std::vector<Uint8> &c, const image_form &f)
{
    const auto number = [&](size_t at) { return c[at] << 8 | c[at + 1]; };
    for (size_t at = 2; at + 9 < c.size() && c[at] == 0xff;) {
        const int mark = c[at + 1];
        if ((mark >= 0xc0 && mark <= 0xcf && mark % 4) || mark == 0xc0 || mark == 0xf7)
            return number(at + 5) == f.rows && number(at + 7) == f.columns;
        at += mark == 0xff ? 1 : 2 + (size_t)number(at + 2);
    }
    return false;
}

static bool is_jpeg2000(E_TransferSyntax as)
{
    return as == EXS_JPEG2000 || as == EXS_JPEG2000LosslessOnly;
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
    if (compressed_) find_frames(*all);
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
    const size_t area = (size_t)form_.rows * (size_t)form_.columns * (size_t)form_.samples,
                 there = pixels_ ? pixels_->getLength() : 0,
                 whole = area * (size_t)form_.allocated / 8;
    /* 4:2:2 halves the chroma */
    const bool half = form_.samples == 3 && whole * (size_t)form_.frames > there + 1;
    const size_t bits =
                     half ? area * (size_t)form_.allocated / 3 * 2 : area * (size_t)form_.allocated,
                 first = bits * (size_t)index, from = first / 8, end = (first + bits + 7) / 8;
    if (!pixels_ || end > there)
        throw refusal(EXIT_DATA,
            text("%s: its PixelData (7FE0,0010) is shorter than its rows and columns ask for; "
                 "leave this file out",
                path_.c_str()));
    first_bit_ = (unsigned)(first % 8);
    bytes_.resize(end - from);
    if (pixels_->getPartialValue(bytes_.data(), (Uint32)from, (Uint32)bytes_.size(), &cache_).bad())
        throw refusal(EXIT_IO, text("cannot read the pixels of %s", path_.c_str()));
    now_ = bytes_.data();
    length_ = bytes_.size();
}

/* Header and tables of an image, without pixels. */
std::unique_ptr<DcmDataset> frame_reader::bare() const
{
    enum { TABLE = 1 << 20 };
    std::unique_ptr<DcmDataset> to(new DcmDataset);
    for (DcmObject *o = nullptr; (o = d_.nextInContainer(o));)
        if ((o->getGTag() == 0x0028 && o->isLeaf() && o->getLength() < TABLE) ||
            o->getTag() == DCM_SOPClassUID)
            to->insert(static_cast<DcmElement *>(o->clone()), OFTrue);
    to->putAndInsertString(DCM_NumberOfFrames, "1");
    return to;
}

/* The code of a frame, as bytes_. */
void frame_reader::read_code(int index)
{
    const size_t begin = begins_[(size_t)index],
                 end = (size_t)index + 1 < begins_.size() ? begins_[(size_t)index + 1]
                                                          : items_.size();
    size_t size = 0;
    for (size_t i = begin; i < end; i++) size += items_[i]->getLength();
    check_size(size);
    bytes_.resize(size + size % 2);
    if (size % 2) bytes_.back() = 0;
    Uint8 *to = bytes_.data();
    for (size_t i = begin; i < end; i++) {
        const Uint32 n = items_[i]->getLength();
        if (items_[i]->getPartialValue(to, 0, n, &cache_).bad())
            throw refusal(EXIT_IO, text("cannot read the pixels of %s", path_.c_str()));
        to += n;
    }
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

bool frame_reader::decode_by_dcmtk()
{
    std::unique_ptr<DcmPixelSequence> all(new DcmPixelSequence(DCM_PixelSequenceTag));
    all->insert(new DcmPixelItem(DCM_PixelItemTag)); /* no table of offsets */
    DcmOffsetList offsets;
    if (all->storeCompressedFrame(offsets, bytes_.data(), (Uint32)bytes_.size(), 0).bad())
        return false;
    std::vector<Uint8>().swap(bytes_);
    DcmPixelData *own = new DcmPixelData(DCM_PixelData);
    own->putOriginalRepresentation(syntax_, nullptr, all.release());
    Uint8 *made = nullptr;
    if (alone_->insert(own, OFTrue).bad() ||
        alone_->chooseRepresentation(EXS_LittleEndianExplicit, nullptr).bad() ||
        own->getUint8Array(made).bad())
        return false;
    now_ = made;
    length_ = own->getLength();
    return made != nullptr;
}

void frame_reader::decode(int index)
{
    const size_t samples = (size_t)form_.rows * (size_t)form_.columns * (size_t)form_.samples;
    bool good = begins_.size() == (size_t)form_.frames;
    if (good) read_code(index);
    alone_ = bare();
    const memory_limit limit(128e6 + 16.0 * (double)samples + 4.0 * (double)bytes_.size());
    if (good && is_jpeg2000(syntax_)) {
        std::vector<Uint8> to(samples * (size_t)form_.allocated / 8);
        good = decode_jpeg2000(bytes_, form_, to.data());
        bytes_.swap(to);
        now_ = bytes_.data();
        length_ = bytes_.size();
        const std::string colours = element(*alone_, DCM_PhotometricInterpretation);
        if (colours == "YBR_RCT" || colours == "YBR_ICT") /* openjpeg has undone these */
            alone_->putAndInsertString(DCM_PhotometricInterpretation, "RGB");
        if (form_.samples > 1) alone_->putAndInsertUint16(DCM_PlanarConfiguration, 0);
    } else {
        try {
            good = good && (syntax_ == EXS_RLELossless || jpeg_fits(bytes_, form_)) &&
                decode_by_dcmtk();
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

const Uint8 *frame_reader::get(int index)
{
    if (index == index_) return now_;
    index_ = -1;
    alone_.reset();
    if (compressed_)
        decode(index);
    else
        read_plain(index);
    index_ = index;
    return now_;
}

DcmDataset &frame_reader::image()
{
    if (!alone_) alone_ = bare();
    if (alone_->tagExists(DCM_PixelData)) return *alone_;
    const OFCondition put = form_.allocated == 8
        ? alone_->putAndInsertUint8Array(DCM_PixelData, now_, (unsigned long)length_)
        : alone_->putAndInsertUint16Array(
              DCM_PixelData, (const Uint16 *)now_, (unsigned long)length_ / 2);
    if (put.bad()) throw std::bad_alloc();
    return *alone_;
}
