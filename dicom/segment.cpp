/* SPDX-License-Identifier: Apache-2.0 */
/* What a segment is: its codes by name, or from a file. */
#include <jansson.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>

#include "seg.h"

static const size_t name_letters = 64; /* of a LO */

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
    segment s = {(int)label, text_.substr(is + 1), {}, {}, {}};
    memcpy(s.rgb, colours[number % 8], sizeof s.rgb);
    code_by_name(s);
    return s;
}

static refusal bad_codes(const std::string &path, const std::string &why)
{
    return refusal(EXIT_DATA, path + ": " + why);
}

static void take_code(const json_t *from, const char *key, code &to, const std::string &path)
{
    static const char *const parts[] = {"CodeValue", "CodingSchemeDesignator", "CodeMeaning"};
    std::string *const into[] = {&to.value, &to.scheme, &to.meaning};
    const json_t *c = json_object_get(from, key);
    if (!c) return;
    for (size_t i = 0; i < 3; i++) {
        const size_t most = i < 2 ? 16 : 64;
        const char *v = json_string_value(json_object_get(c, parts[i]));
        if (!v) throw bad_codes(path, text("a %s lacks %s; add it", key, parts[i]));
        if (!fits_value(v, most))
            throw bad_codes(path,
                text("a %s of %s is no line of 1 to %zu letters without a backslash; correct it",
                    parts[i], key, most));
        *into[i] = v;
    }
}

static void take_colour(const json_t *rgb, segment &s, const std::string &path)
{
    if (!rgb) return;
    bool good = json_array_size(rgb) == 3;
    for (size_t i = 0; i < 3 && good; i++) {
        const json_t *v = json_array_get(rgb, i);
        s.rgb[i] = (int)std::min<json_int_t>(json_integer_value(v), 256);
        good = json_is_integer(v) && s.rgb[i] >= 0 && s.rgb[i] <= 255;
    }
    if (!good)
        throw bad_codes(path,
            text("the recommendedDisplayRGBValue of labelID %d is not three whole numbers from 0 "
                 "to 255; correct it",
                s.label));
}

/* The segment that an entry is of. */
static segment &segment_by_id(
    const json_t *id, std::vector<segment> &all, std::set<int> &seen, const std::string &path)
{
    std::string list;
    if (!json_is_integer(id))
        throw bad_codes(path, "a labelID is missing or not a whole number; write one, such as 1");
    for (segment &s : all) {
        list += text("%s%d=%s", list.empty() ? "" : ", ", s.label, s.name.c_str());
        if (json_integer_value(id) != s.label) continue;
        if (!seen.insert(s.label).second)
            throw bad_codes(path, text("it has labelID %d twice; leave one out", s.label));
        return s;
    }
    throw bad_codes(path,
        text("its labelID %lld is no class; these are %s", (long long)json_integer_value(id),
            list.c_str()));
}

static void take_attributes(
    const json_t *one, std::vector<segment> &all, std::set<int> &seen, const std::string &path)
{
    segment &s = segment_by_id(json_object_get(one, "labelID"), all, seen, path);
    const char *name = json_string_value(json_object_get(one, "SegmentLabel"));
    if (name) s.name = name;
    take_code(one, "SegmentedPropertyCategoryCodeSequence", s.category, path);
    take_code(one, "SegmentedPropertyTypeCodeSequence", s.type, path);
    take_colour(json_object_get(one, "recommendedDisplayRGBValue"), s, path);
}

void fit_names(std::vector<segment> &segments)
{
    std::map<std::string, int> of;
    for (segment &s : segments) {
        const std::string name = first_letters(s.name, name_letters);
        if (!fits_value(name, name_letters))
            throw refusal(EXIT_DATA,
                text("the name of class %d is empty or has a backslash or a line feed; give it a "
                     "SegmentLabel in a file of codes",
                    s.label));
        const int other = of.emplace(name, s.label).first->second;
        if (other != s.label)
            throw refusal(EXIT_DATA,
                text("classes %d and %d have one name in %zu letters; give them others with "
                     "SegmentLabel in a file of codes",
                    other, s.label, name_letters));
        if (name == s.name) continue;
        warn(text("the name of class %d is longer than %zu letters, so the file has the first of "
                  "them",
            s.label, name_letters));
        s.name = name;
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
        std::set<int> seen;
        json_array_foreach(list, i, group_) json_array_foreach(group_, k, one)
            take_attributes(one, segments, seen, path);
    } catch (...) {
        json_decref(file);
        throw;
    }
    json_decref(file);
    if (!good)
        throw refusal(EXIT_DATA,
            text("%s has no list segmentAttributes; give a file of dcmqi's form", path.c_str()));
}
