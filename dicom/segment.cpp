/* SPDX-License-Identifier: Apache-2.0 */
/* What a segment is: its codes by name, or from a file. */
#include <jansson.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <set>

#include "derived.h"

static const size_t name_letters = 64, code_letters = 16, /* of LO and SH */
    any_letters = 1024;

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
    segment s = {(int)label, trimmed(text_.substr(is + 1)), {}, {}, {}};
    memcpy(s.rgb, colours[number % 8], sizeof s.rgb);
    code_by_name(s);
    return s;
}

std::vector<std::string> segment::texts() const
{
    std::vector<std::string> all = {name, description, algorithm_type, algorithm};
    for (const code *c : {&category, &type, &type_modifier, &region, &region_modifier})
        for (const std::string *part : {&c->value, &c->scheme, &c->meaning}) all.push_back(*part);
    return all;
}

std::vector<std::string> terms::texts() const
{
    std::vector<std::string> all;
    for (const segment &s : segments)
        for (const std::string &one : s.texts()) all.push_back(one);
    for (const auto &one : series) all.push_back(one.second);
    return all;
}

static refusal bad_codes(const std::string &path, const std::string &why)
{
    return refusal(EXIT_DATA, path + ": " + why);
}

/* Refuses what attunet would drop. */
static void check_keys(json_t *from, const std::vector<std::string> &known, const std::string &what,
    const std::string &path)
{
    for (void *at = json_object_iter(from); at; at = json_object_iter_next(from, at)) {
        const char *key = json_object_iter_key(at);
        if (std::find(known.begin(), known.end(), key) == known.end())
            throw bad_codes(path,
                text("%s has %s, which attunet does not write; leave it out", what.c_str(), key));
    }
}

/* A text of an object, if it is there. */
static bool take_text(const json_t *from, const char *key, size_t most, std::string &to,
    const std::string &what, const std::string &path)
{
    const json_t *found = json_object_get(from, key);
    const char *v = json_string_value(found);
    if (!found) return false;
    if (!v || !fits_value(v, most))
        throw bad_codes(path,
            text("the %s of %s is no line of 1 to %zu letters without a backslash; correct it", key,
                what.c_str(), most));
    to = v;
    return true;
}

/* Longer values have a tag of their own, which is chosen where they are written. */
static void take_code(const json_t *segment_, const char *key, code &to, const std::string &who,
    const std::string &path)
{
    static const char *const names[] = {
        "CodeValue", "LongCodeValue", "CodingSchemeDesignator", "CodeMeaning"};
    json_t *c = json_object_get(segment_, key);
    const std::string what = std::string("the ") + key + " of " + who;
    if (!c) return;
    if (!json_is_object(c)) throw bad_codes(path, what + " is no single code; write one");
    check_keys(c, {names, names + 4}, what, path);
    const bool long_ = take_text(c, names[1], any_letters, to.value, what, path),
               short_ = take_text(c, names[0], any_letters, to.value, what, path),
               scheme = take_text(c, names[2], code_letters, to.scheme, what, path),
               meaning = take_text(c, names[3], name_letters, to.meaning, what, path);
    if (long_ && short_) throw bad_codes(path, what + " has two values; leave one out");
    const char *missing = !long_ && !short_ ? names[0]
        : !scheme                           ? names[2]
        : !meaning                          ? names[3]
                                            : nullptr;
    if (missing) throw bad_codes(path, text("%s lacks %s; add it", what.c_str(), missing));
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
    json_t *one, std::vector<segment> &all, std::set<int> &seen, const std::string &path)
{
    static const char *const types[] = {"AUTOMATIC", "SEMIAUTOMATIC", "MANUAL"};
    segment &s = segment_by_id(json_object_get(one, "labelID"), all, seen, path);
    const std::string who = text("labelID %d", s.label);
    const struct {
        const char *key;
        code &to;
    } known[] = {{"SegmentedPropertyCategoryCodeSequence", s.category},
        {"SegmentedPropertyTypeCodeSequence", s.type},
        {"SegmentedPropertyTypeModifierCodeSequence", s.type_modifier},
        {"AnatomicRegionSequence", s.region},
        {"AnatomicRegionModifierSequence", s.region_modifier}};
    std::vector<std::string> keys = {"labelID", "SegmentLabel", "SegmentDescription",
        "SegmentAlgorithmType", "SegmentAlgorithmName", "recommendedDisplayRGBValue"};
    for (const auto &k : known) {
        take_code(one, k.key, k.to, who, path);
        keys.push_back(k.key);
    }
    check_keys(one, keys, who, path);
    take_text(one, "SegmentLabel", any_letters, s.name, who, path); /* fit_names cuts it */
    const char *description = json_string_value(json_object_get(one, "SegmentDescription"));
    if (!description || *description)
        take_text(one, "SegmentDescription", any_letters, s.description, who, path);
    take_text(one, "SegmentAlgorithmName", name_letters, s.algorithm, who, path);
    take_text(one, "SegmentAlgorithmType", code_letters, s.algorithm_type, who, path);
    if (std::find(types, types + 3, s.algorithm_type) == types + 3)
        throw bad_codes(path,
            "the SegmentAlgorithmType of " + who +
                " is not AUTOMATIC, SEMIAUTOMATIC or MANUAL; correct it");
    if (s.algorithm_type == "MANUAL" && json_object_get(one, "SegmentAlgorithmName"))
        throw bad_codes(path,
            who +
                " has a SegmentAlgorithmName, which a segment of the SegmentAlgorithmType MANUAL "
                "cannot have; leave out the name, or correct the type");
    if (!s.region_modifier.value.empty() && s.region.value.empty())
        throw bad_codes(path,
            who + " has an AnatomicRegionModifierSequence but no AnatomicRegionSequence; add it");
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

/* A list of segments for each file that dcmqi would write. */
static void take_lists(const json_t *lists, std::vector<segment> &segments, const std::string &path)
{
    std::set<int> seen;
    bool good = json_is_array(lists);
    for (size_t i = 0; i < json_array_size(lists) && good; i++) {
        const json_t *list = json_array_get(lists, i);
        good = json_is_array(list);
        for (size_t k = 0; k < json_array_size(list) && good; k++)
            take_attributes(json_array_get(list, k), segments, seen, path);
    }
    if (!good)
        throw bad_codes(path,
            "its segmentAttributes is no list of lists of segments; give a file of dcmqi's form");
}

/* A whole number, as IS has it; dcmqi writes it as text. */
static void take_number(
    const json_t *from, const char *key, std::string &to, const std::string &path)
{
    const json_t *found = json_object_get(from, key);
    const char *v = json_string_value(found);
    to = json_is_integer(found) ? std::to_string(json_integer_value(found)) : v ? v : "";
    if (to.empty() || to.size() > 9 || to.find_first_not_of("0123456789") != to.npos)
        throw bad_codes(path, text("its %s is no whole number of 1 to 9 digits; correct it", key));
}

/* What it says of the series and the object, beside "@schema" for programs that check it. */
static void take_series(json_t *all, terms &t, const std::string &path)
{
    static const struct {
        const char *key;
        DcmTagKey tag;
        size_t most; /* letters; 0: a number */
    } known[] = {{"SeriesDescription", DCM_SeriesDescription, 64},
        {"SeriesNumber", DCM_SeriesNumber, 0}, {"InstanceNumber", DCM_InstanceNumber, 0},
        {"BodyPartExamined", DCM_BodyPartExamined, 16},
        {"ContentCreatorName", DCM_ContentCreatorName, 64},
        {"ClinicalTrialSeriesID", DCM_ClinicalTrialSeriesID, 64},
        {"ClinicalTrialTimePointID", DCM_ClinicalTrialTimePointID, 64},
        {"ClinicalTrialCoordinatingCenterName", DCM_ClinicalTrialCoordinatingCenterName, 64}};
    std::vector<std::string> keys = {"@schema", "segmentAttributes"};
    for (const auto &one : known) {
        keys.push_back(one.key);
        if (!json_object_get(all, one.key)) continue;
        std::string &v = t.series[one.tag];
        if (one.most)
            take_text(all, one.key, one.most, v, "the series", path);
        else
            take_number(all, one.key, v, path);
        if (one.tag == DCM_BodyPartExamined &&
            v.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ") != v.npos)
            throw bad_codes(path,
                "its BodyPartExamined is not of capitals, digits, spaces and _, such as CHEST; "
                "correct it");
    }
    check_keys(all, keys, "it", path);
}

void take_codes(const std::string &path, terms &t)
{
    json_error_t bad;
    const int fd = open_regular(path);
    if (fd < 0)
        throw refusal(EXIT_IO, text("cannot read %s; check that it is a file", path.c_str()));
    const std::unique_ptr<json_t, void (*)(json_t *)> file(
        json_loadfd(fd, JSON_REJECT_DUPLICATES, &bad), json_decref);
    close(fd);
    if (!file)
        throw refusal(EXIT_DATA,
            text("cannot read the codes in %s: %s, line %d; check the file", path.c_str(), bad.text,
                bad.line));
    take_series(file.get(), t, path);
    take_lists(json_object_get(file.get(), "segmentAttributes"), t.segments, path);
}
