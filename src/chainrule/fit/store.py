"""A saved run: a folder of run.json and one file of arrays. Knows nothing of what a run means; no pickle.

A save may be killed at any moment. A file gets its name when it is whole and on the disk, and run.json, which names the
arrays that belong to it, comes after them: whoever reads finds the earlier or the later save, whole. One writer at a
time; any number of readers.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import reprlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, cast

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import DataError

Arrays = Mapping[str, NDArray[Any]]

FORMAT = "chainrule-run"
VERSION = 1
DOCUMENT = "run.json"
DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "complex64",
)  # fmt: skip
_ARRAYS = re.compile(r"arrays-[0-9a-f]{16}\.safetensors")
_OURS = re.compile(rf"({re.escape(DOCUMENT)}|{_ARRAYS.pattern})(\.tmp)?")
_FLOAT = "$float"  # the key under which a number that JSON does not have is written
_NOT_FINITE = ("nan", "inf", "-inf")
_MOST_BITS = 10_000  # of an integer; Python itself reads no more than 4,300 digits


def write(folder: str | Path, document: dict[str, Any], arrays: Arrays) -> None:
    """Save a document and arrays in a folder, in place of the run that it holds.

    Args:
        folder: made where it is missing; one that holds other files and no run is left alone.
        document: what JSON can hold: text, numbers, True, False, None, lists and dicts of them with text as keys. NumPy's
            numbers become Python's, tuples lists; NaN and the infinities, which JSON does not have, are written as
            {"$float": "nan"} and come back as floats.
        arrays: arrays of any shape, 0-d and empty ones too, of real numbers, complex64 or bool.

    Raises:
        DataError: the folder cannot be written, or the document or an array cannot be held. An earlier run in the
            folder is then as it was.
    """
    content = _packed(arrays)  # first of all, so that what cannot be held touches no file
    digest = hashlib.sha256(content).hexdigest()
    name = f"arrays-{digest[:16]}.safetensors"
    text = _text(document, {"file": name, "size": len(content), "sha256": digest})
    folder = Path(folder)
    try:
        _claim(folder)
        try:
            _put(folder / name, content)
            _put(folder / DOCUMENT, text)
        finally:
            _tidy(folder)
    except OSError as error:
        raise DataError(
            f"the run cannot be saved in {folder}: {_reason(error)}. "
            "A run that was there before is still whole. Mend this, or name another folder."
        ) from None


def read(folder: str | Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the document and the arrays that were last saved in a folder.

    Raises:
        DataError: no run there, or a newer one than this chainrule reads, or a file that is missing, cut short or altered.
    """
    folder = Path(folder)
    try:
        _check_there(folder)
        return _read(folder)
    except OSError as error:
        raise DataError(f"the run in {folder} cannot be read: {_reason(error)}.") from None


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


# -- the folder
def _claim(folder: Path) -> None:
    """Make the folder, or make sure that it is empty or holds a run."""
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder} is a file, and a run is saved in a folder. Name a folder.")
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(path.name for path in folder.iterdir())
    if DOCUMENT in names:
        _check_run(folder)
    elif strangers := [name for name in names if not _OURS.fullmatch(name)]:
        raise DataError(
            f"{folder} is not empty and holds no run: there is {strangers[0]} in it. "
            "Nothing was written. Name a new folder, an empty one, or one that holds a run."
        )


def _check_run(folder: Path) -> None:
    try:
        _header(folder)
    except DataError as error:
        raise DataError(f"{error} Nothing was written: save in another folder.") from None


def _check_there(folder: Path) -> None:
    if not folder.exists():
        raise DataError(f"there is no run in {folder}: there is no such folder.")
    if not folder.is_dir():
        raise DataError(f"{folder} is a file, and a run is a folder. Name the folder.")
    if not (folder / DOCUMENT).exists():
        raise DataError(f"there is no run in {folder}: it has no {DOCUMENT}.")


def _put(path: Path, content: bytes) -> None:
    """Write a file that has its name only when it is whole, and on the disk."""
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system has a call for it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network disks have none
            raise
    finally:
        os.close(handle)


def _tidy(folder: Path) -> None:
    """Remove what run.json does not name: earlier arrays, the arrays of a save that failed, temporary files."""
    with suppress(OSError, DataError):  # what stays costs room, and no more
        there = (folder / DOCUMENT).exists()
        kept = (DOCUMENT, _header(folder)["arrays"]["file"]) if there else ()
        for path in list(folder.iterdir()):
            if _OURS.fullmatch(path.name) and path.name not in kept:
                path.unlink()


# -- run.json
def _text(document: dict[str, Any], arrays: dict[str, Any]) -> bytes:
    try:
        run: object = _encoded(document, "the run")
        if not isinstance(run, dict):
            raise DataError(f"a run is saved as a dict, not as {reprlib.repr(document)}.")
        content: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "arrays": arrays,
            "run": run,
        }
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    except RecursionError:
        raise DataError(
            "the run cannot be saved: it is nested too deeply, or holds itself."
        ) from None
    return f"{text}\n".encode(errors="backslashreplace")  # \udc80 is how JSON escapes it, too


def _encoded(value: Any, where: str) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, np.generic):
        value = cast("Any", value).item()  # Python's number; a long double stays what it is
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {_FLOAT: str(float(value))}
    if isinstance(value, int) and value.bit_length() <= _MOST_BITS:
        return value
    if isinstance(value, list | tuple):
        items = cast("list[Any]", value)
        return [_encoded(item, f"{where}[{i}]") for i, item in enumerate(items)]
    if isinstance(value, dict):
        entries = cast("dict[Any, Any]", value)
        return {_key(key, where): _encoded(x, f"{where}[{key!r}]") for key, x in entries.items()}
    raise DataError(
        f"{where} is of type {type(cast('object', value)).__name__}, which cannot be saved. "
        "Save text, numbers, True, False, None, lists and dicts of them; arrays go beside them."
    )


def _key(key: Any, where: str) -> str:
    if isinstance(key, str) and key != _FLOAT:
        return key
    raise DataError(f"{where} has the key {key!r}, which cannot be saved: keys are text, and not {_FLOAT!r}.")  # fmt: skip


def _decoded(entries: dict[str, Any]) -> Any:
    if entries.keys() != {_FLOAT}:
        return entries
    if entries[_FLOAT] not in _NOT_FINITE:
        raise ValueError(f"{_FLOAT} is one of {', '.join(_NOT_FINITE)}")
    return float(entries[_FLOAT])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _header(folder: Path) -> dict[str, Any]:
    """Return what run.json holds, once it is known to be one."""
    path = folder / DOCUMENT
    try:
        text = path.read_bytes().decode("utf-8")
        content: Any = json.loads(text, object_hook=_decoded, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path} is cut short, or is not JSON: {error}. It was changed after it was saved."
        ) from None
    if not isinstance(content, dict) or cast("dict[str, Any]", content).get("format") != FORMAT:
        raise DataError(f'{path} is not of a run: it has no "format": "{FORMAT}".')
    found = cast("dict[str, Any]", content)
    _check_version(path, found.get("version"))
    if not isinstance(found.get("run"), dict) or not _names_arrays(found.get("arrays")):
        raise DataError(f"{path} does not name its arrays, or holds no run. It was changed after it was saved.")  # fmt: skip
    return found


def _check_version(path: Path, version: object) -> None:
    if type(version) is not int or version < 1:
        raise DataError(f"{path} has no version. It was changed after it was saved.")
    if version > VERSION:
        raise DataError(
            f"{path} has version {version}, and this chainrule reads version {VERSION}. "
            "It was saved by a newer one: pip install --upgrade chainrule."
        )


def _names_arrays(entry: Any) -> bool:
    """Tell whether an entry names a file in this folder, and no other, with its size and SHA-256."""
    if not isinstance(entry, dict):
        return False
    found = cast("dict[str, Any]", entry)
    name, known = found.get("file"), isinstance(found.get("sha256"), str)
    return known and type(found.get("size")) is int and bool(_ARRAYS.fullmatch(str(name)))


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    before: object = None
    while True:
        found = _header(folder)
        try:
            return found["run"], _unpacked(folder, found["arrays"])
        except DataError:
            if found["arrays"] == before:
                raise
            before = found["arrays"]  # a save may have come between run.json and its arrays


# -- the arrays
def _packed(arrays: Arrays) -> bytes:
    from safetensors.numpy import save

    return save({_name(name): _plain(name, array) for name, array in arrays.items()})


def _name(name: Any) -> str:
    if isinstance(name, str) and name != "__metadata__" and name.isprintable():
        return name
    raise DataError(f"an array cannot be saved under the name {name!r}. Write one line of text, not __metadata__.")  # fmt: skip


def _plain(name: str, value: NDArray[Any]) -> NDArray[Any]:
    """Return the array as the file has it: rows one after another, bytes in this machine's order."""
    array = np.asarray(value)
    if array.dtype.name not in DTYPES:
        raise DataError(
            f"the array {name!r} has the dtype {array.dtype}, which cannot be saved. "
            f"Convert it with .astype(...) to one of: {', '.join(DTYPES)}."
        )
    return np.asarray(array, dtype=array.dtype.newbyteorder("="), order="C")


def _unpacked(folder: Path, entry: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    path = folder / entry["file"]
    try:
        found = load(_checked(path, entry))
    except (SafetensorError, KeyError) as error:  # KeyError: a dtype that NumPy does not have
        raise DataError(f"{path} is not a file of arrays: {error}.") from None
    # nobody promises that they can be written into, which a run that is carried on does
    return {name: np.require(array, requirements="W") for name, array in found.items()}


def _checked(path: Path, entry: Mapping[str, Any]) -> bytes:
    """Return the content of the arrays' file, once it is known to be what was saved."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size == entry["size"] else b""
    except FileNotFoundError:
        raise DataError(f"{path} is missing, which {DOCUMENT} names. A saved run is both files: copy both.") from None  # fmt: skip
    if size != entry["size"]:
        raise DataError(f"{path} has {size} bytes, and {entry['size']} were saved. Copy it again, or save the run anew.")  # fmt: skip
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise DataError(
            f"{path} was changed after it was saved: its SHA-256 is not the one in {DOCUMENT}. "
            "Copy it again, or save the run anew."
        )
    return content
