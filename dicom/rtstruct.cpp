/* SPDX-License-Identifier: Apache-2.0 */
/* Writes RT Structure Sets (PS3.3 A.19). Contours run along the edges of pixels, so that the mask
 * comes back exactly, and have 4 points or more. */
#include "derived.h"
#include "outline.h"

static const char study_class[] = "1.2.840.10008.3.1.2.3.1";

static void put_frame_of_reference(const study &s, const grid &g, DcmDataset &d)
{
    const file &f = s.file_of(g.frames[0]);
    DcmItem &frame_item = item_of(d, DCM_ReferencedFrameOfReferenceSequence);
    put(frame_item, DCM_FrameOfReferenceUID, f.reference);
    DcmItem &study_item = item_of(frame_item, DCM_RTReferencedStudySequence);
    put(study_item, DCM_ReferencedSOPClassUID, study_class);
    put(study_item, DCM_ReferencedSOPInstanceUID, f.study);
    DcmItem &series = item_of(study_item, DCM_RTReferencedSeriesSequence);
    put(series, DCM_SeriesInstanceUID, f.series);
    put_instances(s, g, series, DCM_ContourImageSequence);
}

/* DS of at most 16 characters. */
static std::string millimetres(double v)
{
    std::string s = text("%.6f", v);
    if (s.size() > 16) s = text("%.9g", v);
    return s;
}

static void put_contour(const study &s, const frame &f, const outline &o, DcmItem &roi)
{
    const file &source = s.files[(size_t)f.file];
    std::string data;
    for (const outline_point &p : o)
        for (int i = 0; i < 3; i++)
            data += (data.empty() ? "" : "\\") +
                millimetres(f.position[i] + 0.5 * p.x * f.spacing[1] * f.row[i] +
                    0.5 * p.y * f.spacing[0] * f.column[i]);
    DcmItem &contour = item_of(roi, DCM_ContourSequence);
    DcmItem &image = item_of(contour, DCM_ContourImageSequence);
    put(image, DCM_ReferencedSOPClassUID, source.sop_class);
    put(image, DCM_ReferencedSOPInstanceUID, source.sop);
    if (source.frames > 1) put(image, DCM_ReferencedFrameNumber, std::to_string(f.index + 1));
    put(contour, DCM_ContourGeometricType, "CLOSED_PLANAR");
    put(contour, DCM_NumberOfContourPoints, std::to_string(o.size()));
    put(contour, DCM_ContourData, data);
}

static void put_roi(const study &s, const grid &g, const std::vector<unsigned short> &mask,
    const segment &one, int number, DcmDataset &d)
{
    const std::string n = std::to_string(number);
    DcmItem &roi = item_of(d, DCM_StructureSetROISequence);
    put(roi, DCM_ROINumber, n);
    put(roi, DCM_ReferencedFrameOfReferenceUID, s.file_of(g.frames[0]).reference);
    put(roi, DCM_ROIName, one.name);
    if (!one.description.empty()) put(roi, DCM_ROIDescription, one.description);
    put(roi, DCM_ROIGenerationAlgorithm, one.algorithm_type);
    if (one.algorithm_type != "MANUAL") put(roi, DCM_ROIGenerationDescription, one.algorithm);
    DcmItem &contours = item_of(d, DCM_ROIContourSequence);
    put(contours, DCM_ROIDisplayColor, text("%d\\%d\\%d", one.rgb[0], one.rgb[1], one.rgb[2]));
    for (size_t k = 0; k < g.frames.size(); k++) {
        const file &f = s.file_of(g.frames[k]);
        std::vector<bool> inside;
        for (int y = 0; y < f.rows; y++)
            for (int x = 0; x < f.columns; x++)
                inside.push_back(mask[g.voxel_of(k, x, y)] == one.label);
        for (const outline &o : find_outlines(inside, f.columns, f.rows))
            put_contour(s, s.frames[(size_t)g.frames[k]], o, contours);
    }
    put(contours, DCM_ReferencedROINumber, n);
    DcmItem &observation = item_of(d, DCM_RTROIObservationsSequence);
    put(observation, DCM_ObservationNumber, n);
    put(observation, DCM_ReferencedROINumber, n);
    put_region(observation, one);
    put_code(observation, DCM_SegmentedPropertyCategoryCodeSequence, one.category);
    put_modifier(put_code(observation, DCM_RTROIIdentificationCodeSequence, one.type), one);
    observation.insertEmptyElement(DCM_RTROIInterpretedType);
    observation.insertEmptyElement(DCM_ROIInterpreter);
}

void write_rtstruct(const study &s, const grid &g, const std::vector<unsigned short> &mask,
    const terms &t, const std::string &path)
{
    const file &f = s.file_of(g.frames[0]);
    check_source(s, g, "a structure set");
    uid_maker uid = uid_of(s, g, t);
    uid.add(mask.data(), mask.size() * sizeof mask[0]);
    DcmFileFormat whole;
    DcmDataset &d = *whole.getDataset();
    copy_patient(f, t, d);
    put_derived(f, uid, UID_RTStructureSetStorage, "RTSTRUCT", d);
    d.insertEmptyElement(DCM_OperatorsName);
    put(d, DCM_StructureSetLabel, "attunet");
    put(d, DCM_StructureSetDescription, "for research only");
    put(d, DCM_ApprovalStatus, "UNAPPROVED");
    put_series(t, d);
    put_frame_of_reference(s, g, d);
    int number = 0;
    for (const segment &one : t.segments) put_roi(s, g, mask, one, ++number, d);
    save(whole, path, EXS_LittleEndianImplicit); /* its lengths have 32 bits, for long contours */
}
