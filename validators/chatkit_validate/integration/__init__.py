"""What was built: the domain model of a ChatKit integration, and the readers that recognise it.

`read(project, relevant)` finds the integrations. What is asked by one rule only is read when that rule asks:
`integration.once(response.replies, endpoint)` reads at most once.
"""

from __future__ import annotations

from chatkit_validate.integration.evidence import Absent, Evidence, Found, Unresolved
from chatkit_validate.integration.model import Endpoint, Integration, Server
from chatkit_validate.integration.reading import read

__all__ = ["Absent", "Endpoint", "Evidence", "Found", "Integration", "Server", "Unresolved", "read"]
