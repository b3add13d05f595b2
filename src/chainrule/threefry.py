"""One small counter-based generator, Threefry-2x32 (20 rounds), for everything random: the same seed, the same numbers.

Source: Salmon, Moraes, Dror and Shaw 2011, Parallel random numbers: as easy as 1, 2, 3. JAX uses the same function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA


def threefry(key: tuple[int, int], counters: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the block function of a (2, n) array of counters under a key of two 32-bit words: shape (2, n)."""
    import numpy as np

    schedule = [np.uint32(key[0]), np.uint32(key[1]), np.uint32(key[0] ^ key[1] ^ _PARITY)]
    with np.errstate(over="ignore"):
        x0, x1 = counters[0] + schedule[0], counters[1] + schedule[1]
        for group in range(5):
            for by in _ROTATIONS[group % 2]:
                x0 = x0 + x1
                x1 = ((x1 << np.uint32(by)) | (x1 >> np.uint32(32 - by))) ^ x0
            x0 = x0 + schedule[(group + 1) % 3]
            x1 = x1 + schedule[(group + 2) % 3] + np.uint32(group + 1)
    return np.stack([x0, x1])


def uniform(seed: int, stream: int, count: int) -> NDArray[np.float64]:
    """Return `count` numbers in [0, 1), 53 random bits each, from one stream of a seed."""
    import numpy as np

    index = np.arange(count, dtype=np.uint64)
    counters = np.stack([(index >> np.uint64(32)).astype(np.uint32), index.astype(np.uint32)])
    high, low = threefry((seed & 0xFFFFFFFF, stream & 0xFFFFFFFF), counters).astype(np.uint64)
    return ((high >> np.uint64(5)) * 2.0**26 + (low >> np.uint64(6))) * 2.0**-53


def normal(seed: int, stream: int, count: int) -> NDArray[np.float64]:
    """Return `count` standard normal numbers by Box and Muller's method, from one stream of a seed."""
    import numpy as np

    pairs = uniform(seed, stream, 2 * count)
    radius = np.sqrt(-2 * np.log(1 - pairs[0::2]))
    return radius * np.cos(2 * np.pi * pairs[1::2])
