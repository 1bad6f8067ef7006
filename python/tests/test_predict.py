# SPDX-License-Identifier: Apache-2.0
"""Predictions in memory have the bits of the command's, whatever the image is."""
import numpy as np
import pytest

import attunet


class Lent:
    """Memory that is reached by DLPack alone."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **given):
        return self.array.__dlpack__(**given)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_arrays_of_2d(flat, read_file):
    model = attunet.load(flat.run)
    image, mask = read_file(flat.image), read_file(flat.mask)
    assert set(np.unique(mask)) == {0, 255}
    assert (model.dims, model.channels, model.networks) == (2, 1, 1)
    assert model.classes == ['background', 'foreground']
    for given in (image, image.astype(np.uint8), image.astype('>f8'), Lent(image), flat.image,
                  str(flat.image), [flat.image], image.tolist(), image[None],
                  np.asfortranarray(image)):
        result = model.predict(given)
        assert result.mask.dtype == np.uint16
        assert np.array_equal(result.mask.reshape(mask.shape), mask)
        assert result.warnings == [] and not result.doubts
    stack = model.predict(np.stack([image, image[::-1]]))
    assert np.array_equal(stack.labels[0], mask)


def test_maps_and_probabilities(flat, deep, read_file):
    for case, gates in (flat, ['gate.1', 'gate.0']), (deep, ['gate.1']):
        result = attunet.load(case.run)(case.image, attention=True, probabilities=True)
        assert list(result.attention) == gates
        stem = case.image.name.partition('.')[0]
        for gate, found in result.attention.items():
            file, = case.output.glob('%s_attention_%s.[np]*' % (stem, gate))
            stored = read_file(file)
            if case is flat:  # 16 bits
                assert abs(found.astype(float) * 65535 - stored).max() < .51
            else:
                assert np.array_equal(found, stored)
        sums = result.probabilities.sum(axis=0)
        assert np.allclose(sums, 1, atol=1e-5)
        chosen = np.array([0, 255] if case is flat else range(3))
        assert np.array_equal(chosen[result.probabilities.argmax(axis=0)], result.labels)


def turned(nibabel, image, codes):
    """The same volume, stored along other axes."""
    now = nibabel.orientations.io_orientation(image.affine)
    wanted = nibabel.orientations.axcodes2ornt(codes)
    return image.as_reoriented(nibabel.orientations.ornt_transform(now, wanted))


@pytest.mark.parametrize('codes', ['LPS', 'RAS', 'PIR', 'SAL'])
def test_volumes_of_any_axes(nibabel, itk, deep, codes, tmp_path, run_command):
    model = attunet.load(deep.run)
    image = turned(nibabel, nibabel.load(deep.image), codes)
    file = tmp_path / 'x.nii'
    nibabel.save(image, file)
    run_command('predict', deep.run, file, '-o', tmp_path / 'masks')
    stored = nibabel.load(tmp_path / 'masks' / 'x.nii')
    mask = np.asarray(stored.dataobj)
    assert len(np.unique(mask)) in (2, 3)

    result = model.predict(nibabel.load(file))
    assert type(result.mask) is type(image)
    assert np.array_equal(np.asarray(result.mask.dataobj), mask)
    assert np.array_equal(result.mask.affine, stored.affine)
    assert nibabel.aff2axcodes(result.mask.affine) == tuple(codes)
    nibabel.save(result.mask, tmp_path / 'own.nii')

    result = model.predict(itk.ReadImage(str(file)))
    assert isinstance(result.mask, itk.Image)
    assert np.array_equal(itk.GetArrayFromImage(result.mask), mask.T)
    assert result.mask.GetDirection() == itk.ReadImage(str(file)).GetDirection()

    assert np.array_equal(model.predict(file).mask, mask.T)
    samples = np.asarray(image.dataobj).T
    spacing = image.header.get_zooms()[::-1]
    result = model.predict(samples, spacing=spacing, orientation=codes)
    assert np.array_equal(result.mask, mask.T)
    if codes == 'LPS':
        assert np.array_equal(model.predict(samples, spacing=spacing).mask, mask.T)


def test_2d_images_of_others(nibabel, itk, flat, read_file):
    model = attunet.load(flat.run)
    mask = read_file(flat.mask)
    image = itk.ReadImage(str(flat.image))
    result = model.predict(image)
    assert np.array_equal(itk.GetArrayFromImage(result.mask), mask)
    assert result.mask.GetSize() == image.GetSize()
    header = nibabel.Nifti1Image(read_file(flat.image).T, np.eye(4))
    result = model.predict(header)
    assert result.mask.shape == header.shape
    assert np.array_equal(np.asarray(result.mask.dataobj).T, mask)


def test_spacing(deep, read_file):
    model = attunet.load(deep.run)
    image = read_file(deep.image)
    known = model.predict(deep.image)
    assert known.warnings == []
    result = model.predict(image)
    assert result.doubts == attunet.Doubt.UNKNOWN
    assert [warned.kind for warned in result.warnings] == ['spacing-unknown']
    result = model.predict(image, spacing=50)
    assert result.doubts == attunet.Doubt.LEFT
    result = model.predict(deep.image, spacing=tuple(1.5 * x for x in known.spacing))
    assert result.doubts == attunet.Doubt.BROUGHT


def test_settings(flat):
    model = attunet.load(flat.run)
    plain = model.predict(flat.image, mirror=False)
    mirrored = model.predict(flat.image, mirror=True, window=(64, 64), overlap=.25)
    assert mirrored.passes == 4 * mirrored.windows
    usual, asked = model.predict(flat.image), model.predict(flat.image, mirror=True)
    assert usual.passes == asked.passes == 4 * plain.passes
    assert np.array_equal(usual.mask, asked.mask)
    assert plain.passes == plain.windows != mirrored.windows


def test_ensembles(flat):
    one = attunet.load(flat.run)
    two = attunet.load([flat.run, flat.run / 'model.safetensors'])
    assert two.networks == 2
    assert np.array_equal(one.predict(flat.image, mirror=False).labels,
                          two.predict(flat.image, mirror=False).labels)


def test_what_is_no_image(flat, deep):
    model, volumes = attunet.load(flat.run), attunet.load(deep.run)
    square = np.zeros((64, 64), np.float32)
    for image, kind, text in (
            (square.astype(complex), attunet.DataError, 'values of type complex128'),
            (np.array(['a']), attunet.DataError, 'give real numbers'),
            (np.ma.masked_array(square, square == 0), attunet.DataError, 'masked'),
            (np.zeros(5), attunet.DataError, r'shape \[5\]; give \[h, w\]'),
            (np.zeros((2, 3, 64, 64)), attunet.DataError, 'needs 1 channel;'),
            (square * np.nan, attunet.DataError, 'NaN|nan'),
            (np.full((64, 64), 1e300), attunet.DataError, 'NaN or infinite in float32'),
            ('/nowhere.png', attunet.FileError, '/nowhere.png'),
            ([], attunet.DataError, 'shape')):
        with pytest.raises(kind, match=text):
            model.predict(image)
    for given, text in (({'spacing': (1, 2, 3, 4)}, 'has 4 numbers'),
                        ({'spacing': -1}, 'impossible'),
                        ({'orientation': 'LPS'}, 'for volumes'),
                        ({'spacing': 'x'}, "`spacing` 'x' is not valid; give a number"),
                        ({'spacing': (None, 1)}, 'is not valid'),
                        ({'on_progress': 3}, '`on_progress` must be a function'),
                        ({'window': 'x'}, '`window`'), ({'overlap': 2}, '`overlap`')):
        with pytest.raises(attunet.UsageError, match=text):
            model.predict(square, **given)
    for given, text in (({'orientation': 'LPS'}, 'needs `spacing`'),
                        ({'orientation': 3, 'spacing': 1}, 'give three letters'),
                        ({'orientation': 'LPP', 'spacing': 1}, 'give three letters')):
        with pytest.raises(attunet.UsageError, match=text):
            volumes.predict(np.zeros((16, 32, 32)), **given)
    with pytest.raises(attunet.UsageError, match='says itself'):
        volumes.predict(deep.image, orientation='LPS')
    for threads in -1, '4', 1.5:
        with pytest.raises(attunet.UsageError, match='`threads` must be a whole number from 0'):
            attunet.load(flat.run, threads=threads)
    model.close()
    with pytest.raises(attunet.UsageError, match='closed'):
        model.predict(square)


def test_pictures(flat, deep):
    model = attunet.load(flat.run)
    page = model.predict(flat.image, attention=True)._repr_html_()
    assert page.count('<img') == 3 and 'gate.0' in page
    assert attunet.load(deep.run).predict(deep.image)._repr_html_().count('slice') >= 1
    assert '<svg' in model._repr_html_() and 'foreground' in model._repr_html_()
    assert 'widths=4,8,8' in repr(model)
    assert 'srcdoc' in attunet.Run(flat.run)._repr_html_()


def test_png():
    import io
    PIL = pytest.importorskip('PIL.Image')
    from attunet import _html
    pixels = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    assert np.array_equal(np.asarray(PIL.open(io.BytesIO(_html.png(pixels)))), pixels)
