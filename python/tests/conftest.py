# SPDX-License-Identifier: Apache-2.0
"""Data sets, runs and masks of the command, made once."""
import pathlib
import signal
import subprocess
import sys
import types

import pytest

import attunet


def pytest_configure():
    """A process in the background of a shell inherits a SIGINT that is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope='session')
def home(tmp_path_factory):
    """A 2D and a 3D data set, a short run of each, and the masks of the command."""
    folder = tmp_path_factory.mktemp('home')
    attunet.phantom('ultrasound', folder / 'flat', count=6, unseen=2)
    attunet.phantom('organs', folder / 'deep', count=6, unseen=2)
    attunet.train(folder / 'flat', folder / 'flat_run', steps=30, fold=0, patch=(64, 64), lr=.01,
                  spec={'arch': 'attunet', 'widths': (4, 8, 8)}, validate_every=30)
    attunet.train(folder / 'deep', folder / 'deep_run', steps=30, fold=0, patch='16x32x32', lr=.01,
                  spec='arch=attunet dims=3 widths=4,8,8', orientation='LPS')
    return folder


@pytest.fixture(scope='session')
def flat(home):
    """Of the 2D run: its folder, an image, and the mask of the command."""
    return example(home, 'flat', '.png')


@pytest.fixture(scope='session')
def deep(home):
    """The same in 3D."""
    return example(home, 'deep', '.nii.gz')


def example(home, name, ending):
    run = home / (name + '_run')
    image = sorted((home / name / 'unseen' / 'images').glob('*' + ending))[0]
    output = home / (name + '_masks')
    command('predict', run, image, '-o', output, '--attention', '--probabilities')
    return types.SimpleNamespace(run=run, image=image, output=output, mask=output / image.name)


def command(*words, status=0):
    """The command of the package."""
    done = subprocess.run([sys.executable, '-m', 'attunet', *map(str, words)],
                          capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return done.stdout


@pytest.fixture
def run_command():
    return command


def read(path):
    """The samples of an image file as the library reads it, [(channel,) (d,) h, w]."""
    from attunet import _context, _images
    image = _images.from_files(pathlib.Path(path), _context.Context())
    several = (-1,) if image.data.shape[0] > 1 else ()
    return image.data.reshape(*several, *image.shape)


@pytest.fixture
def read_file():
    return read


@pytest.fixture
def nibabel():
    return pytest.importorskip('nibabel')


@pytest.fixture
def itk():
    return pytest.importorskip('SimpleITK')
