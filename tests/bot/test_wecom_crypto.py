"""WeCom's cipher (企业微信加解密): the published example, an independent oracle, bad ones with good signatures."""

import base64
import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto
from wecom_seal import AES_KEY, CORP, OLD_AES_KEY, TOKEN, encrypted, framed, padded, sealed

from bot.wecom.crypto import BadCallbackError, Keys, check_signature, decrypt, key_of, signature
from bot.wecom.envelope import encrypted_of, fields_of

KEYS = Keys((TOKEN,), (key_of(AES_KEY),), CORP)
TENCENT = Keys((TOKEN,), (key_of(AES_KEY),), "wx5823bf96d3bd56c7")
PUBLISHED = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/s"
    "YYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJ"
    "YuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGU"
    "callcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDY"
    "A5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)
"""The message in Tencent's document on the cipher, with the corporation, Token and key that stand there."""
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="


def test_the_message_of_tencents_document_is_opened() -> None:
    check_signature(TENCENT, "477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149", PUBLISHED)
    fields = fields_of(decrypt(TENCENT, PUBLISHED))
    assert (fields["FromUserName"], fields["MsgType"], fields["Content"]) == ("mycreate", "text", "hello")


def test_the_address_check_of_tencents_document_is_answered() -> None:
    check_signature(TENCENT, "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1409659589", "263014780", ECHO)
    assert decrypt(TENCENT, ECHO) == "1616140317555161061"


@given(st.text(max_size=600))
def test_what_another_implementation_seals_is_opened(text: str) -> None:
    oracle = WeChatCrypto(TOKEN, AES_KEY, CORP)
    envelope = oracle.encrypt_message(text, "nonce", "1700000000")
    ciphertext = encrypted_of(envelope.encode())
    assert decrypt(KEYS, ciphertext) == text
    assert f"<MsgSignature><![CDATA[{signature(TOKEN, '1700000000', 'nonce', ciphertext)}]]>" in envelope


@given(st.text(max_size=600))
def test_what_the_tests_seal_another_implementation_opens(text: str) -> None:
    made = sealed(text, 1_700_000_000, "nonce")
    oracle = WeChatCrypto(TOKEN, AES_KEY, CORP)
    query = made.query
    opened = oracle.decrypt_message(made.body.decode(), query["msg_signature"], query["timestamp"], query["nonce"])
    assert opened == text


BAD: dict[str, Callable[[], str]] = {
    "padding of zero": lambda: encrypted(framed(b"x" * 100)[:96] + bytes(32)),
    "padding of 33": lambda: encrypted(framed(b"x" * 28, "") + bytes([33]) * 48),
    "padding that differs": lambda: encrypted(padded(framed(b"<xml/>"))[:-2] + b"\x07\x09"),
    "padding longer than the text": lambda: encrypted(bytes([32]) * 16),
    "no length": lambda: encrypted(padded(b"short")),
    "length beyond the end": lambda: encrypted(padded(framed(b"<xml/>", length=4_000_000_000))),
    "length one too small": lambda: encrypted(padded(framed(b"<xml/>", length=5))),
    "another corporation": lambda: encrypted(padded(framed(b"<xml/>", "ww0000000000000000"))),
    "no corporation": lambda: encrypted(padded(framed(b"<xml/>", ""))),
    "our corporation and more": lambda: encrypted(padded(framed(b"<xml/>", CORP + "x"))),
    "no UTF-8": lambda: encrypted(padded(framed(b"\xff\xfe<xml/>"))),
    "another key": lambda: encrypted(padded(framed(b"<xml/>")), OLD_AES_KEY),
    "no base64": lambda: "!!!!" + encrypted(padded(framed(b"<xml/>"))),
    "base64 beyond ASCII": lambda: "林" + encrypted(padded(framed(b"<xml/>"))),
    "half a block": lambda: base64.b64encode(os.urandom(40)).decode(),
    "nothing": lambda: "",
    "random blocks": lambda: base64.b64encode(os.urandom(64)).decode(),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_ciphertext_is_refused(name: str) -> None:
    with pytest.raises(BadCallbackError) as refused:
        decrypt(KEYS, BAD[name]())
    assert 400 <= refused.value.status < 500


def test_control_the_same_frame_without_a_fault_is_opened() -> None:
    assert decrypt(KEYS, encrypted(padded(framed(b"<xml/>")))) == "<xml/>"


def test_padding_goes_to_32_and_not_to_16_bytes() -> None:
    for size in range(64):
        assert decrypt(KEYS, encrypted(padded(framed(b"x" * size)))) == "x" * size


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_to_be_refused(data: bytes) -> None:
    with pytest.raises(BadCallbackError):
        decrypt(KEYS, base64.b64encode(data).decode())


def test_a_signature_of_another_token_is_refused_and_the_old_one_fits_during_a_change() -> None:
    made = signature("before", "1", "n", "c")
    with pytest.raises(BadCallbackError):
        check_signature(KEYS, made, "1", "n", "c")
    check_signature(Keys((TOKEN, "before"), KEYS.aes_keys, CORP), made, "1", "n", "c")
