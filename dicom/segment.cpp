/* SPDX-License-Identifier: Apache-2.0 */
/* What a segment is: its codes by name, or from a file. */
#include <jansson.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "seg.h"

static const code anatomy = {"123037004", "SCT", "Anatomical Structure"},
                  abnormal = {"49755003", "SCT", "Morphologically Abnormal Structure"},
                  tissue = {"85756007", "SCT", "Tissue"};

/* The longest word that a name contains wins, so that "spinal cord" is no "cord". */
static const struct known {
    const char *word;
    bool is_abnormal;
    const char *code, *meaning;
} codes[] = {
    {"adrenal", false, "23451007", "Adrenal gland"},
    {"aorta", false, "15825003", "Aorta"},
    {"bladder", false, "89837001", "Urinary bladder"},
    {"bone", false, "272673000", "Bone"},
    {"brain", false, "12738006", "Brain"},
    {"breast", false, "76752008", "Breast"},
    {"cancer", true, "108369006", "Neoplasm"},
    {"cerebellum", false, "113305005", "Cerebellum"},
    {"colon", false, "71854001", "Colon"},
    {"duodenum", false, "38848004", "Duodenum"},
    {"edema", true, "79654002", "Edema"},
    {"esophagus", false, "32849002", "Esophagus"},
    {"femur", false, "71341001", "Femur"},
    {"gallbladder", false, "28231008", "Gallbladder"},
    {"heart", false, "80891009", "Heart"},
    {"hemorrhage", true, "50960005", "Hemorrhage"},
    {"hippocampus", false, "5366008", "Hippocampus"},
    {"kidney", false, "64033007", "Kidney"},
    {"left atrium", false, "82471001", "Left atrium"},
    {"left ventricle", false, "87878005", "Left ventricle"},
    {"lesion", true, "52988006", "Lesion"},
    {"liver", false, "10200004", "Liver"},
    {"lung", false, "39607008", "Lung"},
    {"necrosis", true, "6574001", "Necrosis"},
    {"neoplasm", true, "108369006", "Neoplasm"},
    {"nodule", true, "27925004", "Nodule"},
    {"pancreas", false, "15776009", "Pancreas"},
    {"prostate", false, "41216001", "Prostate"},
    {"rib", false, "113197003", "Rib"},
    {"spinal cord", false, "2748008", "Spinal cord"},
    {"spleen", false, "78961009", "Spleen"},
    {"stomach", false, "69695003", "Stomach"},
    {"thyroid", false, "69748006", "Thyroid"},
    {"tumor", true, "108369006", "Neoplasm"},
    {"tumour", true, "108369006", "Neoplasm"},
    {"uterus", false, "35039007", "Uterus"},
    {"vertebra", false, "51282000", "Vertebra"},
};

/* Lower case, with spaces in place of '_' and '-'. */
static std::string plain(const std::string &name)
{
    std::string s = name;
    for (char &c : s) {
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        if (c == '_' || c == '-') c = ' ';
    }
    return s;
}

static bool has_word(const std::string &name, const std::string &word)
{
    const size_t at = name.find(word), end = at + word.size();
    if (at == std::string::npos) return false;
    const bool begins = at == 0 || name[at - 1] == ' ';
    return begins &&
        (end == name.size() || name[end] == ' ' || name.compare(end, std::string::npos, "s") == 0);
}

static void code_by_name(segment &s)
{
    const std::string name = plain(s.name);
    const known *best = nullptr;
    for (const known &k : codes)
        if (has_word(name, k.word) &&
            (!best || k.is_abnormal > best->is_abnormal ||
                (k.is_abnormal == best->is_abnormal && strlen(k.word) > strlen(best->word))))
            best = &k;
    s.category = !best ? tissue : best->is_abnormal ? abnormal : anatomy;
    s.type = best ? code{best->code, "SCT", best->meaning} : tissue;
}

segment segment_of(const std::string &text_, size_t number)
{
    static const int colours[][3] = {{230, 60, 50}, {70, 160, 230}, {90, 190, 90}, {240, 180, 60},
        {160, 100, 200}, {80, 200, 190}, {230, 120, 170}, {150, 110, 80}};
    const size_t is = text_.find('=');
    char *end;
    const long label = strtol(text_.c_str(), &end, 10);
    if (is == std::string::npos || (size_t)(end - text_.c_str()) != is || label < 1 ||
        label > 65535 || is + 1 == text_.size())
        throw refusal(EXIT_USAGE,
            text("--segment %s: write LABEL=NAME, such as --segment 1=liver", text_.c_str()));
    segment s = {(int)label, short_name(text_.substr(is + 1)), {}, {}, {}};
    memcpy(s.rgb, colours[number % 8], sizeof s.rgb);
    code_by_name(s);
    return s;
}

static void take_code(const json_t *from, const char *key, code &to, const std::string &path)
{
    const json_t *c = json_object_get(from, key);
    if (!c) return;
    const char *value = json_string_value(json_object_get(c, "CodeValue")),
               *scheme = json_string_value(json_object_get(c, "CodingSchemeDesignator")),
               *meaning = json_string_value(json_object_get(c, "CodeMeaning"));
    if (!value || !scheme || !meaning)
        throw refusal(EXIT_DATA,
            text("%s: a %s lacks CodeValue, CodingSchemeDesignator or CodeMeaning; add it",
                path.c_str(), key));
    to = {value, scheme, meaning};
}

static void take_attributes(const json_t *one, std::vector<segment> &all, const std::string &path)
{
    for (segment &s : all) {
        if (json_integer_value(json_object_get(one, "labelID")) != s.label) continue;
        const char *name = json_string_value(json_object_get(one, "SegmentLabel"));
        if (name) s.name = short_name(name);
        take_code(one, "SegmentedPropertyCategoryCodeSequence", s.category, path);
        take_code(one, "SegmentedPropertyTypeCodeSequence", s.type, path);
        const json_t *rgb = json_object_get(one, "recommendedDisplayRGBValue");
        for (size_t i = 0; i < 3 && json_array_size(rgb) == 3; i++)
            s.rgb[i] = (int)json_integer_value(json_array_get(rgb, i)) & 255;
    }
}

void segment_codes(const std::string &path, std::vector<segment> &segments)
{
    json_error_t bad;
    const int fd = open_regular(path);
    if (fd < 0)
        throw refusal(EXIT_IO, text("cannot read %s; check that it is a file", path.c_str()));
    json_t *file = json_loadfd(fd, 0, &bad);
    close(fd);
    if (!file)
        throw refusal(EXIT_DATA,
            text("cannot read the codes in %s: %s, line %d; check the file", path.c_str(), bad.text,
                bad.line));
    size_t i, k;
    json_t *group_, *one;
    const json_t *list = json_object_get(file, "segmentAttributes");
    const bool good = json_is_array(list);
    try {
        json_array_foreach(list, i, group_) json_array_foreach(group_, k, one)
            take_attributes(one, segments, path);
    } catch (...) {
        json_decref(file);
        throw;
    }
    json_decref(file);
    if (!good)
        throw refusal(EXIT_DATA,
            text("%s has no list segmentAttributes; give a file of dcmqi's form", path.c_str()));
}
