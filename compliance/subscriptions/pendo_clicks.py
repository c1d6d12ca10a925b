"""Where an administrator has to click in Pendo (support.pendo.io 9491198203547), in one place."""

from __future__ import annotations

INTEGRATION_KEYS = "Settings > Integrations > Integration Keys"
_ADD = f'In Pendo, an administrator opens {INTEGRATION_KEYS}, clicks "Add Integration Key", describes it'
_COPY = 'clicks "Create" and copies the key: Pendo shows it only this once.'
MAKE_A_KEY = f'{_ADD}, ticks "Allow write access", {_COPY}'
MAKE_A_READING_KEY = f'{_ADD}, leaves "Allow write access" unticked, {_COPY}'
DELETE_A_KEY = (
    f"In Pendo, an administrator opens {INTEGRATION_KEYS}, finds the old key by its description, clicks the "
    "trash icon in its row and confirms."
)
