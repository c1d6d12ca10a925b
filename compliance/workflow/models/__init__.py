"""Tables of the workflow. Whatever is personal is sealed under one of the request's two data keys."""

from .attention import Attention
from .choices import LawChoice, PolicyLine
from .decisions import (
    AccessAnswer,
    Appeal,
    AppealKind,
    AppealResult,
    Approval,
    Decision,
    Refusal,
    RefusalScope,
    RefusedTarget,
)
from .floods import Flood, ProgramOpening
from .guards import Guard, Narrowing, StoppedBy
from .holds import HeldThing, Hold, Suspension
from .incidents import Incident, Risk
from .listings import Listing, ListingOf, Member, Offering, Way
from .previews import SCANNED, Preview, SampleLook, Scan, ScanStep, Tally
from .processing import Customer, Processing
from .recipients import Recipient, RecipientTask, Told
from .requests import (
    ALPHABET,
    Asked,
    Clock,
    Extension,
    LaterMessage,
    Request,
    SubjectDigest,
    about_tests,
    new_reference,
)
from .targets import Erased, Target

__all__ = [
    "ALPHABET",
    "SCANNED",
    "AccessAnswer",
    "Appeal",
    "AppealKind",
    "AppealResult",
    "Approval",
    "Asked",
    "Attention",
    "Clock",
    "Customer",
    "Decision",
    "Erased",
    "Extension",
    "Flood",
    "Guard",
    "HeldThing",
    "Hold",
    "Incident",
    "LaterMessage",
    "LawChoice",
    "Listing",
    "ListingOf",
    "Member",
    "Narrowing",
    "Offering",
    "PolicyLine",
    "Preview",
    "Processing",
    "ProgramOpening",
    "Recipient",
    "RecipientTask",
    "Refusal",
    "RefusalScope",
    "RefusedTarget",
    "Request",
    "Risk",
    "SampleLook",
    "Scan",
    "ScanStep",
    "StoppedBy",
    "SubjectDigest",
    "Suspension",
    "Tally",
    "Target",
    "Told",
    "Way",
    "about_tests",
    "new_reference",
]
