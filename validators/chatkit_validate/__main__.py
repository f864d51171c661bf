"""`python -m chatkit_validate`."""

from __future__ import annotations

import sys

from chatkit_validate.cli import main

sys.exit(main())
