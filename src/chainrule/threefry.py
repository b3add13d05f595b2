"""One small counter-based generator, Threefry-2x32 (20 rounds), for everything random: the same seed, the same numbers.

Source: Salmon, Moraes, Dror and Shaw 2011, Parallel random numbers: as easy as 1, 2, 3. JAX uses the same function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA
_WORD = 0xFFFFFFFF


def threefry(key: tuple[int, int], counters: Any, xp: Any = None) -> Any:
    """Return the block function of a (2, n) array of uint32 counters under a key of two 32-bit words: shape (2, n).

    `xp` is the array module: numpy (the default) or jax.numpy, where it may be traced and compiled.
    """
    import numpy as np

    xp = xp or np
    words = (key[0] & _WORD, key[1] & _WORD, (key[0] ^ key[1] ^ _PARITY) & _WORD)
    schedule = [xp.uint32(word) for word in words]
    with np.errstate(over="ignore"):
        x0, x1 = counters[0] + schedule[0], counters[1] + schedule[1]
        for group in range(5):
            for by in _ROTATIONS[group % 2]:
                x0 = x0 + x1
                x1 = ((x1 << xp.uint32(by)) | (x1 >> xp.uint32(32 - by))) ^ x0
            x0 = x0 + schedule[(group + 1) % 3]
            x1 = x1 + schedule[(group + 2) % 3] + xp.uint32(group + 1)
    return xp.stack([x0, x1])


def permutation(seed: int, stream: int, n: int) -> NDArray[np.int64]:
    """Return 0, ..., n - 1 in random order: sorted by the 64 random bits of each, from one stream of a seed."""
    import numpy as np

    index = np.arange(n, dtype=np.uint32)
    high, low = threefry((seed, stream), np.stack([np.zeros_like(index), index])).astype(np.uint64)
    return np.argsort((high << np.uint64(32)) | low, kind="stable")


def uniform(seed: int, stream: int, count: int) -> NDArray[np.float64]:
    """Return `count` numbers in [0, 1), 53 random bits each, from one stream of a seed."""
    import numpy as np

    index = np.arange(count, dtype=np.uint64)
    counters = np.stack([(index >> np.uint64(32)).astype(np.uint32), index.astype(np.uint32)])
    high, low = threefry((seed, stream), counters).astype(np.uint64)
    return ((high >> np.uint64(5)) * 2.0**26 + (low >> np.uint64(6))) * 2.0**-53


def normal(seed: int, stream: int, count: int) -> NDArray[np.float64]:
    """Return `count` standard normal numbers by Box and Muller's method, from one stream of a seed."""
    import numpy as np

    pairs = uniform(seed, stream, 2 * count)
    radius = np.sqrt(-2 * np.log(1 - pairs[0::2]))
    return radius * np.cos(2 * np.pi * pairs[1::2])
