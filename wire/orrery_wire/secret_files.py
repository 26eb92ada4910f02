"""Secrets in encrypted files: one for each, by AES-256-GCM.

    <folder>/<key>           "orrery-secret-1 <id of the encryption key>\n", 12 bytes of nonce, ciphertext and tag
    <keys>/<number>-<hex>    an encryption key, for its owner only; that of the highest number encrypts

The head of a file and its name are authenticated with the content, so a file that was exchanged for another is refused.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from orrery_wire.connections import StoreState
from orrery_wire.secret_file import secret
from orrery_wire.secret_store import (
    Issued,
    SecretStore,
    SecretUnavailable,
    missing,
    require_key,
)

_HEAD = b"orrery-secret-1 "
_NONCE_BYTES = 12
_LARGEST = 1024 * 1024


class FileSecretStore(SecretStore):
    """Files below ``folder``, encrypted by keys in ``keys``; several processes may use them at once."""

    kind = "file"

    def __init__(self, folder: Path, keys: Path, where: str = "the hub's disk") -> None:
        self._folder = folder
        self._keys = keys
        self._where = where

    def state(self) -> tuple[StoreState, str]:
        """Ready, if files can be written."""
        try:
            with self._lock(fcntl.LOCK_SH):
                self._key(self._newest())
        except (OSError, ValueError) as problem:
            return "damaged", f"Encrypted files cannot be used: {_words(problem)}."
        return (
            "ready",
            f"Encrypted files on {self._where}; their key is in a file beside them.",
        )

    def read(self, key: str) -> dict[str, str]:
        """The values in a file."""
        file = self._folder / require_key(key)
        try:
            with self._lock(fcntl.LOCK_SH):
                return self._decrypted(file)
        except FileNotFoundError:
            raise missing() from None
        except (OSError, ValueError) as problem:
            _fail(problem)

    def write(self, key: str, values: Mapping[str, str]) -> None:
        """Write a file, which is there as a whole or not at all."""
        file = self._folder / require_key(key)
        try:
            with self._lock(fcntl.LOCK_SH):
                self._write(file, json.dumps(dict(values)).encode())
        except (OSError, ValueError) as problem:
            _fail(problem)

    def delete(self, key: str) -> None:
        """Remove a file."""
        try:
            (self._folder / require_key(key)).unlink(missing_ok=True)
        except OSError as problem:
            _fail(problem)

    def issue(self, role: str, seconds: int) -> Issued:
        """Files make no users."""
        raise _no_engine()

    def renew(self, lease: str, seconds: int) -> int:
        """Files made no users."""
        raise _no_engine()

    def revoke(self, lease: str) -> None:
        """Files made no users."""

    def rotate(self) -> int:
        """Encrypt every file by a new key and remove the old ones; returns how many files there are.

        It can be repeated after an interruption: until it ends, every file has its key.

        Raises:
            SecretUnavailable: a file cannot be read; the keys stay, and what was encrypted anew is whole.
        """
        try:
            with self._lock(fcntl.LOCK_EX):
                old = self._key_names()
                self._make_key(old)
                files = sorted(self._files())
                for file in files:
                    self._write(file, json.dumps(self._decrypted(file)).encode())
                for name in old:
                    (self._keys / name).unlink()
                return len(files)
        except (OSError, ValueError) as problem:
            _fail(problem)

    def _files(self) -> Iterator[Path]:
        for file in self._folder.iterdir():
            if not file.name.startswith("."):
                yield file

    @contextmanager
    def _lock(self, kind: int) -> Iterator[None]:
        """Hold the folders: shared for one file, alone for all of them."""
        for folder in (self._folder, self._keys):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._keys / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)

    def _key_names(self) -> list[str]:
        return sorted(p.name for p in self._keys.iterdir() if not p.name.startswith("."))

    def _newest(self) -> str:
        names = self._key_names()
        if names:
            return names[-1]
        if next(self._files(), None) is not None:
            raise ValueError("the key is not there")
        return self._make_key([])

    def _make_key(self, old: list[str]) -> str:
        # The first has the same name for all that need it at once.
        number = int(old[-1].partition("-")[0]) + 1 if old else 1
        name = f"{number:06d}-{secrets.token_hex(4) if old else '0'}"
        secret(self._keys, name, 32)
        _sync(self._keys)
        return name

    def _key(self, name: str) -> AESGCM:
        try:
            key = (
                bytes.fromhex(secret(self._keys, name, 32)) if (self._keys / name).exists() else b""
            )
        except ValueError:
            key = b""
        if len(key) != 32:
            raise ValueError("its key is not there, or damaged")
        return AESGCM(key)

    def _decrypted(self, file: Path) -> dict[str, str]:
        with file.open("rb") as stream:
            head = stream.readline(200)
            name = _key_name(head)
            nonce, content = stream.read(_NONCE_BYTES), stream.read(_LARGEST)
        try:
            text = self._key(name).decrypt(nonce, content, head + file.name.encode())
        except (InvalidTag, ValueError):
            raise ValueError("its file is damaged, or was encrypted by another key") from None
        values: dict[str, str] = json.loads(text)
        return values

    def _write(self, file: Path, text: bytes) -> None:
        name = self._newest()
        head = _HEAD + name.encode() + b"\n"
        nonce = secrets.token_bytes(_NONCE_BYTES)
        content = self._key(name).encrypt(nonce, text, head + file.name.encode())
        fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(head + nonce + content)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(file)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        _sync(self._folder)


def _key_name(head: bytes) -> str:
    """The id of the key in the first line of a file.

    Raises:
        ValueError: there is none, or it could lead to another folder.
    """
    name = head.removeprefix(_HEAD).removesuffix(b"\n")
    if not head.startswith(_HEAD) or not name.replace(b"-", b"").isalnum() or not name.isascii():
        raise ValueError("its file is damaged")
    return name.decode()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _words(problem: OSError | ValueError) -> str:
    return (problem.strerror or "the disk failed") if isinstance(problem, OSError) else str(problem)


def _fail(problem: OSError | ValueError) -> NoReturn:
    raise SecretUnavailable(
        "damaged",
        f"Encrypted files hold it: {_words(problem)}.",
        "Enter the secret of the connection again; at a hub, its administrator may know more.",
    ) from None


def _no_engine() -> SecretUnavailable:
    return SecretUnavailable(
        "unsupported",
        "A user for each use needs OpenBao or Vault, and this hub stores secrets in encrypted files.",
        "Give the connection a user and a password, or set ORRERY_VAULT_URL.",
    )
