"""What a large preview found, counted by account, last visit and e-mail domain: in slices, and bounded."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from compliance.core import clock

from .models import Preview, Request
from .sealing import details_of, targets_vault
from .states import Outcome, State, TargetKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from .models import Target
    from .sealing import Vault

#: Previews of more targets than this have a summary.
SUMMARISED_OVER = 100
A_SLICE = 5_000
#: So many names are shown; the others together.
MOST_SHOWN = 50
#: So many names are counted at a time: of more, the rarest are dropped, and count among the others.
MOST_COUNTED = 4_000
PURPOSE = "summary"
#: Days since the last visit, and what is said of whoever was seen within them.
AGES = (
    (30, "within 30 days"),
    (90, "31 to 90 days ago"),
    (365, "91 to 365 days ago"),
    (730, "1 to 2 years ago"),
)
OLDER, NEVER = "more than 2 years ago", "no visit known"
RECENT = ("within 30 days", "31 to 90 days ago")


@dataclass
class Counts:
    """What is counted so far. A visitor of several accounts counts in each."""

    visitors: int = 0
    memberships: int = 0
    no_account: int = 0
    no_email: int = 0
    accounts: Counter[str] = field(default_factory=Counter, repr=False)
    domains: Counter[str] = field(default_factory=Counter, repr=False)
    ages: Counter[str] = field(default_factory=Counter)

    def add(self, details: dict[str, Any], now: dt.datetime) -> None:
        """One more visitor is counted."""
        accounts, email = details.get("accounts") or [], details.get("email") or ""
        self.visitors += 1
        self.memberships += len(accounts)
        self.no_account += not accounts
        self.no_email += "@" not in email
        self.accounts.update(accounts)
        if "@" in email:
            self.domains[email.rpartition("@")[2].strip().lower()] += 1
        self.ages[_age(details.get("last_visit"), now)] += 1

    def shown(self) -> dict[str, Any]:
        """As people are shown it: the most frequent names, and how many the others have."""
        accounts, domains = self.accounts.most_common(MOST_SHOWN), self.domains.most_common(MOST_SHOWN)
        return {
            "visitors": self.visitors,
            "accounts": accounts,
            "other_accounts": self.memberships - sum(count for _, count in accounts),
            "no_account": self.no_account,
            "email_domains": domains,
            "other_domains": self.visitors - self.no_email - sum(count for _, count in domains),
            "no_email": self.no_email,
            "last_visit": [(age, self.ages[age]) for age in (*(age for _, age in AGES), OLDER, NEVER)],
            "seen_last_90_days": sum(self.ages[age] for age in RECENT),
        }


def summary_of(preview: Preview) -> dict[str, Any]:
    """The summary of a preview that is ready, as `Counts.shown` gives it; empty where there is none."""
    if preview.sealed_summary is None:
        return {}
    vault = targets_vault(preview.request)
    summary: dict[str, Any] = json.loads(vault.open(preview.sealed_summary, purpose=PURPOSE))
    return summary


def wants_summary(request: Request) -> bool:
    """Whether so much was found that nobody reads it all."""
    return _found(request)[: SUMMARISED_OVER + 1].count() > SUMMARISED_OVER


@transaction.atomic
def sum_up_slice(preview: Preview) -> bool:
    """Some more of what was found is counted; False if nothing was left."""
    request = Request.objects.select_for_update().get(pk=preview.request_id)
    preview = Preview.objects.get(pk=preview.pk)
    found = _found(request).filter(pk__gt=preview.summed_up_to).order_by("pk")
    targets = list(found.only("request", "sealed_details")[:A_SLICE])
    if not targets or request.state != State.PREVIEWING:
        return False
    vault = targets_vault(request)
    counts = _counts_of(preview, vault)
    _add(counts, vault, targets)
    preview.sealed_summary = vault.seal(json.dumps(vars(counts)), purpose=PURPOSE)
    preview.summed_up_to = targets[-1].pk
    preview.save(update_fields=["sealed_summary", "summed_up_to"])
    return True


def end_summary(preview: Preview) -> None:
    """What was counted is a summary to be shown. The preview isn't saved."""
    if preview.sealed_summary is not None:
        vault = targets_vault(preview.request)
        shown = _counts_of(preview, vault).shown()
        preview.sealed_summary = vault.seal(json.dumps(shown), purpose=PURPOSE)


def _found(request: Request) -> QuerySet[Target]:
    return request.targets.filter(outcome=Outcome.PENDING).exclude(kind=TargetKind.ACCOUNT)


def _counts_of(preview: Preview, vault: Vault) -> Counts:
    if preview.sealed_summary is None:
        return Counts()
    kept = json.loads(vault.open(preview.sealed_summary, purpose=PURPOSE))
    return Counts(**kept | {name: Counter(kept[name]) for name in ("accounts", "domains", "ages")})


def _add(counts: Counts, vault: Vault, targets: Iterable[Target]) -> None:
    now = clock.now()
    for target in targets:
        counts.add(details_of(vault, target), now)
    for names in (counts.accounts, counts.domains):
        for name, _ in names.most_common()[MOST_COUNTED:]:
            del names[name]


def _age(last_visit: str | None, now: dt.datetime) -> str:
    if last_visit is None:
        return NEVER
    days = (now - dt.datetime.fromisoformat(last_visit)).days
    return next((age for most, age in AGES if days <= most), OLDER)
