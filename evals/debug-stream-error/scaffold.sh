#!/bin/sh
# Puts the app of this case into the empty folder that the run starts in.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cp -R "$root/validators/chatkit_validate/rules/minimal/." .
python3 - <<'PY'
import pathlib
server = pathlib.Path("app/server.py")
text = server.read_text()
start = text.index("        tasks = MCPServerStreamableHttp(")
end = text.index("        async with tasks:")
block = text[start:end]
text = text[:start] + text[end:]
import textwrap
shared = textwrap.dedent(block).replace('{context.token}', "service")
text = text.replace("class ChatServer", shared + "\n\nclass ChatServer", 1)
server.write_text(text)
PY
