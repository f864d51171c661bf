"""Who is let in: no credentials, false ones, and users that only say who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatkit_validate.live import requests, tokens
from chatkit_validate.live.check import Check, Group, Need, Scenario
from chatkit_validate.live.identity import Identity
from chatkit_validate.live.stage import CannotGoOnError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatkit_validate.live.exchange import Exchange
    from chatkit_validate.live.stage import Stage

IDENTITY = Check(
    "identity/told-apart",
    "CK201",
    "a thread of user A is not served to a request without credentials",
    "Take the user from verified credentials, put it into the context, and scope every query of the store by it.",
)
DEMANDED = Check(
    "identity/credentials-demanded",
    "CK202",
    "a request without credentials is refused with 401 (or 403), whatever it asks for",
    "Verify the credentials in a dependency of the route, before the body is read and before the store is touched.",
)
FALLBACK = Check(
    "identity/no-fallback",
    "CK205",
    "a request without credentials is not served as somebody else",
    "Refuse with 401 where there is no valid credential; never go on as a default user.",
)
SCHEME = Check(
    "identity/scheme-case",
    "CK202",
    "the scheme may be written `bearer` (RFC 9110, 11.1)",
    "Compare the scheme without case; fastapi.security.HTTPBearer does.",
)
MALFORMED = Check(
    "identity/malformed-credentials",
    "CK202",
    "a malformed Authorization header is refused with 401 (or 403), not with a server error",
    "Treat every Authorization header that is not `Bearer <token>` like none at all.",
)
GARBAGE = Check(
    "identity/garbage-token",
    "CK204",
    "a token that nobody issued is refused",
    "Verify the token's signature with the issuer's key and a fixed list of algorithms.",
)
SIGNATURE = Check(
    "identity/wrong-signature",
    "CK204",
    "a token whose signature or claims were changed is refused",
    "Verify the token's signature; decode is not verify.",
)
NONE = Check(
    "identity/alg-none",
    "CK204",
    "a token under the algorithm `none` is refused",
    "Give `jwt.decode` a fixed list of algorithms; never take it from the token.",
)
EXPIRED = Check(
    "identity/expired-token",
    "CK204",
    "a token that has expired is refused",
    'Demand and verify `exp`: `options={"require": ["exp"]}`.',
)
SPOOFED = Check(
    "identity/spoofed-user-id",
    "CK203",
    "a user id in X-User-ID, the query or the body's metadata changes nothing about whose data is served",
    "Take the user from the verified token only; where X-User-ID is sent, demand that it agrees.",
)
SELF_DECLARED = Check(
    "identity/self-declared-user",
    "CK203",
    "X-User-ID without a token is no credential",
    "Refuse requests without a verified token, whatever else they say about the user.",
)
CORS = Check(
    "identity/cors",
    "CK211",
    "a page of any origin cannot use the user's cookies or credentials",
    "List the origins of your own pages in CORSMiddleware's allow_origins; never `*` or a reflected origin together "
    "with allow_credentials.",
)

_STRANGE_ORIGIN: Final = "https://chatkit-validate.example"
_NO_AUTH = "nothing is demanded of the caller, so there is nothing to verify; CK201 and CK202 speak of that"


async def without_credentials(stage: Stage) -> None:
    """Sends valid, unknown and malformed requests without credentials."""
    bodies = [requests.threads_list(limit=1), requests.thread_get("thr_no_such"), requests.message("hello")]
    answers = [await stage.ask(stage.nobody, body) for body in bodies]
    answers.append(await stage.ask(stage.nobody, b"{"))
    faults = [f"{one.sent.kind} gives {one.described()}" for one in answers if not _denied(one)]
    if stage.open:
        stage.not_applicable(DEMANDED, "the endpoint serves everybody alike; CK201 speaks of that", *answers)
    else:
        stage.judge(DEMANDED, faults, "all are refused before anything else is looked at", *answers)
    turn = await stage.started(stage.a)
    read = await stage.ask(stage.nobody, requests.thread_get(turn.thread or ""))
    listed = await stage.ask(stage.nobody, requests.threads_list(limit=100))
    shown = listed.ok and turn.thread is not None and turn.thread in listed.text
    got = f"threads.get_by_id gives {read.described()}"
    got += ", and threads.list shows it" if shown else ""
    stage.expect(IDENTITY, holds=not (read.ok or shown), got=got, proof=[turn.exchange, read])
    if _denied(read):
        stage.judge(FALLBACK, (), "it is refused", read)
    elif read.ok or not stage.cast.a.credentials:
        stage.not_applicable(FALLBACK, "requests with and without credentials see the same; CK201 speaks of that", read)
    else:
        stage.expect(FALLBACK, holds=not listed.ok, got=f"threads.list gives {listed.described()}", proof=[listed])


async def false_tokens(stage: Stage) -> None:
    """Sends tokens that must not be accepted, and one written unusually."""
    token = stage.a.token or ""
    nothing = await stage.ask(stage.nobody, requests.threads_list(limit=1))
    if nothing.ok:
        for check in (SCHEME, MALFORMED, GARBAGE, SIGNATURE, NONE, EXPIRED):
            stage.not_applicable(check, _NO_AUTH, nothing)
        return
    lower = await _with_header(stage, f"bearer {token}")
    usual = lower if lower.ok else await _with_header(stage, f"Bearer {token}")
    if usual.status is None or usual.status >= 500:
        stage.unknown(SCHEME, f"`Bearer` gives {usual.described()}", usual)
    else:
        stage.expect(SCHEME, holds=lower.ok, got=f"`bearer` gives {lower.described()}", proof=[lower])
    headers = ("Bearer", "Basic dXNlcjpwYXNzd29yZA==", "Bearer,Bearer", "chatkit-validate")
    malformed = [await _with_header(stage, header) for header in headers]
    stage.judge(MALFORMED, _accepted(malformed), "all are refused", *malformed)
    garbage = [await _with_token(stage, "garbage", text) for text in ("garbage", "a.b.c", "e30.e30.e30")]
    stage.judge(GARBAGE, _accepted(garbage), "all are refused", *garbage)
    await _tampered(stage, token)
    if stage.cast.expired is None:
        stage.unknown(EXPIRED, "there is no expired token: give --expired-token or --signing-key")
    else:
        old = await _with_token(stage, "expired", stage.cast.expired)
        stage.judge(EXPIRED, _accepted([old]), "it is refused", old)


async def _tampered(stage: Stage, token: str) -> None:
    changed = [tokens.tampered(token), tokens.with_claims(token, sub="somebody-else")]
    answers = [await _with_token(stage, "tampered", text) for text in changed if text is not None]
    stage.judge(SIGNATURE, _accepted(answers), "all are refused", *answers)
    unsigned = tokens.unsigned(token)
    if unsigned is None:
        stage.not_applicable(NONE, "the tokens are no JWTs")
        return
    answer = await _with_token(stage, "unsigned", unsigned)
    stage.judge(NONE, _accepted([answer]), "it is refused", answer)


async def spoofing(stage: Stage) -> None:
    """As B, with B's credentials, says to be A."""
    nothing = await stage.ask(stage.nobody, requests.threads_list(limit=1), headers={"X-User-ID": _name_of(stage.a)})
    if not nothing.ok or (await stage.ask(stage.nobody, requests.threads_list(limit=1))).ok:
        reason = "requests without any credentials are served; CK201 and CK202 speak of that"
        if nothing.ok:
            stage.not_applicable(SELF_DECLARED, reason, nothing)
        else:
            stage.judge(SELF_DECLARED, (), f"it gives {nothing.described()}", nothing)
    else:
        stage.judge(SELF_DECLARED, [f"X-User-ID alone gives {nothing.described()}"], "", nothing)
    turn = await stage.started(stage.a)
    if turn.thread is None:
        raise CannotGoOnError("no thread to look for")
    wanted = requests.thread_get(turn.thread)
    plain = await stage.ask(stage.b, wanted)
    if plain.ok:
        stage.not_applicable(SPOOFED, "B sees A's threads without any trick; CK404 speaks of that", plain)
        return
    user = _name_of(stage.a)
    answers = [
        await stage.ask(stage.b, wanted, headers={"X-User-ID": user}),
        await stage.ask(stage.b, wanted, query=f"user_id={user}"),
        await stage.ask(stage.b, {**wanted, "metadata": {"user_id": user, "userId": user, "user": {"id": user}}}),
    ]
    said = ("X-User-ID", "?user_id=", "metadata.user_id")
    faults = [f"with {how} B gets A's thread" for how, one in zip(said, answers, strict=True) if one.ok]
    stage.judge(SPOOFED, faults, "A's thread stays hidden from B", *answers)


async def other_origins(stage: Stage) -> None:
    """Asks, as a browser does, whether a page of a strange origin may call."""
    answer = await stage.wire.preflight(stage.nobody, _STRANGE_ORIGIN)
    allowed = answer.headers.get("access-control-allow-origin", "")
    credentials = answer.headers.get("access-control-allow-credentials", "").lower() == "true"
    open_to_all = allowed in ("*", _STRANGE_ORIGIN, "null") and credentials
    got = f"origin {_STRANGE_ORIGIN}: allow-origin {allowed or 'absent'}, allow-credentials {credentials}"
    stage.expect(CORS, holds=not open_to_all, got=got, proof=[answer])


async def _with_token(stage: Stage, name: str, token: str) -> Exchange:
    return await stage.ask(Identity(name, token), requests.threads_list(limit=1))


async def _with_header(stage: Stage, header: str) -> Exchange:
    return await stage.ask(stage.nobody, requests.threads_list(limit=1), headers={"Authorization": header})


def _denied(answer: Exchange) -> bool:
    return answer.status in (401, 403)


def _accepted(answers: list[Exchange]) -> Iterator[str]:
    for answer in answers:
        if not _denied(answer):
            header = answer.sent.headers.get("Authorization", "")
            yield f"`Authorization: {header[:24]}{'…' if len(header) > 24 else ''}` gives {answer.described()}"


def _name_of(who: Identity) -> str:
    return who.subject or "chatkit-validate-user-a"


SCENARIOS = (
    Scenario("identity/without-credentials", Group.IDENTITY, (DEMANDED, IDENTITY, FALLBACK), without_credentials),
    Scenario(
        "identity/false-tokens",
        Group.IDENTITY,
        (SCHEME, MALFORMED, GARBAGE, SIGNATURE, NONE, EXPIRED),
        false_tokens,
        needs=(Need.TOKEN,),
    ),
    Scenario(
        "identity/spoofing",
        Group.IDENTITY,
        (SELF_DECLARED, SPOOFED),
        spoofing,
        needs=(Need.SECOND_USER,),
    ),
    Scenario("identity/other-origins", Group.IDENTITY, (CORS,), other_origins),
)
