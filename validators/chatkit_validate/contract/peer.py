"""The other process of `processes/shared`: reads its order from standard input, answers one line of JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from chatkit_validate.contract import context, target
from chatkit_validate.contract.clause import CallError
from chatkit_validate.contract.journal import Journal
from chatkit_validate.contract.user import User


async def _answer(order: dict[str, Any]) -> dict[str, str]:
    from chatkit_validate.contract import samples

    try:
        found = target.load(order["spec"], order["path"])
        async with target.opened(found) as store:
            contexts = (
                context.named(order["context"], order["path"]) if order["context"] else context.guessed(type(store))
            )
            user = User(order["user"], await contexts.make(order["user"]), store, Journal())
            await user.load_thread(order["thread"])
            if not (await user.load_thread_items(order["thread"], None, 50, "asc")).data:
                return {"broken": "load_thread_items shows none of the thread's items"}
            for item_id in order["items"]:
                await user.add_thread_item(order["thread"], samples.message(item_id, order["thread"]))
    except CallError as error:
        return {"broken": str(error)}
    except (target.TargetError, context.ContextError) as error:
        return {"untried": str(error)}
    return {}


def main() -> None:
    """Carries out the order."""
    order = json.load(sys.stdin)
    out = os.dup(1)
    os.dup2(2, 1)  # what the target prints is no answer
    answer = asyncio.run(_answer(order))
    os.write(out, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
