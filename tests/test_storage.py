"""Model files: exact round trips, atomic writes, and clear errors for every other file."""

import json
import math
import os

import numpy as np
import pytest
from safetensors.numpy import save

from lamina import storage
from lamina.errors import FileError
from lamina.storage import read_file, write_file


def round_trip(tmp_path, tree):
    write_file(tmp_path / "m.lamina", "thing", tree)
    kind, back = read_file(tmp_path / "m.lamina")
    assert kind == "thing"
    return back


@pytest.mark.parametrize(
    "tree",
    [
        None,
        True,
        7,
        -(2**70),
        0.1,
        math.inf,
        -math.inf,
        "text with ünicode, \ud800 and \x00",
        [],
        (),
        {},
        [1, (2, [3.5, None], ("x",)), {"a": {"b": (False,)}}],
        {"$tensor": 1, "plain": {"$x": ()}},
        {"": 0, "__metadata__": 1},
    ],
    ids=repr,
)
def test_plain_values_come_back_with_their_types(tmp_path, tree):
    back = round_trip(tmp_path, tree)
    assert back == tree
    assert repr(back) == repr(tree)


def test_nan_comes_back(tmp_path):
    assert math.isnan(round_trip(tmp_path, [math.nan])[0])


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=dtype).reshape(2, 3)
        for dtype in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", ">f4", ">i8", "c8", "c16")
    ]
    + [
        np.array([True, False]),
        np.array(3.5),
        np.zeros((0, 4), "f4"),
        np.zeros(0, "U5"),
        np.array(["a", "längst"]),
        np.array([b"a", b"bc"]),
        np.array(["2026-01-01", "NaT"], "M8[D]"),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(10)[::2],
    ],
    ids=lambda a: f"{a.dtype.str}{a.shape}",
)
def test_arrays_come_back_exactly(tmp_path, array):
    back = round_trip(tmp_path, {"deep": [array]})["deep"][0]
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


def test_arrays_of_objects_come_back(tmp_path):
    array = np.array([["a", None], [1, 2.5]], dtype=object)
    back = round_trip(tmp_path, array)
    assert back.dtype == object
    assert back.tolist() == array.tolist()


@pytest.mark.parametrize("scalar", [np.float32(1.5), np.int64(-3), np.bool_(True), np.str_("x"), np.float64(np.inf)])
def test_numpy_scalars_keep_their_type(tmp_path, scalar):
    back = round_trip(tmp_path, {"x": scalar})["x"]
    assert type(back) is type(scalar)
    assert back == scalar


@pytest.mark.parametrize("thing", [{1, 2}, {1: 2}, 1j, len, np.array([len], dtype=object)], ids=repr)
def test_what_cannot_be_stored_is_named_and_nothing_is_written(tmp_path, thing):
    with pytest.raises(TypeError, match=r"tree\.a\[1\]"):
        write_file(tmp_path / "m.lamina", "thing", {"a": [0, thing]})
    assert list(tmp_path.iterdir()) == []


def test_equal_trees_give_equal_bytes(tmp_path):
    tree = {"a": np.arange(3), "b": np.ones((2, 2), "f4"), "c": [1, 2]}
    for name in ("one", "two"):
        write_file(tmp_path / name, "thing", tree)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "m.lamina"
    write_file(path, "thing", 1)

    def full_disk(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_file(path, "thing", 2)
    assert read_file(path) == ("thing", 1)
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileError, match=r"no folder .*nowhere"):
        write_file(tmp_path / "nowhere" / "m.lamina", "thing", 1)


# --- reading strange files --------------------------------------------------------------------------------------------


def test_a_missing_file(tmp_path):
    with pytest.raises(FileError, match="There is no file"):
        read_file(tmp_path / "m.lamina")


def test_every_truncation_is_found(tmp_path):
    path = tmp_path / "m.lamina"
    write_file(path, "thing", {"w": np.arange(20.0)})
    data = path.read_bytes()
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(FileError, match="truncated or no model file"):
            read_file(path)
    path.write_bytes(data + b"x")
    with pytest.raises(FileError, match="tensors need 160 bytes, the file has 161"):
        read_file(path)


def test_foreign_files(tmp_path):
    path = tmp_path / "m.lamina"
    path.write_bytes(b"\x80\x04\x95 a pickle, perhaps, or a picture" * 10)
    with pytest.raises(FileError, match="truncated or no model file"):
        read_file(path)
    path.write_bytes(save({"w": np.ones(3)}, {"format": "pt"}))
    with pytest.raises(FileError, match="not one of lamina"):
        read_file(path)


def with_header(path, **changes):
    header = {"format": 1, "kind": "thing", "tree": None} | changes
    path.write_bytes(save({"t0": np.ones(3)}, {"lamina": json.dumps(header)}))


def test_a_newer_format_asks_for_an_update(tmp_path):
    with_header(tmp_path / "m.lamina", format=99)
    with pytest.raises(FileError, match=r"format 99.*up to 1\. Update lamina"):
        read_file(tmp_path / "m.lamina")


@pytest.mark.parametrize(
    "tree",
    [
        {"$tensor": "t0", "dtype": "<f8", "shape": [10**12]},
        {"$tensor": "t0", "dtype": "<f8", "shape": [-1]},
        {"$tensor": "t0", "dtype": "|O", "shape": [3]},
        {"$tensor": "t0", "dtype": "<U0", "shape": [10**12]},
        {"$tensor": "t9", "dtype": "<f8", "shape": [3]},
        {"$tensor": "t0"},
        {"$objects": [1, 2], "shape": [10**12]},
        {"$import": "os.system"},
        {"$float": "os.system"},
    ],
    ids=repr,
)
def test_a_header_that_does_not_fit_is_refused_without_allocating(tmp_path, tree):
    with_header(tmp_path / "m.lamina", tree=tree)
    with pytest.raises(FileError, match="do not fit its header"):
        read_file(tmp_path / "m.lamina")


def test_a_deeply_nested_header_is_refused(tmp_path):
    text = '{"format": 1, "kind": "thing", "tree": ' + "[" * 100_000 + "]" * 100_000 + "}"
    (tmp_path / "m.lamina").write_bytes(save({"t0": np.ones(3)}, {"lamina": text}))
    with pytest.raises(FileError, match=r"can't be read|do not fit"):
        read_file(tmp_path / "m.lamina")


def test_sizes_are_capped(tmp_path, monkeypatch):
    path = tmp_path / "m.lamina"
    write_file(path, "thing", [np.ones(2), np.ones(2)])
    monkeypatch.setattr(storage, "MAX_TENSORS", 1)
    with pytest.raises(FileError, match="2 tensors; at most 1"):
        read_file(path)
    monkeypatch.setattr(storage, "MAX_HEADER_BYTES", 10)
    with pytest.raises(FileError, match="at most 10 are read"):
        read_file(path)
