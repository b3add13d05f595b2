"""The cases that Python and the browser share are what Python makes today."""

import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2] / "contract"


@pytest.fixture(scope="module")
def texts():
    spec = importlib.util.spec_from_file_location("questions", HERE / "questions.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.texts()


@pytest.mark.parametrize("name", ["bank.json", "marking.json"])
def test_the_shared_cases_are_up_to_date(texts, name):
    assert (HERE / name).read_text(encoding="utf-8") == texts[name]
