"""The users that a probe speaks for, and how their credentials are kept out of what it prints."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who sends requests.

    Attributes:
        name: `A`, `B` or `nobody`; what stands in transcripts.
        token: The bearer token, or None.
        headers: Further headers of this user, e.g. a cookie.
    """

    name: str
    token: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def placeholder(self) -> str:
        """What stands for the token in transcripts and reproducers."""
        return f"$TOKEN_{self.name.upper().replace(' ', '_')}"

    @property
    def credentials(self) -> dict[str, str]:
        """The headers that say who this is."""
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token is not None else {}
        return {**dict(self.headers), **bearer}

    @property
    def claims(self) -> dict[str, Any] | None:
        """The payload of the token where it is a JWT, unverified; None where it is none."""
        return jwt_part(self.token, 1) if self.token else None

    @property
    def subject(self) -> str | None:
        """The user id that the token claims (`sub`), where it can be read."""
        subject = (self.claims or {}).get("sub")
        return subject if isinstance(subject, str) else None


NOBODY = Identity("nobody")


def jwt_part(token: str, index: int) -> dict[str, Any] | None:
    """Header (0) or payload (1) of a JWT, or None where `token` is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        decoded = json.loads(base64.urlsafe_b64decode(parts[index] + "=" * (-len(parts[index]) % 4)))
    except ValueError:
        return None
    return decoded if isinstance(decoded, dict) else None


@dataclass(frozen=True, slots=True)
class Redaction:
    """Replaces every known secret by its placeholder."""

    secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __call__(self, text: str) -> str:
        """`text` without secrets."""
        for secret, placeholder in self.secrets:
            text = text.replace(secret, placeholder)
        return text


def redaction(users: Iterable[Identity]) -> Redaction:
    """What hides the tokens and headers of all `users`, false tokens too: some are true ones with a letter changed."""
    secrets: dict[str, str] = {}
    for user in users:
        if user.token:
            secrets[user.token] = user.placeholder
        for name, value in user.headers:
            secrets[value] = f"${name.upper().replace('-', '_')}_{user.name.upper()}"
    # The longest first: one may begin with another.
    return Redaction(tuple(sorted(secrets.items(), key=lambda pair: -len(pair[0]))))
