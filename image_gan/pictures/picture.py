"""What a picture is, once it is read and until it is written."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as people see it, and what its file says about it.

    pixels (np.ndarray): (height, width, 3) RGB or (height, width, 1) grey, uint8 or uint16, upright.
    alpha (np.ndarray | None): (height, width), of the same dtype; None if the whole picture is opaque.
    format (str): the name of the kind that it was read from: jpeg, png, webp, tiff, bmp, avif or heic.
    exif (bytes | None): begins with "Exif"; its orientation is 1 and it has no thumbnail.
    icc (bytes | None): the colour profile of the pixels.
    dpi (tuple[float, float] | None): horizontal and vertical resolution.
    xmp (bytes | None): a packet of XMP.
    iptc (bytes | None): records of IPTC (IIM).
    texts (tuple[tuple[str, str], ...]): keyword and text of a PNG's texts; comments of a JPEG have the keyword Comment.
    colour_chunks (tuple[tuple[bytes, bytes], ...]): name and content of the chunks by which a PNG says what its colours mean.
    lossless (bool): whether its file was a WebP that loses nothing.
    notes (tuple[str, ...]): what was passed over when it was read.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    format: str = "png"
    exif: bytes | None = None
    icc: bytes | None = None
    dpi: tuple[float, float] | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    texts: tuple[tuple[str, str], ...] = ()
    colour_chunks: tuple[tuple[bytes, bytes], ...] = ()
    lossless: bool = False
    notes: tuple[str, ...] = ()

    def rgb8(self) -> np.ndarray:
        """The pixels as training takes them: (height, width, 3), RGB, uint8, without transparency."""
        pixels = self.pixels
        if pixels.dtype == np.uint16:
            pixels = ((pixels.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
        return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
