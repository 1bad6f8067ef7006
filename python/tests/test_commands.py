# SPDX-License-Identifier: Apache-2.0
"""The commands as functions: results, keywords, errors, messages and progress."""
import inspect
import json
import logging
import pickle

import numpy as np
import pytest

import attunet
from attunet import _commands, _settings

COMMANDS = ['train', 'resume', 'plan', 'pack', 'tune', 'predict', 'evaluate', 'attend', 'compare',
            'report', 'info', 'bench', 'convert', 'phantom']


@pytest.mark.parametrize('name', COMMANDS)
def test_every_option_is_documented(name):
    text = inspect.getdoc(getattr(attunet, name))
    rows = attunet.options(name)
    assert rows
    for row in rows:
        assert '\n%s : ' % row.name in text
        assert row.help in text
        assert '--' not in row.help
    for word in ('threads', 'isa', 'on_progress'):
        assert '\n%s : ' % word in text


def test_predict_takes_every_option_of_images_in_memory():
    of_files = {'overwrite', 'output', 'voxel_size', 'overlay', 'truth', 'dry_run', 'config',
                'select', 'codes', 'allow_gaps', 'dicom_seg', 'rtstruct', 'ranks', 'uncertainty',
                'images', 'labels'}
    rows = {row.name for row in attunet.options('predict')}
    own = set(inspect.signature(attunet.Model.predict).parameters)
    assert rows - of_files == own - {'self', 'image', 'spacing', 'on_progress', 'variance'}
    for name in rows - of_files:
        assert '\n%s' % name in inspect.getdoc(attunet.Model.predict)


def test_files(flat, deep, tmp_path, read_file):
    rows = attunet.predict(flat.run, [flat.image], tmp_path / 'masks', overlay=True)
    assert np.array_equal(read_file(tmp_path / 'masks' / flat.image.name), read_file(flat.mask))
    assert rows[0]['case'] == flat.image.stem and rows.warnings == []
    truth = flat.image.parent.parent / 'labels' / flat.image.name
    measured = attunet.evaluate(tmp_path / 'masks' / flat.image.name, truth)
    assert 0 <= measured['mean']['dice'] <= 1
    assert measured['cases'][0]['case'] == flat.image.stem
    measured = attunet.attend(flat.run, seed=3)
    assert measured['seed'] == 3
    made = attunet.report(flat.run, output=tmp_path / 'page.html')
    assert made == {'path': str(tmp_path / 'page.html')}
    assert '<html' in (tmp_path / 'page.html').read_text()
    made = attunet.convert(flat.run, tmp_path / 'again.safetensors', aliases=True)
    again = attunet.load(made['path'])
    assert np.array_equal(again.predict(flat.image).mask, read_file(flat.mask))
    told = attunet.info(flat.run / 'model.safetensors')
    assert told['what'] == 'model' and told['history']['steps'] == 30
    assert '<table' in told._repr_html_()
    assert attunet.Run(flat.run).info['what'] == 'run'
    timed = attunet.bench(spec='arch=unet dims=2 in=1 classes=2 widths=4,4', shape='32x32',
                          repeat=1, threads=1)
    assert timed['threads'] == 1


def test_data_sets(home, tmp_path):
    planned = attunet.plan(home / 'flat', steps=5, fold=0, output=tmp_path / 'plan.json')
    assert planned['settings'] and (tmp_path / 'plan.json').exists()
    packed = attunet.pack(home / 'flat', tmp_path / 'packed', patch=(64, 64))
    assert packed['cases'] == 6
    rows = attunet.baselines(home / 'flat', home / 'flat' / 'unseen')
    assert {'method', 'dice'} <= set(rows[0])
    dry = attunet.train(home / 'flat', tmp_path / 'run', steps=5, fold=0, dry_run=True)
    assert dry.dry_run['dry_run'] and any('run' in file for file in dry.dry_run['files'])
    assert not (tmp_path / 'run').exists()
    dry = attunet.phantom('organs', tmp_path / 'organs', dry_run=True)
    assert dry['dry_run'] and not (tmp_path / 'organs').exists()


def test_compare(flat, tmp_path):
    truth = flat.image.parent.parent / 'labels'
    attunet.predict(flat.run, flat.image.parent, tmp_path / 'masks')
    for name in 'ab':
        measured = attunet.evaluate(tmp_path / 'masks', truth)
        (tmp_path / name).write_text(json.dumps(measured))
    found = attunet.compare({'one': tmp_path / 'a', 'two': [tmp_path / 'b']}, metric='iou')
    assert [arm['arm'] for arm in found['arms']] == ['one', 'two']
    assert found['arms'][1]['difference'] == 0 and found['metric'] == 'iou'


def test_tune(home, tmp_path):
    found = attunet.tune(home / 'flat', tmp_path / 'search', trials=2, lr=['1e-3', '1e-2'],
                         patch=(32, 32), spec='arch=unet widths=4,4', folds=2, rung_steps=4)
    assert found['trials'] and (tmp_path / 'search' / 'best' / 'model.safetensors').exists()


def test_a_callback_sees_the_steps_and_may_stop(home, tmp_path):
    seen = []

    def watch(what, done, total, detail):
        seen.append((what, done, total))
        if what == 'training' and done == 3:
            raise RuntimeError('enough')

    with pytest.raises(RuntimeError, match='enough'):
        attunet.train(home / 'flat', tmp_path / 'run', steps=1000, fold=0, patch=(32, 32),
                      spec='arch=unet widths=4,4', on_progress=watch)
    assert ('training', 3, 1000) in seen
    assert max(done for what, done, _ in seen if what == 'training') == 3
    with pytest.raises(attunet.Interrupted):
        (tmp_path / 'run' / 'stop').touch()
        attunet.resume(tmp_path / 'run')
    run = attunet.resume(tmp_path / 'run', time='1s')
    assert run.info['what'] == 'run'


def test_bars(home, tmp_path, capsys):
    pytest.importorskip('tqdm')
    attunet.train(home / 'flat', tmp_path / 'run', steps=3, fold=0, patch=(32, 32),
                  spec='arch=unet widths=4,4', on_progress=True)
    assert 'training: 100%' in capsys.readouterr().err
    attunet.resume(tmp_path / 'run', steps=6)
    assert capsys.readouterr().err == ''


def test_messages(home, deep, tmp_path, caplog):
    with caplog.at_level(logging.INFO, 'attunet'):
        attunet.train(home / 'flat', tmp_path / 'run', steps=2, patch=(32, 32),
                      spec='arch=unet widths=4,4')
    assert {record.levelno for record in caplog.records} == {logging.INFO}
    assert any('add `fold` 0' in record.message for record in caplog.records)
    caplog.clear()
    result = attunet.load(deep.run).predict(deep.image, spacing=50)
    record, = caplog.records
    assert record.levelno == logging.WARNING
    assert result.warnings == [('spacing-far', record.message)]


@pytest.mark.parametrize('given, kind, text', [
    ({'stepz': 3}, attunet.UsageError, 'stepz'),
    ({'steps': -1}, attunet.UsageError, '`steps`'),
    ({'max_memory': 'much'}, attunet.UsageError, '`max_memory`'),
    ({'max_memory': '1MiB'}, attunet.MemoryLimitError, '.'),
    ({'max_memory': 1 << 20}, attunet.MemoryLimitError, '`max_memory` 1.0 MiB'),
    ({'max_memory': 1e6}, attunet.MemoryLimitError, '`max_memory`'),
    ({'spec': 'arch=none'}, attunet.ModelError, 'none'),
    ({'steps': object()}, attunet.UsageError, 'type object'),
    ({'json': True}, attunet.UsageError, 'command line'),
    ({'loss': 'a\0b'}, attunet.UsageError, 'zero byte'),
])
def test_errors(home, tmp_path, given, kind, text):
    with pytest.raises(kind, match=text) as caught:
        attunet.train(home / 'flat', tmp_path / 'run', fold=0, **given)
    assert caught.value.status == kind.status
    assert '--' not in str(caught.value)


def test_errors_of_files(tmp_path):
    with pytest.raises(attunet.FileError) as caught:
        attunet.load(tmp_path / 'none')
    assert isinstance(caught.value, OSError)
    with pytest.raises(attunet.DataError) as caught:
        attunet.train(tmp_path, tmp_path / 'run')
    assert isinstance(caught.value, ValueError)
    (tmp_path / 'bad.safetensors').write_bytes(b'x' * 100)
    with pytest.raises(attunet.ModelError):
        attunet.load(tmp_path / 'bad.safetensors')
    with pytest.raises(attunet.UsageError, match='must be a path'):
        attunet.load(3)
    with pytest.raises(attunet.UsageError, match='2000 threads'):
        attunet.info(tmp_path, threads=2000)


def test_what_failed_leaves_what_was_done(flat, tmp_path):
    (tmp_path / 'bad.png').write_bytes(b'x')
    with pytest.raises(attunet.DataError) as caught:
        attunet.predict(flat.run, [flat.image, tmp_path / 'bad.png'], tmp_path / 'masks')
    assert [row['case'] for row in caught.value.result] == [flat.image.stem]


def test_values():
    rows = {row.name: row for row in attunet.options('train')}

    def text(name, value):
        return _settings._text(value, rows[name])

    assert text('patch', (64, 32)) == '64x32' and text('patch', np.array([3, 4])) == '3x4'
    assert text('class_weights', [1, 2.5]) == '1,2.5' and text('lr', np.float32(.5)) == '0.5'
    assert _settings._text(6, attunet.options('resume')[0]) == '+6'
    assert text('mirror', True) == 'yes' and text('steps', np.int64(3)) == '3'
    assert text('spec', {'arch': 'unet', 'widths': (4, 8)}) == 'arch=unet widths=4,8'
    assert _settings.options('compare')[1].name == 'class_'


def test_pickle(flat):
    model = pickle.loads(pickle.dumps(attunet.load(flat.run, threads=1)))
    assert model.predict(flat.image).windows > 0
