#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""archive.py ATTUNET RUN SERIES: a study goes to Orthanc and back, as docs/dicom.md tells it.

Starts an Orthanc of its own with DICOMweb, uploads the files in the folder SERIES, downloads them,
predicts, uploads SEG and RTSTRUCT, and checks what the archive lists and gives out: both objects in
the study of the series, each reference to an image that it holds, and the voxels of the mask. Needs
Orthanc with the plug-in orthanc-dicomweb, and Python with pydicom, highdicom and nibabel."""
import glob
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile

import highdicom
import nibabel
import numpy
import pydicom

PORT = 18942
PLUGIN = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"


def ask(path, data=None):
    request = urllib.request.Request(f"http://localhost:{PORT}{path}", data)
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def ask_json(path, data=None):
    return json.loads(ask(path, data))


def start(folder):
    names = {"StorageDirectory": folder + "/db", "IndexDirectory": folder + "/db",
             "HttpPort": PORT, "DicomServerEnabled": False, "AuthenticationEnabled": False,
             "Plugins": [PLUGIN], "DicomWeb": {"Enable": True, "Root": "/dicom-web/"}}
    with open(folder + "/orthanc.json", "w", encoding="utf-8") as out:
        json.dump(names, out)
    with open(folder + "/log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(["Orthanc", folder + "/orthanc.json"], stdout=log, stderr=log)
    for _ in range(100):
        try:
            print("Orthanc", ask_json("/system")["Version"])
            return server
        except OSError:
            time.sleep(0.2)
    server.kill()
    sys.exit("Orthanc does not answer")


def upload(path):
    with open(path, "rb") as file:
        return ask_json("/instances", file.read())


def references(item):
    for element in item.iterall():
        if element.tag == 0x00081155:  # ReferencedSOPInstanceUID
            yield element.value


def check(good, what):
    print("ok" if good else "NOT OK", what)
    if not good:
        sys.exit(1)


def go_round(attunet, run, series, folder):
    images = [upload(p) for p in sorted(glob.glob(series + "/*"))]
    own = images[0]["ParentSeries"]
    with zipfile.ZipFile(io.BytesIO(ask(f"/series/{own}/archive"))) as archive:
        os.mkdir(folder + "/study")
        for number, name in enumerate(archive.namelist()):
            with open(f"{folder}/study/{number}", "wb") as out:
                out.write(archive.read(name))
    subprocess.run([attunet, "predict", run, folder + "/study", "-o", folder + "/masks",
                    "--dicom-seg", "--rtstruct", "--quiet"], check=True)
    made = {"SEG": upload(folder + "/masks/study.dcm"),
            "RTSTRUCT": upload(folder + "/masks/study_rtstruct.dcm")}
    study = pydicom.dcmread(folder + "/study/0", stop_before_pixels=True).StudyInstanceUID
    listed = ask_json(f"/dicom-web/studies/{study}/series")
    kinds = sorted(s["00080060"]["Value"][0] for s in listed)
    check(kinds == ["CT", "RTSTRUCT", "SEG"], f"DICOMweb lists {', '.join(kinds)} in the study")
    for kind, one in made.items():
        check(one["ParentStudy"] == images[0]["ParentStudy"], f"{kind}: the study of the series")
        d = pydicom.dcmread(io.BytesIO(ask(f"/instances/{one['ID']}/file")))
        uids = set(references(d)) - {study}
        held = [ask_json("/tools/lookup", uid.encode()) for uid in uids]
        check(all(len(h) == 1 and h[0]["Type"] == "Instance" for h in held),
              f"{kind}: {len(uids)} images that it refers to are in the archive")
    seg = highdicom.seg.Segmentation.from_dataset(
        pydicom.dcmread(io.BytesIO(ask(f"/instances/{made['SEG']['ID']}/file"))))
    sources = [pydicom.dcmread(p, stop_before_pixels=True) for p in glob.glob(folder + "/study/*")]
    turn = numpy.reshape(sources[0].ImageOrientationPatient, (2, 3)).astype(float)
    sources.sort(key=lambda d: numpy.cross(*turn) @ numpy.array(d.ImagePositionPatient, float))
    got = seg.get_pixels_by_source_instance(
        [d.SOPInstanceUID for d in sources], combine_segments=True)
    mask = numpy.asarray(nibabel.load(folder + "/masks/study.nii.gz").dataobj)
    check(mask.any() and numpy.array_equal(got.transpose(2, 1, 0), mask),
          f"SEG: the {int((mask > 0).sum())} voxels of the mask, on the images that they are of")


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = start(folder)
        try:
            go_round(*sys.argv[1:], folder)
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
