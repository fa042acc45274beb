"""The head of every binary file of palate: kind, format, length and checksum, all checked before anything is parsed."""

import hashlib
import struct
from dataclasses import dataclass

from spacy_topics.errors import Errors, InputError

_HEAD = struct.Struct("<14sHQ32s")  # magic, format, length of the payload, SHA-256 of these three and the payload


@dataclass(frozen=True)
class Envelope:
    """One kind of file.

    magic (bytes): its first 14 bytes.
    format (int): the newest format that can be read, which is also written.
    kind (str): what messages call this kind of file.
    command (str): the command that writes such files.
    """

    magic: bytes
    format: int
    kind: str
    command: str

    def pack(self, payload: bytes) -> bytes:
        """Put a head before a payload.

        payload (bytes): the content.
        RETURNS (bytes): the file.
        """
        return _HEAD.pack(self.magic, self.format, len(payload), self._digest(self.format, payload)) + payload

    def unpack(self, data: bytes, source: str) -> memoryview:
        """Check a file's head.

        data (bytes): the file.
        source (str): what messages call the file.
        RETURNS (memoryview): the payload.
        RAISES InputError: T010, another kind of file; T011, a damaged file; T012, a newer format.
        """
        if len(data) < _HEAD.size or not data.startswith(self.magic):
            raise self.damaged(source) if data and self.magic.startswith(data[: len(self.magic)]) else self.foreign(source)
        _, version, length, digest = _HEAD.unpack_from(data)
        payload = memoryview(data)[_HEAD.size :]
        if length != len(payload) or digest != self._digest(version, payload):
            raise self.damaged(source)
        if version > self.format:
            raise InputError(Errors.T012.format(source=source, found=version, known=self.format))
        return payload

    def foreign(self, source: str) -> InputError:
        """The error T010: the file is of another kind.

        source (str): what messages call the file.
        """
        return InputError(Errors.T010.format(source=source, kind=self.kind, command=self.command))

    def damaged(self, source: str) -> InputError:
        """The error T011: bytes of the file are missing or changed.

        source (str): what messages call the file.
        """
        return InputError(Errors.T011.format(source=source, command=self.command))

    def _digest(self, version: int, payload: bytes | memoryview) -> bytes:
        digest = hashlib.sha256(self.magic + struct.pack("<HQ", version, len(payload)))
        digest.update(payload)
        return digest.digest()
