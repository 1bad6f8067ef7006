#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compare.py ATTUNET_DICOM FOLDER...: volumes, SEG and RTSTRUCT of every series below the folders
beside SimpleITK, dcm2niix, pydicom, highdicom and dciodvfy; prints counts and every difference."""

import collections
import glob
import os
import re
import subprocess
import sys
import tempfile
import warnings

import highdicom
import nibabel
import numpy
import pydicom
import SimpleITK
from pydicom.sr.codedict import codes

warnings.simplefilter("ignore")
SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
TOLERANCE = 1e-4  # mm
# Where a peer reads the files of tests/dicom otherwise, and why.
EXPLAINED = {
    "EchoTime: SimpleITK": "mixes volumes of one series",
    "FrameReferenceTime: SimpleITK": "mixes volumes of one series",
    "FrameReferenceTime: dcm2niix": "mixes volumes of one series",
    "b_value: dcm2niix": "mixes b-values without a maker's tags",
    "clock: SimpleITK": "mixes volumes of one series",
    "clock: dcm2niix": "mixes volumes of one series",
    "copies: SimpleITK": "counts copies as slices",
    "end: dcm2niix": "mixes two pixel spacings",
    "enhanced_slopes: SimpleITK": "takes the rescale of the first frame for all",
    "enhanced_slopes: dcm2niix": "takes the rescale of the first frame for all",
    "fine_palette: dcm2niix": "leaves the palette out",
    "frames_DiffusionBValue: SimpleITK": "mixes volumes of one series",
    "frames_DiffusionBValue: dcm2niix": "mixes volumes of one series",
    "frames_EffectiveEchoTime: SimpleITK": "mixes volumes of one series",
    "frames_EffectiveEchoTime: dcm2niix": "mixes volumes of one series",
    "frames_FrameType: SimpleITK": "mixes volumes of one series",
    "frames_FrameType: dcm2niix": "mixes volumes of one series",
    "frames_StackID: SimpleITK": "mixes volumes of one series",
    "frames_StackID: dcm2niix": "mixes volumes of one series",
    "frames_TemporalPositionIndex: SimpleITK": "mixes volumes of one series",
    "frames_TemporalPositionIndex: dcm2niix": "mixes volumes of one series",
    "monochrome1: SimpleITK": "inverts the values",
    "no_size: SimpleITK": "gives a place to a picture that has none",
    "no_size: dcm2niix": "gives a place to a picture that has none",
    "nearly_even: dcm2niix": "takes the first distance for all",
    "odd_1: BINARY of highdicom": "pads frames below 8 pixels, and fails to read them, too",
    "odd_1: SimpleITK": "takes pictures of one row for a picture of all slices",
    "own_b: SimpleITK": "mixes volumes of one series",
    "own_b: dcm2niix": "mixes volumes of one series",
    "own_b_values: SimpleITK": "mixes volumes of one series",
    "own_b_values: dcm2niix": "mixes volumes of one series",
    "palette: dcm2niix": "leaves the palette out",
    "references: SimpleITK": "mixes frames of reference of one series",
    "region: SimpleITK": "leaves the regions of ultrasound out",
    "region: dcm2niix": "leaves the regions of ultrasound out",
    "regions: SimpleITK": "leaves the regions of ultrasound out",
    "regions: dcm2niix": "leaves the regions of ultrasound out",
    "rounded: dcm2niix": "takes the first distance for all",
    "rounded: pydicom": "has positions of rounded digits",
    "segments_16: dcm2niix": "leaves the palette out",
    "segments_16_big: dcm2niix": "leaves the palette out",
    "segments_16_rle: dcm2niix": "leaves the palette out",
    "segments_8: dcm2niix": "leaves the palette out",
    "segments_8_big: dcm2niix": "leaves the palette out",
    "segments_8_rle: dcm2niix": "leaves the palette out",
    "shifted: SimpleITK": "ignores HighBit, which is retired",
    "shifted: dcm2niix": "ignores HighBit, which is retired",
    "shifted: pydicom": "ignores HighBit, which is retired",
    "signed_shifted: SimpleITK": "ignores HighBit, which is retired",
    "signed_shifted: dcm2niix": "ignores HighBit, which is retired",
    "signed_shifted: pydicom": "ignores HighBit, which is retired",
    "signed_table: SimpleITK": "leaves the modality LUT out",
    "signed_table: dcm2niix": "leaves the modality LUT out",
    "signed_table_implicit: SimpleITK": "leaves the modality LUT out",
    "signed_table_implicit: dcm2niix": "leaves the modality LUT out",
    "slope_zero: dcm2niix": "leaves the rescale out if its slope is 0",
    "slope_zero: pydicom": "multiplies by a slope of 0",
    "spacings: dcm2niix": "mixes two pixel spacings",
    "stack: SimpleITK": "mixes volumes of one series",
    "table: SimpleITK": "leaves the modality LUT out",
    "table: dcm2niix": "leaves the modality LUT out",
    "two_regions: SimpleITK": "gives a place to a picture that has none",
    "two_regions: dcm2niix": "gives a place to a picture that has none",
    "two_thousand: BINARY of highdicom": "pads frames below 8 pixels, and fails to read them, too",
    "x_ray: SimpleITK": "leaves ImagerPixelSpacing out of this class",
    "x_ray: dcm2niix": "leaves ImagerPixelSpacing out of this class",
}
counts = collections.Counter()


def differs(series, what):
    why = EXPLAINED.get(f"{series}: {what}".rsplit(": ", 1)[0])
    if why:
        counts["explained: the peer " + why] += 1
        return
    counts["differences"] += 1
    print(f"{series}: {what}", flush=True)


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, errors="replace")
    return done.returncode, done.stdout + done.stderr


def values_of(image):
    """As [x][y][z][sample], of NIfTI."""
    a = numpy.asanyarray(image.dataobj)
    if a.dtype.fields:
        a = numpy.stack([a[n] for n in a.dtype.names], -1)
    return a.reshape(a.shape + (1,) * (4 - a.ndim))


def same_volume(ours, theirs, said=""):
    """None, or what differs; the axes of theirs may be in another order and direction. Their
    formats hold no shear of a tilt, and pictures without position lie where they like."""
    a, a_affine = ours
    b, b_affine = theirs
    loose = "no position" in said or "shear" in said
    if loose or a.shape[2] == 1:
        b_affine = b_affine.copy()
        b_affine[:, 2] = a_affine[:, 2] * (-1 if a_affine[:, 2] @ b_affine[:, 2] < 0 else 1)
    to = numpy.linalg.inv(a_affine) @ b_affine
    whole = numpy.rint(to[:3, :3])
    if not (numpy.abs(whole).sum(0) == 1).all() or not (numpy.abs(whole).sum(1) == 1).all():
        return "grid"
    axes = [int(numpy.flatnonzero(whole[i])[0]) for i in range(3)]
    b = b.transpose(axes + [3])
    affine = b_affine[:, axes + [3]].copy()
    for i in range(3):
        if whole[i, axes[i]] < 0:
            affine[:, 3] += affine[:, i] * (b.shape[i] - 1)
            affine[:, i] *= -1
            b = numpy.flip(b, i)
    if a.shape != b.shape:
        return "size"
    if loose:
        affine[:, 3] = a_affine[:, 3]
    off = numpy.abs(affine - a_affine).max()
    if off > TOLERANCE:
        return f"affine by {off:.3g} mm"
    if a.dtype.kind == "f":
        wrong = int((numpy.abs(a - b) > numpy.abs(a) * 2e-7).sum())
    else:
        wrong = int((a != b).sum())
    return f"{wrong} values" if wrong else None


def compare_pydicom(series, ours, sources):
    """The rescaled pixels of each source are one of our planes, where its position is."""
    a, affine = ours
    if not sources:
        return
    wrong = matched = 0
    for _, position, _, _, values in sources.values():
        k = numpy.linalg.inv(affine) @ numpy.append(position * [-1, -1, 1], 1)
        at = int(numpy.rint(k[2]))
        if numpy.abs(k[:3] - [0, 0, at]).max() > 1e-3 or not 0 <= at < a.shape[2]:
            continue
        got = a[:, :, at].transpose(1, 0, 2)
        if values is None:
            counts["pydicom does not decode it"] += 1
            return
        if values.shape == got.shape:
            matched += 1
            wrong += int((numpy.abs(values - got) > numpy.abs(values) * 1e-6).sum())
    if wrong or matched < a.shape[2]:
        return differs(series, f"pydicom: {wrong} values, {matched} of {a.shape[2]} planes")
    counts["pydicom equal"] += 1


def pixels_of(d):
    """Of each frame, rescaled."""
    try:
        a = pydicom.pixels.pixel_array(d, raw=True) if d.SamplesPerPixel == 1 else d.pixel_array
    except (AttributeError, NotImplementedError, RuntimeError, ValueError):
        return None
    a = a.reshape((int(d.get("NumberOfFrames", 1)), d.Rows, d.Columns, d.SamplesPerPixel))
    if "PerFrameFunctionalGroupsSequence" not in d:
        return pydicom.pixels.apply_modality_lut(a, d)
    if "PixelValueTransformationSequence" not in d.PerFrameFunctionalGroupsSequence[0]:
        return a
    rescale = [i.PixelValueTransformationSequence[0] for i in d.PerFrameFunctionalGroupsSequence]
    return [one * float(r.RescaleSlope) + float(r.RescaleIntercept)
            for one, r in zip(a, rescale)]


def read_itk(files):
    if len(files) == 1:
        image = SimpleITK.ReadImage(files[0])
    else:
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames(files)
        image = reader.Execute()
    a = SimpleITK.GetArrayFromImage(image)
    samples = image.GetNumberOfComponentsPerPixel()
    if image.GetDimension() == 2:
        image = SimpleITK.JoinSeries(image)
        a = a[None]
    a = a.reshape(a.shape[:3] + (samples,)).transpose(2, 1, 0, 3)
    affine = numpy.eye(4)
    affine[:3, :3] = numpy.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    affine[:3, 3] = image.GetOrigin()
    return a, numpy.diag([-1, -1, 1, 1]) @ affine


def of_itk(folder):
    volumes = []
    reader = SimpleITK.ImageSeriesReader
    try:
        series = reader.GetGDCMSeriesIDs(folder)
    except RuntimeError:  # of segmented palettes
        counts["SimpleITK refuses"] += 1
        return []
    for one in series:
        files = reader.GetGDCMSeriesFileNames(folder, one)
        parts = [files] if len(files) == 1 else split(files)
        for part in parts:
            try:
                volumes.append(read_itk(part))
            except RuntimeError:
                counts["SimpleITK refuses"] += 1
    return volumes


def split(files):
    """Echoes and the like, which SimpleITK reads as one volume."""
    parts = collections.defaultdict(list)
    for f in files:
        d = pydicom.dcmread(f, stop_before_pixels=True, force=True)
        key = [str(d.get(k)) for k in ("EchoNumbers", "DiffusionBValue", "Rows", "ImageType",
                                       "ImageOrientationPatient", "PixelSpacing")]
        parts[tuple(key)].append(f)
    return list(parts.values())


def of_dcm2niix(folder, scratch):
    out = tempfile.mkdtemp(dir=scratch)
    run("dcm2niix", "-b", "n", "-z", "n", "-f", "%s_%e_%r", "-o", out, folder)
    volumes = []
    for path in sorted(glob.glob(out + "/*.nii")):
        image = nibabel.load(path)
        a = numpy.asanyarray(image.dataobj)
        if not a.dtype.fields and a.ndim == 4 and a.shape[3] > 1:
            volumes += [(values_of(image.slicer[..., i]), image.affine) for i in range(a.shape[3])]
        else:
            volumes.append((values_of(image), image.affine))
    return volumes


def compare_volume(series, ours, said, folder, scratch):
    for name, theirs in (("SimpleITK", of_itk(folder)), ("dcm2niix", of_dcm2niix(folder, scratch))):
        found = [same_volume(ours, one, said) for one in theirs]
        if not theirs:
            counts[name + " does not read it"] += 1
        elif None in found:
            counts[name + " equal"] += 1
        else:
            differs(series, f"{name}: {', '.join(found)}")


def sources_of(folder):
    """(SOP, frame or 0): digits of the position, position, row and column steps in mm, file."""
    found = {}
    for path in glob.glob(folder + "/**", recursive=True):
        try:
            d = pydicom.dcmread(path, force=True)
        except IsADirectoryError:
            continue
        if "Rows" not in d or d.Modality == "SEG":
            continue
        pixels = pixels_of(d)
        if "DetectorInformationSequence" in d:
            detector = d.DetectorInformationSequence[0]
            digits, turn = detector.ImagePositionPatient, detector.ImageOrientationPatient
            turn = numpy.reshape(turn, (2, 3)).astype(float)
            for i in range(int(d.NumberOfFrames)):
                at = numpy.array(digits, float) + (
                    numpy.cross(*turn) * float(d.SpacingBetweenSlices) * i)
                found[d.SOPInstanceUID, i + 1] = (
                    [f"{v:.10g}" for v in at], at, turn[0] * d.PixelSpacing[1],
                    turn[1] * d.PixelSpacing[0], pixels[i])
        if "ImagePositionPatient" not in d and "PerFrameFunctionalGroupsSequence" not in d:
            continue
        for i, item in enumerate(d.get("PerFrameFunctionalGroupsSequence", [None])):
            shared = d.SharedFunctionalGroupsSequence[0] if item else None
            position = (item.PlanePositionSequence[0] if item else d).ImagePositionPatient
            spacing = (shared.PixelMeasuresSequence[0] if item else d).PixelSpacing
            turned = item if item and "PlaneOrientationSequence" in item else shared
            turn = (turned.PlaneOrientationSequence[0] if item else d).ImageOrientationPatient
            found[d.SOPInstanceUID, i + 1 if item else 0] = (
                [str(v) for v in position], numpy.array(position, float),
                numpy.array(turn[:3], float) * spacing[1],
                numpy.array(turn[3:], float) * spacing[0],
                pixels[i] if pixels is not None else None)
    return found


def expected(mask, affine, source, rows, columns):
    """The mask's values at the centres of a source's pixels, and where they are certain."""
    _, position, right, down, _ = source
    y, x = numpy.mgrid[:rows, :columns]
    at = position[:, None, None] + right[:, None, None] * x + down[:, None, None] * y
    at = numpy.diag([-1, -1, 1]) @ at.reshape(3, -1)
    voxel = numpy.linalg.inv(affine)[:3] @ numpy.vstack([at, numpy.ones(at.shape[1])])
    near = numpy.rint(voxel)
    certain = (numpy.abs(voxel - near) < 0.499).all(0).reshape(rows, columns)
    limits = numpy.array(mask.shape)[:, None] - 1
    inside = numpy.clip(near, 0, limits).astype(int)
    return mask[tuple(inside)].reshape(rows, columns), certain


def check_file(series, path):
    counts["dciodvfy files"] += 1
    errors = [line for line in run("dciodvfy", path)[1].splitlines() if line.startswith("Error")]
    for line in errors[:3]:
        differs(series, f"dciodvfy: {line}")


def check_pydicom(series, path, mask, affine, sources, number_of_segments, fractional):
    d = pydicom.dcmread(path)
    pixels = d.pixel_array.reshape(-1, d.Rows, d.Columns)
    if len(pixels) != number_of_segments * len(sources):
        return differs(series, f"{len(pixels)} frames")
    seen = set()
    for image, item in zip(pixels, d.PerFrameFunctionalGroupsSequence):
        number = item.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        of = item.DerivationImageSequence[0].SourceImageSequence[0]
        key = (of.ReferencedSOPInstanceUID, int(of.get("ReferencedFrameNumber", 0)))
        if key not in sources:
            return differs(series, "a frame refers to no source")
        digits = [str(v) for v in item.PlanePositionSequence[0].ImagePositionPatient]
        if digits != sources[key][0]:
            differs(series, f"position {digits}, not {sources[key][0]}")
        want, certain = expected(mask, affine, sources[key], d.Rows, d.Columns)
        want = want if fractional else want == number
        wrong = int(((image != want) & certain).sum())
        if wrong:
            differs(series, f"SEG in pydicom: {wrong} voxels of segment {number}")
        seen.add((key, number))
    if len(seen) != len(pixels):
        differs(series, "a frame repeats another")
    counts["pydicom SEG"] += 1


def check_highdicom(series, path, mask, affine, sources, number_of_segments, fractional, said):
    seg = highdicom.seg.segread(path)
    if seg.number_of_segments != number_of_segments:
        return differs(series, f"highdicom: {seg.number_of_segments} segments")
    keys = sorted(sources)
    combine = {} if fractional else {"combine_segments": True}
    if keys[0][1]:
        frames = [k[1] for k in keys]
        got = seg.get_pixels_by_source_frame(keys[0][0], frames, **combine)
    else:
        got = seg.get_pixels_by_source_instance([k[0] for k in keys], **combine)
    wrong = 0
    for key, image in zip(keys, got):
        want, certain = expected(mask, affine, sources[key], seg.Rows, seg.Columns)
        image = numpy.rint(image[..., 0] * 255) if fractional else image
        wrong += int(((image != want) & certain).sum())
    if wrong:
        differs(series, f"highdicom: {wrong} voxels")
    counts["highdicom SEG"] += 1
    try:
        volume = seg.get_volume(**combine)
    except (RuntimeError, ValueError):
        counts["highdicom has no volume of it"] += 1
        return
    array = volume.array[..., 0] if fractional else volume.array
    array = numpy.rint(array * 255) if fractional else array
    array = array.transpose(2, 1, 0)
    place = (numpy.diag([-1, -1, 1, 1]) @ volume.affine)[:, [2, 1, 0, 3]]
    ours = mask.astype(array.dtype)
    depth = [numpy.linalg.inv(affine)[2] @ numpy.append(s[1] * [-1, -1, 1], 1)
             for s in sources.values()]
    for k in set(range(mask.shape[2])) - set(numpy.rint(depth).astype(int)):
        ours[:, :, k] = 0  # a missing slice
    wrong = same_volume((ours[..., None], affine), (array[..., None], place), said)
    if wrong:
        differs(series, f"highdicom's volume: {wrong}")
    counts["highdicom volume"] += 1


def check_contours(series, path, mask, affine, sources):
    """Each contour lies in one source plane and inside the mask's pixels; areas are the mask's."""
    d = pydicom.dcmread(path)
    rows, columns = shape_of[series]
    area = collections.Counter()
    for roi in d.ROIContourSequence:
        for c in roi.get("ContourSequence", []):
            points = numpy.reshape([float(v) for v in c.ContourData], (-1, 3))
            of = c.ContourImageSequence[0]
            key = (of.ReferencedSOPInstanceUID, int(of.get("ReferencedFrameNumber", 0)))
            _, origin, right, down, _ = sources[key]
            basis = numpy.array([right, down, numpy.cross(right, down)]).T
            x, y, z = numpy.linalg.inv(basis) @ (points - origin).T
            if numpy.abs(z * numpy.linalg.norm(basis[:, 2])).max() > 1e-3:
                differs(series, "a contour leaves its slice")
            want, _ = expected(mask, affine, sources[key], rows, columns)
            edge = numpy.pad(want == roi.ReferencedROINumber, 1)
            touches = sum(edge[numpy.rint(y + a).astype(int) + 1, numpy.rint(x + b).astype(int) + 1]
                          for a in (-0.25, 0.25) for b in (-0.25, 0.25))
            if not touches.all():
                differs(series, "a contour leaves the mask")
            area[key, roi.ReferencedROINumber] += (
                (x * numpy.roll(y, -1) - y * numpy.roll(x, -1)).sum() / 2)
            counts["contours"] += 1
    for key, source in sources.items():
        want, _ = expected(mask, affine, source, rows, columns)
        for number in numpy.unique(want[want > 0]):
            if abs(abs(area[key, number]) - (want == number).sum()) > 1e-2:
                differs(series, f"contours of {abs(area[key, number]):.2f} pixels, "
                        f"not {(want == number).sum()}")
    counts["RTSTRUCT"] += 1


shape_of = {}


def write_like(image, a, path):
    made = nibabel.Nifti1Image(a, image.affine)
    nibabel.save(made, path)


def compare_masks(program, series, folder, how, image, scratch, number, volume_said=""):
    sources = sources_of(folder)
    size = image.shape[:3]
    random = numpy.random.default_rng(1)
    mask = random.integers(0, number + 1, size).astype(numpy.uint8)
    write_like(image, mask, scratch + "/mask.nii")
    names = [w for n in range(number) for w in ("--segment", f"{n + 1}=part {n + 1}")]
    base = [program, "seg", folder, *how, "-o", scratch + "/x.dcm"]
    code, said = run(*base, "--mask", scratch + "/mask.nii", *names)
    if code:
        counts["series without SEG"] += 1
        return print(f"{series}: no SEG: {said.strip()}")
    d = pydicom.dcmread(scratch + "/x.dcm", stop_before_pixels=True)
    shape_of[series] = (d.Rows, d.Columns)
    images = [i.DerivationImageSequence[0].SourceImageSequence[0]
              for i in d.PerFrameFunctionalGroupsSequence]
    refers = {(i.ReferencedSOPInstanceUID, int(i.get("ReferencedFrameNumber", 0))) for i in images}
    sources = {k: v for k, v in sources.items() if k in refers}
    made, affine = scratch + "/x.dcm", image.affine
    check_file(series, made)
    check_pydicom(series, made, mask, affine, sources, number, False)
    check_highdicom(series, made, mask, affine, sources, number, False, volume_said)
    share = random.integers(0, 256, size).astype(numpy.uint8)
    write_like(image, (share / numpy.float32(255)).astype(numpy.float32), scratch + "/share.nii")
    run(*base, "--probability", scratch + "/share.nii", "--segment", "1=part 1")
    check_file(series, made)
    check_pydicom(series, made, share, affine, sources, 1, True)
    check_highdicom(series, made, share, affine, sources, 1, True, volume_said)
    base[1] = "rtstruct"
    code, said = run(*base, "--mask", scratch + "/mask.nii", *names)
    if code:
        return differs(series, f"no RTSTRUCT: {said.strip()}")
    check_file(series, made)
    check_contours(series, made, mask, affine, sources)


def highdicom_writes(images, mask, kind, path):
    segments = [highdicom.seg.SegmentDescription(
        n + 1, f"part {n + 1}", codes.SCT.Organ, codes.SCT.Liver,
        highdicom.seg.SegmentAlgorithmTypeValues.MANUAL) for n in range(3)]
    if kind == "FRACTIONAL":
        mask = numpy.stack([mask == n + 1 for n in range(3)], -1).astype(float)
    uid = highdicom.UID
    highdicom.seg.Segmentation(images, mask, kind, segments, uid(), 1, uid(), 1, "maker", "model",
                               "1", "1").save_as(path)


def compare_labels(program, series, folder, image, scratch):
    """SEG of every kind that highdicom writes comes back as the mask."""
    try:
        images = [pydicom.dcmread(p) for p in sorted(glob.glob(folder + "/*"))]
    except pydicom.errors.InvalidDicomError:
        return
    sources = sources_of(folder)
    if len(sources) != image.shape[2]:
        return
    frames = int(images[0].get("NumberOfFrames", 1))
    size = (frames if frames > 1 else len(images), images[0].Rows, images[0].Columns)
    mask = numpy.random.default_rng(2).integers(0, 4, size).astype(numpy.uint8)
    mask.flat[:4] = range(4)
    keys = ([(images[0].SOPInstanceUID, i + 1) for i in range(frames)] if frames > 1
            else [(d.SOPInstanceUID, 0) for d in images])
    for kind in ("BINARY", "FRACTIONAL", "LABELMAP"):
        try:
            highdicom_writes(images, mask, kind, scratch + "/x.dcm")
        except (AttributeError, KeyError, ValueError, TypeError):
            counts["highdicom writes no " + kind] += 1
            continue
        code, said = run(program, "labels", folder, "--labels", scratch + "/x.dcm", "-o",
                         scratch + "/x.nii")
        if code:
            differs(series, f"{kind} of highdicom: {said.strip()}")
            continue
        got = numpy.asarray(nibabel.load(scratch + "/x.nii").dataobj)
        wrong = 0
        for key, want in zip(keys, mask):
            at = numpy.linalg.inv(image.affine) @ numpy.append(sources[key][1] * [-1, -1, 1], 1)
            wrong += int((got[:, :, int(numpy.rint(at[2]))].T != want).sum())
        if wrong:
            differs(series, f"{kind} of highdicom: {wrong} voxels")
        counts[kind + " of highdicom"] += 1


def compare(program, folder, scratch):
    series = os.path.basename(folder)
    path = scratch + "/ours.nii"
    code, said = run(program, "volume", folder, "-o", path)
    wanted = [[]]
    if code and "choose one" in said:
        wanted = [["--select", c] for c in sorted(set(re.findall(r"series=\w+(?:\.\d+)?", said)))]
    elif code and "--allow-gaps" in said:
        wanted = [["--allow-gaps"]]
    elif code:
        counts["refused"] += 1
        return print(f"{series}: refused: {said.strip()}")
    for how in wanted:
        code, said = run(program, "volume", folder, "-o", path, *how)
        if code:
            counts["refused"] += 1
            print(f"{series}: refused: {said.strip()}")
            continue
        counts["series"] += 1
        image = nibabel.load(path)
        if how != ["--allow-gaps"] and "resampled" not in said:
            ours, sources = (values_of(image), image.affine), sources_of(folder)
            said += "" if sources else "no position"
            compare_volume(series, ours, said, folder, scratch)
            if len(wanted) == 1:
                compare_pydicom(series, ours, sources)
        number = 1 if image.shape[2] > 500 else 40 if "odd" in series else 3
        compare_masks(program, series, folder, how, image, scratch, number, said)
        if "tilted" in said:  # as attunet predicts
            _, said = run(program, "volume", folder, "-o", path, "--straighten", *how)
            compare_masks(program, series + " straightened", folder, how + ["--straighten"],
                          nibabel.load(path), scratch, 3, said if "shear" in said else "")
        elif not how and "resampled" not in said:
            compare_labels(program, series, folder, image, scratch)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        for top in sys.argv[2:]:
            for folder, below, files in sorted(os.walk(top)):
                if files and not below:
                    compare(sys.argv[1], folder, scratch)
    for name in sorted(counts):
        print(f"{counts[name]:6} {name}")
    return counts["differences"] != 0


if __name__ == "__main__":
    sys.exit(main())
