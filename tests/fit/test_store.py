"""Saved runs: what goes in comes out, a kill at any moment leaves a whole save, and every damage is told."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from chainrule.errors import DataError
from chainrule.fit import store

WHOLE = "A run that was there before is still whole. Mend this, or name another folder."
DTYPES = ["bool", "int32", "int64", "uint32", "float32", "float64", *store.DTYPES]


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        action()
    return str(caught.value)


def generation(k: int, size: int = 5) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"generation": k}, {"x": np.full(size, k), "y": np.array(k / 4)}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    store.write(tmp_path / "run", *generation(1))
    return tmp_path / "run"


def arrays_of(folder: Path) -> Path:
    return next(folder.glob("arrays-*"))


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    change(content)
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")


# -- what goes in comes out


def test_the_two_files(saved: Path):
    arrays = arrays_of(saved)
    digest = hashlib.sha256(arrays.read_bytes()).hexdigest()
    assert arrays.name == f"arrays-{digest[:16]}.safetensors"
    assert (saved / "run.json").read_text(encoding="utf-8") == (
        '{\n "format": "chainrule-run",\n "version": 1,\n "arrays": {\n'
        f'  "file": "{arrays.name}",\n  "size": {arrays.stat().st_size},\n  "sha256": "{digest}"\n }},\n'
        ' "run": {\n  "generation": 1\n }\n}\n'
    )
    assert set(files(saved)) == {"run.json", arrays.name}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 5), (2, 3, 4), (0,), (0, 3), (3, 0)])
def test_arrays_come_back_with_dtype_and_shape(tmp_path: Path, dtype: str, shape: tuple[int, ...]):
    entries = np.random.default_rng(0).integers(0, 100, shape)
    array = np.asarray(entries % 2 if dtype == "bool" else entries, dtype=dtype)
    store.write(tmp_path, {}, {"a": array, "scalar": np.asarray(1, dtype=dtype)})
    _, again = store.read(tmp_path)
    assert (again["a"].dtype, again["a"].shape) == (array.dtype, shape)
    assert (again["scalar"].dtype, again["scalar"].shape) == (array.dtype, ())
    assert again["a"].tobytes() == array.tobytes()
    again["a"][...] = 0  # a run that is carried on writes into its arrays


def test_every_bit_of_a_float_comes_back(tmp_path: Path):
    bits = np.array([0x7FF8_0000_0000_0001, 0x8000_0000_0000_0000, 1, 0x7FEF_FFFF_FFFF_FFFF, 0xFFF0 << 48], np.uint64)  # fmt: skip
    store.write(tmp_path, {}, {"x": bits.view(np.float64)})
    np.testing.assert_array_equal(store.read(tmp_path)[1]["x"].view(np.uint64), bits)


def test_however_an_array_lies_in_memory(tmp_path: Path):
    x = np.arange(24.0).reshape(4, 6)
    arrays = {"turned": x.T, "strided": x[::2, ::-3], "spread": np.broadcast_to(x[0], (3, 6)), "big": x.astype(">f8"),
              "fortran": np.asfortranarray(x), "list": [[1, 2]], "column": x[:, 2]}  # fmt: skip
    store.write(tmp_path, {}, arrays)  # pyright: ignore[reportArgumentType]
    again = store.read(tmp_path)[1]
    assert set(again) == set(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array)
    assert again["big"].dtype == np.float64


@pytest.mark.parametrize("names", [[], ["", "W[0]", "start/W[0]", "Ŷ ∂", "../x"]])
def test_names_of_arrays(tmp_path: Path, names: list[str]):
    store.write(tmp_path, {}, {name: np.array(i) for i, name in enumerate(names)})
    assert store.read(tmp_path)[1] == {name: i for i, name in enumerate(names)}


def test_floats_come_back_exactly(tmp_path: Path):
    rng = np.random.default_rng(0)
    floats = rng.integers(0, 2**64, 3000, dtype=np.uint64).view(np.float64)  # all kinds of bits
    numbers = [*floats[np.isfinite(floats)].tolist(), 0.1, -0.0, 5e-324, 1.7976931348623157e308]
    store.write(tmp_path, {"numbers": numbers}, {})
    again = store.read(tmp_path)[0]["numbers"]
    assert np.array(again).tobytes() == np.array(numbers).tobytes()
    assert {type(x) for x in again} == {float}


def test_numbers_that_json_does_not_have_are_written_as_text(tmp_path: Path):
    document = {"a": math.nan, "b": [math.inf, {"c": -math.inf}], "d": "nan"}
    store.write(tmp_path, document, {})
    text = (tmp_path / "run.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=pytest.fail)["run"] == {
        "a": {"$float": "nan"}, "b": [{"$float": "inf"}, {"c": {"$float": "-inf"}}], "d": "nan",
    }  # fmt: skip
    again = store.read(tmp_path)[0]
    assert math.isnan(again.pop("a"))
    assert again == {"b": [math.inf, {"c": -math.inf}], "d": "nan"}


def test_documents_come_back(tmp_path: Path):
    document: dict[str, Any] = {
        "text": "Ŷ \"quoted\" \\ \n \u2028 \U0001f600 \udc80", "": None, "yes": True, "no": False, "count": 2**70, "none": [],
        "empty": {}, "order": {"b": 1, "a": 2}, "format": "another", "version": 7, "arrays": {"file": "../x"},
    }  # fmt: skip
    store.write(tmp_path, document, {})
    again = store.read(tmp_path)[0]
    assert again == document
    assert list(again["order"]) == ["b", "a"]
    assert again["yes"] is True
    assert "Ŷ" in (tmp_path / "run.json").read_text(encoding="utf-8")  # readable


def test_numpys_numbers_become_pythons_and_tuples_lists(tmp_path: Path):
    document = {"n": np.int64(3), "x": np.float32(0.1), "nan": np.float64("inf"), "t": (np.True_, "a")}  # fmt: skip
    store.write(tmp_path, document, {})
    again = store.read(tmp_path)[0]
    assert again == {"n": 3, "x": float(np.float32(0.1)), "nan": math.inf, "t": [True, "a"]}
    assert [type(x) for x in again.values()] == [int, float, float, list]


@pytest.mark.parametrize("place", ["new", "deep/er/new", "empty", "run", "run with notes"])
def test_where_a_run_can_be_saved(tmp_path: Path, place: str):
    folder = tmp_path / place
    if place in ("empty", "run", "run with notes"):
        folder.mkdir()
    if place.startswith("run"):
        store.write(folder, *generation(1))
    if place == "run with notes":
        (folder / "notes.txt").write_text("mine")
        (folder / "arrays-mine.safetensors").write_text("mine")
    store.write(str(folder), *generation(2))
    document, arrays = store.read(str(folder))
    assert (document, arrays["x"].tolist()) == ({"generation": 2}, [2] * 5)
    left = {"notes.txt", "arrays-mine.safetensors"} if place == "run with notes" else set[str]()
    assert set(files(folder)) == {"run.json", arrays_of_run(folder), *left}


def arrays_of_run(folder: Path) -> str:
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))["arrays"]["file"]


def test_the_same_arrays_again_are_one_file(saved: Path):
    store.write(saved, {"another": "document"}, generation(1)[1])
    assert len(files(saved)) == 2
    assert store.read(saved)[0] == {"another": "document"}


def test_a_damaged_file_is_mended_by_saving_again(saved: Path):
    arrays_of(saved).write_bytes(b"")
    store.write(saved, *generation(1))
    assert store.read(saved)[1]["x"].tolist() == [1] * 5


def test_others_may_read_a_saved_run(saved: Path):
    usual = saved / "usual"
    usual.touch()
    assert {path.stat().st_mode for path in saved.iterdir()} == {usual.stat().st_mode}


# -- what cannot be saved


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path):
    (tmp_path / "a").write_text("mine")
    (tmp_path / "run.json.tmp").write_text("")
    before = files(tmp_path)
    assert refused(lambda: store.write(tmp_path, *generation(1))) == (
        f"{tmp_path} is not empty and holds no run: there is a in it. "
        "Nothing was written. Name a new folder, an empty one, or one that holds a run."
    )
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is cut short, or is not JSON: Expecting value: line 1 column 1 (char 0). It was changed after it was saved."),
        ("{}", 'is not of a run: it has no "format": "chainrule-run".'),
        (
            '{"format": "chainrule-run", "version": 2}',
            "has version 2, and this chainrule reads version 1. It was saved by a newer one: pip install --upgrade chainrule.",
        ),
    ],
)  # fmt: skip
def test_a_foreign_run_json_is_left_alone(tmp_path: Path, content: str, why: str):
    (tmp_path / "run.json").write_text(content)
    message = refused(lambda: store.write(tmp_path, *generation(1)))
    assert message == f"{tmp_path / 'run.json'} {why} Nothing was written: save in another folder."
    assert files(tmp_path) == {"run.json": content.encode()}


def test_a_file_where_the_folder_should_be(tmp_path: Path):
    path = tmp_path / "run"
    path.write_text("mine")
    assert refused(lambda: store.write(path, *generation(1))) == (
        f"{path} is a file, and a run is saved in a folder. Name a folder."
    )
    assert refused(lambda: store.write(path / "below", *generation(1))) == (
        f"the run cannot be saved in {path / 'below'}: Not a directory. {WHOLE}"
    )
    assert refused(lambda: store.read(path)) == f"{path} is a file, and a run is a folder. Name the folder."  # fmt: skip
    assert path.read_text() == "mine"


def itself() -> dict[str, Any]:
    document: dict[str, Any] = {}
    document["a"] = [document]
    return document


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"a": [1, {"b": {2}}]}, "the run['a'][1]['b'] is of type set, which cannot be saved. Save text, numbers, True, False, None, lists and dicts of them; arrays go beside them."),
        ({"a": np.zeros(2)}, "the run['a'] is of type ndarray, which cannot be saved. Save text, numbers, True, False, None, lists and dicts of them; arrays go beside them."),
        ({"a": 1j}, "the run['a'] is of type complex, which cannot be saved. Save text, numbers, True, False, None, lists and dicts of them; arrays go beside them."),
        ({"a": np.longdouble(1)}, "the run['a'] is of type longdouble, which cannot be saved. Save text, numbers, True, False, None, lists and dicts of them; arrays go beside them."),
        ({"a": 10**5000}, "the run['a'] is of type int, which cannot be saved. Save text, numbers, True, False, None, lists and dicts of them; arrays go beside them."),
        ({"a": {1: 2}}, "the run['a'] has the key 1, which cannot be saved: keys are text, and not '$float'."),
        ({"$float": "nan"}, "the run has the key '$float', which cannot be saved: keys are text, and not '$float'."),
        (itself(), "the run cannot be saved: it is nested too deeply, or holds itself."),
        ([1, 2], "a run is saved as a dict, not as [1, 2]."),
    ],
    ids=range(9),
)  # fmt: skip
def test_what_json_cannot_hold_is_refused(saved: Path, document: Any, why: str):
    before = files(saved)
    assert refused(lambda: store.write(saved, document, {})) == why
    assert refused(lambda: store.write(saved / "new", document, {})) == why
    assert files(saved) == before  # and no folder "new"


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([None]), np.zeros(2, complex), np.array(0, "M8[s]")])  # fmt: skip
def test_other_dtypes_are_refused(saved: Path, array: Any):
    before = files(saved)
    assert refused(lambda: store.write(saved, {}, {"a": array})) == (
        f"the array 'a' has the dtype {array.dtype}, which cannot be saved. "
        f"Convert it with .astype(...) to one of: {', '.join(store.DTYPES)}."
    )
    assert files(saved) == before


@pytest.mark.parametrize("name", ["__metadata__", "a\nb", "a\udc80", 3])
def test_names_that_the_file_cannot_hold_are_refused(tmp_path: Path, name: Any):
    assert refused(lambda: store.write(tmp_path / "new", {}, {name: np.zeros(1)})) == (
        f"an array cannot be saved under the name {name!r}. Write one line of text, not __metadata__."
    )
    assert files(tmp_path) == {}


# -- disks that refuse

LIMITED = """
import resource, sys
import numpy as np
from chainrule.errors import DataError
from chainrule.fit import store
folder, limit, text, entries = sys.argv[1], *map(int, sys.argv[2:])
store.write(folder, {"generation": 1}, {"x": np.zeros(3)})
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    store.write(folder, {"generation": 2, "text": "x" * text}, {"x": np.ones(entries)})
except DataError as error:
    print(error, end="")
"""


@pytest.mark.parametrize(("text", "entries"), [(0, 3000), (3000, 0)])
def test_a_file_that_the_system_cuts_short(tmp_path: Path, text: int, entries: int):
    """The first makes the arrays too large for the limit, the second run.json, after its arrays are written."""
    folder = tmp_path / "run"
    call = [sys.executable, "-c", LIMITED, str(folder), "2000", str(text), str(entries)]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert done.stdout == f"the run cannot be saved in {folder}: File too large. {WHOLE}"
    document, arrays = store.read(folder)
    assert (document, arrays["x"].tolist()) == ({"generation": 1}, [0, 0, 0])
    assert set(files(folder)) == {"run.json", arrays_of_run(folder)}


@pytest.mark.parametrize("call", range(4))
def test_a_full_disk(saved: Path, monkeypatch: pytest.MonkeyPatch, call: int):
    """Disks may report only in fsync that they are full: here in that of the arrays, of the folder, of run.json, of the folder."""
    real, before, count = os.fsync, files(saved), [0]

    def full(handle: int) -> None:
        count[0] += 1
        if count[0] == call + 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    assert refused(lambda: store.write(saved, *generation(2))) == (
        f"the run cannot be saved in {saved}: No space left on device. {WHOLE}"
    )
    assert count[0] == call + 1
    if call < 3:
        assert files(saved) == before  # to the byte, and no temporary file
    else:  # run.json had its name already: the later save is there, whole
        assert store.read(saved)[0] == {"generation": 2}
        assert len(files(saved)) == 2


def test_network_disks_without_fsync_of_folders(saved: Path, monkeypatch: pytest.MonkeyPatch):
    real = os.fsync

    def files_only(handle: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):  # noqa: PTH112 - a link of the system's
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        real(handle)

    monkeypatch.setattr(os, "fsync", files_only)
    store.write(saved, *generation(2))
    assert store.read(saved)[0] == {"generation": 2}


def test_an_error_without_the_systems_words(saved: Path, monkeypatch: pytest.MonkeyPatch):
    def fails(handle: int) -> None:
        raise OSError("a strange disk")

    monkeypatch.setattr(os, "fsync", fails)
    assert "a strange disk. A run that was there" in refused(lambda: store.write(saved, *generation(2)))  # fmt: skip


def test_an_interrupt_leaves_the_earlier_save(saved: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(handle: int) -> None:
        raise KeyboardInterrupt

    before = files(saved)
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.write(saved, *generation(2))
    assert files(saved) == before


FORBIDDEN = """
import os, sys
import numpy as np
import safetensors.numpy  # while its files may still be read
from chainrule.errors import DataError
from chainrule.fit import store
os.chdir(sys.argv[1])
if os.geteuid() == 0:  # the superuser may write everywhere
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for action in (lambda: store.write("run", {}, {}), lambda: store.write("run/new", {}, {}), lambda: store.read("run")):
    try:
        print(action()[0])
    except DataError as error:
        print(error)
"""


@pytest.mark.parametrize(("mode", "readable"), [(0o555, True), (0o000, False)])
def test_a_folder_that_may_not_be_written(saved: Path, mode: int, readable: bool):
    before = files(saved)
    saved.parent.chmod(0o755)
    saved.chmod(mode)
    call = [sys.executable, "-c", FORBIDDEN, str(saved.parent)]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    saved.chmod(0o755)
    assert done.stdout.splitlines() == [
        f"the run cannot be saved in run: Permission denied. {WHOLE}",
        f"the run cannot be saved in run/new: Permission denied. {WHOLE}",
        "{'generation': 1}" if readable else "the run in run cannot be read: Permission denied.",
    ]
    assert files(saved) == before


# -- what cannot be read


def test_no_run_there(tmp_path: Path):
    missing = tmp_path / "missing"
    assert refused(lambda: store.read(missing)) == f"there is no run in {missing}: there is no such folder."  # fmt: skip
    assert refused(lambda: store.read(tmp_path)) == f"there is no run in {tmp_path}: it has no run.json."  # fmt: skip
    (tmp_path / "run.json").mkdir()
    assert refused(lambda: store.read(tmp_path)) == f"the run in {tmp_path} cannot be read: Is a directory."  # fmt: skip


def test_a_run_json_cut_short_anywhere(saved: Path):
    whole = (saved / "run.json").read_bytes()
    for length in range(len(whole.rstrip())):
        (saved / "run.json").write_bytes(whole[:length])
        message = refused(lambda: store.read(saved))
        assert message.startswith(f"{saved / 'run.json'} is cut short, or is not JSON: ")
        assert message.endswith(". It was changed after it was saved.")


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"\x00", b"NaN", b'{"format": Infinity}', b"[" * 100_000, b'{"a": ' * 100_000, b"1" * 5000, b'{"$float": "1"}',
     b'{"$float": []}', b"\xef\xbb\xbf{}"],
    ids=range(10),
)  # fmt: skip
def test_a_run_json_that_is_no_json(saved: Path, content: bytes):
    (saved / "run.json").write_bytes(content)
    assert " is cut short, or is not JSON: " in refused(lambda: store.read(saved))


@pytest.mark.parametrize("content", ["[]", "3", "null", '"chainrule-run"', "{}", '{"format": "other", "version": 1}', '{"$float": "nan"}'])  # fmt: skip
def test_a_run_json_of_something_else(saved: Path, content: str):
    (saved / "run.json").write_text(content)
    assert refused(lambda: store.read(saved)) == (
        f'{saved / "run.json"} is not of a run: it has no "format": "chainrule-run".'
    )


def test_a_newer_version(saved: Path):
    edit(saved, lambda content: content.update(version=2, arrays="elsewhere"))
    assert refused(lambda: store.read(saved)) == (
        f"{saved / 'run.json'} has version 2, and this chainrule reads version 1. "
        "It was saved by a newer one: pip install --upgrade chainrule."
    )


@pytest.mark.parametrize("version", [None, "1", 0, -1, True, 1.0, [1]])
def test_no_version(saved: Path, version: Any):
    edit(saved, lambda content: content.update(version=version))
    assert "run.json has no version. " in refused(lambda: store.read(saved))


@pytest.mark.parametrize(
    "change",
    [
        {"run": [1]}, {"run": None}, {"arrays": None}, {"arrays": {}}, {"arrays": ["a"]},
        *({"arrays": {"file": name, "size": 1, "sha256": "0"}} for name in ("/etc/passwd", "../arrays-0123456789abcdef.safetensors", "run.json", 3, None)),
        {"arrays": {"file": "arrays-0123456789abcdef.safetensors", "size": "1", "sha256": "0"}},
        {"arrays": {"file": "arrays-0123456789abcdef.safetensors", "size": 1, "sha256": None}},
    ],
    ids=range(12),
)  # fmt: skip
def test_a_run_json_that_names_no_arrays_of_its_own(saved: Path, change: dict[str, Any]):
    edit(saved, lambda content: content.update(change))
    assert refused(lambda: store.read(saved)) == (
        f"{saved / 'run.json'} does not name its arrays, or holds no run. It was changed after it was saved."
    )


def test_missing_arrays(saved: Path):
    path = arrays_of(saved)
    path.unlink()
    assert refused(lambda: store.read(saved)) == (
        f"{path} is missing, which run.json names. A saved run is both files: copy both."
    )


def test_arrays_cut_short(saved: Path):
    path = arrays_of(saved)
    whole = path.read_bytes()
    for content in (whole[:-1], whole[:10], b"", whole + b"\0"):
        path.write_bytes(content)
        assert refused(lambda: store.read(saved)) == (
            f"{path} has {len(content)} bytes, and {len(whole)} were saved. Copy it again, or save the run anew."
        )


def test_altered_arrays(saved: Path):
    path = arrays_of(saved)
    whole = path.read_bytes()
    for i in range(len(whole)):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :])
        assert refused(lambda: store.read(saved)) == (
            f"{path} was changed after it was saved: its SHA-256 is not the one in run.json. "
            "Copy it again, or save the run anew."
        )


@pytest.mark.parametrize(
    "content",
    [b"", b"no arrays at all", save({"a": np.zeros(2)}).replace(b"F64", b"X64"), save({"a": np.zeros(4, np.float16)}).replace(b" F16", b"BF16").replace(b'"F16"', b'"I16"')[:-1]],
    ids=range(4),
)  # fmt: skip
def test_arrays_forged_with_their_hash(saved: Path, content: bytes):
    arrays_of(saved).write_bytes(content)
    entry = {"file": arrays_of(saved).name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}  # fmt: skip
    edit(saved, lambda found: found.update(arrays=entry))
    assert f"{arrays_of(saved)} is not a file of arrays: " in refused(lambda: store.read(saved))


# -- kills

SAVES = """
import sys
import numpy as np
from chainrule.fit import store
folder, k = sys.argv[1], int(sys.argv[2])
print("ready", flush=True)
while True:
    rows = 20_000 + 100 * k
    store.write(folder, {"generation": k, "text": f"{k} " * rows}, {"x": np.full((rows, 2), k), "y": np.array(k / 4)})
    print(k, flush=True)
    k += 1
"""


def whole_generation(folder: Path) -> int:
    """The generation that is saved in a folder, once the document and all arrays are found to be of it, whole."""
    document, arrays = store.read(folder)
    k = document["generation"]
    rows = 20_000 + 100 * k
    assert document == {"generation": k, "text": f"{k} " * rows}
    assert arrays["y"].shape == ()
    assert arrays["y"] == k / 4
    assert arrays["x"].shape == (rows, 2)
    assert (arrays["x"] == k).all()
    return k


def started(folder: Path, k: int) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", SAVES, str(folder), str(k)], stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def killed(process: subprocess.Popen[str]) -> list[int]:
    """Kill a process that saves, and return the generations that it reported as saved."""
    process.kill()
    output, _ = process.communicate()
    assert process.returncode == -9
    return [int(line) for line in output.splitlines() if line]


def usual_time(folder: Path) -> float:
    """The seconds that a save takes here, of five tried."""
    began = time.perf_counter()
    for k in range(5):
        store.write(folder, {"text": f"{k} " * 20_000}, {"x": np.full((20_000, 2), k)})
    return (time.perf_counter() - began) / 5


def test_twenty_kills_at_random_moments(tmp_path: Path):
    rng = random.Random(0)
    folder, last = tmp_path / "run", 0
    longest = 4 * usual_time(tmp_path / "timed")
    for _ in range(20):
        process = started(folder, last + 1)
        time.sleep(rng.uniform(0.0, longest))
        reported = [last, *killed(process)][-1]
        if not (folder / "run.json").exists():
            assert reported == 0  # killed within the very first save
            continue
        last = whole_generation(folder)
        assert last in (reported, reported + 1)
    assert (
        last >= 1
    )  # how far it comes depends on the machine; kills at every step of a save are tested below
    store.write(folder, *generation(1))
    assert set(files(folder)) == {"run.json", arrays_of_run(folder)}


EACH_STEP = """
import os, signal, sys
from chainrule.fit import store
import numpy as np, safetensors.numpy
top, earlier = sys.argv[1], sys.argv[2] == "earlier"

def arrays(k):
    return {"x": np.full(1000, k)}

def dies_before(step):
    steps = 0
    def hook(event, args):
        nonlocal steps
        if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.listdir", "os.scandir") and top in str(args[0]):
            steps += 1
            if steps == step:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

for step in range(1, 1000):
    folder = f"{top}/{step}"
    if earlier:
        store.write(folder, {"generation": 1}, arrays(1))
    child = os.fork()
    if not child:
        dies_before(step)
        store.write(folder, {"generation": 2}, arrays(2))
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
"""


@pytest.mark.parametrize("earlier", [True, False])
def test_a_kill_before_each_step_of_a_save(tmp_path: Path, earlier: bool):
    """The steps are what Python reports of its calls to the system: opening, renaming, removing, making, listing."""
    call = [sys.executable, "-c", EACH_STEP, str(tmp_path), "earlier" if earlier else "none"]
    subprocess.run(call, check=True)
    folders = sorted(tmp_path.iterdir(), key=lambda path: int(path.name))
    found: list[int] = []
    for folder in folders:
        if (folder / "run.json").exists():
            document, arrays = store.read(folder)
            assert arrays["x"].tolist() == [document["generation"]] * 1000
            found.append(document["generation"])
        else:
            assert "there is no run in" in refused(lambda: store.read(folder))  # noqa: B023
            found.append(0)
        store.write(folder, *generation(3))  # whatever the kill left is no hindrance
        assert store.read(folder)[0] == {"generation": 3}
        assert len(files(folder)) == 2
    assert found == sorted(found)  # none, then the earlier, then the later: never back
    assert set(found) == {1 if earlier else 0, 2}
    assert len(found) > 8


def test_reading_while_another_process_saves(tmp_path: Path):
    process = started(tmp_path / "run", 1)
    found: list[int] = []
    try:
        while not (tmp_path / "run" / "run.json").exists():
            time.sleep(0.001)
        while len(set(found)) < 10:
            found.append(whole_generation(tmp_path / "run"))
    finally:
        killed(process)
    assert found == sorted(found)


def test_a_save_between_run_json_and_its_arrays(saved: Path, monkeypatch: pytest.MonkeyPatch):
    """Whoever has read the earlier run.json finds its arrays gone, and reads the later one."""
    real, coming = Path.read_bytes, [4, 3, 2]

    def read_bytes(path: Path) -> bytes:
        content = real(path)
        if path.name == "run.json" and coming:
            with monkeypatch.context() as undone:
                undone.setattr(Path, "read_bytes", real)
                store.write(saved, *generation(coming.pop()))
        return content

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    document, arrays = store.read(saved)
    assert not coming
    assert document == {"generation": 4}
    assert arrays["x"].tolist() == [4] * 5
