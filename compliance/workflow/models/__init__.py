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
from .holds import HeldThing, Hold
from .incidents import Incident, Risk
from .previews import SCANNED, Preview, SampleLook, Scan, ScanStep, Tally
from .processing import Customer, Processing
from .recipients import Recipient, RecipientTask, Told
from .requests import ALPHABET, Asked, Clock, Extension, LaterMessage, Request, SubjectDigest, new_reference
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
    "HeldThing",
    "Hold",
    "Incident",
    "LaterMessage",
    "LawChoice",
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
    "SubjectDigest",
    "Tally",
    "Target",
    "Told",
    "new_reference",
]
