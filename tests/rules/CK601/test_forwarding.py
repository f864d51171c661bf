"""What a front end's own server passes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.fronts import react

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

HANDLER = """
export async function POST(request: Request) {
  const answer = await fetch(`${process.env.BACKEND_URL ?? "http://localhost:8000"}%s`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: await request.text(),
  });
  return new Response(answer.body, { headers: answer.headers });
}
"""
REWRITES = """
const backend = process.env.BACKEND_URL || "http://localhost:8000";
export default {
  async rewrites() {
    return [{ source: "/api/:path*", destination: `${backend}/%s:path*` }];
  },
};
"""
PROXY = """
import { defineConfig } from "vite";
const target = process.env.BACKEND ?? "http://127.0.0.1:8000";
export default defineConfig({ server: { proxy: { "/api": %s } } });
"""


def answers(verdicts: Callable[..., list[Verdict]], url: str, files: dict[str, str]) -> Outcome:
    (verdict,) = verdicts(react(url, files=files), "CK601")
    return verdict.verdict


@pytest.mark.parametrize("path", ["web/src/app/api/chatkit/route.ts", "web/app/api/(chat)/[name]/route.ts"])
def test_a_route_handler_that_passes_requests_on(verdicts: Callable[..., list[Verdict]], path: str) -> None:
    assert answers(verdicts, '"/api/chatkit"', {path: HANDLER % "/chatkit"}) is Outcome.PASS
    assert answers(verdicts, '"/api/chatkit"', {path: HANDLER % "/chat"}) is Outcome.FAIL


def test_a_route_handler_that_answers_itself(verdicts: Callable[..., list[Verdict]]) -> None:
    own = "export async function POST() { return Response.json({}); }"

    assert answers(verdicts, '"/api/chatkit"', {"web/app/api/chatkit/route.ts": own}) is Outcome.UNKNOWN


def test_rewrites(verdicts: Callable[..., list[Verdict]]) -> None:
    assert answers(verdicts, '"/api/chatkit"', {"web/next.config.mjs": REWRITES % ""}) is Outcome.PASS
    assert answers(verdicts, '"/api/chatkit"', {"web/next.config.mjs": REWRITES % "api/"}) is Outcome.FAIL
    assert answers(verdicts, '"/api/chat"', {"web/next.config.mjs": REWRITES % ""}) is Outcome.FAIL


@pytest.mark.parametrize(
    ("entry", "outcome"),
    [
        ("{ target, rewrite: (path) => path.replace(/^\\/api/, '') }", Outcome.PASS),
        ("target", Outcome.FAIL),
        ("{ target, changeOrigin: true }", Outcome.FAIL),
        ("{ target, rewrite: shortened }", Outcome.FAIL),
        ("{ target, rewrite: (path) => cut(path) }", Outcome.UNKNOWN),
    ],
)
def test_the_proxy_of_the_dev_server(verdicts: Callable[..., list[Verdict]], entry: str, outcome: Outcome) -> None:
    assert answers(verdicts, '"/api/chatkit"', {"web/vite.config.ts": PROXY % entry}) is outcome


def test_a_proxy_that_is_not_read_makes_it_unknown(verdicts: Callable[..., list[Verdict]]) -> None:
    assert answers(verdicts, '"/api/chatkit"', {"nginx.conf": "location /api/ { proxy_pass x; }"}) is Outcome.UNKNOWN
