"""Where the users' tokens come from: given, printed by a command, answered by a login, or signed here."""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import httpx

from chatkit_validate.configuration import UsageError
from chatkit_validate.live import tokens
from chatkit_validate.live.identity import Identity, jwt_part

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATIENCE = 20.0  # seconds for a command or a login
MADE_UP = ("chatkit-validate-a", "chatkit-validate-b")
"""The users that tokens are signed for where none are given."""


@dataclass(frozen=True, slots=True)
class Login:
    """A request that is answered with a token (`[tool.chatkit-validate.probe.login]`).

    Attributes:
        url: Where to POST; a path is one of the app that is probed.
        users: The bodies for user A and, if there is one, user B.
        form: Whether bodies are sent as a form (OAuth2 password flow) rather than as JSON.
        token: Where the token is in the answer: keys, separated by dots.
    """

    url: str
    users: tuple[Mapping[str, Any], ...] = field(repr=False)
    form: bool = False
    token: str = "access_token"  # noqa: S105 - a key's name

    def tokens(self) -> list[str]:
        """The token of each user.

        Raises:
            UsageError: A login failed, or its answer holds no token.
        """
        return [self._token(user) for user in self.users]

    def _token(self, user: Mapping[str, Any]) -> str:
        try:
            sent = {"data": dict(user)} if self.form else {"json": dict(user)}
            answer = httpx.request("POST", self.url, timeout=_PATIENCE, data=sent.get("data"), json=sent.get("json"))
            found: Any = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise UsageError(f"the login at {self.url} failed: {error}") from error
        for key in self.token.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        if not isinstance(found, str):
            raise UsageError(f"the login at {self.url} answered no {self.token!r}; say where the token is: `token`")
        return found


@dataclass(frozen=True, slots=True)
class Given:
    """What the user gave for credentials; see the options of the same names."""

    token: str | None = None
    second_token: str | None = None
    token_command: str | None = None
    second_token_command: str | None = None
    expired_token: str | None = None
    signing_key: str | None = None
    claims: str | None = None
    login: Login | None = None
    headers: tuple[tuple[str, str], ...] = ()
    second_headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Users:
    """The users of a run, and a token of A's that has expired, where there is one."""

    a: Identity
    b: Identity | None
    expired: str | None = field(repr=False)


def users(given: Given, url: str = "") -> Users:
    """Finds or makes the tokens.

    Args:
        given: What there is.
        url: The endpoint, for a login that names a path only.

    Raises:
        UsageError: A command or login failed, or the claims cannot be read.
    """
    first = given.token or _printed(given.token_command)
    second = given.second_token or _printed(given.second_token_command)
    if given.login is not None and first is None:
        found = replace(given.login, url=urljoin(url, given.login.url)).tokens()
        first, second = found[0], second or (found[1] if len(found) > 1 else None)
    expired = given.expired_token
    if given.signing_key is not None:
        claims, key = _claims(given.claims, first), _key(given.signing_key)
        like = (jwt_part(first, 0) if first else None) or {}
        first = first or _signed(tokens.fresh({**claims, "sub": MADE_UP[0]}), key, like)
        second = second or _signed(tokens.fresh({**claims, "sub": MADE_UP[1]}), key, like)
        own = jwt_part(first, 1) or claims
        expired = expired or _signed(tokens.expired(own), key, like)
    others = {**dict(given.headers), **dict(given.second_headers)}
    b = Identity("B", second, tuple(others.items())) if second or given.second_headers else None
    return Users(Identity("A", first, given.headers), b, expired)


def _signed(claims: dict[str, Any], key: str, like: Mapping[str, Any]) -> str:
    """A token with the algorithm and key id of the header `like`, or the algorithm that the key is for."""
    try:
        algorithm = str(like["alg"]) if "alg" in like else tokens.algorithm_of(key)
        return tokens.signed(claims, key, algorithm=algorithm, kid=like.get("kid"))
    except ValueError as error:
        raise UsageError(f"--signing-key: {error}; give tokens instead") from error


def _key(text: str) -> str:
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"--signing-key: {text[1:]} cannot be read: {error}") from error


def _claims(text: str | None, token: str | None) -> dict[str, Any]:
    """The claims that made tokens share: those of the given token, and what was given for them."""
    claims = dict((jwt_part(token, 1) if token else None) or {})
    if text is not None:
        try:
            claims |= json.loads(text)
        except (ValueError, TypeError) as error:
            raise UsageError(f'--claims wants a JSON object, e.g. \'{{"aud": "my-app"}}\': {error}') from error
    return claims


def _printed(command: str | None) -> str | None:
    if command is None:
        return None
    try:
        done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True, timeout=_PATIENCE)
    except subprocess.CalledProcessError as error:
        raise UsageError(f"`{command}` failed: {(error.stderr or '').strip()[-300:] or error}") from error
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"`{command}` could not be run: {error}") from error
    if not done.stdout.strip():
        raise UsageError(f"`{command}` printed no token")
    return done.stdout.strip().splitlines()[-1].strip()
