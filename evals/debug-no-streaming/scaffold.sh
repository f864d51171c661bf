#!/bin/sh
# Puts the app of this case into the empty folder that the run starts in.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cp -R "$root/validators/chatkit_validate/rules/minimal/." .
python3 - <<'PY'
import pathlib
main = pathlib.Path("app/main.py")
main.write_text(main.read_text().replace(', "X-Accel-Buffering": "no"', "").replace('"Cache-Control": "no-cache"', ""))
PY
