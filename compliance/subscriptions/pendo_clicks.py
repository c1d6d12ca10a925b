"""Where an administrator has to click in Pendo (support.pendo.io 9491198203547), in one place."""

from __future__ import annotations

INTEGRATION_KEYS = "Settings > Integrations > Integration Keys"
MAKE_A_KEY = (
    f'In Pendo, an administrator opens {INTEGRATION_KEYS}, clicks "Add Integration Key", ticks "Allow write '
    'access" and copies the key. Pendo shows it once.'
)
MAKE_A_READING_KEY = (
    f'In Pendo, an administrator opens {INTEGRATION_KEYS}, clicks "Add Integration Key", leaves "Allow write '
    'access" unticked and copies the key. Pendo shows it once.'
)
DELETE_A_KEY = (
    f"In Pendo, an administrator opens {INTEGRATION_KEYS}, finds the old key by its name and the day it was "
    "made, clicks the trash icon in its row and confirms."
)
