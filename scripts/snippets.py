"""Writes the tested regions into the code blocks of agents and skills. With --check only names what differs."""

from __future__ import annotations

import sys

import environment

sys.path.insert(0, str(environment.ROOT / "validators"))

from chatkit_validate.bundle.regions import RegionError
from chatkit_validate.bundle.rewriting import rewritten


def main() -> int:
    """Answers 1 if a region does not exist, or if --check named a file."""
    wrong = 0
    for folder in ("agents", "skills"):
        for path in sorted((environment.ROOT / folder).rglob("*.md")):
            old = path.read_text("utf-8")
            try:
                new = rewritten(old, environment.ROOT)
            except RegionError as error:
                print(f"{path.relative_to(environment.ROOT)}: {error}")
                wrong += 1
                continue
            if new == old:
                continue
            if "--check" in sys.argv:
                print(
                    f"{path.relative_to(environment.ROOT)} shows other code than its regions: run scripts/snippets.py"
                )
                wrong += 1
            else:
                path.write_text(new, "utf-8")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
