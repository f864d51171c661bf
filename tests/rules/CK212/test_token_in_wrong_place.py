from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

READ = 'scheme, _, token = request.headers.get("Authorization", "").partition(" ")'


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("app/auth.py", READ, 'scheme, token = "bearer", request.query_params.get("access_token", "")'),
        ("app/auth.py", READ, 'token = request.headers.get("x-chatkit-domain-key")\n    scheme = "bearer"'),
        ("app/auth.py", "(request: Request)", '(request: Request, token: str = Query(""))'),
        (
            "app/server.py",
            '"url": settings.mcp_server_url,',
            '"url": f"{settings.mcp_server_url}?token={context.token}",',
        ),
        (
            "app/server.py",
            "        tasks = MCP",
            '        thread.metadata["token"] = context.token\n        tasks = MCP',
        ),
        (
            "app/server.py",
            "        tasks = MCP",
            '        keep(f"https://{context.token}.example.com/files")\n        tasks = MCP',
        ),
        (
            "app/server.py",
            "        tasks = MCP",
            "        keep(urlparse('https://x.org')._replace(netloc=f'{context.token}.x.org'))\n        tasks = MCP",
        ),
        ("app/server.py", "        tasks = MCP", "        keep(Login(jwt_token=context.token))\n        tasks = MCP"),
        (
            "app/server.py",
            "        tasks = MCP",
            '        httpx.get("https://x", params={"token": context.token})\n        tasks = MCP',
        ),
    ],
)
def test_a_token_in_a_url_a_row_or_metadata_fails(verdicts: Verdicts, path: str, old: str, new: str) -> None:
    tree = app(None, (path, old, new))
    tree["app/auth.py"] = tree["app/auth.py"].replace("import HTTPException,", "import HTTPException, Query,")
    tree["app/server.py"] = (
        "from urllib.parse import urlparse\nimport httpx\nfrom sqlmodel import SQLModel\n" + tree["app/server.py"]
    )
    tree["app/server.py"] += (
        "\n\nclass Login(SQLModel, table=True):\n    jwt_token: str\n\n\ndef keep(row):\n    pass\n"
    )
    (failure,) = failed(verdicts(tree, "CK212"))
    assert failure.where.path == path


@pytest.mark.parametrize(
    "line",
    [
        'link = f"https://app/reset?token={token}"',
        "keep(Login(jwt_token=hashlib.sha256(context.token.encode()).hexdigest()))",
        'thread.metadata["title"] = "x"',
        'keep(f"https://{thread.id}.example.com/files")',
        'httpx.get("https://x", headers={"Authorization": f"Bearer {context.token}"})',
    ],
)
def test_links_for_one_purpose_hashes_and_headers_pass(verdicts: Verdicts, line: str) -> None:
    tree = app(
        None, ("app/server.py", "        tasks = MCP", f'        token = "x"\n        {line}\n        tasks = MCP')
    )
    tree["app/server.py"] = "import hashlib\nimport httpx\nfrom sqlmodel import SQLModel\n" + tree["app/server.py"]
    tree["app/server.py"] += (
        "\n\nclass Login(SQLModel, table=True):\n    jwt_token: str\n\n\ndef keep(row):\n    pass\n"
    )
    assert outcomes(verdicts(tree, "CK212")) == {Outcome.PASS}
