"""The generator: published vectors, in NumPy and in JAX, and what is drawn from it."""

import jax
import jax.extend.random
import jax.numpy as jnp
import numpy as np
import pytest

from chainrule.threefry import normal, permutation, threefry, uniform

# Random123's known answers for threefry2x32 with 20 rounds (Salmon et al. 2011, kat_vectors): key, counter, result.
KNOWN = [
    ((0x00000000, 0x00000000), (0x00000000, 0x00000000), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]


@pytest.mark.parametrize("xp", [np, jnp], ids=["numpy", "jax"])
@pytest.mark.parametrize(("key", "counter", "result"), KNOWN)
def test_published_vectors(key, counter, result, xp):
    found = threefry(key, xp.asarray(np.array(counter, dtype=np.uint32)[:, None]), xp)
    assert tuple(int(x) for x in np.asarray(found)[:, 0]) == result


def test_jax_compiled_gives_the_same_words_as_numpy():
    counters = np.arange(2000, dtype=np.uint32).reshape(2, 1000)
    compiled = jax.jit(lambda c: threefry((1, 2), c, jnp))(counters)
    assert np.array_equal(np.asarray(compiled), threefry((1, 2), counters))


def test_jax_itself_uses_the_same_function():
    """JAX's own key schedule of threefry, on the same words."""
    key = jnp.array([7, 9], dtype=jnp.uint32)
    words = jax.extend.random.threefry_2x32(key, jnp.arange(6, dtype=jnp.uint32))
    counters = np.arange(6, dtype=np.uint32).reshape(2, 3)
    assert np.array_equal(np.asarray(words), threefry((7, 9), counters).reshape(-1))


def test_uniform_and_normal_numbers():
    u = uniform(3, 4, 100_000)
    assert u.min() >= 0
    assert u.max() < 1
    z = normal(3, 4, 100_000)
    # the mean of 100,000 draws is within 5 standard errors of its expectation for this fixed seed
    assert abs(u.mean() - 0.5) < 5 * (1 / 12) ** 0.5 / 100_000**0.5
    assert abs(z.mean()) < 5 / 100_000**0.5
    assert abs(z.std() - 1) < 5 / (2 * 100_000) ** 0.5
    assert not np.array_equal(uniform(3, 5, 10), u[:10])
    assert np.array_equal(uniform(3, 4, 10), u[:10])  # a longer draw begins with the shorter one


def test_permutations():
    for n in (1, 2, 1000):
        found = permutation(5, 6, n)
        assert sorted(found) == list(range(n))
    first = np.array([permutation(seed, 0, 4)[0] for seed in range(4000)])
    counts = np.bincount(first, minlength=4)
    assert np.all(np.abs(counts - 1000) < 5 * (4000 * 0.25 * 0.75) ** 0.5)
