# SPDX-License-Identifier: Apache-2.0
"""Data sets from memory, and weights as arrays."""
import numpy as np
import pytest

import attunet


def test_a_training_from_arrays_is_that_from_files(nibabel, itk, home, tmp_path):
    """The same images in the same order give the same weights."""
    given = {'steps': 4, 'fold': 0, 'patch': '16x32x32', 'threads': 1,
             'spec': 'arch=unet dims=3 widths=4,4'}
    files = sorted((home / 'deep' / 'images').iterdir())
    images = [nibabel.load(file) for file in files]
    masks = [nibabel.load(str(file).replace('images', 'labels')) for file in files]
    arrays = [np.asarray(image.dataobj).T for image in images]
    labels = [np.asarray(mask.dataobj).T for mask in masks]
    axes = ''.join(nibabel.aff2axcodes(images[0].affine))
    spacing = images[0].header.get_zooms()[::-1]
    names = [file.name.partition('.')[0] for file in files]
    sets = {
        'files': home / 'deep',
        'nibabel': attunet.write_dataset(tmp_path / 'nibabel', images, iter(masks), names=names),
        'itk': attunet.write_dataset(
            tmp_path / 'itk', (itk.ReadImage(str(file)) for file in files),
            (itk.ReadImage(str(file).replace('images', 'labels')) for file in files),
            names=names),
        'arrays': attunet.write_dataset(tmp_path / 'arrays', arrays, labels, names=names,
                                        spacing=spacing, orientation=axes),
        'memory': attunet.Dataset(arrays, labels, names=names, spacing=spacing, orientation=axes),
        'memory of nibabel': attunet.Dataset(images, masks, names=names),
        'memory of paths': attunet.Dataset(files, labels, names=names)}
    weights = {}
    for name, data in sets.items():
        run = attunet.train(data, tmp_path / ('run_' + name), **given)
        weights[name] = attunet.state_dict(run)
        told = attunet.info(data)
        assert told['errors'] == 0
    for name in sets:
        assert weights[name].keys() == weights['files'].keys()
        for key, array in weights[name].items():
            assert np.array_equal(array, weights['files'][key]), (name, key)


def test_data_in_memory(tmp_path):
    """Training, resuming, measuring and describing without files."""
    random = np.random.default_rng(1)
    images = random.normal(100, 9, (6, 40, 32)).astype(np.float32)
    masks = (images > 100).astype(np.uint16)
    given = {'steps': 2, 'folds': 3, 'fold': 0, 'patch': (32, 32), 'spec': 'arch=unet widths=4,4'}
    data = attunet.Dataset(images, masks, spacing=(.5, 2), groups='abcdef', labels={'bright': 1})
    assert len(data) == 6 and '6 cases' in repr(data)
    assert np.shares_memory(data._images[3].data, images)
    assert np.shares_memory(data._masks[3], masks)
    told = attunet.info(data)
    assert told['errors'] == 0 and 'bright' in str(told) and told['layout'] == 'images in memory'
    assert attunet.plan(data)['settings']['patch']
    run = attunet.train(data, tmp_path / 'run', **given)
    again = attunet.train(run=tmp_path / 'again', images=images, masks=masks, spacing=(.5, 2),
                          groups='abcdef', labels={'bright': 1}, **given)
    for one, other in zip(attunet.state_dict(run).values(), attunet.state_dict(again).values()):
        assert np.array_equal(one, other)
    assert 'dice' in attunet.evaluate(run, data)['mean']
    assert sorted(path.name for path in tmp_path.iterdir()) == ['again', 'run']
    assert attunet.resume(run, steps='+1').data is data
    with pytest.raises(attunet.DataError, match='memory:data would be a data set in memory'):
        attunet.resume(run.path, steps='+1')
    attunet.resume(run.path, steps='+1', data=data)
    attunet.report(run)
    given = {**given, 'steps': None, 'rung_steps': 1, 'trials': 2, 'lr': '1e-3..1e-2:log'}
    found = attunet.tune(data, tmp_path / 'search', **given)
    assert len(found['trials']) == 2
    arms = attunet.tune(data, tmp_path / 'arms', repeat=2, **{**given, 'lr': [.01, .02],
                                                             'trials': None})
    assert arms['repeat'] == 2


def test_data_in_memory_that_cannot_be(tmp_path):
    image = np.zeros((16, 16), np.float32)
    for images, masks, given, kind, text in (
            ([image], [image + .5], {}, attunet.DataError, 'whole numbers'),
            ([image], [image - 1], {}, attunet.DataError, 'whole numbers'),
            ([image], [image[:8]], {}, attunet.DataError, r'size \[16, 16\], but its mask'),
            ([], [], {}, attunet.UsageError, 'no image'),
            ([image], [image], {'groups': 'ab'}, attunet.UsageError, '`groups` has 2 entries'),
            ([image], [image], {'names': 'ab'}, attunet.UsageError, '`names` has 2 entries'),
            ([image], [image, image], {}, attunet.UsageError, 'more masks than')):
        with pytest.raises(kind, match=text):
            attunet.Dataset(images, masks, **given)
    data = attunet.Dataset([image], [image], names=['a/b'])
    with pytest.raises(attunet.UsageError, match='cannot be the name of a case'):
        attunet.plan(data)
    with pytest.raises(attunet.UsageError, match='either `dataset` or `images`'):
        attunet.train(data, tmp_path / 'run', images=[image], masks=[image])
    with pytest.raises(attunet.UsageError, match='`run` is missing'):
        attunet.train(images=[image], masks=[image])


def test_data_sets_of_arrays(tmp_path, read_file):
    random = np.random.default_rng(1)
    images = random.normal(100, 9, (6, 2, 40, 32)).astype(np.float32)
    masks = images[:, 0] > 100
    for name, spacing, ending in ('known', (.5, 2), 'nii'), ('unknown', None, 'npy'):
        folder = attunet.write_dataset(tmp_path / name, images, masks, channels=2,
                                       spacing=spacing, groups='aabbcc', labels={'bright': 1})
        told = attunet.info(folder)
        assert told['errors'] == 0
        assert [w.kind for w in told.warnings] == ['few-groups']  # 3 groups, 5 folds
        assert 'bright' in str(told)
        stored = read_file(folder / 'images' / ('case_0003.' + ending))
        assert np.array_equal(stored.reshape(2, 40, 32), images[3])
        assert (folder / 'groups.csv').read_text().split() == [
            'image,group', *('case_%04d,%s' % case for case in enumerate('aabbcc'))]
        run = attunet.train(folder, tmp_path / (name + '_run'), steps=2, folds=3, fold=0,
                            patch=(32, 32), spec='arch=unet widths=4,4')
        result = run.load().predict(images[0], spacing=spacing)
        assert result.mask.shape == (40, 32) and not result.doubts


def test_what_is_no_data_set(tmp_path):
    image = np.zeros((16, 16))
    for images, masks, given, kind, text in (
            ([image], [image + .5], {}, attunet.DataError, 'whole numbers'),
            ([image], [image - 1], {}, attunet.DataError, 'whole numbers'),
            ([image], [image[:8]], {}, attunet.DataError, r'size \[16, 16\], but its mask \[8, 16'),
            (['a.png'], [image], {}, attunet.UsageError, 'CSV'),
            ([image, image], [image, image], {'names': 'aa'}, attunet.UsageError, 'twice'),
            ([image, image], [image, image + .5], {}, attunet.DataError, 'whole numbers'),
            ([image], [image], {'groups': 'ab'}, attunet.UsageError, '`groups` has 2'),
            ([image], [image, image], {}, attunet.UsageError, 'more masks than')):
        with pytest.raises(kind, match=text):
            attunet.write_dataset(tmp_path / 'set', images, masks, **given)
        assert not list((tmp_path / 'set').iterdir())
    (tmp_path / 'full').mkdir()
    (tmp_path / 'full' / 'x').touch()
    with pytest.raises(attunet.FileError, match='not empty'):
        attunet.write_dataset(tmp_path / 'full', [image], [image])


def test_weights(flat):
    model = attunet.load(flat.run)
    weights = attunet.state_dict(model)
    assert sum(array.size for array in weights.values()
               if array.dtype == np.float32) >= model.info['parameters']
    assert all(np.isfinite(array).all() for array in weights.values())
    with pytest.raises(attunet.UsageError, match='2 models'):
        attunet.state_dict(attunet.load([flat.run, flat.run]))


def test_segmenter(tmp_path):
    """It learns that bright is 1, also as scikit-learn's clone."""
    random = np.random.default_rng(1)
    images = random.normal(0, 1, (8, 32, 32)).astype(np.float32)
    images[:, 8:20, 10:24] += 9
    masks = (images > 4.5).astype(np.uint8)
    first = attunet.Segmenter(tmp_path / 'none', steps=60, lr=.01, patch=(32, 32),
                              spec='arch=unet widths=4,4', augment='none')
    segmenter = attunet.Segmenter(**first.get_params()).set_params(run=tmp_path / 'run', steps=80)
    with pytest.raises(attunet.UsageError, match='call `fit` first'):
        segmenter.predict(images)
    assert segmenter.fit(images[:6], masks[:6]) is segmenter
    assert [mask.shape for mask in segmenter.predict(images[6:])] == [(32, 32)] * 2
    assert segmenter.score(images[6:], masks[6:]) > .9
    assert segmenter.score(images[6:], 1 - masks[6:]) < .3


def test_lists_of_other_lengths(tmp_path):
    image, mask = np.zeros((8, 8), np.float32), np.zeros((8, 8), np.uint8)
    for make in attunet.Dataset, lambda *given, **more: attunet.write_dataset(
            tmp_path / 'data', *given, **more):
        for images, masks, more, text in (
                ([image] * 2, [mask], {}, 'more images than masks'),
                ([image], [mask] * 2, {}, 'more masks than images'),
                ([image] * 2, [mask] * 2, {'names': ['a']}, '`names` has 1 entries'),
                ([image] * 2, [mask] * 2, {'groups': ['a']}, '`groups` has 1 entries')):
            with pytest.raises(attunet.UsageError, match=text):
                make(images, masks, **more)
    with pytest.raises(attunet.DataError, match='not whole numbers'):
        attunet.Dataset([image], [np.full((8, 8), np.nan)])
    with pytest.raises(attunet.UsageError, match='`arms` must be a dictionary'):
        attunet.compare(['a.json'])
    with pytest.raises(attunet.UsageError, match='unknown kind of phantom: 3'):
        attunet.phantom(3, tmp_path / 'x')
