/* SPDX-License-Identifier: Apache-2.0 */
/* Small files that ask for gigabytes and damaged ones end in a sentence, and a file of many
 * compressed frames is read one frame at a time. Sanitizers have no limit of memory, so with them
 * only the sentences count that need none. */
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "recipe.h"
#include "volume.h"

namespace fs = std::filesystem;

static std::string program;

typedef std::function<void(recipe &)> change;

static std::string make(const std::string &name, const change &f)
{
    recipe r;
    f(r);
    fs::remove_all(name);
    fs::create_directory(name);
    if (!recipe_write(r, name)) exit(1);
    return name + "/IM0";
}

static void refuses(const std::string &name, const std::string &sentence)
{
    const int status = run({program, "volume", name, "-o", name + ".nii"});
    check(status == 3, name, "exit " + std::to_string(status));
    check(said.find(sentence) != std::string::npos, name, "not said: " + sentence);
    check(!fs::exists(name + ".nii"), name, "a refusal leaves a file");
}

#ifndef ATT_SANITIZED
/* The elements of a file with little-endian explicit VR, but its pixels, and their place. */
static std::string before_pixels(const std::string &file, size_t &begin)
{
    begin = file.find(std::string("\x08\0\x05\0", 4)); /* the first element of the data set */
    if (begin == std::string::npos) begin = file.find(std::string("\x08\0\x08\0", 4));
    return file.substr(begin, file.find(std::string("\xe0\x7f\x10\0O", 5)) - begin);
}

static std::string element(const char tag_and_vr[10], unsigned length)
{
    std::string e(tag_and_vr, 8);
    for (int i = 0; i < 4; i++) e += (char)(length >> 8 * i);
    return e;
}

/* A deflated file: `head`, then `zeros` zeros. */
static void deflate_to(
    const std::string &path, const std::string &head, unsigned zeros, const std::string &tail)
{
    std::string meta = slurp(path), out;
    size_t begin;
    before_pixels(meta, begin);
    meta.resize(begin);
    const size_t syntax = meta.find("1.2.840.10008.1.2.1");
    const size_t length = meta.find(std::string("\x02\0\x10\0UI", 6)) + 6;
    meta.replace(syntax, 20, std::string("1.2.840.10008.1.2.1.99"));
    meta[length] = 22;
    meta[140] = (char)(meta[140] + 2); /* the length of the group */
    z_stream z = {};
    deflateInit2(&z, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    std::string part(1 << 20, 0);
    std::vector<unsigned char> code(1 << 16);
    const auto put = [&](const char *from, size_t n, int flush) {
        z.next_in = (Bytef *)const_cast<char *>(from), z.avail_in = (unsigned)n;
        do {
            z.next_out = code.data(), z.avail_out = (unsigned)code.size();
            deflate(&z, flush);
            out.append((char *)code.data(), code.size() - z.avail_out);
        } while (z.avail_out == 0);
    };
    put(head.data(), head.size(), Z_NO_FLUSH);
    for (unsigned left = zeros; left; left -= std::min<unsigned>(left, 1 << 20))
        put(part.data(), std::min<size_t>(left, part.size()), Z_NO_FLUSH);
    put(tail.data(), tail.size(), Z_FINISH);
    deflateEnd(&z);
    if (out.size() % 2) out += '\0';
    std::ofstream(path, std::ios::binary) << meta << out;
}

static void deflated()
{
    const char *const sentence = "which is 256 MiB and 8 times its size; leave this file out";
    const unsigned zeros = 400u << 20;
    size_t begin;
    const change one = [](recipe &r) { r.slices = 1; };
    std::string path = make("deflated_tag", one), file = slurp(path),
                head = before_pixels(file, begin);
    const std::string pixels = file.substr(begin + head.size());
    deflate_to(path, head + element("\xe1\x7f\x01\x10OB\0\0", zeros), zeros, "");
    refuses("deflated_tag", "deflated_tag/IM0: reading it takes more than 2");
    check(said.find(sentence) != std::string::npos, "deflated_tag", "sentence");
    path = make("deflated_good", one);
    deflate_to(path, head, 0, pixels);
    check(run({program, "volume", "deflated_good", "-o", "good.nii"}) == 0, "deflated_good",
        "the same without a bomb is read");
    path = make("deflated_pixels", [](recipe &r) { /* 200 frames of 1024x1024 */
        r.slices = 1, r.rows = r.columns = 1024;
        r.tag = "NumberOfFrames", r.value = "1";
    });
    file = slurp(path);
    head = before_pixels(file, begin);
    const size_t frames = head.find(std::string("\x28\0\x08\0IS", 6));
    head.replace(frames + 6, 4, std::string("\x04\0", 2) + "200 ");
    deflate_to(path, head + element("\xe0\x7f\x10\0OW\0\0", zeros), zeros, "");
    refuses("deflated_pixels", sentence);
}

/* Items of 8 bytes, each of which takes far more in memory. */
static void many_elements()
{
    const std::string path = make("items", [](recipe &r) { r.slices = 1; });
    const std::string file = slurp(path), item("\xfe\xff\0\xe0\0\0\0\0", 8);
    size_t begin;
    const std::string head = before_pixels(file, begin);
    std::ofstream out(path, std::ios::binary);
    const unsigned count = 4u << 20;
    out << file.substr(0, begin) << head << element("\x40\0\x60\x02SQ\0\0", 8 * count);
    for (unsigned i = 0; i < count; i++) out << item;
    out << file.substr(begin + head.size());
    out.close();
    refuses("items", "items/IM0: reading it takes more than 513 MiB of memory");
}

/* Whether the program writes the volume with so many KiB for its data. */
static bool fits(const std::string &name, const std::string &to, int limit)
{
    const int status =
        run({"/bin/sh", "-c", "ulimit -d " + std::to_string(limit) + " && exec \"$@\"", "sh",
            program, "volume", name, "-o", to});
    check(status == 0, name,
        "exit " + std::to_string(status) + " in " + std::to_string(limit >> 10) + " MiB");
    return status == 0;
}

/* In less memory than half of the volume. */
static void frame_by_frame()
{
    for (const auto &one : recipe_syntaxes()) {
        const std::string name = std::string(one.name) + "_frames", to = name + ".nii";
        make(name, [&](recipe &r) {
            r.slices = 100, r.rows = r.columns = 512; /* 50 MiB */
            r.multi = recipe::ENHANCED, r.syntax = one.syntax;
        });
        if (fits(name, to, 24 << 10))
            check(fs::file_size(to) == 352u + 100u * 512 * 512 * 2, name, "size");
        fs::remove_all(name);
        fs::remove(to);
    }
}

/* A picture of 32 MiB, or one that becomes 48 MiB of colours: the decoder has little beside the
 * pixels of the file, and openjpeg has a strip of them. */
static void one_picture(bool colours)
{
    std::string want;
    std::vector<named_syntax> all = recipe_syntaxes();
    all.push_back({"deflate", EXS_DeflatedLittleEndianExplicit});
    for (const auto &one : all) {
        const bool strips = std::string(one.name) == "jpeg2000";
        const std::string name = one.name + std::string(colours ? "_palette" : "_picture"),
                          to = name + ".nii";
        make(name, [&](recipe &r) {
            r.slices = 1, r.rows = r.columns = 4096, r.syntax = one.syntax;
            if (colours) r.photometric = "PALETTE COLOR", r.allocated = r.stored = 8, r.high = 7;
        });
        if (!fits(name, to, (strips ? 96 : 56) << 10)) continue;
        if (want.empty()) want = slurp(to);
        check(slurp(to) == want, name, "values as in the plain picture");
        fs::remove_all(name);
        fs::remove(to);
    }
}

/* Code of noise is long: 26 MiB for this picture of 32 MiB. JPEG needs parts of it, JPEG-LS all. */
static void noise()
{
    std::string want;
    const struct {
        named_syntax is;
        int mib;
    } all[] = {{{"plain", EXS_LittleEndianExplicit}, 56}, {{"jpeg", EXS_JPEGProcess14SV1}, 56},
        {{"jpeg_ls", EXS_JPEGLSLossless}, 80}};
    for (const auto &one : all) {
        const std::string name = one.is.name + std::string("_noise"), to = name + ".nii";
        make(name, [&](recipe &r) {
            r.slices = 1, r.rows = r.columns = 4096, r.syntax = one.is.syntax, r.noise = true;
        });
        if (!fits(name, to, one.mib << 10)) continue;
        if (want.empty()) want = slurp(to);
        check(slurp(to) == want, name, "values as in the plain picture");
        fs::remove_all(name);
        fs::remove(to);
    }
}
#endif

/* Rows, columns and frames that the compressed pixels of a file cannot have. */
static void lies()
{
    for (const auto &one : recipe_syntaxes()) {
        const bool plain = one.syntax == EXS_LittleEndianExplicit;
        const auto tampered = [&](const std::string &what, const std::string &sentence,
                                  const std::function<void(DcmDataset &)> &f) {
            const std::string name = std::string(one.name) + "_" + what,
                              path = make(name, [&](recipe &r) {
                                  r.syntax = one.syntax, r.multi = recipe::ENHANCED;
                                  r.rows = 40, r.columns = 33;
                              });
            DcmFileFormat whole;
            whole.loadFile(path.c_str());
            whole.loadAllDataIntoMemory();
            f(*whole.getDataset());
            whole.saveFile(path.c_str(), one.syntax);
            refuses(name, path + ": " + sentence);
        };
        tampered("size",
            plain
                ? "its NumberOfFrames (0028,0008) is more than its pixels are enough for"
                : "its Rows (0028,0010) and Columns (0028,0011) ask for 1074 million samples, but "
                  "its compressed frame has ",
            [](DcmDataset &d) {
                for (const DcmTagKey &tag : {DCM_Rows, DCM_Columns})
                    d.putAndInsertUint16(tag, 32767);
            });
        tampered("wider",
            plain ? "its NumberOfFrames (0028,0008) is more than its pixels are enough for"
                  : "its pixels are compressed as ",
            [](DcmDataset &d) {
                for (const DcmTagKey &tag : {DCM_Rows, DCM_Columns})
                    d.putAndInsertUint16(tag, 4000);
            });
        tampered("lower",
            plain ? "its pixels hold more frames than its NumberOfFrames (0028,0008) says"
                  : "its pixels are compressed as ",
            [&](DcmDataset &d) { d.putAndInsertUint16(DCM_Rows, plain ? 29 : 39); });
        tampered("fewer",
            plain ? "its pixels hold more frames than its NumberOfFrames (0028,0008) says"
                  : "its PerFrameFunctionalGroupsSequence (5200,9230) has more items than",
            [](DcmDataset &d) { d.putAndInsertString(DCM_NumberOfFrames, "3"); });
        tampered("many", "its NumberOfFrames (0028,0008) is not a whole number from 1 to 65536",
            [](DcmDataset &d) { d.putAndInsertString(DCM_NumberOfFrames, "1000000"); });
        if (plain) continue;
        tampered("some", "its PerFrameFunctionalGroupsSequence (5200,9230) has fewer items than",
            [](DcmDataset &d) { d.putAndInsertString(DCM_NumberOfFrames, "5"); });
        tampered("narrow", "its pixels are compressed as ", [](DcmDataset &d) {
            d.putAndInsertUint16(DCM_BitsAllocated, 8);
            d.putAndInsertUint16(DCM_BitsStored, 8);
            d.putAndInsertUint16(DCM_HighBit, 7);
        });
        tampered("three", "its pixels are compressed as ", [](DcmDataset &d) {
            DcmItem *last = nullptr;
            d.putAndInsertString(DCM_NumberOfFrames, "3");
            d.findAndGetSequenceItem(DCM_PerFrameFunctionalGroupsSequence, last, 3);
            DcmSequenceOfItems *all = nullptr;
            d.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, all);
            delete all->remove(last);
        });
    }
}

/* A file whose syntax has another name of the same length. */
static void unknown_syntax()
{
    const std::string path = make("unknown", [](recipe &r) { r.slices = 1; }),
                      known = "1.2.840.10008.1.2.1";
    std::string bytes = slurp(path);
    bytes.replace(bytes.find(known), known.size(), "1.2.840.10008.9.9.9");
    std::ofstream(path, std::ios::binary) << bytes;
    refuses("unknown", "its TransferSyntaxUID (0002,0010) is none that this program knows");
}

/* Sequences in sequences, more than a stack holds. */
static void nested()
{
    const std::string path = make("nested", [](recipe &r) { r.slices = 1; }), bytes = slurp(path);
    const std::string open(
        "\x40\0\x60\x02SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff", 20);
    std::ofstream out(path, std::ios::binary);
    out << bytes.substr(0, bytes.find(std::string("\xe0\x7f\x10\0", 4)));
    for (int i = 0; i < 200000; i++) out << open;
    out.close();
    refuses("nested", "nested/IM0 is damaged DICOM (its sequences are nested too deep)");
}

/* Palettes of segments that give other than the 256 entries that their descriptor says. */
static void damaged_segments()
{
    const std::vector<std::vector<Uint16>> all[2] = {
        {{}, {0x0100}, {0x0001, 0xff05},              /* a line comes first */
            {0x0100, 0x0100, 0xfeff, 0xffff},         /* too short */
            {0x0100, 0x0100, 0xffff, 0x0001, 0xffff}, /* too long */
            {0x0002, 0, 0}, {0x0100, 0x0200, 0x0001, 0xff00}},
        {{}, {0, 1}, {1, 256, 255}, {0, 1, 0, 1, 254, 255}, {0, 1, 0, 1, 256, 255}, {2, 1, 0, 0},
            {0, 1, 0, 2, 1, 1, 0},                          /* not where a number begins */
            {0, 1, 0, 2, 1, 999, 0}, {0, 1, 0, 2, 1, 6, 0}, /* itself */
            {0, 1, 0, 2, 9, 0, 0}, {0, 1, 0, 2, 1, 0}, {0, 1, 0, 3, 255, 9}, {0, 0, 0, 1, 255, 255},
            {0, 300, 1, 2, 3}}};
    for (int wide = 0; wide < 2; wide++)
        for (size_t i = 0; i < all[wide].size(); i++) {
            const std::string path = make("segments", [&](recipe &r) {
                r.photometric = "PALETTE COLOR", r.slices = 1, r.segments = 8 + 8 * wide;
                r.allocated = r.stored = 8, r.high = 7;
            });
            DcmFileFormat whole;
            whole.loadFile(path.c_str());
            whole.loadAllDataIntoMemory();
            whole.getDataset()->putAndInsertUint16Array(
                DcmTag(DCM_SegmentedGreenPaletteColorLookupTableData, EVR_OW), all[wide][i].data(),
                (unsigned long)all[wide][i].size());
            whole.saveFile(path.c_str(), EXS_LittleEndianExplicit);
            refuses("segments",
                "its SegmentedGreenPaletteColorLookupTableData (0028,1222) does not give the 256 "
                "entries of its descriptor");
        }
}

/* Whatever a file holds, the program ends with a status of its own. */
static void damaged()
{
    const struct {
        E_TransferSyntax syntax;
        int multi;
    } kinds[] = {{EXS_LittleEndianExplicit, recipe::SINGLE},
        {EXS_LittleEndianExplicit, recipe::ENHANCED}, {EXS_RLELossless, recipe::ENHANCED},
        {EXS_JPEGProcess14SV1, recipe::SINGLE}, {EXS_JPEGLSLossless, recipe::SINGLE},
#ifdef ATT_OPENJPEG
        {EXS_JPEG2000LosslessOnly, recipe::SINGLE}
#endif
    };
    const int count = (int)(sizeof kinds / sizeof *kinds);
    unsigned random = 1;
    int refused = 0;
    for (int i = 0; i < 60; i++) {
        make("damaged", [&](recipe &r) {
            r.syntax = kinds[i % count].syntax;
            r.multi = kinds[i % count].multi == recipe::SINGLE ? recipe::SINGLE : recipe::ENHANCED;
        });
        std::fstream f("damaged/IM0", std::ios::in | std::ios::out | std::ios::binary);
        const unsigned size = (unsigned)fs::file_size("damaged/IM0");
        for (int k = 0; k < 8; k++) {
            random = random * 1664525u + 1013904223u;
            f.seekp(132 + (random >> 8) % (size - 132));
            f.put((char)(random >> 3));
        }
        f.close();
        const int status = run({program, "volume", "damaged", "-o", "damaged.nii", "--allow-gaps",
            "--select", "largest"});
        check(said.find(SECRET_NAME) == std::string::npos, "damaged", "names the patient");
        check(status == 0 || status == 3, "damaged", "exit " + std::to_string(status));
        refused += status == 3;
    }
    check(refused > 10, "damaged", "only " + std::to_string(refused) + " refused");
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    program = argv[1];
    recipe_codecs();
    lies();
    unknown_syntax();
    nested();
    damaged_segments();
    damaged();
#ifndef ATT_SANITIZED
    deflated();
    many_elements();
    frame_by_frame();
    one_picture(false);
    one_picture(true);
    noise();
#endif
    return checked();
}
