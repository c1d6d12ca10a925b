"""The roles, and which of them weigh more."""

from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    """What a person comes here for."""

    ANALYST = "analyst", "Privacy analyst"
    OFFICER = "officer", "Privacy officer"
    LEGAL = "legal", "Legal"
    QA = "qa", "QA engineer"
    QA_LEAD = "qa_lead", "QA lead"
    KEY_CUSTODIAN = "key_custodian", "Key custodian"
    ADMINISTRATOR = "administrator", "Administrator"


#: Whoever holds one of these approves, holds keys or administers, so logs in with a second factor.
SECOND_FACTOR_ROLES = frozenset({Role.OFFICER, Role.QA_LEAD, Role.KEY_CUSTODIAN, Role.ADMINISTRATOR})
#: They may be given for some subscriptions only. Holds and people are for all of them, so their roles are.
LIMITABLE_ROLES = frozenset({Role.ANALYST, Role.OFFICER, Role.QA, Role.QA_LEAD, Role.KEY_CUSTODIAN})
#: On screen, these are proposed by one administrator and granted by another.
TWO_PERSON_ROLES = frozenset({Role.OFFICER, Role.ADMINISTRATOR})
