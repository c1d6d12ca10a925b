"""Visitor ids as real subscriptions have them: whatever a customer's software once passed on."""

from __future__ import annotations

COMPANIES = (
    "Harbour & Sons",
    "Nordlicht GmbH",
    "Acme Rail",
    "Blue Fern Ltd",
    "Çelik & Oğlu",
    "Delta/Gamma Partners",
    "Zürich Optik AG",
    "Kestrel Labs",
)

SHAPES: tuple[tuple[str, ...], ...] = (
    (
        "Harbour & Sons {0}",
        "Acme Rail, North {0}",
        "Delta/Gamma/{0}",
        "a+b+{0}@plus.example",
        "100% wool {0}",
        "50%25 {0}",
        "../{0}",
    ),
    (
        "Zoë Müller {0}",
        "山田太郎{0}",
        "Øyvind-Ångström {0}",
        "عميل {0}",
        "Ελένη {0}",
        "Zoe\u0308 {0}",
        "Ирина {0}",
    ),
    ("party 🎉 {0}", "👩‍👩‍👧 {0}", "🇨🇭{0}", "🙂+🙂 {0}", "emoji/🚀/{0}", "⚙️%{0}", "✓ {0}"),
    ("Mira_Twin{0}@twins.example",),
    ("mira_twin{0}@twins.example",),
    (
        'say "hi" {0}',
        "O'Neill {0}",
        "back\\slash {0}",
        "tick`{0}`",
        "semi;colon, comma {0}",
        "{{braces}} {0}",
        "=SUM({0})",
    ),
    ("who?#{0}", "b64_{0}", "CORP\\user{0}", "key=value&{0}", "{0}", "<b>{0}</b>", "user:{0}@host"),
)
"""One row for each odd slot, `{0}` for the serial number. Rows four and five differ only in case."""

SECOND_TWIN = 4


def odd_id(slot: int, variant: int, serial: int) -> str:
    """Return the odd id of a slot (0 to 6); a second twin takes the serial number of the one before it."""
    shapes = SHAPES[slot]
    return shapes[variant % len(shapes)].format(serial - 100 if slot == SECOND_TWIN else serial)
