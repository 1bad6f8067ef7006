# SPDX-License-Identifier: Apache-2.0
"""Networks as modules of PyTorch compute what attunet does."""
import numpy as np
import pytest

import attunet
from networks import DEEP, FLAT, SIZES, softmax

torch = pytest.importorskip('torch')


@pytest.mark.parametrize('spec', FLAT + DEEP)
def test_modules_agree(home, tmp_path, spec):
    deep = 'dims=3' in spec or 'oktay' in spec
    run = attunet.train(home / ('deep' if deep else 'flat'), tmp_path / 'run', steps=3, fold=0,
                        lr=.01, spec=spec, patch='16x32x32' if deep else '64x64')
    model = run.load()
    module = attunet.torch_module(model)
    assert isinstance(module, torch.nn.Module) and not module.training
    with torch.no_grad():
        for weight in module.parameters():
            weight.zero_()
    state = attunet.torch_state_dict(model)
    module.load_state_dict(state)  # strict: no name is missing, and none is unknown
    assert set(attunet.state_dict(model, aliases=False)) <= set(module.state_dict())
    worst = 0
    for size in SIZES[3 if deep else 2]:
        images = np.random.default_rng(3).normal(50, 20, (2, 1, *size)).astype(np.float32)
        own = [model.predict(image[0], window=size, mirror=False, probabilities=True,
                             attention=True,
                             spacing=(1.5, 1, 1) if deep else None) for image in images]
        axes = tuple(range(2, images.ndim))
        normal = (images - images.mean(axes, keepdims=True, dtype=float)) / images.std(
            axes, keepdims=True, dtype=float)
        with torch.no_grad():
            logits, maps = module(torch.from_numpy(normal.astype(np.float32)), attention=True)
        expected = np.stack([result.probabilities for result in own])
        worst = max(worst, abs(softmax(logits.numpy().astype(float), 1) - expected).max())
        assert worst < 1e-4
        assert set(maps) == set(own[0].attention)
        for gate, found in maps.items():
            assert found.min() >= 0 and found.max() <= 1
            other = np.stack([result.attention[gate] for result in own])
            if found[:, 0].shape == other.shape and 'gate=grid' not in spec:
                assert abs(found[:, 0].numpy() - other).max() < 1e-4
    print('%s: %.1e' % (spec, worst))
    with pytest.raises(RuntimeError, match='Unexpected key'):
        module.load_state_dict({**state, 'other.weight': torch.zeros(1)})
    state.pop(next(iter(dict(module.named_parameters()))))
    with pytest.raises(RuntimeError, match='Missing key'):
        module.load_state_dict(state)


def test_a_module_can_be_trained(flat):
    module = attunet.torch_module(flat.run).train()
    before = attunet.torch_state_dict(flat.run)
    optimiser = torch.optim.SGD(module.parameters(), .1)
    image = torch.from_numpy(np.random.default_rng(1).normal(0, 1, (2, 1, 32, 32))).float()
    loss = torch.nn.functional.cross_entropy(module(image), (image[:, 0] > 0).long())
    loss.backward()
    optimiser.step()
    after = module.state_dict()
    assert all(weight.grad is not None for weight in module.parameters())
    changed = [name for name in after if not torch.equal(after[name], before[name])]
    assert any(name.endswith('running_mean') for name in changed)
    assert sum(name.endswith('weight') for name in changed) > 10


def test_what_is_no_module(home, flat, tmp_path):
    with pytest.raises(attunet.UsageError, match='2 models'):
        attunet.torch_module(attunet.load([flat.run, flat.run]))
    hard, coarse = tmp_path / 'hard.safetensors', tmp_path / 'coarse'
    attunet.train(home / 'flat', coarse, steps=2, fold=0, shrink=2, patch=(32, 32),
                  spec='arch=attunet widths=4,8,8')
    attunet.convert('%s,%s' % (coarse, flat.run), hard,
                    spec='arch=hard scale=2 tile=32 halo=16 tiles=2')
    with pytest.raises(attunet.ModelError, match='hard attention'):
        attunet.torch_module(hard)
