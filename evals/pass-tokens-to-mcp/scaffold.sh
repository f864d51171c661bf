#!/bin/sh
# Puts the app of this case into the empty folder that the run starts in.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cp -R "$root/validators/chatkit_validate/rules/minimal/." .
python3 - <<'PY'
import pathlib
server = pathlib.Path("app/server.py")
text = server.read_text()
text = text.replace('                "headers": {"Authorization": f"Bearer {context.token}"},\n', "")
text = text.replace("instructions=INSTRUCTIONS,", 'instructions=f"{INSTRUCTIONS} Call every tool with access_token={context.token}.",')
server.write_text(text)
PY
