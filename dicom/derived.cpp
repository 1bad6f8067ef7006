/* SPDX-License-Identifier: Apache-2.0 */
#include "derived.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>

#include "elements.h"

void put(DcmItem &d, const DcmTagKey &tag, const std::string &v)
{
    if (d.putAndInsertString(tag, v.c_str()).bad())
        throw refusal(EXIT_DATA,
            text("the segmentation cannot have the tag (%04X,%04X); please report it",
                tag.getGroup(), tag.getElement()));
}

/* A new item at the end of a sequence. */
DcmItem &item_of(DcmItem &d, const DcmTagKey &sequence)
{
    DcmItem *item = nullptr;
    if (d.findOrCreateSequenceItem(sequence, item, -2).bad() || !item) throw std::bad_alloc();
    return *item;
}

void copy_patient(const file &f, const terms &t, DcmDataset &d)
{
    static const DcmTagKey tags[] = {DCM_SpecificCharacterSet, DCM_PatientName, DCM_PatientID,
        DCM_IssuerOfPatientID, DCM_PatientBirthDate, DCM_PatientSex, DCM_PatientAge,
        DCM_PatientSize, DCM_PatientWeight, DCM_PatientIdentityRemoved, DCM_StudyInstanceUID,
        DCM_StudyDate, DCM_StudyTime, DCM_ReferringPhysicianName, DCM_StudyID, DCM_AccessionNumber,
        DCM_StudyDescription, DCM_FrameOfReferenceUID, DCM_PositionReferenceIndicator},
                           empty[] = {DCM_PatientName, DCM_PatientID, DCM_PatientBirthDate,
                               DCM_PatientSex, DCM_StudyDate, DCM_StudyTime,
                               DCM_ReferringPhysicianName, DCM_StudyID, DCM_AccessionNumber,
                               DCM_PositionReferenceIndicator};
    DcmFileFormat source;
    load_again(source, f.path, f.stamp);
    bool ascii = true;
    for (const std::string &one : t.texts())
        for (char c : one) ascii = ascii && !(c & 0x80);
    if (!ascii && source.getDataset()->convertToUTF8().bad())
        throw refusal(EXIT_DATA,
            text("%s: its SpecificCharacterSet (0008,0005) cannot become UTF-8, which the names "
                 "of segments need; write plain letters in --codes",
                f.path.c_str()));
    for (const DcmTagKey &tag : tags)
        source.getDataset()->findAndInsertCopyOfElement(tag, &d); /* if it is there */
    for (const DcmTagKey &tag : empty)
        if (!d.tagExists(tag)) d.insertEmptyElement(tag);
}

void put_derived(
    const file &f, const uid_maker &uid, const char *sop_class, const char *modality, DcmDataset &d)
{
    OFString date, time;
    DcmDate::getCurrentDate(date);
    DcmTime::getCurrentTime(time);
    if (!d.tagExists(DCM_SpecificCharacterSet)) put(d, DCM_SpecificCharacterSet, "ISO_IR 192");
    put(d, DCM_SOPClassUID, sop_class);
    uid_maker instance = uid;
    instance.add(date.c_str());
    instance.add(time.c_str());
    put(d, DCM_SOPInstanceUID, instance.get(text("instance %s", modality).c_str()));
    put(d, DCM_Modality, modality);
    put(d, DCM_SeriesInstanceUID, uid.get(text("series %s", modality).c_str()));
    put(d, DCM_SeriesNumber, std::to_string(atoi(f.number.c_str()) % 100000 + 9000));
    put(d, DCM_SeriesDescription, "attunet segmentation");
    put(d, DCM_Manufacturer, "attunet");
    put(d, DCM_ManufacturerModelName, "attunet");
    put(d, DCM_DeviceSerialNumber, "0");
    put(d, DCM_SoftwareVersions, ATTUNET_VERSION);
    put(d, DCM_InstanceNumber, "1");
    const bool contours = strcmp(modality, "RTSTRUCT") == 0;
    put(d, contours ? DCM_StructureSetDate : DCM_ContentDate, date.c_str());
    put(d, contours ? DCM_StructureSetTime : DCM_ContentTime, time.c_str());
}

void put_series(const terms &t, DcmDataset &d)
{
    for (const auto &one : t.series) put(d, one.first, one.second);
    if (t.series.count(DCM_ClinicalTrialSeriesID) &&
        !t.series.count(DCM_ClinicalTrialCoordinatingCenterName)) /* type 2 of their module */
        d.insertEmptyElement(DCM_ClinicalTrialCoordinatingCenterName);
}

DcmItem &put_code(DcmItem &d, const DcmTagKey &sequence, const code &c)
{
    DcmItem &item = item_of(d, sequence);
    put(item, c.value.size() > 16 ? DCM_LongCodeValue : DCM_CodeValue, c.value);
    put(item, DCM_CodingSchemeDesignator, c.scheme);
    put(item, DCM_CodeMeaning, c.meaning);
    return item;
}

void put_modifier(DcmItem &type, const segment &s)
{
    if (!s.type_modifier.value.empty())
        put_code(type, DCM_SegmentedPropertyTypeModifierCodeSequence, s.type_modifier);
}

void put_region(DcmItem &d, const segment &s)
{
    if (s.region.value.empty()) return;
    DcmItem &region = put_code(d, DCM_AnatomicRegionSequence, s.region);
    if (!s.region_modifier.value.empty())
        put_code(region, DCM_AnatomicRegionModifierSequence, s.region_modifier);
}

/* The file of a frame lacks a tag. */
static refusal lacks(const std::string &path, const DcmTagKey &tag, const char *what)
{
    return refusal(EXIT_DATA,
        text("%s: it has no %s, which %s needs; complete the series, or ask for a mask only",
            path.c_str(), element_name(tag).c_str(), what));
}

void check_source(const study &s, const grid &g, const char *what)
{
    std::map<std::string, int> files; /* by SOPInstanceUID */
    if (!s.frames[(size_t)g.frames[0]].placed)
        throw lacks(s.file_of(g.frames[0]).path, DCM_ImagePositionPatient, what);
    for (int number : g.frames) {
        const file &f = s.file_of(number);
        const struct {
            const std::string &v;
            DcmTagKey tag;
        } needed[] = {{f.study, DCM_StudyInstanceUID}, {f.series, DCM_SeriesInstanceUID},
            {f.reference, DCM_FrameOfReferenceUID}, {f.sop, DCM_SOPInstanceUID}};
        for (const auto &one : needed)
            if (one.v.empty()) throw lacks(f.path, one.tag, what);
        const int own = s.frames[(size_t)number].file,
                  other = files.emplace(f.sop, own).first->second;
        if (other != own)
            throw refusal(EXIT_DATA,
                text("%s and %s have one SOPInstanceUID (0008,0018), so %s cannot refer to each; "
                     "correct them, or ask for a mask only",
                    s.files[(size_t)other].path.c_str(), f.path.c_str(), what));
    }
}

void put_instances(const study &s, const grid &g, DcmItem &d, const DcmTagKey &sequence)
{
    std::set<int> seen;
    for (int number : g.frames) {
        const int file_number = s.frames[(size_t)number].file;
        if (!seen.insert(file_number).second) continue;
        DcmItem &one = item_of(d, sequence);
        put(one, DCM_ReferencedSOPClassUID, s.files[(size_t)file_number].sop_class);
        put(one, DCM_ReferencedSOPInstanceUID, s.files[(size_t)file_number].sop);
    }
}

void save(DcmFileFormat &whole, const std::string &path, E_TransferSyntax syntax)
{
    const std::string part = part_of(path);
    const OFCondition saved = whole.saveFile(part.c_str(), syntax);
    if (saved.good() && rename(part.c_str(), path.c_str()) == 0) return;
    const std::string why = saved.good() ? strerror(errno) : saved.text();
    remove(part.c_str());
    throw refusal(EXIT_IO,
        text("cannot write %s: %s; check the folder and its disk", path.c_str(), why.c_str()));
}

uid_maker uid_of(const study &s, const grid &g, const terms &t)
{
    uid_maker uid;
    uid.add(ATTUNET_VERSION);
    for (int one : g.frames) uid.add(s.file_of(one).sop);
    for (const segment &one : t.segments) {
        uid.add(&one.label, sizeof one.label);
        uid.add(one.rgb, sizeof one.rgb);
    }
    for (const std::string &one : t.texts())
        uid.add(one); /* since another file needs another UID */
    return uid;
}
