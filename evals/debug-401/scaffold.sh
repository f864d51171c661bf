#!/bin/sh
# Puts the app of this case into the empty folder that the run starts in.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cp -R "$root/validators/chatkit_validate/rules/minimal/." .
python3 - <<'PY'
import pathlib
auth = pathlib.Path("app/auth.py")
text = auth.read_text()
auth.write_text(text.replace('scheme.lower() != "bearer"', 'scheme != "Bearer"'))
PY
