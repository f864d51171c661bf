"""How a URL is written, and whether it names the endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.fronts import MAIN, react

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

ENV = 'import.meta.env.VITE_API_URL || "http://localhost:8000"'


def answer(verdicts: Callable[..., list[Verdict]], files: dict[str, str]) -> Verdict:
    (verdict,) = verdicts(files, "CK601")
    return verdict


@pytest.mark.parametrize(
    "url",
    [
        '"/chatkit"',
        "'http://localhost:8000/chatkit'",
        '"https://api.example.com/chatkit"',
        f"`${{{ENV}}}/chatkit`",
        '`${process.env["NEXT_PUBLIC_API_URL"]}/chatkit`',
        '(import.meta.env.VITE_API_URL as string) + "/chatkit"',
        'import.meta.env.VITE_CHATKIT_URL ?? "/chatkit"',
        'new URL("/chatkit", window.location.origin).toString()',
        "`${window.location.origin}/chatkit?thread=${token}`",
        'token ? `/chatkit?id=${token}` : "/chatkit"',
        '"http://localhost:8000/".replace(/\\/$/, "") + "/chatkit"',
        "useMemo(() => `/chatkit`, [])",
    ],
)
def test_the_endpoint_is_named(verdicts: Callable[..., list[Verdict]], url: str) -> None:
    assert answer(verdicts, react(url)).verdict is Outcome.PASS


@pytest.mark.parametrize(
    "url",
    [
        '"/chat"',
        '"http://localhost:8000/api/chatkit"',
        '`${process.env.NEXT_PUBLIC_API_URL || "http://localhost:8000/api/v1"}/chat`',
        "`${import.meta.env.VITE_API_URL}/chat`",
        'token ? "/chatkit" : "/chat"',
        'new URL("/chat", "http://localhost:8000")',
    ],
)
def test_another_path_is_named(verdicts: Callable[..., list[Verdict]], url: str) -> None:
    verdict = answer(verdicts, react(url))

    assert verdict.verdict is Outcome.FAIL
    assert verdict.where.path == "web/src/Chat.tsx"
    assert "POST /chatkit" in verdict.way_out


@pytest.mark.parametrize(
    "url",
    [
        "import.meta.env.VITE_CHATKIT_URL",
        "path",
        '"https://elsewhere.example.com/other"',
        "window.settings.url + token",
    ],
)
def test_what_cannot_be_told_is_unknown(verdicts: Callable[..., list[Verdict]], url: str) -> None:
    verdict = answer(verdicts, react(url))

    assert verdict.verdict is Outcome.UNKNOWN
    assert verdict.reason


def test_a_url_is_followed_through_modules_objects_and_calls(verdicts: Callable[..., list[Verdict]]) -> None:
    files = {
        "web/src/config/index.ts": 'export * from "./api";\nexport { base as API_BASE } from "./env";\n',
        "web/src/config/env.ts": f"const base = {ENV};\nexport {{ base }};\n",
        "web/src/config/api.ts": """
            import { API_BASE } from ".";
            const build = (path: string, root = API_BASE) => `${root}/${path}`;
            export function options(kind: "chat" | "other") {
              return { chat: { url: build("wrong-path") }, ...{ chat: { url: build("chatkit") } } };
            }
        """,
    }
    above = 'import { options } from "@/config";'
    right = react("chat.url", above=above, inside='const { chat } = options("chat");', files=files)
    wrong = {path: text.replace('build("chatkit")', 'build("chats")') for path, text in right.items()}

    assert answer(verdicts, right).verdict is Outcome.PASS
    assert answer(verdicts, wrong).verdict is Outcome.FAIL


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ('path="/chatkit"', Outcome.PASS),
        ('path={"/chat"}', Outcome.FAIL),
        ("path={`${location.origin}/chatkit`}", Outcome.PASS),
        ("{...rest}", Outcome.UNKNOWN),
    ],
)
def test_a_url_that_the_component_is_given(
    verdicts: Callable[..., list[Verdict]], given: str, outcome: Outcome
) -> None:
    main = MAIN.replace("{...window.given}", given)
    namesake = 'export const Chat = () => null;\nexport const Page = () => <Chat path="/elsewhere" />;\n'
    files = {"web/src/main.tsx": main, "web/src/app/page.tsx": namesake}

    assert answer(verdicts, react("path", files=files)).verdict is outcome


def test_environment_files_fill_in_variables(verdicts: Callable[..., list[Verdict]]) -> None:
    url = f"`${{{ENV}}}/chatkit`"
    verdict = answer(verdicts, react(url, files={"web/.env.example": "\nVITE_API_URL=http://localhost:8000/api\n"}))

    assert verdict.verdict is Outcome.FAIL
    assert verdict.where.path == "web/src/Chat.tsx"
    assert [(note.where.path, note.where.line) for note in verdict.evidence[:1]] == [("web/.env.example", 2)]
    assert "`http://localhost:8000/api/chatkit`" in verdict.message


def test_a_variable_that_a_file_states_counts_more_than_what_stands_in_for_it(
    verdicts: Callable[..., list[Verdict]],
) -> None:
    url = 'import.meta.env.VITE_CHATKIT_URL || "/chat"'

    assert answer(verdicts, react(url, files={"web/.env": "VITE_CHATKIT_URL=/chatkit\n"})).verdict is Outcome.PASS


def test_a_backend_whose_router_has_a_prefix(verdicts: Callable[..., list[Verdict]]) -> None:
    def tree(url: str) -> dict[str, str]:
        files = react(url)
        files["app/main.py"] = files["app/main.py"].replace('@app.post("/chatkit")', '@app.post("/api/v1/chatkit")')
        return files

    assert answer(verdicts, tree(f"`${{{ENV}}}/api/v1/chatkit`")).verdict is Outcome.PASS
    assert answer(verdicts, tree('"http://localhost:8000/chatkit"')).verdict is Outcome.FAIL
    # The variable may end with /api/v1.
    assert answer(verdicts, tree("`${import.meta.env.VITE_API_URL}/chatkit`")).verdict is Outcome.UNKNOWN


def test_a_widget_that_no_page_shows_is_not_judged(verdicts: Callable[..., list[Verdict]]) -> None:
    files = react()
    files["web/src/Old.tsx"] = files["web/src/Chat.tsx"].replace('"/chatkit"', '"/old"')

    assert [verdict.subject.path for verdict in verdicts(files, "CK601")] == ["web/src/Chat.tsx"]


def test_a_hosted_widget_is_not_judged(verdicts: Callable[..., list[Verdict]]) -> None:
    verdict = answer(verdicts, react(api="{ async getClientSecret() { return token; } }"))

    assert verdict.verdict is Outcome.NOT_APPLICABLE


def test_a_failure_is_silenced_where_it_stands(report: Callable[..., object]) -> None:
    files = react('"/chat"')
    files["web/src/Chat.tsx"] = files["web/src/Chat.tsx"].replace(
        "    api:", "    // chatkit: ignore[CK601] a gateway maps it\n    api:"
    )
    result = report(files, "CK601")

    (integration,) = result.integrations  # type: ignore[attr-defined]
    assert [each.reason for each in integration.suppressed] == ["a gateway maps it"]
    assert not result.diagnostics  # type: ignore[attr-defined]


def test_every_widget_goes_to_the_backend_that_its_url_names(report: Callable[..., object]) -> None:
    files = react()
    other = {f"shop/{path}": text for path, text in react().items()}
    other["shop/web/src/Chat.tsx"] = other["shop/web/src/Chat.tsx"].replace('"/chatkit"', '"/shop/chatkit"')
    other["shop/app/main.py"] = other["shop/app/main.py"].replace('"/chatkit"', '"/shop/chatkit"')
    other["shop/web/src/main.tsx"] = MAIN
    result = report(files | other, "CK601")

    found = {
        verdict.subject.path: (integration.root, verdict.verdict)
        for integration in result.integrations  # type: ignore[attr-defined]
        for verdict in integration.verdicts
    }
    assert found == {
        "web/src/Chat.tsx": (".", Outcome.PASS),
        "shop/web/src/Chat.tsx": ("shop", Outcome.PASS),
    }
