"""WeCom's side of the cipher (平台一侧的加密): seals what it delivers, well or, for the tests of refusals, badly."""

import base64
import hashlib
import os
from dataclasses import dataclass
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

CORP, AGENT, SECRET = "ww1234567890abcdef", 1000002, "app-secret"
TOKEN, AES_KEY = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
OLD_TOKEN, OLD_AES_KEY = "before", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@dataclass(frozen=True)
class Sealed:
    """A callback's query and body."""

    query: dict[str, str]
    body: bytes


def padded(data: bytes, block: int = 32) -> bytes:
    """PKCS#7 to 32 bytes."""
    n = block - len(data) % block
    return data + bytes([n]) * n


def framed(text: bytes, receiver: str = CORP, length: int | None = None) -> bytes:
    """Random bytes, length, text, receiver."""
    size = len(text) if length is None else length
    return os.urandom(16) + size.to_bytes(4, "big") + text + receiver.encode()


def encrypted(data: bytes, aes_key: str = AES_KEY) -> str:
    """Any bytes of a whole number of blocks, in AES-256-CBC and base64."""
    key = base64.b64decode(aes_key + "=")
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(data) + cipher.finalize()).decode()


def signed(ciphertext: str, timestamp: int, nonce: str = "", token: str = TOKEN, name: str = "") -> Sealed:
    """A callback with a good signature, whatever it holds."""
    nonce = nonce or os.urandom(6).hex()
    said = "".join(sorted((token, str(timestamp), nonce, ciphertext)))
    query = {
        "msg_signature": hashlib.sha1(said.encode()).hexdigest(), "timestamp": str(timestamp), "nonce": nonce,
    }  # fmt: skip
    if name:
        query[name] = ciphertext
    body = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt>{escape(ciphertext)}</Encrypt></xml>"
    return Sealed(query, body.encode())


def sealed(xml: str, timestamp: int, nonce: str = "", token: str = TOKEN, aes_key: str = AES_KEY) -> Sealed:
    """A message as WeCom delivers it."""
    return signed(encrypted(padded(framed(xml.encode())), aes_key), timestamp, nonce, token)
