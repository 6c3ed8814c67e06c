"""Model files: one safetensors file that holds arrays as tensors and everything else as JSON. Reading runs no code."""

from __future__ import annotations

import json
import math
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lamina.errors import FileError

FORMAT = 1
MAX_HEADER_BYTES = 100_000_000
MAX_TENSORS = 100_000
PLAIN = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")  # little-endian, as safetensors has
KINDS = "biufcmMUS"


def write_file(path: str | os.PathLike[str], kind: str, tree: Any) -> None:
    """Write `tree` as a model file of this `kind`, whole or not at all.

    Parameters
    ----------
    path : str or path-like
        The file to write. An older file of that name survives every failure.
    kind : str
        A word for what the tree is; `read_file` gives it back.
    tree : dict, list, tuple, None, bool, int, float, str, NumPy scalar or array
        Nested as you like; dictionary keys are strings.

    Raises
    ------
    TypeError
        Something in the tree can't be stored; the message names the place.
    """
    from safetensors.numpy import save

    tensors: dict[str, np.ndarray] = {}
    header = {"format": FORMAT, "kind": kind, "tree": _encode(tree, tensors, "tree")}
    write_atomically(path, save(tensors, {"lamina": json.dumps(header, allow_nan=False)}))


def read_file(path: str | os.PathLike[str]) -> tuple[str, Any]:
    """Read what `write_file` wrote: the kind and the tree.

    Parameters
    ----------
    path : str or path-like
        A model file.

    Returns
    -------
    tuple of str and tree
        Equal to what was written, with dtypes, tuples and NumPy scalars.

    Raises
    ------
    FileError
        The file is missing, truncated, foreign, too large or written by a newer version.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    path = Path(path)
    header = _read_header(path)
    try:
        tensors = load_file(path) if header["tensors"] else {}
        return header["kind"], _decode(header["tree"], tensors)
    except (SafetensorError, ArithmeticError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise _damaged(path, f"its contents do not fit its header ({error})") from error


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file through a temporary neighbour, so that no reader ever sees half of it."""
    path = Path(os.path.realpath(path))
    if not path.parent.is_dir():
        raise FileError(f"Can't write {path.name}: there is no folder {path.parent}. Create it first.")
    if path.is_dir():
        raise FileError(f"Can't write {path}: it is a folder. Give the name of a file.")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


# --- tree -> JSON and tensors -----------------------------------------------------------------------------------------


def _encode(value: Any, tensors: dict[str, np.ndarray], where: str) -> Any:  # noqa: PLR0911
    """The JSON of `value`; its arrays go to `tensors`."""
    if isinstance(value, np.str_):
        return {"$text": str(value)}
    if isinstance(value, np.generic):
        return {"$scalar": _encode_array(np.asarray(value), tensors, where)}
    if isinstance(value, np.ndarray):
        return _encode_array(value, tensors, where)
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"$float": repr(value)}
    if isinstance(value, (list, tuple)):
        items = [_encode(item, tensors, f"{where}[{i}]") for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"$tuple": items}
    if isinstance(value, Mapping) and all(type(key) is str for key in value):
        entries = {key: _encode(item, tensors, f"{where}.{key}") for key, item in value.items()}
        return {"$dict": entries} if any(key.startswith("$") for key in entries) else entries
    raise TypeError(
        f"Can't store {where}, which is a {type(value).__name__}. A model file holds dictionaries with text keys, "
        "lists, tuples, None, numbers, text and NumPy arrays."
    )


def _encode_array(array: np.ndarray, tensors: dict[str, np.ndarray], where: str) -> dict[str, Any]:
    """The JSON that stands for an array; object and variable-width text arrays are kept element by element."""
    shape = list(array.shape)
    if array.dtype.kind in "OT":
        items = [_encode(item, tensors, f"{where}[{i}]") for i, item in enumerate(array.ravel().tolist())]
        return {"$objects": items, "shape": shape}
    if array.dtype.kind not in KINDS:
        raise TypeError(f"Can't store {where}, an array of dtype {array.dtype}. Convert it to numbers or text first.")
    dtype = array.dtype.str
    plain = dtype[0] in "<|" and dtype[1:] in PLAIN
    name = f"t{len(tensors)}"
    tensors[name] = np.array(array, order="C") if plain else np.frombuffer(array.tobytes(), np.uint8)
    return {"$tensor": name, "dtype": dtype, "shape": shape}


def _decode(value: Any, tensors: Mapping[str, np.ndarray]) -> Any:
    """The inverse of `_encode`."""
    if isinstance(value, list):
        return [_decode(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    tag = next((key for key in value if key.startswith("$")), None)
    if tag is None:
        return {key: _decode(item, tensors) for key, item in value.items()}
    return _DECODERS[tag](value[tag], value, tensors)


def _decode_tensor(name: str, entry: dict[str, Any], tensors: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rebuild an array from its bytes; the sizes must agree, so that a false shape allocates nothing."""
    dtype, shape = np.dtype(entry["dtype"]), _shape(entry)
    if dtype.kind not in KINDS or dtype.itemsize == 0:
        raise ValueError(f"dtype {dtype} is not allowed")
    raw = tensors[name]
    if raw.nbytes != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"tensor {name} has {raw.nbytes} bytes, its shape {shape} needs another number")
    return np.frombuffer(bytearray(raw.tobytes()), dtype).reshape(shape)


def _decode_objects(items: list[Any], entry: dict[str, Any], tensors: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rebuild an array of Python objects (text, numbers, None)."""
    array = np.empty(len(items), dtype=object)
    array[:] = [_decode(item, tensors) for item in items]
    return array.reshape(_shape(entry))


def _shape(entry: dict[str, Any]) -> tuple[int, ...]:
    """The shape in an entry, checked."""
    shape = tuple(entry["shape"])
    if len(shape) > 32 or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"{shape} is no shape")
    return shape


_DECODERS: dict[str, Any] = {
    "$text": lambda text, entry, tensors: np.str_(text),
    "$float": lambda text, entry, tensors: float(text),
    "$scalar": lambda array, entry, tensors: _decode(array, tensors)[()],
    "$tuple": lambda items, entry, tensors: tuple(_decode(item, tensors) for item in items),
    "$dict": lambda items, entry, tensors: {key: _decode(item, tensors) for key, item in items.items()},
    "$tensor": _decode_tensor,
    "$objects": _decode_objects,
}


# --- the header, checked before anything is allocated -----------------------------------------------------------------


def _read_header(path: Path) -> dict[str, Any]:
    """The checked JSON header, with the number of tensors as "tensors"."""
    if not path.exists():
        raise FileError(f"There is no file {path}. Check the path, or save a model there first.")
    if not path.is_file():
        raise FileError(f"{path} is no file. Give the name of a model file.")
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 10 or not 2 <= length <= size - 8:
            raise _damaged(path, f"it has {size} bytes and announces a header of {length}")
        if length > MAX_HEADER_BYTES:
            raise _damaged(path, f"it announces a header of {length} bytes; at most {MAX_HEADER_BYTES} are read")
        text = file.read(length)
    try:
        entries = json.loads(text)
        metadata = entries.pop("__metadata__", {})
        header = json.loads(metadata["lamina"]) if "lamina" in metadata else None
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise _damaged(path, "its header can't be read") from error
    if not isinstance(header, dict) or not isinstance(header.get("format"), int):
        raise FileError(f"{path} is a safetensors file, but not one of lamina. Expected a file that lamina saved.")
    if header["format"] > FORMAT:
        raise FileError(
            f"{path} has format {header['format']}, this version of lamina reads formats up to {FORMAT}. Update lamina."
        )
    if not isinstance(header.get("kind"), str) or "tree" not in header:
        raise _damaged(path, "its header lacks the kind or the tree")
    _check_entries(path, entries, size - 8 - length)
    return header | {"tensors": len(entries)}


def _check_entries(path: Path, entries: dict[str, Any], data_bytes: int) -> None:
    """Tensors must fill the rest of the file exactly, without gap or overlap."""
    if len(entries) > MAX_TENSORS:
        raise _damaged(path, f"it announces {len(entries)} tensors; at most {MAX_TENSORS} are read")
    end = 0
    try:
        for start, stop in sorted(tuple(entry["data_offsets"]) for entry in entries.values()):
            if start != end or stop < start:
                raise _damaged(path, "its tensors overlap or leave gaps")
            end = stop
    except (TypeError, ValueError, KeyError) as error:
        raise error if isinstance(error, FileError) else _damaged(path, "its table of tensors can't be read") from error
    if end != data_bytes:
        raise _damaged(path, f"its tensors need {end} bytes, the file has {data_bytes} for them")


def _damaged(path: Path, why: str) -> FileError:
    return FileError(
        f"{path} is truncated or no model file: {why}. Expected a file that lamina saved; copy or save it again."
    )
