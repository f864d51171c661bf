"""Front ends beside backends: what is read of them, and when nothing is."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.rules.fronts import react

from chatkit_validate.check import check
from chatkit_validate.configuration import Configuration
from chatkit_validate.integration.widget import language
from chatkit_validate.rules.verdict import Outcome
from tests.conftest import ROOT, write_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chatkit_validate.report.report import Report

CODES = ("CK601", "CK602", "CK603", "CK604")


@pytest.fixture
def without_parsers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As where the extra is not installed."""
    monkeypatch.setitem(sys.modules, "tree_sitter_typescript", None)
    language.missing.cache_clear()
    yield
    language.missing.cache_clear()


@pytest.mark.usefixtures("without_parsers")
def test_without_the_parsers_the_rules_are_unknown_and_say_what_to_install(report: Callable[..., Report]) -> None:
    result = report(react('"/chat"'), *CODES)
    verdicts = list(result.verdicts())

    assert [verdict.code for verdict in verdicts] == list(CODES)
    assert {verdict.verdict for verdict in verdicts} == {Outcome.UNKNOWN}
    assert all("pip install 'chatkit-validate[widget]'" in verdict.reason for verdict in verdicts)
    assert result.complete


@pytest.mark.usefixtures("without_parsers")
def test_without_the_parsers_a_front_end_alone_is_a_note(report: Callable[..., Report]) -> None:
    files = {path: text for path, text in react().items() if path.startswith("web/")}

    assert "pip install" in report(files).notes[-1]


def test_nothing_of_it_is_loaded_for_a_tree_without_widgets(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom chatkit_validate.cli import main\n"
        "main(['check', sys.argv[1]])\n"
        "print(*(name for name in sys.modules if 'integration.widget' in name or 'tree_sitter' in name))\n"
    )
    files = {path: text for path, text in react().items() if not path.startswith("web/")}
    tree = write_tree(tmp_path / "tree", files | {"docs/index.html": "<html></html>", "package.json": "{}"})
    done = subprocess.run(
        [sys.executable, "-c", code, str(tree)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "validators"), "PATH": "/usr/bin:/bin"},
    )

    assert done.stdout.splitlines()[-1] == ""


@pytest.mark.parametrize("folder", ["node_modules/kit", "dist", ".next", "tests", "e2e"])
def test_what_is_built_installed_or_a_test_is_not_read(report: Callable[..., Report], folder: str) -> None:
    files = react()
    files[f"web/{folder}/index.html"] = files["web/index.html"]
    files[f"web/{folder}/main.tsx"] = files["web/src/Chat.tsx"].replace('"/chatkit"', '"/other"')

    assert {verdict.verdict for verdict in report(files, "CK601").verdicts()} == {Outcome.PASS}


@pytest.mark.parametrize("pattern", ["web/legacy", "legacy/", "*.old.tsx"])
def test_what_the_user_excludes_is_not_read(tmp_path: Path, pattern: str) -> None:
    files = react()
    files["web/src/legacy/page.old.tsx"] = files["web/src/Chat.tsx"].replace('"/chatkit"', '"/other"')
    files["web/legacy/page.old.tsx"] = files["web/src/legacy/page.old.tsx"]
    files["web/src/main.tsx"] += 'import "./legacy/page.old";\nimport "../legacy/page.old";\n'
    result = check(write_tree(tmp_path, files), Configuration(select=("CK601",), exclude=(pattern,)))

    failed = {verdict.subject.path for verdict in result.verdicts() if verdict.failed}
    assert failed == ({"web/src/legacy/page.old.tsx"} if pattern == "web/legacy" else set())


@pytest.mark.parametrize("ending", ["vue", "svelte"])
def test_components_with_a_script_element_are_read(report: Callable[..., Report], ending: str) -> None:
    files = react(files={"web/src/Chat.tsx": "", "web/src/main.tsx": f'import Chat from "./Chat.{ending}";\n'})
    files[f"web/src/Chat.{ending}"] = (
        '<script lang="ts">\nconst base: string = "http://localhost:8000";\n'
        "function start(element: any) {\n"
        '  element.setOptions({ api: { url: `${base}/chat`, domainKey: "k" } });\n}\n</script>\n'
        "<template><openai-chatkit /></template>\n"
    )
    (verdict,) = report(files, "CK601").verdicts()

    assert verdict.verdict is Outcome.FAIL
    assert verdict.where.line == 4


BROKEN = ["{{{{", "const a = ;;; useChatKit({api: {url: ", "\x00\ufffe", "`${`${`", "useChatKit(" * 400, "(" * 15_000]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_broken_code_breaks_nothing(report: Callable[..., Report], text: str) -> None:
    broken = {"web/src/Broken.tsx": f"// useChatKit\n{text}", "web/src/main.tsx": 'import "./Broken";'}
    result = report(react(files=broken))

    assert not result.crashed


def test_a_url_that_is_made_of_itself_ends(report: Callable[..., Report]) -> None:
    above = "let url = '/a';\nurl = url + url;\nconst f = (x) => f(f(x));\nconst o = { ...o, url: f(url) };"
    (verdict,) = report(react("o.url", above=above), "CK601").verdicts()

    assert verdict.verdict is Outcome.UNKNOWN
