"""Whether the widget sends what the backend demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.fronts import react

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

ABOVE = """
import { authHeaders } from "./session";
import { signedFetch } from "some-package";
import { mine, other } from "./session";
"""
SESSION = """
const bearer = () => `Bearer ${sessionStorage.getItem("token")}`;
export const authHeaders = () => ({ authorization: bearer() });
export function mine(token: string) {
  return async (input: RequestInfo, init?: RequestInit) => {
    const headers = new Headers(init?.headers);
    headers.append("Authorization", "Bearer " + token);
    return fetch(input, { ...init, headers });
  };
}
export const other = (input: RequestInfo, init?: RequestInit) => {
  console.log("asked");
  return fetch(input, { ...init, credentials: "include" });
};
"""


def answer(verdicts: Callable[..., list[Verdict]], fetch: str, **files: str) -> Verdict:
    api = f'{{ url: "/chatkit", domainKey: "k"{fetch and ", "}{fetch} }}'
    tree = react(api=api, above=ABOVE, files={"web/src/session.ts": SESSION} | files)
    (verdict,) = verdicts(tree, "CK603")
    return verdict


@pytest.mark.parametrize(
    ("fetch", "outcome"),
    [
        ("fetch: (i, o) => fetch(i, { ...o, headers: { ...o?.headers, Authorization: token } })", Outcome.PASS),
        ("fetch: (i, o) => fetch(i, { ...o, headers: authHeaders() })", Outcome.PASS),
        (
            "fetch: (i, o) => { const headers = { ...authHeaders() }; return fetch(i, { ...o, headers }); }",
            Outcome.PASS,
        ),
        ("fetch: mine(token)", Outcome.PASS),
        ("async fetch(i, o) { return mine(token)(i, o); }", Outcome.PASS),
        ("fetch: useCallback(mine(token), [token])", Outcome.PASS),
        ("", Outcome.FAIL),
        ("fetch: other", Outcome.FAIL),
        ("fetch: (i, o) => fetch(i, { ...o, headers: { 'X-User-ID': token } })", Outcome.FAIL),
        ("fetch: signedFetch", Outcome.UNKNOWN),
        ("fetch: (i, o) => signedFetch(i, o)", Outcome.UNKNOWN),
        ("fetch: path", Outcome.UNKNOWN),
    ],
)
def test_the_header_in_the_widgets_own_fetch(
    verdicts: Callable[..., list[Verdict]], fetch: str, outcome: Outcome
) -> None:
    assert answer(verdicts, fetch).verdict is outcome


def test_a_route_handler_may_add_it(verdicts: Callable[..., list[Verdict]]) -> None:
    handler = """
    export async function POST(request) {
      const token = request.cookies.get("session").value;
      return fetch("http://localhost:8000/chatkit", {
        method: "POST", body: request.body, headers: { Authorization: `Bearer ${token}` },
      });
    }
    """
    silent = handler.replace("Authorization", "X-Token")

    assert answer(verdicts, "", **{"web/app/chatkit/route.ts": handler}).verdict is Outcome.PASS
    assert answer(verdicts, "", **{"web/app/chatkit/route.ts": silent}).verdict is Outcome.FAIL


def test_a_backend_that_takes_a_cookie_demands_no_bearer_token(verdicts: Callable[..., list[Verdict]]) -> None:
    cookie = """
    from fastapi import HTTPException, Request

    class Caller:
        def __init__(self, user_id, token=""):
            self.user_id = user_id
            self.token = token

    SESSIONS = {}

    def current_caller(request: Request) -> Caller:
        user = SESSIONS.get(request.cookies.get("session"))
        if user is None:
            raise HTTPException(401, "Log in")
        return Caller(user)
    """

    assert answer(verdicts, "", **{"app/auth.py": cookie}).verdict is Outcome.NOT_APPLICABLE
