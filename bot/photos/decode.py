"""Opens photos and says what they are (解码): a program of its own, which reads a line of JSON a photo."""

import json
import math
import resource
import sys
import time
from collections.abc import Sequence
from operator import add, mul, sub
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
_MEMORY_BYTES = 1024 * 1024 * 1024
_CPU_S = 20
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
_PHONE_FORMATS = ("HEIF", "AVIF")
_SMALL, _KEPT = 32, 8
_HALF_WAVES = [[math.cos(math.pi * u * (2 * x + 1) / (2 * _SMALL)) for x in range(_SMALL // 2)] for u in range(_KEPT)]
_THUMBNAIL = 320
_GPS, _EXIF, _TAKEN, _ORIENTATION = 0x8825, 0x8769, 0x9003, 0x0112
_SIDEWAYS = {5, 6, 7, 8}


def main() -> None:
    """For each line `["FILE", "THUMBNAIL"]` print the facts of the photo, or `{"bad": key}`, as a line of JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, and it is checked before a pixel is decoded
    for line in sys.stdin:
        file, thumbnail = json.loads(line)
        _limit_cpu()
        print(json.dumps(_facts(Path(file), Path(thumbnail)), allow_nan=False), flush=True)


def _limit_cpu() -> None:
    # The kernel counts a process's seconds from its start: each photo gets its own on top of what was used.
    used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    resource.setrlimit(resource.RLIMIT_CPU, (used + _CPU_S, resource.RLIM_INFINITY))


def _facts(path: Path, thumbnail: Path) -> dict[str, Any]:
    size = path.stat().st_size
    if size == 0 or size > MAX_BYTES:
        return {"bad": "too_large" if size else "empty"}
    try:
        with _opened(path) as image:
            if image.width * image.height > MAX_PIXELS:
                return {"bad": "too_many_pixels"}
            camera, (width, height) = _camera(image), image.size
            # A JPEG is decoded at an eighth, a quarter or half: all of its bytes are read, few are computed.
            image.draft("RGB", _small_size(width, height))
            image.load()
            small = _small(image)
            _save(small, thumbnail)
            if _lies_on_its_side(image):
                width, height = height, width
            return {"width": width, "height": height, "phash": _phash(small), **camera}
    except UnidentifiedImageError:
        return {"bad": "not_an_image"}
    except MemoryError:
        return {"bad": "too_many_pixels"}
    except Exception:
        # A damaged file makes the decoders raise whatever they like; here is nothing else that could fail.
        return {"bad": "truncated"}


def _small_size(width: int, height: int) -> tuple[int, int]:
    # In the picture's own shape: the decoder goes by the side that would be too small first.
    longest = max(width, height)
    return max(1, width * _THUMBNAIL // longest), max(1, height * _THUMBNAIL // longest)


def _small(image: Image.Image) -> Image.Image:
    """A copy for the eye: upright, at most `_THUMBNAIL` pixels a side."""
    small = image.convert("RGB")
    small.thumbnail((_THUMBNAIL, _THUMBNAIL), reducing_gap=1.5)
    return _upright(small)


def _save(small: Image.Image, path: Path) -> None:
    # Whole or not at all: a reader never meets half a picture.
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    small.save(part, "JPEG", quality=80)
    part.replace(path)


def _opened(path: Path) -> Image.Image:
    # The library for HEIC is large, and most photos are none. Formats that run another program (EPS) are never opened.
    with path.open("rb") as file:
        if file.read(12)[4:8] != b"ftyp":
            return Image.open(path, formats=_FORMATS)
    from pillow_heif import register_heif_opener

    register_heif_opener()
    Image.init()
    return Image.open(path, formats=[name for name in _PHONE_FORMATS if name in Image.OPEN])


def _lies_on_its_side(image: Image.Image) -> bool:
    try:
        return image.getexif().get(_ORIENTATION) in _SIDEWAYS
    except Exception:  # damaged EXIF: the picture itself is whole
        return False


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF: the picture itself is whole
        return image


def _camera(image: Image.Image) -> dict[str, Any]:
    try:
        exif = image.getexif()
        lon, lat = _position(exif.get_ifd(_GPS))
        taken = _taken(exif.get_ifd(_EXIF).get(_TAKEN))
    except Exception:  # damaged EXIF: the picture itself is whole
        lon = lat = taken = None
    return {"taken_on": taken, "exif_lon": lon, "exif_lat": lat}


def _taken(text: Any) -> str | None:
    # Cameras without a clock write zeros or blanks.
    moment = str(text)[:19]
    try:
        time.strptime(moment, "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    return moment


def _position(gps: dict[int, Any]) -> tuple[float, float] | tuple[None, None]:
    # WGS-84; 0, 0 is what a phone writes before its first fix.
    try:
        lat, lon = _degrees(gps[2], gps[1] == "S"), _degrees(gps[4], gps[3] == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None, None
    possible = abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0)
    return (lon, lat) if possible else (None, None)


def _degrees(parts: Any, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if negative else value


def _phash(image: Image.Image) -> str:
    # The signs of the lowest frequencies of a small grey copy: a photo encoded again or cut a little keeps most.
    grey = image.convert("L").resize((_SMALL, _SMALL), Image.Resampling.LANCZOS).tobytes()
    half = [_waves(grey[n : n + _SMALL]) for n in range(0, len(grey), _SMALL)]
    by_column = [_waves(column) for column in zip(*half, strict=True)]
    low = [column[v] for v in range(_KEPT) for column in by_column]
    middle = sorted(low[1:])[len(low) // 2 - 1]
    return f"{sum((value > middle) << n for n, value in enumerate(low)):016x}"


def _waves(line: Sequence[float]) -> list[float]:
    """The lowest frequencies of a line of `_SMALL` values."""
    # Every second wave is the same forwards and backwards, the others change their sign: half the products will do.
    back = line[::-1]
    even, odd = list(map(add, line, back)), list(map(sub, line, back))
    return [sum(map(mul, odd if u % 2 else even, wave)) for u, wave in enumerate(_HALF_WAVES)]


if __name__ == "__main__":
    main()
