"""Applications that share a repository share nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import minimal_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.report.report import Report


def test_each_application_has_its_own_servers(report: Callable[..., Report]) -> None:
    files = {f"{root}/{path}": text for root in ("one", "two") for path, text in minimal_app().items()}
    token = '"Authorization": f"Bearer {context.token}"'
    assert token in files["two/app/server.py"]
    files["two/app/server.py"] = files["two/app/server.py"].replace(token, "")

    found = {integration.root: integration for integration in report(files, "CK213", "CK304").integrations}

    assert sorted(found) == ["one", "two"]
    for root, integration in found.items():
        assert {verdict.subject.path.partition("/")[0] for verdict in integration.verdicts} == {root}
    assert not [verdict.code for verdict in found["one"].verdicts if verdict.failed]
    assert [verdict.code for verdict in found["two"].verdicts if verdict.failed] == ["CK213"]
