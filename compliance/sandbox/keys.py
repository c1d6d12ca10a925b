"""The invented integration keys that open the default world; they open nothing else anywhere.

Their form is the real one: UUID-like, with the region as suffix.
"""

from __future__ import annotations

from typing import Final

DEMO_WRITE_KEY: Final = "5a4db0c5-0000-4000-8000-000000de3001.us"
DEMO_READ_KEY: Final = "5a4db0c5-0000-4000-8000-000000de3002.us"
OTHER_WRITE_KEY: Final = "5a4db0c5-0000-4000-8000-00000007e401.us"
