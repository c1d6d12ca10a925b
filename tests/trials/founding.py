"""`python -m tests.trials.founding PORT`: an empty database becomes a demo's, on the sandbox at this port.

Prints API tokens of an analyst and an officer as JSON. One process does it all: each takes long to begin.
"""

import json
import os
import sys
from io import StringIO

SCOPES = {"analyst": ("read", "write"), "officer": ("read", "approve")}


def main(port):
    os.environ["DJANGO_SETTINGS_MODULE"] = "compliance.settings"
    import django  # noqa: PLC0415 -- the environment comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 -- after django.setup

    call_command("migrate", verbosity=0)
    call_command("demo", f"--sandbox-port={port}", stdout=StringIO())
    json.dump({role: token(role, scopes) for role, scopes in SCOPES.items()}, sys.stdout)


def token(role, scopes):
    """An API token of this person of the demo."""
    from django.core.management import call_command  # noqa: PLC0415 -- after django.setup

    printed = StringIO()
    wanted = [f"--scope=requests:{scope}" for scope in scopes]
    call_command("add_token", f"{role}@demo.example", *wanted, stdout=printed)
    return printed.getvalue().split()[-1]


if __name__ == "__main__":
    main(sys.argv[1])
