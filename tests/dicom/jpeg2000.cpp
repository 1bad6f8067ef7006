/* SPDX-License-Identifier: Apache-2.0 */
/* Compresses pixels as lossless JPEG 2000, which DCMTK does not. */
#include "recipe.h"

#ifdef ATT_OPENJPEG
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <openjpeg.h>

#include <memory>

static OPJ_SIZE_T take(void *from, OPJ_SIZE_T count, void *user)
{
    std::vector<Uint8> &to = *(std::vector<Uint8> *)user;
    to.insert(to.end(), (Uint8 *)from, (Uint8 *)from + count);
    return count;
}

static bool compress(const recipe &r, int slice, std::vector<Uint8> &to)
{
    const int samples = r.photometric.rfind("YBR", 0) == 0 ? 3 : 1;
    opj_image_cmptparm_t form[3] = {};
    for (opj_image_cmptparm_t &one : form) {
        one.dx = one.dy = 1;
        one.w = (OPJ_UINT32)r.columns, one.h = (OPJ_UINT32)r.rows;
        one.prec = (OPJ_UINT32)r.stored, one.sgnd = r.is_signed;
    }
    const std::unique_ptr<opj_image_t, void (*)(opj_image_t *)> image(
        opj_image_create(
            (OPJ_UINT32)samples, form, samples == 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY),
        opj_image_destroy);
    const std::unique_ptr<opj_codec_t, void (*)(opj_codec_t *)> codec(
        opj_create_compress(OPJ_CODEC_J2K), opj_destroy_codec);
    const std::unique_ptr<opj_stream_t, void (*)(opj_stream_t *)> out(
        opj_stream_default_create(OPJ_FALSE), opj_stream_destroy);
    image->x1 = (OPJ_UINT32)r.columns, image->y1 = (OPJ_UINT32)r.rows;
    for (int y = 0; y < r.rows; y++)
        for (int x = 0; x < r.columns; x++)
            for (int s = 0; s < samples; s++)
                image->comps[s].data[y * r.columns + x] = recipe_stored(r, x, y, slice, s);
    opj_cparameters_t how;
    opj_set_default_encoder_parameters(&how);
    how.numresolution = 2;
    how.tcp_numlayers = 1;
    how.cp_disto_alloc = 1;
    how.tcp_mct = samples == 3;
    how.tile_size_on = r.tile > 0;
    how.cp_tdx = how.cp_tdy = r.tile;
    opj_stream_set_user_data(out.get(), &to, nullptr);
    opj_stream_set_write_function(out.get(), take);
    return opj_setup_encoder(codec.get(), &how, image.get()) &&
        opj_start_compress(codec.get(), image.get(), out.get()) &&
        opj_encode(codec.get(), out.get()) && opj_end_compress(codec.get(), out.get());
}

bool recipe_jpeg2000(const recipe &r, int from, int count, DcmItem &d)
{
    std::unique_ptr<DcmPixelSequence> all(new DcmPixelSequence(DCM_PixelSequenceTag));
    all->insert(new DcmPixelItem(DCM_PixelItemTag)); /* no table of offsets */
    DcmOffsetList offsets;
    for (int k = from; k < from + count; k++) {
        std::vector<Uint8> frame;
        if (!compress(r, k, frame)) return false;
        if (frame.size() % 2) frame.push_back(0);
        const Uint32 parts = k % 2 ? 64 : 0; /* bytes of a fragment; 0: all */
        if (all->storeCompressedFrame(offsets, frame.data(), (Uint32)frame.size(), parts).bad())
            return false;
    }
    std::unique_ptr<DcmPixelData> pixels(new DcmPixelData(DCM_PixelData));
    pixels->putOriginalRepresentation(r.syntax, nullptr, all.release());
    return d.insert(pixels.release(), OFTrue).good();
}
#else
bool recipe_jpeg2000(const recipe &, int, int, DcmItem &) { return false; }
#endif
