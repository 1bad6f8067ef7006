/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

#ifdef ATT_OPENJPEG
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "series.h"

struct codestream {
    std::vector<Uint8> bytes;
    size_t at = 0;
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
 * it, so it must be worth that; empty blocks take a bit or less. */
static bool fits(const codestream &c, const image_form &f)
{
    enum { SIZ = 40 };
    const auto number = [&](size_t at) {
        return (unsigned)c.bytes[at] << 24 | (unsigned)c.bytes[at + 1] << 16 |
            (unsigned)c.bytes[at + 2] << 8 | c.bytes[at + 3];
    };
    if (c.bytes.size() < SIZ + 2) return false;
    const unsigned right = number(8), bottom = number(12), left = number(16), top = number(20);
    const double tiles = ((double)right / number(24) + 1) * ((double)bottom / number(28) + 1);
    return right > left && bottom > top && right - left == (unsigned)f.columns &&
        bottom - top == (unsigned)f.rows && tiles <= (double)c.bytes.size() &&
        (double)f.rows * f.columns * f.samples <= 1048576.0 * (double)c.bytes.size() &&
        (c.bytes[SIZ] << 8 | c.bytes[SIZ + 1]) == f.samples;
}

static bool decode_frame(codestream &c, const image_form &f, Uint8 *to)
{
    const std::unique_ptr<opj_codec_t, void (*)(opj_codec_t *)> codec(
        opj_create_decompress(OPJ_CODEC_J2K), opj_destroy_codec);
    const std::unique_ptr<opj_stream_t, void (*)(opj_stream_t *)> in(
        opj_stream_default_create(OPJ_TRUE), opj_stream_destroy);
    opj_dparameters_t how;
    opj_set_default_decoder_parameters(&how);
    if (!codec || !in || !opj_setup_decoder(codec.get(), &how)) return false;
    opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE);
    opj_stream_set_user_data(in.get(), &c, nullptr);
    opj_stream_set_user_data_length(in.get(), c.bytes.size());
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

/* The fragments of each frame: a new one begins where a codestream does. */
static std::vector<codestream> frames_of(DcmPixelSequence &all)
{
    static const Uint8 start[] = {0xff, 0x4f, 0xff, 0x51},
                       box[] = {0, 0, 0, 12, 'j', 'P', ' ', ' '};
    std::vector<codestream> frames;
    DcmPixelItem *item = nullptr;
    for (unsigned long i = 1; all.getItem(item, i).good() && item; i++) {
        Uint8 *bytes = nullptr;
        const Uint32 size = item->getLength();
        if (size == 0 || item->getUint8Array(bytes).bad() || !bytes) continue;
        const Uint8 *from = bytes, *end = from + size, *code = from;
        if (size >= sizeof box && !memcmp(from, box, sizeof box)) /* a file of its own */
            code = std::search(from, end, start, start + sizeof start);
        const bool starts = end - code >= (long)sizeof start && !memcmp(code, start, sizeof start);
        if (frames.empty() || starts) frames.emplace_back();
        frames.back().bytes.insert(frames.back().bytes.end(), code, end);
    }
    return frames;
}

static bool decode_jpeg2000(DcmDataset &d, const image_form &f)
{
    DcmElement *e = nullptr;
    DcmPixelSequence *all = nullptr;
    const DcmRepresentationParameter *none = nullptr;
    if (d.findAndGetElement(DCM_PixelData, e).bad() || (f.allocated != 8 && f.allocated != 16))
        return false;
    DcmPixelData *encapsulated = dynamic_cast<DcmPixelData *>(e);
    if (!encapsulated ||
        encapsulated->getEncapsulatedRepresentation(d.getOriginalXfer(), none, all).bad() || !all)
        return false;
    std::vector<codestream> frames = frames_of(*all);
    if (frames.size() != (size_t)f.frames ||
        !std::all_of(frames.begin(), frames.end(), [&](const codestream &c) { return fits(c, f); }))
        return false;
    const size_t samples = (size_t)f.rows * (size_t)f.columns * (size_t)f.samples,
                 each = samples * (size_t)f.allocated / 8, size = each * frames.size();
    std::vector<Uint8> to(size + size % 2);
    for (size_t i = 0; i < frames.size(); i++)
        if (!decode_frame(frames[i], f, to.data() + i * each)) return false;
    const std::string colours = element(d, DCM_PhotometricInterpretation);
    if (colours == "YBR_RCT" || colours == "YBR_ICT") /* openjpeg has undone these */
        d.putAndInsertString(DCM_PhotometricInterpretation, "RGB");
    if (f.samples > 1) d.putAndInsertUint16(DCM_PlanarConfiguration, 0);
    return f.allocated == 8
        ? d.putAndInsertUint8Array(DCM_PixelData, to.data(), (unsigned long)to.size()).good()
        : d.putAndInsertUint16Array(
               DCM_PixelData, (const Uint16 *)to.data(), (unsigned long)to.size() / 2)
              .good();
}
#else
static bool decode_jpeg2000(DcmDataset &, const image_form &) { return false; }
#endif

bool decode_pixels(DcmDataset &d, const image_form &f)
{
    const E_TransferSyntax as = d.getOriginalXfer();
    if (as == EXS_JPEG2000 || as == EXS_JPEG2000LosslessOnly) return decode_jpeg2000(d, f);
    return d.chooseRepresentation(EXS_LittleEndianExplicit, nullptr).good() &&
        d.canWriteXfer(EXS_LittleEndianExplicit);
}
