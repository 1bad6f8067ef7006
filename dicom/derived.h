/* SPDX-License-Identifier: Apache-2.0 */
/* What all objects that are made of a series share: its patient and study, UIDs, equipment. */
#pragma once

#include <dcmtk/config/osconfig.h>

#include <dcmtk/dcmdata/dctk.h>

#include <cstdint>

#include "hash.h"
#include "seg.h"

void put(DcmItem &d, const DcmTagKey &tag, const std::string &v);
/* A new item at the end of a sequence. */
DcmItem &item_of(DcmItem &d, const DcmTagKey &sequence);

/* 2.25 and a UUID (PS3.5, B.2): the same content gives the same UIDs. */
class uid_maker
{
  public:
    void add(const void *data, size_t size)
    {
        const unsigned char *b = (const unsigned char *)data;
        a_ = fnv(data, size, a_);
        for (size_t i = 0; i < size; i++)
            b_ = (b_ ^ b[i]) * 6364136223846793005u + 1442695040888963407u;
    }
    void add(const std::string &s) { add(s.c_str(), s.size() + 1); }
    std::string get(const char *what) const
    {
        uid_maker m = *this;
        m.add(std::string(what));
        const uint64_t version = 8, variant = 2, /* of values that a program chose */
            high = ((m.a_ ^ m.a_ >> 31) & ~(uint64_t)0xf000) | version << 12,
                       low = ((m.b_ ^ m.b_ >> 29) & ~(uint64_t)0 >> 2) | variant << 62;
        unsigned __int128 n = (unsigned __int128)high << 64 | low;
        std::string digits;
        for (; n; n /= 10) digits.insert(digits.begin(), (char)('0' + (int)(n % 10)));
        return "2.25." + digits;
    }

  private:
    uint64_t a_ = fnv_start, b_ = 88172645463325252u;
};

/* Of a kind of object, with all that the mask and its terms show. */
uid_maker uid_of(const study &s, const grid &g, const terms &t);
/* Patient and study are the source's, with empty values where it has none. */
void copy_patient(const file &f, const terms &t, DcmDataset &d);
/* A code as a new item. */
DcmItem &put_code(DcmItem &d, const DcmTagKey &sequence, const code &c);
/* The region of a segment in the body, and the modifier of its type, where it has them. */
void put_modifier(DcmItem &type, const segment &s);
void put_region(DcmItem &d, const segment &s);
/* Class, modality, UIDs, new series, equipment and date. Another moment is another instance. */
void put_derived(const file &f, const uid_maker &uid, const char *sop_class, const char *modality,
    DcmDataset &d);
/* The texts of the terms, in place of those that are there. */
void put_series(const terms &t, DcmDataset &d);
/* The instances of the series, each once, as items of a sequence. */
void put_instances(const study &s, const grid &g, DcmItem &d, const DcmTagKey &sequence);
void save(DcmFileFormat &whole, const std::string &path, E_TransferSyntax syntax);
