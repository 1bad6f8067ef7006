/* SPDX-License-Identifier: Apache-2.0 */
/* Pixels compressed as JPEG 2000, by openjpeg. It takes 4 bytes and more for each sample, so a
 * large picture is decoded in strips. */
#include "decode.h"

#ifdef ATT_OPENJPEG
#include <openjpeg.h>
#endif

#include <algorithm>
#include <cstring>

#ifdef ATT_OPENJPEG
class jpeg2000
{
  public:
    jpeg2000(const frame_code &code, const image_form &f);
    /* Finds the codestream, perhaps in a file of its own. False unless the header in front of the
     * pixels has the size that the file says: openjpeg allocates by it. */
    bool find_start();
    int strip() const { return strip_; }
    /* All components of some rows, or null if they are damaged. */
    const opj_image_t *decode(int row, int rows);
    const image_form &form() const { return form_; }

  private:
    frame_code code_;
    image_form form_;
    size_t begin_ = 0, at_ = 0; /* of the codestream in the code; in the codestream */
    int strip_ = 1;
    bool tiled_ = false;
    OPJ_INT32 left_ = 0, top_ = 0;
    std::unique_ptr<opj_codec_t, void (*)(opj_codec_t *)> codec_;
    std::unique_ptr<opj_stream_t, void (*)(opj_stream_t *)> in_;
    std::unique_ptr<opj_image_t, void (*)(opj_image_t *)> image_;
    bool open();
    size_t size() const { return code_.size() - begin_; }
    static OPJ_SIZE_T take(void *to, OPJ_SIZE_T count, void *user);
    static OPJ_BOOL seek(OPJ_OFF_T to, void *user);
    static OPJ_OFF_T skip(OPJ_OFF_T count, void *user);
};

jpeg2000::jpeg2000(const frame_code &code, const image_form &f)
    : code_(code), form_(f), codec_(nullptr, opj_destroy_codec), in_(nullptr, opj_stream_destroy),
      image_(nullptr, opj_image_destroy)
{
}

OPJ_SIZE_T jpeg2000::take(void *to, OPJ_SIZE_T count, void *user)
{
    jpeg2000 &j = *(jpeg2000 *)user;
    const size_t n = j.code_.read(j.begin_ + j.at_, to, count);
    j.at_ += n;
    return n ? n : (OPJ_SIZE_T)-1;
}

OPJ_BOOL jpeg2000::seek(OPJ_OFF_T to, void *user)
{
    jpeg2000 &j = *(jpeg2000 *)user;
    j.at_ = (size_t)std::min<OPJ_OFF_T>(std::max<OPJ_OFF_T>(to, 0), (OPJ_OFF_T)j.size());
    return (OPJ_OFF_T)j.at_ == to;
}

OPJ_OFF_T jpeg2000::skip(OPJ_OFF_T count, void *user)
{
    return seek((OPJ_OFF_T)((jpeg2000 *)user)->at_ + count, user) ? count : -1;
}

bool jpeg2000::find_start()
{
    enum { HEAD = 1 << 20, SIZ = 40 };
    enum { STRIP = 1 << 20, LINES = 128 }; /* samples, and rows at least: wavelets overlap */
    static const Uint8 start[] = {0xff, 0x4f, 0xff, 0x51};
    std::vector<Uint8> head(std::min<size_t>(HEAD, code_.size()));
    head.resize(code_.read(0, head.data(), head.size()));
    const auto h = std::search(head.begin(), head.end(), start, start + sizeof start);
    const auto number = [&](int at) {
        return (unsigned)h[at] << 24 | (unsigned)h[at + 1] << 16 | (unsigned)h[at + 2] << 8 |
            h[at + 3];
    };
    const image_form &f = form_;
    begin_ = (size_t)(h - head.begin());
    if (head.end() - h < SIZ + 2 || (f.allocated != 8 && f.allocated != 16)) return false;
    const unsigned right = number(8), bottom = number(12), left = number(16), top = number(20),
                   wide = number(24), high = number(28);
    const double tiles = ((double)right / wide + 1) * ((double)bottom / high + 1);
    if (right <= left || bottom <= top || right - left != (unsigned)f.columns ||
        bottom - top != (unsigned)f.rows || !(tiles <= (double)size()) ||
        (h[SIZ] << 8 | h[SIZ + 1]) != f.samples)
        return false;
    tiled_ = wide < right || high < bottom;
    const double all = (double)f.rows * f.columns * f.samples;
    for (strip_ = LINES; 2 * strip_ * f.columns * f.samples <= STRIP;) strip_ *= 2;
    if (all <= 4 * STRIP) strip_ = f.rows;
    if (high < (unsigned)strip_)
        strip_ -= strip_ % (int)high;
    else if (tiled_ && (double)high * f.columns * f.samples <= 8 * STRIP)
        strip_ = (int)std::min(high, (unsigned)f.rows); /* each tile once */
    return true;
}

bool jpeg2000::open()
{
    opj_dparameters_t how;
    opj_set_default_decoder_parameters(&how);
    codec_.reset(opj_create_decompress(OPJ_CODEC_J2K));
    in_.reset(opj_stream_default_create(OPJ_TRUE));
    if (!codec_ || !in_ || !opj_setup_decoder(codec_.get(), &how)) return false;
    opj_decoder_set_strict_mode(codec_.get(), OPJ_TRUE);
    at_ = 0;
    opj_stream_set_user_data(in_.get(), this, nullptr);
    opj_stream_set_user_data_length(in_.get(), size());
    opj_stream_set_read_function(in_.get(), take);
    opj_stream_set_seek_function(in_.get(), seek);
    opj_stream_set_skip_function(in_.get(), skip);
    opj_image_t *made = nullptr;
    const bool good = opj_read_header(in_.get(), codec_.get(), &made);
    image_.reset(made);
    if (!good) return false;
    left_ = (OPJ_INT32)made->x0;
    top_ = (OPJ_INT32)made->y0;
    return true;
}

/* openjpeg can decode another part only of an image of one tile. */
const opj_image_t *jpeg2000::decode(int row, int rows)
{
    if ((!image_ || tiled_) && !open()) return nullptr;
    const bool good = rows == form_.rows ||
        opj_set_decode_area(codec_.get(), image_.get(), left_, top_ + row, left_ + form_.columns,
            top_ + row + rows);
    return good && opj_decode(codec_.get(), in_.get(), image_.get()) ? image_.get() : nullptr;
}

std::shared_ptr<jpeg2000> open_jpeg2000(const frame_code &code, const image_form &f)
{
    std::shared_ptr<jpeg2000> j(new jpeg2000(code, f));
    return j->find_start() ? j : nullptr;
}

int strip_of(const jpeg2000 &j) { return j.strip(); }

bool decode_rows(jpeg2000 &j, int row, int rows, Uint8 *to)
{
    const image_form &f = j.form();
    const size_t width = (size_t)f.allocated / 8, samples = (size_t)f.samples;
    for (const int end = row + rows; row < end; row += j.strip()) {
        const int part = std::min(j.strip(), end - row);
        const size_t area = (size_t)part * (size_t)f.columns;
        const opj_image_t *made = j.decode(row, part);
        for (size_t s = 0; s < samples; s++) {
            if (!made || !made->comps[s].data || made->comps[s].w != (OPJ_UINT32)f.columns ||
                made->comps[s].h != (OPJ_UINT32)part ||
                made->comps[s].prec > (OPJ_UINT32)f.allocated)
                return false;
            for (size_t i = 0; i < area; i++) /* the lowest bytes come first */
                memcpy(to + (i * samples + s) * width, &made->comps[s].data[i], width);
        }
        to += area * samples * width;
    }
    return true;
}
#else
std::shared_ptr<jpeg2000> open_jpeg2000(const frame_code &, const image_form &) { return nullptr; }
int strip_of(const jpeg2000 &) { return 1; }
bool decode_rows(jpeg2000 &, int, int, Uint8 *) { return false; }
#endif
