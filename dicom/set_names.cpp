/* SPDX-License-Identifier: Apache-2.0 */
/* What a data set says of all its cases: names of values and channel, groups. */
#include <jansson.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <new>

#include "set_files.h"
#include "set_job.h"

namespace fs = std::filesystem;

/* The Modality of all cases, if their images have one channel; else "". */
static std::string modality_of_all(const set_job &j)
{
    const std::string modality = j.s.file_of(j.cases[0].images.frames[0]).modality;
    for (const set_case &c : j.cases) {
        const file &f = j.s.file_of(c.images.frames[0]);
        if (f.modality != modality || f.channels() != 1 || c.name != without_channel(c.name))
            return "";
    }
    return modality;
}

static hounsfield worst_units(const set_job &j, const set_case &c)
{
    hounsfield worst = HU_GIVEN;
    for (int one : c.images.frames) worst = std::max(worst, j.s.frames[(size_t)one].units);
    return worst;
}

/* The name of the only channel: the Modality of all cases, but CT only in Hounsfield units, which
 * have one scale, as in nnU-Net. Where high is dark, the name says it: predict compares it. */
static std::string channel_of(const set_job &j)
{
    const std::string modality = modality_of_all(j);
    const set_case *other = nullptr, *inverted = nullptr;
    size_t others = 0, inverse = 0; /* in other units; where high is dark */
    for (const set_case &c : j.cases) {
        if (worst_units(j, c) != HU_GIVEN && !others++) other = &c;
        if (j.s.file_of(c.images.frames[0]).is_inverse() && !inverse++) inverted = &c;
    }
    if (inverse && inverse < j.cases.size())
        warn(text("%zu of %zu series %s MONOCHROME1 (0028,0004), such as %s, so high values are "
                  "dark in %s and bright in the others; invert these images, or leave them out",
            inverse, j.cases.size(), inverse == 1 ? "is" : "are", inverted->name.c_str(),
            inverse == 1 ? "it" : "them"));
    if (modality == "CT" && others)
        warn(text("%zu of %zu CT series may not be in Hounsfield units, such as %s: %s; so the "
                  "channel is not named CT",
            others, j.cases.size(), other->name.c_str(),
            why_not_hounsfield(worst_units(j, *other))));
    if (modality.empty() || (modality == "CT" && others)) return "";
    if (!inverse) return modality;
    return inverse == j.cases.size() ? modality + inverse_name : "";
}

std::string set_command(const set_job &j)
{
    return "attunet-dicom set " + shell_path(j.from) + " -o FOLDER";
}

/* The structure's name as far as a class has room (LABELLING_NAME), without a part of a letter. */
static std::string class_name(const std::string &name)
{
    size_t size = std::min<size_t>(name.size(), 63);
    while (size < name.size() && (name[size] & 0xc0) == 0x80) size--;
    return name.substr(0, size);
}

/* The value that a structure of this name has, as the user may write it; -1: there is none. */
static int value_of(const label_values &values, const std::string &name)
{
    const auto same = values.find(name);
    if (same != values.end()) return same->second;
    for (const auto &one : values)
        if (name_key(one.first) == name_key(name) || class_name(one.first) == name)
            return one.second;
    return -1;
}

/* A region of nnU-Net has several values. */
static bool has_value(json_t *values, int value)
{
    for (size_t i = 0; i < json_array_size(values); i++)
        if (has_value(json_array_get(values, i), value)) return true;
    return json_is_integer(values) && json_integer_value(values) == value;
}

void check_user_names(const set_job &j)
{
    const std::string path = j.from + "/dataset.json";
    const std::unique_ptr<json_t, void (*)(json_t *)> all(
        json_load_file(path.c_str(), 0, nullptr), json_decref);
    const char *key;
    json_t *of_key;
    std::string unknown, there;
    json_object_foreach(json_object_get(all.get(), "labels"), key, of_key)
    {
        /* of nnU-Net {name: value}, or of the Decathlon {value: name} */
        const bool turned = json_is_string(of_key);
        const std::string name = turned ? json_string_value(of_key) : key;
        const std::unique_ptr<json_t, void (*)(json_t *)> number(
            turned ? json_integer(atoi(key)) : json_incref(of_key), json_decref);
        const int value = value_of(j.values, name);
        if (value >= 0 && !has_value(number.get(), value))
            throw refusal(EXIT_DATA,
                text(
                    "%s gives %s the value %s, but the labels in DICOM give it %d; write %d there, "
                    "or choose values: %s --segment VALUE=NAME",
                    path.c_str(), name.c_str(),
                    turned ? key : std::to_string(json_integer_value(of_key)).c_str(), value, value,
                    set_command(j).c_str()));
        if (value < 0 && name != "ignore" && !has_value(number.get(), 0))
            unknown += (unknown.empty() ? "" : ", ") + name;
    }
    for (const auto &one : j.values)
        there += text("%s%s (%d)", there.empty() ? "" : ", ", one.first.c_str(), one.second);
    if (!unknown.empty())
        warn(text("%s: no structure in DICOM is called %s; it has %s", path.c_str(),
            unknown.c_str(), there.c_str()));
}

/* taken: the class of another value has this name. */
static std::string no_name(const set_job &j, int value, bool taken)
{
    class_names renamed = j.classes;
    renamed[value] = "NAME";
    return text("the name of class %d %s; give it another NAME: %s", value,
        taken ? "begins as that of another class, and 63 bytes are the most"
              : "is not UTF-8, so no dataset.json can have it",
        with_segments(set_command(j), renamed, j.values).c_str());
}

typedef std::unique_ptr<json_t, void (*)(json_t *)> names_table;

/* The value of each name. */
static names_table class_table(const set_job &j)
{
    names_table labels(json_pack("{s:i}", "background", 0), json_decref);
    for (const auto &one : j.classes) {
        const std::string own = class_name(one.second);
        const json_t *other = json_object_get(labels.get(), own.c_str());
        const bool taken = other && !json_is_null(other);
        if (taken || json_object_set_new(labels.get(), own.c_str(), json_integer(one.first)) != 0)
            throw refusal(EXIT_DATA, no_name(j, one.first, taken));
    }
    return labels;
}

void check_class_names(const set_job &j) { class_table(j); }

/* Names of values and of the channel, in the form of nnU-Net; not where files are paired by name.
 */
void write_names(set_job &j)
{
    const std::string name = "dataset.json";
    const bool in_images = j.after.lower_bound("images") != j.after.lower_bound("imaget");
    const std::string channel = in_images ? channel_of(j) : "";
    if (j.after.count(name) || (j.classes.empty() && channel.empty())) return;
    const names_table labels = class_table(j);
    uint64_t h = fresh_hash(j.how);
    mix_text(h, channel);
    for (const auto &one : j.classes) {
        const std::string own = class_name(one.second);
        if (own != one.second)
            warn(std::string("the name of a structure is longer than 63 bytes, so its class has ") +
                "the first letters: " + names_mark + own);
        if (own == "ignore") say("attunet ignores voxels of the structure ignore");
        mix_text(h, own);
        mix(h, &one.first, sizeof one.first);
    }
    json_t *all = json_object();
    if (!channel.empty())
        json_object_set_new(all, "channel_names", json_pack("{s:s}", "0", channel.c_str()));
    if (!j.classes.empty()) json_object_set(all, "labels", labels.get());
    char *written = all ? json_dumps(all, JSON_INDENT(1)) : nullptr;
    json_decref(all);
    if (!written) throw std::bad_alloc();
    const std::string content = std::string(written) + "\n";
    free(written);
    if (is_current(j, name, h)) return;
    replace_text(j.to + "/" + name, content);
    settle_made(j, name);
}

/* The name of a case with a label in images/, or "". */
static std::string labelled_name(const set_job &j, const set_case &c)
{
    const std::string image = place(c, false), label = place(c, true);
    const size_t cut = image.find('/');
    if (image.rfind("images", 0) != 0 || cut == std::string::npos) return "";
    const auto made = j.after.lower_bound(label + ".");
    const bool has = made != j.after.end() && made->first.rfind(label + ".", 0) == 0;
    return has ? without_channel(image.substr(cut + 1)) : "";
}

/* Splits keep the cases of a patient together; a number stands for a patient. */
void write_groups(set_job &j)
{
    const std::string name = "groups.csv";
    std::map<unsigned long long, std::set<std::string>> of;
    size_t cases = 0, alone = 0, most = 0;
    for (const auto &one : j.after) /* tables of the user, which may have groups */
        if (one.first.find('/') == std::string::npos && fs::path(one.first).extension() == ".csv")
            return;
    for (const set_case &c : j.cases) {
        const std::string own = labelled_name(j, c);
        const unsigned long long patient = j.s.file_of(c.images.frames[0]).patient;
        if (!own.empty() && patient) of[patient].insert(own);
        alone += !own.empty() && !patient;
    }
    for (const auto &one : of) {
        cases += one.second.size();
        most = std::max(most, one.second.size());
    }
    if (most < 2) return;
    cases += alone;
    if (2 * most > cases) {
        warn(text("%zu of %zu cases have one PatientID (0010,0020), which may stand for several "
                  "patients, so splits may divide them; list patients in a groups.csv",
            most, cases));
        return;
    }
    std::map<std::string, size_t> number; /* by the first case of the patient */
    for (const auto &one : of) number[*one.second.begin()] = 0;
    size_t next = 0;
    for (auto &one : number) one.second = ++next;
    std::map<std::string, size_t> all;
    for (const auto &one : of)
        for (const std::string &own : one.second) all[own] = number[*one.second.begin()];
    std::string lines = "image,group\n";
    for (const auto &one : all)
        lines += "\"" + one.first + "\"," + std::to_string(one.second) + "\n";
    uint64_t h = fresh_hash(j.how);
    mix_text(h, lines);
    if (!is_current(j, name, h)) {
        replace_text(j.to + "/" + name, lines);
        settle_made(j, name);
    }
    say(text("%zu cases have %zu patient%s by PatientID (0010,0020), whom splits keep together",
        cases - alone, of.size(), of.size() == 1 ? "" : "s"));
}
