"""The cipher of WeCom's callbacks (加解密): SHA-1 over sorted parts, AES-256-CBC, 32-byte padding, length, receiver."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
_RANDOM, _LENGTH = 16, 4


class BadCallbackError(ValueError):
    """A callback that is not WeCom's, or is damaged; `why` is one word for the log."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.why, self.status = why, status


@dataclass(frozen=True, slots=True)
class Keys:
    """What the console calls Token and EncodingAESKey; during a change the old ones stand beside the new."""

    tokens: tuple[str, ...]
    aes_keys: tuple[bytes, ...]
    corp_id: str


def key_of(encoding_aes_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey, which is their base64 without its last sign."""
    return base64.b64decode(encoding_aes_key + "=")


def signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """The signature of a callback: SHA-1, in hexadecimal, over its four parts in their sorted order."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, encrypted))).encode()).hexdigest()


def check_signature(keys: Keys, given: str, timestamp: str, nonce: str, encrypted: str) -> None:
    """Raises `BadCallbackError` where no token of ours made the signature; takes the same time for every wrong one."""
    made = [signature(token, timestamp, nonce, encrypted) for token in keys.tokens]
    fits = [hmac.compare_digest(one.encode(), given.encode()) for one in made]
    if not any(fits):
        raise BadCallbackError("signature", 403)


def decrypt(keys: Keys, encrypted: str) -> str:
    """The text of a ciphertext for our corporation; raises `BadCallbackError` for any other."""
    try:
        data = base64.b64decode(encrypted.encode("ascii"), validate=True)
    except ValueError:
        raise BadCallbackError("base64") from None
    if not data or len(data) % 16:
        raise BadCallbackError("length")
    return _first_good(_opened(key, data, keys.corp_id) for key in keys.aes_keys)


def _first_good(results: Iterable[str | BadCallbackError]) -> str:
    error: BadCallbackError | None = None
    for result in results:
        if isinstance(result, str):
            return result
        error = error or result
    raise error or BadCallbackError("key")


def _opened(key: bytes, data: bytes, corp_id: str) -> str | BadCallbackError:
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    try:
        return _text(_unpadded(cipher.update(data) + cipher.finalize()), corp_id)
    except BadCallbackError as error:
        return error


def _unpadded(data: bytes) -> bytes:
    n = data[-1]
    if not 1 <= n <= _BLOCK or len(data) < n or data[-n:] != bytes([n]) * n:
        raise BadCallbackError("padding")
    return data[:-n]


def _text(data: bytes, corp_id: str) -> str:
    head = _RANDOM + _LENGTH
    end = head + int.from_bytes(data[_RANDOM:head], "big")
    if len(data) < head or end > len(data):
        raise BadCallbackError("length")
    if not hmac.compare_digest(data[end:], corp_id.encode()):
        raise BadCallbackError("receiver")
    try:
        return data[head:end].decode("utf-8")
    except UnicodeDecodeError:
        raise BadCallbackError("utf-8") from None
