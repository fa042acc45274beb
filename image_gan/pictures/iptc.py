"""IPTC (IIM) in the blocks of resources that Photoshop writes into JPEG, PNG and TIFF."""

import struct

_IPTC = 0x0404


def resource_of_iptc(iptc: bytes) -> bytes:
    """A block with records of IPTC alone."""
    return b"8BIM" + struct.pack(">HHI", _IPTC, 0, len(iptc)) + iptc + bytes(len(iptc) % 2)


def iptc_of_resources(data: bytes) -> bytes | None:
    """The records of IPTC among blocks of resources, or the data itself if it is such records; None if there are none."""
    if data[:1] == b"\x1c":
        return data
    at = 0
    while data[at : at + 4] == b"8BIM" and at + 12 <= len(data):
        number, name = struct.unpack_from(">HB", data, at + 4)
        start = at + 7 + name + (name + 1) % 2  # a name and its length take an even number of bytes
        length = int.from_bytes(data[start : start + 4], "big")
        if number == _IPTC:
            return data[start + 4 : start + 4 + length] or None
        at = start + 4 + length + length % 2
    return None
