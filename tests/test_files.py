"""Files are written whole or not at all."""

import os

import pytest

from chainrule.errors import DataError
from chainrule.files import write, write_new


def test_a_file_is_written_with_its_folders(tmp_path):
    assert write(tmp_path / "a" / "b.txt", b"x").read_bytes() == b"x"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = write(tmp_path / "b.txt", b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(DataError, match="No space left on device"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["b.txt"]


def test_a_folder_that_is_a_file_is_told(tmp_path):
    write(tmp_path / "a", b"")
    with pytest.raises(DataError, match="cannot be written"):
        write(tmp_path / "a" / "b.txt", b"x")


def test_a_new_file_never_takes_the_place_of_another(tmp_path, monkeypatch):
    path = tmp_path / "a" / "b.txt"
    assert write_new(path, b"one")
    assert not write_new(path, b"two")

    def no_links(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", no_links)
    assert not write_new(path, b"three")
    assert write_new(tmp_path / "a" / "c.txt", b"four")
    assert {p.name: p.read_bytes() for p in path.parent.iterdir()} == {
        "b.txt": b"one",
        "c.txt": b"four",
    }
    with pytest.raises(DataError, match="cannot be written"):
        write_new(path / "d.txt", b"")
