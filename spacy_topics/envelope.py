"""What every file of palate's begins with: its kind, format, length and checksum, all checked before anything is parsed."""

import hashlib
import struct
from dataclasses import dataclass

from spacy_topics.errors import Errors, InputError

_HEAD = struct.Struct("<14sHQ32s")  # magic, format, length of the payload, SHA-256 of all that stands around it


@dataclass(frozen=True)
class Envelope:
    """One kind of file: 14 bytes of magic, the newest format that is read, its name, and the command that writes it."""

    magic: bytes
    format: int
    kind: str
    command: str

    def pack(self, payload: bytes) -> bytes:
        """RETURNS (bytes): the file's bytes."""
        return _HEAD.pack(self.magic, self.format, len(payload), self._digest(self.format, payload)) + payload

    def unpack(self, data: bytes, source: str) -> memoryview:
        """RETURNS (memoryview): the payload. RAISES InputError: T010, another kind; T011, damaged; T012, a newer format."""
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
        """T010: what was given is of another kind."""
        return InputError(Errors.T010.format(source=source, kind=self.kind, command=self.command))

    def damaged(self, source: str) -> InputError:
        """T011: bytes are missing or changed."""
        return InputError(Errors.T011.format(source=source, command=self.command))

    def _digest(self, version: int, payload: bytes | memoryview) -> bytes:
        digest = hashlib.sha256(self.magic + struct.pack("<HQ", version, len(payload)))
        digest.update(payload)
        return digest.digest()
