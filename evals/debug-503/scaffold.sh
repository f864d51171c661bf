#!/bin/sh
# Puts the app of this case into the empty folder that the run starts in.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cp -R "$root/validators/chatkit_validate/rules/minimal/." .
python3 - <<'PY'
import pathlib
main = pathlib.Path("app/main.py")
text = main.read_text()
text = text.replace("load_dotenv()\n\n", "", 1).replace("from dotenv import load_dotenv\n\n", "", 1)
text = text.replace("logger = logging.getLogger(__name__)", "from dotenv import load_dotenv\n\nload_dotenv()\n\nlogger = logging.getLogger(__name__)")
main.write_text(text)
settings = pathlib.Path("app/settings.py")
text = settings.read_text().replace('env_file=".env", ', "")
text = text.replace("taskflow_chatkit_database_url: str | None = None", 'taskflow_chatkit_database_url: str | None = os.getenv("TASKFLOW_CHATKIT_DATABASE_URL")')
settings.write_text("import os\n\n" + text)
pathlib.Path(".env").write_text("TASKFLOW_CHATKIT_DATABASE_URL=postgresql://localhost/tasks\nJWT_PUBLIC_KEY=key\n")
PY
