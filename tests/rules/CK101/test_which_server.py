from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.apps import app, failed, outcomes

from chatkit_validate.rules.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatkit_validate.rules.verdict import Verdict

    Verdicts = Callable[..., list[Verdict]]

ENTRY = '@app.post("/chatkit")\n'
RESUME = """
@app.post("/voice/{thread_id}")
async def resume(request: Request, thread_id: str, caller: Annotated[Caller, Depends(current_caller)]):
    message = {"type": "threads.add_user_message", "params": {"thread_id": thread_id, "input": {"content": []}}}
    result = await request.app.state.chatkit_server.process(json.dumps(message).encode(), caller)
    async for _ in result:
        pass


"""
FOUND = 'server = getattr(request.app.state, "chatkit_server", None)'


def test_a_request_that_the_program_writes_is_no_endpoint(verdicts: Verdicts) -> None:
    tree = app(None, ("app/main.py", ENTRY, RESUME + ENTRY))
    tree["app/main.py"] = "import json\n" + tree["app/main.py"]
    assert [found.subject.name for found in verdicts(tree, "CK101")] == ["POST /chatkit"]


def test_a_server_may_be_the_one_that_cannot_be_followed(verdicts: Verdicts) -> None:
    tree = app(None, ("app/main.py", FOUND, "server = find(request)"))
    tree["app/main.py"] = "from elsewhere import find\n" + tree["app/main.py"]
    found = verdicts(tree, "CK101")
    assert not failed(found)
    assert outcomes(found) == {Outcome.PASS, Outcome.UNKNOWN}
