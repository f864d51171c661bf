"""More violations outside the endpoint: in what the app itself declares, reads and runs, see `file_plantings`."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from file_plantings import FilePlanting
    from sites import Site

_REQUIREMENT = r"^(?P<before>\s*[\"']?)(?:{names})(?P<rest>(?:[<>=~!\[ ;][^\"'\n]*)?)(?P<after>[\"']?,?[ \t]*)$"
_DSN = "postgresql+asyncpg://chat@db/chat"


def _declared(checkout: Path, site: Site) -> tuple[str, str] | None:
    """The nearest file that requires openai-chatkit on a line of its own, and its text."""
    for folder in PurePosixPath(site.path).parents:
        for name in ("requirements.txt", "pyproject.toml"):
            file = checkout / folder / name
            text = file.read_text("utf-8", "replace") if file.is_file() else ""
            if re.search(_REQUIREMENT.format(names="openai-chatkit"), text, re.MULTILINE):
                return str(folder / name), text
    return None


def _required(*wanted: str, keep: bool = False) -> FilePlanting:
    """Other requirements where openai-chatkit stands; lines that require the same packages go."""

    def put(checkout: Path, site: Site) -> dict[str, str] | None:
        found = _declared(checkout, site)
        if found is None:
            return None
        path, text = found
        packages = {re.split(r"[^\w-]", one)[0] for one in wanted} - {"openai-chatkit", "chatkit", "ChatKit"}
        for package in packages:
            text = re.sub(_REQUIREMENT.format(names=re.escape(package)) + r"\n", "", text, flags=re.MULTILINE)
        line = re.search(_REQUIREMENT.format(names="openai-chatkit"), text, re.MULTILINE)
        if line is None:
            return None
        last = line["after"].strip()
        after = last if path.endswith(".txt") or last.endswith(",") else f"{last},"
        lines = [f"{line['before']}{one.format(rest=line['rest'])}{after}" for one in wanted]
        kept = [line[0] if line[0].rstrip().endswith(after) else line[0] + ","] if keep else []
        return {path: text[: line.start()] + "\n".join([*kept, *lines]) + text[line.end() :]}

    return put


def _included(checkout: Path, site: Site) -> dict[str, str] | None:
    """The placeholder in a file or group that the first one leads to."""
    found = _declared(checkout, site)
    if found is None:
        return None
    path, text = found
    if path.endswith(".txt"):
        return {path: f"{text}\n-r more.txt\n", str(PurePosixPath(path).parent / "more.txt"): "chatkit>=0.0.1\n"}
    return None if "[dependency-groups]" in text else {path: f'{text}\n[dependency-groups]\nchat = ["chatkit"]\n'}


def _opened(line: str, head: str = "import asyncpg\n") -> FilePlanting:
    """An asyncpg connection that the handler opens."""

    def put(_checkout: Path, site: Site) -> dict[str, str]:
        body = site.handler.body
        first = body[1] if ast.get_docstring(site.handler) is not None and len(body) > 1 else body[0]
        start, indent = site.span(first)[0], site.indent(first)
        return {
            site.path: f"{site.text[: site.top]}{head}{site.text[site.top : start]}{line}\n{indent}{site.text[start:]}"
        }

    return put


def _named(head: str, *shown: str) -> FilePlanting:
    """A read of the environment above the handler, and lines of the example file."""

    def put(checkout: Path, site: Site) -> dict[str, str]:
        folder = next(
            (one for one in PurePosixPath(site.path).parents if any((checkout / one).glob(".env.example"))),
            PurePosixPath(site.path).parent,
        )
        example = checkout / folder / ".env.example"
        text = example.read_text("utf-8", "replace") if example.is_file() else ""
        lines = "".join(f"{one}=\n" for one in shown)
        return {site.path: site.edited(head=head), str(folder / ".env.example"): f"{text}\n{lines}"}

    return put


def _prepared(method: str, use: str = "", *, base: bool = False) -> FilePlanting:
    """A store class that must be prepared and is not: a method that nothing calls, or a use that is no call."""

    def put(checkout: Path, site: Site) -> dict[str, str] | None:
        held = next(
            (one for one in site.judgements if one.rule == "CK304" and "nothing to initialise" in one.says), None
        )
        if held is None:
            return None
        path, line = held.places[0]
        text = (checkout / path).read_text("utf-8")
        cls = next(
            (one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.ClassDef) and one.lineno == line), None
        )
        if cls is None or cls.col_offset or not cls.bases or (use and path == site.path):
            return None
        lines = text.splitlines(keepends=True)
        written = f"    {method}(self) -> None:\n        self.prepared = True\n\n"
        if base:
            lines[line - 1] = re.sub(r"\(", "(_Prepared, ", lines[line - 1], count=1)
            lines.insert(line - 1 - len(cls.decorator_list), f"class _Prepared:\n{written}\n")
        else:
            lines.insert(cls.body[-1].end_lineno or 0, f"\n\n{written}".removesuffix("\n"))
        changed = {path: "".join(lines)}
        ast.parse(changed[path])
        if use:
            head = "class Rows:\n    async def initialize_schema(self):\n        pass\n\n\n" if "Rows" in use else ""
            server = ast.unparse(site.call.func.value) if isinstance(site.call.func, ast.Attribute) else ""
            body = next(
                one for one in ast.walk(site.handler) if isinstance(one, ast.Assign) and one.value is site.awaited
            )
            start = site.span(body)[0]
            used = f"{use.format(server=server)}\n{site.indent(body)}"
            above, between = site.text[: site.top], site.text[site.top : start]
            changed[site.path] = f"{above}{head}{between}{used}{site.text[start:]}"
        return changed

    return put


def _given_to_model(text: str, *, agent: str = "{agent}") -> FilePlanting:
    """The caller's token in what the agent run of `respond()` gives to the model."""

    def put(checkout: Path, site: Site) -> dict[str, str] | None:
        turn = next((one for one in site.judgements if one.rule == "CK206" and one.verdict == "pass"), None)
        if turn is None or len(site.call.args) < 2:
            return None
        path = turn.path
        source = (checkout / path).read_text("utf-8")
        tree = ast.parse(source)
        respond = next(
            (one for one in ast.walk(tree) if isinstance(one, ast.AsyncFunctionDef) and abs(one.lineno - turn.line) < 4
             and one.name == "respond"), None
        )  # fmt: skip
        if respond is None or len(respond.args.args) < 4 or path == site.path or "\r" in source:
            return None
        run = next(
            (one for one in ast.walk(respond) if isinstance(one, ast.Call) and len(one.args) > 1
             and ast.unparse(one.func) == "Runner.run_streamed"), None
        )  # fmt: skip
        if run is None:
            return None
        token = f"{respond.args.args[3].arg}['token']"
        first = agent.format(agent=ast.unparse(run.args[0]), token=token)
        given = text.format(input=ast.unparse(run.args[1]), token=token)
        edits = [(run.args[1], given), (run.args[0], first)]
        context = f'{{"token": {site.request}.headers.get("authorization")}}'
        return {path: site.replaced(source, edits), site.path: site.edited((site.call.args[1], context))}

    return put


_SETTINGS = (
    "from pydantic_settings import BaseSettings, SettingsConfigDict\n\n\nclass ChatSettings(BaseSettings):\n"
    '    model_config = SettingsConfigDict(env_prefix="TASKS_")\n\n    chatkit_rows_url: str = ""\n\n\n'
    "chat_settings = ChatSettings()\n"
)
_USE = "async def initialize_schema"

SETTINGS_PLANTINGS: dict[str, dict[str, FilePlanting]] = {
    "CK206": {
        "an f-string": _given_to_model('f"My token is {{{token}}}"'),
        "a sum": _given_to_model('"Authorization: " + {token}'),
        "a percent format": _given_to_model('"token=%s" % {token}'),
        "str.format": _given_to_model('"token {{}}".format({token})'),
        "a system message": _given_to_model('[{{"role": "system", "content": f"Use {{{token}}}"}}]'),
        "joined": _given_to_model('" ".join(["Use", {token}])'),
        "cloned instructions": _given_to_model("{input}", agent='{agent}.clone(instructions=f"Send {{{token}}}.")'),
    },
    "CK304": {
        "a method nothing calls": _prepared("async def initialize_schema"),
        "a synchronous one": _prepared("def create_tables"),
        "inherited": _prepared("async def connect", base=True),
        "named but not called": _prepared(_USE, "{server}.store.initialize_schema"),
        "not awaited": _prepared(_USE, "{server}.store.initialize_schema()"),
        "called on another object": _prepared(_USE, "await Rows().initialize_schema()"),
    },
    "CK307": {
        "a literal": _opened(f'pool = await asyncpg.create_pool("{_DSN}")'),
        "a constant": _opened(
            "chat_rows = await asyncpg.connect(CHAT_DSN)", f'import asyncpg\n\nCHAT_DSN = "{_DSN}"\n'
        ),
        "a keyword": _opened(f'pool = await asyncpg.create_pool(min_size=1, dsn="{_DSN}")'),
        "an f-string": _opened(
            'pool = await asyncpg.create_pool(f"postgresql+asyncpg://chat@{HOST}/chat")',
            'import asyncpg\n\nHOST = "db"\n',
        ),
        "a default": _opened(
            f'pool = await asyncpg.create_pool(os.getenv("CHAT_DSN", "{_DSN}"))', "import os\n\nimport asyncpg\n"
        ),
        "a sum": _opened(
            'pool = await make_pool("postgresql+asyncpg://" + "chat@db/chat")',
            "from asyncpg import create_pool as make_pool\n",
        ),
        "made SQLAlchemy's": _opened(
            'pool = await asyncpg.create_pool(os.environ["ROWS"].replace("postgresql://", "postgresql+asyncpg://"))',
            "import os\n\nimport asyncpg\n",
        ),
        "str.format": _opened('pool = await asyncpg.create_pool("postgresql+asyncpg://{}/chat".format("db"))'),
    },
    "CK308": {
        "renamed": _required("chatkit{rest}"),
        "beside the real one": _required("chatkit", keep=True),
        "no version": _required("chatkit"),
        "in capitals": _required("ChatKit>=0.0.1"),
        "with a marker": _required("chatkit==0.0.1; python_version >= '3.9'"),
        "included": _included,
    },
    "CK309": {
        "an old pin": _required("openai-agents==0.0.9", keep=True),
        "an upper bound": _required("openai-agents<0.3", keep=True),
        "any patch": _required("openai-agents==0.1.*", keep=True),
        "mcp 2, both ends": _required("openai-agents>=0.3,<0.20", "mcp>=2", keep=True),
        "a compatible release": _required("openai-agents~=0.10.0", "mcp==2.3.0", keep=True),
        "declared twice": _required("openai-agents>=0.24", "openai-agents<0.20", keep=True),
        "starlette beside fastapi": _required("fastapi==0.115.0", "starlette==0.47.0", keep=True),
    },
    "CK310": {
        "the example with a prefix": _named(
            'import os\n\nCHAT = os.getenv("CHATKIT_ROWS_URL")\n', "TASKS_CHATKIT_ROWS_URL"
        ),
        "the code with a prefix": _named(
            'import os\n\nCHAT = os.environ["TASKS_CHATKIT_ROWS_URL"]\n', "CHATKIT_ROWS_URL"
        ),
        "asked by `in`": _named('import os\n\nCHAT = "CHATKIT_ROWS_URL" in os.environ\n', "TASKS_CHATKIT_ROWS_URL"),
        "a slip": _named('from os import getenv\n\nCHAT = getenv("CHATKIT_WORKFLOW_ID")\n', "CHATKIT_WORKFLW_ID"),
        "the settings' prefix": _named(_SETTINGS, "CHATKIT_ROWS_URL"),
        "a gate beside the settings": _named(f'import os\n\n{_SETTINGS}CHAT = bool(os.getenv("CHATKIT_ROWS_URL"))\n'),
        "through a name": _named(
            'from os import environ\n\nNAME = "CHATKIT_ROWS_URL"\nCHAT = environ.get(NAME)\n', "TASKS_CHATKIT_ROWS_URL"
        ),
    },
}
