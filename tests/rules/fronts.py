"""The minimal app with a React front end in place of its page."""

from __future__ import annotations

from textwrap import dedent

from tests.conftest import minimal_app

SCRIPT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js"
PAGE = f"""<!doctype html>
<html>
  <head><script src="{SCRIPT}" async></script></head>
  <body><div id="root"></div><script type="module" src="/src/main.tsx"></script></body>
</html>
"""
MAIN = """import { createRoot } from "react-dom/client";
import { Chat } from "./Chat";
createRoot(document.getElementById("root")!).render(<Chat token="t" {...window.given} />);
"""
FETCH = """fetch: (input, init) => {
        const headers = new Headers(init?.headers);
        headers.set("Authorization", `Bearer ${token}`);
        return fetch(input, { ...init, headers });
      },"""


def react(
    url: str = '"/chatkit"',
    *,
    api: str | None = None,
    above: str = "",
    inside: str = "",
    files: dict[str, str] | None = None,
) -> dict[str, str]:
    """A Vite app below `web/` whose widget stands in `web/src/Chat.tsx`.

    Args:
        url: The expression given as `url`.
        api: The whole `api` object, in place of a right one with `url`.
        above: Code before the component.
        inside: Code in the component, before the hook.
        files: Further files of the whole tree; empty text takes one out.
    """
    given = api if api is not None else f'{{ url: {url}, domainKey: "local", {FETCH} }}'
    chat = (
        'import { ChatKit, useChatKit } from "@openai/chatkit-react";\n'
        f"{dedent(above)}\n"
        "export function Chat({ token, path }: { token: string; path?: string }) {\n"
        f"{dedent(inside)}\n"
        f"  const {{ control }} = useChatKit({{\n    api: {given},\n  }});\n"
        "  return <ChatKit control={control} />;\n}\n"
    )
    tree = {path: text for path, text in minimal_app().items() if not path.startswith("web/")} | {
        "web/package.json": '{"dependencies": {"@openai/chatkit-react": "1.6.1"}}',
        "web/index.html": PAGE,
        "web/src/main.tsx": MAIN,
        "web/src/Chat.tsx": chat,
    }
    tree |= {path: dedent(text) for path, text in (files or {}).items()}
    return {path: text for path, text in tree.items() if text}
