"""Kalshi as REC.IO asks it: hosts by account mode, signed requests (RSA-PSS, SHA-256) with the key files of the user.

Signing is written out with the standard library, so that a machine without `cryptography` can rehearse too. It is for
stand-ins: no blinding, no constant time.
"""
import base64
import hashlib
import json
import os
import secrets
import time

from backend.account_mode import get_account_mode
from backend.util.paths import get_kalshi_credentials_dir

PATH = "/trade-api/v2"


def _named(name):
    """The address of a stand-in: from the environment, else from the file that the tree was made with."""
    given = os.environ.get("REC_STANDIN_%s_URL" % name)
    if given:
        return given
    try:
        with open(os.path.join(os.path.dirname(__file__), "outside.json"), encoding="utf-8") as file:
            return json.load(file).get(name)
    except FileNotFoundError:
        return None


def base_url(mode=None):
    """The REST base of an environment. Market data is always asked of prod, as REC.IO does."""
    prod = _named("KALSHI")
    named = (_named("KALSHI_DEMO") or prod) if (mode or get_account_mode()) == "demo" else prod
    if not named:
        raise RuntimeError("No address of Kalshi is named, so no exchange is asked")
    named = named.rstrip("/")
    return named if named.endswith(PATH) else named + PATH


def feed_url(name):
    named = _named(name)
    if not named:
        raise RuntimeError("No address of %s is named, so no feed is asked" % name)
    return named.rstrip("/")


def _number(data, at):
    """One DER element: (tag, content, where the next one begins)."""
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    return tag, data[at : at + length], at + length


def _integers(sequence):
    at, found = 0, []
    while at < len(sequence):
        tag, content, at = _number(sequence, at)
        found.append(int.from_bytes(content, "big") if tag == 2 else content)
    return found


def load_key(path):
    """(modulus, private exponent) of an unencrypted RSA key, PKCS#1 or PKCS#8. Raises ValueError on anything else."""
    with open(path, encoding="ascii") as file:
        lines = [line.strip() for line in file.read().strip().splitlines()]
    if not lines or not lines[0].startswith("-----BEGIN") or "ENCRYPTED" in "".join(lines[:3]):
        raise ValueError("Could not deserialize key data")
    try:
        der = base64.b64decode("".join(lines[1:-1]), validate=True)
        parts = _integers(_number(der, 0)[1])
        if "RSA" not in lines[0]:
            parts = _integers(_number(parts[2], 0)[1])
        return parts[1], parts[3]
    except (IndexError, TypeError, ValueError) as failure:
        raise ValueError("Could not deserialize key data") from failure


def _mask(seed, length):
    blocks = (hashlib.sha256(seed + counter.to_bytes(4, "big")).digest() for counter in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def sign(path, text):
    """base64 of the RSA-PSS signature, salt as long as the digest."""
    modulus, exponent = load_key(path)
    bits = modulus.bit_length() - 1
    size, salt = (bits + 7) // 8, secrets.token_bytes(32)
    digest = hashlib.sha256(b"\0" * 8 + hashlib.sha256(text.encode()).digest() + salt).digest()
    block = b"\0" * (size - 66) + b"\1" + salt
    masked = bytearray(a ^ b for a, b in zip(block, _mask(digest, size - 33)))
    masked[0] &= 0xFF >> (8 * size - bits)
    encoded = int.from_bytes(bytes(masked) + digest + b"\xbc", "big")
    return base64.b64encode(pow(encoded, exponent, modulus).to_bytes((modulus.bit_length() + 7) // 8, "big")).decode()


def credentials(mode=None):
    """(key id or None, path of the PEM) of the account mode's folder."""
    folder = os.path.join(get_kalshi_credentials_dir(), mode or get_account_mode())
    key_id = None
    try:
        with open(os.path.join(folder, ".env"), encoding="utf-8") as file:
            for line in file:
                name, _, value = line.strip().partition("=")
                if name == "KALSHI_API_KEY_ID":
                    key_id = value.strip("\"'")
    except OSError:
        pass
    return key_id, os.path.join(folder, "kalshi.pem")


def signed_headers(method, path):
    key_id, pem = credentials()
    if not key_id:
        raise TypeError("'NoneType' object is not subscriptable")
    stamp = str(int(time.time() * 1000))
    return {
        "Accept": "application/json",
        "KALSHI-ACCESS-KEY": key_id,
        "KALSHI-ACCESS-TIMESTAMP": stamp,
        "KALSHI-ACCESS-SIGNATURE": sign(pem, stamp + method + PATH + path),
    }
