"""What runs inside a coding agent's session: after an edit, and when the agent stops.

Every module here that runs on every edit imports next to nothing: most edits have nothing to do with ChatKit.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

SECONDS: Final = {"edit": 6, "stop": 15}
"""After this time a hook gives up without a word."""


def main(event: str) -> None:
    """Reads the hook's input from standard input and answers on standard output.

    Args:
        event: `edit` for PostToolUse, `stop` for Stop and SubagentStop.
    """
    _give_up_after(SECONDS[event])
    import json

    payload = json.loads(sys.stdin.buffer.read())
    if event == "edit":
        from chatkit_validate.hook.edit import after_edit

        answer = after_edit(payload)
    else:
        from chatkit_validate.hook.stop import at_stop

        answer = at_stop(payload)
    if answer:
        # ASCII: on Windows the standard output may be in any encoding.
        sys.stdout.write(json.dumps(answer))
        sys.stdout.flush()


def _give_up_after(seconds: int) -> None:
    import signal

    if hasattr(signal, "SIGALRM"):
        # Without a handler the process ends at once, wherever it is; nothing has been said by then.
        signal.alarm(seconds)
