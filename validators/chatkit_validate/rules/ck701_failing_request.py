"""CK701: a valid request is answered with a server error."""

from __future__ import annotations

from chatkit_validate.rules.rule import Rule
from chatkit_validate.rules.verdict import Level, Validator

RULE = Rule(
    code="CK701",
    name="failing-request",
    level=Level.ERROR,
    by=(Validator.LIVE,),
    skill="fastapi-chatkit-endpoint",
    subject="endpoint",
    what="Every valid request of the protocol is answered without a server error: threads.list, "
    "threads.create, threads.get_by_id, items.list, threads.update.",
    why="The widget sends all of these by itself: it lists threads when it opens and reads one when the user "
    "picks it. A 5xx among them is an empty or broken chat, and clients send such a request again.",
    instead="Read the app's log for the exception. The usual causes have rules of their own: a store method that "
    "is missing or a stub (CK401, CK412), a store that is not initialised (CK304), a wrong response "
    "(CK106, CK107), a result that was not awaited (CK112).",
    acceptable="501 for a request type that the server does not implement is a refusal, not a failure.",
    sources=("chatkit/types.py: ChatKitReq", "chatkit/server.py: a title hands save_thread() a Thread (1.6.5)"),
)
