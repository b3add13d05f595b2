"""Parquet in pieces: reading a file and its second moments against reading alone, and the memory that it takes.

python benchmarks/streamed.py FILE    reads the file as chainrule does and prints the process's highest memory in bytes
"""

from __future__ import annotations

import collections
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.engines.moments import triangle
from chainrule.tables import parquet


def written(path: Path, rows: int, columns: int) -> Path:
    """Write a file of random numbers as pyarrow does by default, a piece at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(0)
    names = [f"x{i}" for i in range(columns)]
    schema = pa.schema([(name, pa.float64()) for name in names])
    with pq.ParquetWriter(path, schema) as file:
        for start in range(0, rows, 1 << 18):
            part = random.normal(size=(columns, min(1 << 18, rows - start)))
            file.write_table(pa.table(list(part), schema=schema))
    return path


def moments(path: Path) -> Callable[[int], Any]:
    """Return what reads a file n times and makes the triangle of its second moments."""
    names = parquet.names(path)

    def go(n: int) -> Any:
        for _ in range(n):
            triangle(
                np.vstack([piece, np.ones(piece.shape[1])]).T
                for piece in parquet.stream(path, names)
            )
        return ()

    return go


def streaming(path: Path) -> Callable[[int], Any]:
    """Return what reads a file n times as checked numbers, and does nothing with them."""
    names = parquet.names(path)

    def go(n: int) -> Any:
        for _ in range(n):
            collections.deque(parquet.stream(path, names), maxlen=0)
        return ()

    return go


def reading(path: Path, *, memory_map: bool = False) -> Callable[[int], Any]:
    """Return what reads and decodes a file n times with pyarrow alone, and does nothing with it."""
    import pyarrow.parquet as pq

    def go(n: int) -> Any:
        for _ in range(n):
            with pq.ParquetFile(path, memory_map=memory_map) as file:
                collections.deque(file.iter_batches(batch_size=65536), maxlen=0)
        return ()

    return go


def most_memory(path: Path) -> int:
    """Return the highest memory in bytes of a new process that reads a file as chainrule does."""
    done = subprocess.run(
        [sys.executable, __file__, str(path)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def _highest() -> int:
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would also count the process that started this one
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


if __name__ == "__main__":
    moments(Path(sys.argv[1]))(1)
    print(_highest())
