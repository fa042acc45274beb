"""What real files bring along: pages, planes, texts, gamma, depth, and formats of telephones."""

import io
import struct
import sys
import zlib

import numpy as np
import pytest
from picture_files import drawn, png, saved, tags_of, tiff
from PIL import Image, ImageCms, TiffImagePlugin

from corpora.errors import InputError
from image_gan.pictures import Picture, encode, find_others, find_pictures, left_out, read
from image_gan.pictures.iptc import resource_of_iptc

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><d tiff:Orientation="6" exif:PixelXDimension="7"/></x:xmpmeta>'
IPTC = b"\x1c\x02\x78\x00\x05Pizza"
pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\.")


def chunk(name, content, damage=0):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content) ^ damage)


def with_chunks(*chunks, after=False):
    data = saved(drawn(), "png")
    at = data.index(b"IEND" if after else b"IDAT") - 4
    return data[:at] + b"".join(chunks) + data[at:]


def planar(samples, order, packed, more=()):
    """One strip for each channel."""
    height, width, bands = samples.shape
    planes = [samples[..., band].astype(samples.dtype.newbyteorder(order)).tobytes() for band in range(bands)]
    planes = [zlib.compress(plane) for plane in planes] if packed else planes
    lengths = [len(plane) for plane in planes]
    directory = TiffImagePlugin.ImageFileDirectory_v2({"<": b"II*\0\x08\0\0\0", ">": b"MM\0*\0\0\0\x08"}[order])
    tags = {
        256: width,
        257: height,
        258: (8 * samples.itemsize,) * bands,
        259: 8 if packed else 1,
        262: 2 if bands > 2 else 1,
        277: bands,
        278: height,
        284: 2,
    }
    tags |= {273: tuple(sum(lengths[:number]) for number in range(bands)), 279: tuple(lengths)}
    if bands in (2, 4):
        tags[338] = 2
    tags |= dict(more)
    for tag, value in tags.items():
        directory[tag] = value
    file = io.BytesIO()
    directory.save(file)
    return file.getvalue() + b"".join(planes)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("bands", "dtype"), [(3, np.uint8), (4, np.uint8), (2, np.uint8), (3, np.uint16), (4, np.uint16)])
def test_planes(bands, dtype, order, packed):
    noise = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (30, 40, bands), dtype)
    samples = np.maximum(drawn(dtype=dtype)[..., :1], noise)
    colours = 3 if bands > 2 else 1
    picture = read(planar(samples, order, packed))
    assert np.array_equal(picture.pixels, samples[..., :colours])
    assert (bands > colours) == (picture.alpha is not None and np.array_equal(picture.alpha, samples[..., -1]))


def test_planes_are_turned_upright():
    samples = drawn(dtype=np.uint16)
    assert np.array_equal(read(planar(samples, "<", True, more={274: 6})).pixels, np.rot90(samples, -1))


@pytest.mark.parametrize(
    ("more", "what"), [({262: 0}, "16-bit grey with"), ({262: 5}, "in planes"), ({338: 1}, "premultiplied")]
)
def test_planes_that_are_not_read(more, what):
    samples = np.concatenate([drawn(dtype=np.uint16)] * 2, axis=2)[..., :4]
    with pytest.raises(InputError, match=rf"P007.*{what}"):
        read(planar(samples, "<", True, more))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("subfile", [1, 4])
def test_smaller_copies_and_masks_are_no_pages(subfile, first, tmp_path):
    photo, small = Image.fromarray(drawn()), Image.fromarray(drawn()[::4, ::4])
    small.encoderinfo, photo.encoderinfo = {"tiffinfo": {254: subfile}}, {"tiffinfo": {254: 0}}
    file = io.BytesIO()
    pages = [photo, small] if first else [small, photo]
    with TiffImagePlugin.AppendingTiffWriter(file) as writer:
        for page in pages:
            page.save(writer, "tiff", tiffinfo=page.encoderinfo["tiffinfo"])
            writer.newFrame()
    assert np.array_equal(read(file.getvalue()).pixels, drawn())


@pytest.mark.parametrize(
    ("format", "bits", "what"), [(3, 32, "32-bit float"), (3, 16, "16-bit float"), (2, 16, "16-bit signed")]
)
def test_samples_that_are_not_supported(format, bits, what):
    samples = drawn(dtype=np.uint16)
    with pytest.raises(InputError, match=f"{what} is not supported"):
        read(tiff(samples, "<", t339=(format,) * 3, t258=(bits,) * 3))


def test_bitmaps_of_16_bits():
    """5, 6 and 5 bits of colour."""
    rgb = drawn().astype(np.uint16)
    packed = rgb[..., 0] >> 3 << 11 | rgb[..., 1] >> 2 << 5 | rgb[..., 2] >> 3
    rows, (height, width) = packed[::-1].astype("<u2").tobytes(), packed.shape
    info = struct.pack("<IiiHHIIiiII3I", 40, width, height, 1, 16, 3, len(rows), 0, 0, 0, 0, 0xF800, 0x7E0, 0x1F)
    picture = read(b"BM" + struct.pack("<IHHI", 14 + len(info) + len(rows), 0, 0, 14 + len(info)) + info + rows)
    assert np.abs(picture.pixels.astype(int) - drawn()).max() <= 8


@pytest.mark.parametrize("after", [False, True])
def test_texts_of_a_png_are_kept(after):
    large = "word " * 500_000
    chunks = [chunk(b"tEXt", b"Title\0caf\xe9"), chunk(b"iTXt", b"Author\0\0\0\0\0" + "Ωμέγα".encode())]
    chunks += [
        chunk(b"zTXt", b"Story\0\0" + zlib.compress(large.encode())),
        chunk(b"iTXt", b"XML:com.adobe.xmp" + bytes(5) + XMP),
    ]
    again = read(encode(read(with_chunks(*chunks, after=after)), "png"))
    assert again.texts == (("Title", "café"), ("Author", "Ωμέγα"), ("Story", large))
    assert again.notes == ()
    assert b'tiff:Orientation="1" exif:PixelXDimension="40"' in again.xmp


@pytest.mark.parametrize(
    "bad",
    [
        chunk(b"tEXt", b"Comment\0hello", damage=1),
        chunk(b"zTXt", b"Comment\0\0nothing"),
        chunk(b"tEXt", b"no zero"),
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2**26))),
        chunk(b"pHYs", bytes(9), damage=1),
    ],
    ids=["checksum", "not packed", "no text", "bomb", "other chunk"],
)
def test_a_damaged_chunk_beside_the_picture_is_passed_over_with_a_word(bad):
    picture = read(with_chunks(bad))
    assert np.array_equal(picture.pixels, drawn())
    (note,) = picture.notes
    assert "passed over" in note


def test_a_damaged_chunk_of_the_picture_is_not_passed_over():
    with pytest.raises(InputError, match="P004"):
        read(with_chunks(chunk(b"tRNS", bytes(6), damage=1)))


@pytest.mark.parametrize("gamma", [100_000, 55_556])
def test_gamma_is_carried_or_a_profile_says_it(gamma):
    points = struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)  # of Adobe RGB
    picture = read(with_chunks(chunk(b"gAMA", struct.pack(">I", gamma)), chunk(b"cHRM", points)))
    assert Image.open(io.BytesIO(encode(picture, "png"))).info["gamma"] == gamma / 1e5
    image = Image.open(io.BytesIO(encode(picture, "tiff")))
    grey = Image.new("RGB", (1, 1), (100, 100, 100))
    srgb = ImageCms.createProfile("sRGB")
    shown = np.array(ImageCms.profileToProfile(grey, io.BytesIO(image.info["icc_profile"]), srgb))[0, 0]
    light = (100 / 255) ** (1e5 / gamma)
    assert np.abs(shown.astype(int) - 255 * (1.055 * light ** (1 / 2.4) - 0.055)).max() <= 3
    green = Image.new("RGB", (1, 1), (0, 200, 0))
    assert np.ptp(np.array(ImageCms.profileToProfile(green, io.BytesIO(image.info["icc_profile"]), srgb))) > 200


def test_what_says_srgb_needs_no_profile():
    for chunks in ([chunk(b"gAMA", struct.pack(">I", 45455))], [chunk(b"sRGB", b"\0"), chunk(b"gAMA", struct.pack(">I", 1))]):
        assert read(encode(read(with_chunks(*chunks)), "tiff")).icc is None
    deep = read(png(16, 0, [b"\x01\x02"], (b"gAMA", struct.pack(">I", 100_000))))
    assert b"GRAY" in read(encode(deep, "tiff")).icc


@pytest.mark.parametrize("second", ["jpeg", "png", "tiff", "webp", "avif"])
@pytest.mark.parametrize("first", ["jpeg", "png", "tiff"])
def test_xmp_iptc_and_comments_are_carried(first, second):
    picture = Picture(drawn(), xmp=XMP, iptc=IPTC, texts=(("Comment", "a café"),))
    picture = read(encode(read(encode(picture, first)), second))
    assert b'Orientation="1" exif:PixelXDimension="40"' in picture.xmp
    assert picture.iptc == (None if second in ("webp", "avif") else IPTC)
    assert picture.texts == ((("Comment", "a café"),) if {first, second} <= {"jpeg", "png"} else ())


def test_pillow_finds_them():
    image = Image.open(io.BytesIO(encode(Picture(drawn(), xmp=XMP, iptc=IPTC, texts=(("Comment", "a"),)), "jpeg")))
    assert image.info["photoshop"][0x0404] == IPTC
    assert (image.info["comment"], image.info["xmp"][:10]) == (b"a", XMP[:10])
    blocks = b"8BIM\x04\x0c\x03abc" + struct.pack(">I", 3) + b"123\0" + resource_of_iptc(IPTC)
    jpeg = saved(drawn(), "jpeg", extra=b"\xff\xed" + struct.pack(">H", len(blocks) + 16) + b"Photoshop 3.0\0" + blocks)
    assert read(jpeg).iptc == IPTC


def test_what_a_format_does_not_hold_is_told():
    picture = Picture(drawn(), exif=Image.Exif().tobytes(), xmp=XMP, iptc=IPTC, texts=(("Title", "x" * 70_000),))
    assert left_out(picture, "bmp") == ["EXIF", "XMP", "IPTC", "text"]
    assert left_out(picture, "jpeg") == ["text"]
    assert left_out(picture, "png") == []
    assert read(encode(picture, "jpeg")).texts == ()


@pytest.mark.parametrize("order", ["<", ">"])
def test_sizes_in_exif_become_those_of_the_picture(order):
    exif = Image.Exif()
    exif.endian = order
    exif[0x0100], exif[0x0101], exif[0x0112] = 4000, 3000, 6
    exif[0x8769] = {0xA002: 4000, 0xA003: 3000}
    for format, width in (("jpeg", 700), ("webp", 700), ("tiff", 700), ("png", 70_000)):
        picture = Picture(np.zeros((90, width, 3), np.uint8), exif=exif.tobytes())
        inner = tags_of(read(encode(picture, format))).get_ifd(0x8769)
        assert (inner[0xA002], inner[0xA003]) == (width, 90)


def test_a_webp_that_loses_nothing_stays_so():
    lossless = read(saved(drawn(), "webp", lossless=True))
    assert np.array_equal(read(encode(lossless)).pixels, drawn())
    assert b"VP8L" in encode(lossless)[:40]
    assert b"VP8L" not in encode(read(saved(drawn(), "webp", quality=90)))[:40]


@pytest.mark.parametrize("format", ["jpeg", "png", "tiff", "avif"])
def test_equal_channels_stay_equal_in_a_file(format):
    grey = np.repeat(drawn()[..., :1], 3, axis=2)
    assert np.ptp(read(encode(Picture(grey), format)).pixels, axis=2).max() == 0


def test_avif():
    picture = read(encode(Picture(drawn(), drawn()[..., 0]), "avif"))
    assert (picture.format, picture.pixels.shape, picture.notes) == ("avif", (30, 40, 3), ())
    assert np.abs(picture.pixels[picture.alpha > 0].astype(int) - drawn()[picture.alpha > 0]).mean() < 8


def test_heic():
    pytest.importorskip("pillow_heif")
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    picture = read(encode(Picture(drawn(), exif=exif.tobytes()), "heic"))
    assert (picture.format, picture.pixels.shape) == ("heic", (30, 40, 3))
    assert np.abs(picture.pixels.astype(int) - drawn()).mean() < 8
    assert tags_of(picture)[0x010F] == "Maker"


def test_heic_without_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(InputError, match=r"pillow_heif is not installed: pip install '.*\[heic\]'"):
        read(b"\0\0\0\x18ftypheic" + bytes(40))


def test_folders_with_files_of_any_name(tmp_path):
    for name in ("a.jfif", "b.JPE", "noext", ".hidden"):
        (tmp_path / name).write_bytes(saved(drawn(), "jpeg"))
    (tmp_path / "text").write_bytes(b"words")
    (tmp_path / "moving").write_bytes(b"GIF89a")
    for name in ("c.GIF", "d.jp2", "e.heic", "f.txt"):
        (tmp_path / name).write_bytes(b"")
    assert [file.name for file in find_pictures([tmp_path], recursive=False)] == ["a.jfif", "b.JPE", "e.heic", "noext"]
    assert [file.name for file in find_others(tmp_path, recursive=False)] == ["c.GIF", "d.jp2", "moving"]
