"""Makes the awkward photos (难处理的照片) of the tests from two CC0 pictures: `python tests/data/photos/make.py`."""

import hashlib
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pillow_heif
from PIL import ExifTags, Image

HERE = Path(__file__).parent
SPECIAL = HERE / "special"
BASE = HERE.parents[2] / "demo" / "xicheng" / "photos"
BOMB_SIDE = 16_000


def base(name: str, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """One of the demo's CC0 pictures."""
    with Image.open(BASE / name) as picture:
        return picture.convert("RGB").resize(size)


def jpeg(picture: Image.Image, **options: object) -> bytes:
    """The picture as JPEG bytes."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=80, **options)
    return out.getvalue()


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The picture in any other format."""
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def with_exif(taken: str = "", lon: float | None = None, lat: float | None = None, orientation: int = 0) -> bytes:
    """The dandelion with the named EXIF facts; its pixels are turned when an orientation is given."""
    picture = base("p16.jpg")
    exif = Image.Exif()
    if orientation == 6:
        exif[ExifTags.Base.Orientation] = orientation
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    if taken:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    if lon is not None and lat is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps(lon, lat))
    return jpeg(picture, exif=exif)


def gps(lon: float, lat: float) -> dict[int, object]:
    """The GPS part of EXIF for a WGS-84 position."""
    tag = ExifTags.GPS
    return {
        tag.GPSLatitudeRef: "N" if lat >= 0 else "S", tag.GPSLatitude: sexagesimal(abs(lat)),
        tag.GPSLongitudeRef: "E" if lon >= 0 else "W", tag.GPSLongitude: sexagesimal(abs(lon)),
        tag.GPSMapDatum: "WGS-84",
    }  # fmt: skip


def sexagesimal(degrees: float) -> tuple[float, float, float]:
    """Degrees, minutes and seconds."""
    minutes = (degrees % 1) * 60
    return float(int(degrees)), float(int(minutes)), round((minutes % 1) * 60, 3)


def bomb() -> bytes:
    """A valid one-bit PNG of 256 megapixels in some tens of kilobytes: each row is one half all black, one half hatched."""
    row = b"\0" + b"\x00" * (BOMB_SIDE // 16) + b"\xaa" * (BOMB_SIDE // 16)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(BOMB_SIDE)) + packer.flush()
    header = struct.pack(">IIBBBBB", BOMB_SIDE, BOMB_SIDE, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    """One PNG chunk with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb_claim() -> bytes:
    """A tiny JPEG whose frame header claims 65 000 by 65 000 pixels."""
    small = jpeg(base("p17.jpg", (64, 48)))
    return small.replace(struct.pack(">HH", 48, 64), struct.pack(">HH", 65_000, 65_000), 1)


def animated() -> bytes:
    """Four frames that grow brighter."""
    frames = [base("p17.jpg", (160, 120)).point(lambda v, f=f: min(255, int(v * f))) for f in (1.0, 1.1, 1.2, 1.3)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=200, loop=0)


def black_pocket() -> bytes:
    """What a phone sees in a pocket: nearly black, with a little noise."""
    noise = Image.frombytes("L", (320, 240), hashlib.shake_256(b"pocket").digest(320 * 240))
    return jpeg(noise.point(lambda value: value // 40).convert("RGB"))


FILES: dict[str, Callable[[], bytes]] = {
    "animated.gif": animated,
    "black_pocket.jpg": black_pocket,
    "bomb.png": bomb,
    "bomb_claim.jpg": bomb_claim,
    "cmyk.jpg": lambda: jpeg(base("p17.jpg", (320, 240)).convert("CMYK")),
    "empty.jpg": lambda: b"",
    "exif_gps.jpg": lambda: with_exif("2023:05:16 09:21:33", lon=116.375, lat=39.8727),
    "exif_gps_other_district.jpg": lambda: with_exif("2023:05:16 09:25:00", lon=116.295, lat=40.006),
    "exif_gps_zero.jpg": lambda: with_exif(lon=0.0, lat=0.0),
    "exif_old_date.jpg": lambda: with_exif("2019:04:02 15:00:10"),
    "exif_orientation6.jpg": lambda: with_exif(orientation=6),
    "heic.heic": lambda: encoded(base("p17.jpg"), "HEIF", quality=60),
    "png.png": lambda: encoded(base("p18.jpg", (120, 160)), "PNG"),
    "png_named.jpg": lambda: encoded(base("p18.jpg", (120, 160)), "PNG"),
    "progressive.jpg": lambda: jpeg(base("p18.jpg"), progressive=True),
    "text.jpg": lambda: "这不是照片，只是一个改名为 .jpg 的文本文件。\n".encode(),
    "truncated.jpg": lambda: (whole := jpeg(base("p16.jpg")))[: len(whole) * 55 // 100],
}


def main() -> None:
    """Writes every awkward photo."""
    pillow_heif.register_heif_opener()
    SPECIAL.mkdir(exist_ok=True)
    for name, make in FILES.items():
        (SPECIAL / name).write_bytes(make())
    print(f"{len(FILES)} photos made in {SPECIAL}")


if __name__ == "__main__":
    main()
