"""The rules over HTTP: a strict ChatKit client, scenarios, and what each of them proves (command `probe`).

Imported only by that command: it needs `httpx` and `openai-chatkit` (extra `live`).
"""
