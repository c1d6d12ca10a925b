"""The closed vocabulary of the ledger: what can happen, what it means, and how it reads on a timeline.

A sentence names its facts in braces; exactly these facts, and `actor`, belong to the entry. Facts are codes,
counts, dates, references, digests and commitments: never what a person concerned is called or wrote.
"""

from __future__ import annotations

import enum
from string import Formatter
from typing import Self


class Event(enum.Enum):
    """An event with its one-line meaning for the reader of an export, and its sentence."""

    meaning: str
    sentence: str

    def __new__(cls, value: str, meaning: str, sentence: str) -> Self:
        """Keep the meaning and the sentence beside the value that is stored."""
        event = object.__new__(cls)
        event._value_ = value
        event.meaning = meaning
        event.sentence = sentence
        return event

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts that an entry of this event carries."""
        named = {field for _, field, _, _ in Formatter().parse(self.sentence) if field}
        return frozenset(named - {"actor"})

    # -- the request ---------------------------------------------------------------------------------------
    REQUEST_UNCONFIRMED = (
        "request:unconfirmed",
        "A program opened too many requests at once, so this one waits until a person confirms it.",
        "It waits for a person: a program opened many at once ({flood}).",
    )
    REQUEST_CONFIRMED = (
        "request:confirmed",
        "A person confirmed that a request is meant which a program had opened with many others at once.",
        "{actor} confirmed that it is meant.",
    )
    FLOOD_BEGAN = (
        "flood:began",
        "One owner's programs opened more requests within an hour than they may: the rest is kept back.",
        "The programs of {person} opened more than {most} requests within an hour: the rest is kept back.",
    )
    FLOOD_CONFIRMED = (
        "flood:confirmed",
        "A person confirmed that the requests which were kept back are meant.",
        "{actor} confirmed {count} requests that were kept back.",
    )
    FLOOD_CANCELLED = (
        "flood:cancelled",
        "A person said that the requests which were kept back are not meant; they are cancelled.",
        "{actor} cancelled {count} requests that were kept back.",
    )
    REQUEST_OPENED = (
        "request:opened",
        "A request was recorded.",
        (
            "{actor} recorded a request of kind {kind} under {law} (version {law_version}), received on "
            "{received_on} by {channel}; {asked} identifiers asked; identity: {identity}; the order is to "
            "reach Pendo by {send_by}."
        ),
    )
    REQUEST_REVISED = (
        "request:revised",
        "What was asked was changed; earlier previews and approvals no longer count.",
        "{actor} changed what was asked: now {asked} identifiers.",
    )
    ASKED_AGAIN = (
        "request:asked:again",
        "The same person asked the same again: it stays one request, with the dates of the first message.",
        "{actor} recorded a later message of the person, of {received_on} by {channel}; commitment {note}.",
    )
    ACCESS_ASKED = (
        "request:access:asked",
        "The message asks for access to the data, too, which comes before erasure.",
        "{actor} recorded that the message asks for access, too.",
    )
    ACCESS_SETTLED = (
        "request:access:settled",
        "Whoever approved the erasure confirmed that access was given before, or why it isn't due.",
        "{actor} confirmed before approving preview {preview}: {access}.",
    )
    LAW_NAMED = (
        "request:law:named",
        "The law of a request, or whose holidays count, was named; its clocks were counted anew.",
        (
            "{actor} named the law {law} (version {law_version}), holidays of {calendar}; the order is to "
            "reach Pendo by {send_by}, before: {before}."
        ),
    )
    IDENTITY_NOTED = (
        "request:identity:noted",
        "When the person was asked for proof of identity, and gave it; clocks move only if the law says so.",
        (
            "{actor} noted that proof of identity was asked for on {asked_on}; it came: {proven_on}; the "
            "order is to reach Pendo by {send_by}, before: {before}."
        ),
    )
    REQUEST_EXTENDED = (
        "request:extended",
        "An officer took the more time for the answer that the law gives; the reason is kept under seal.",
        (
            "{actor} extended the answer until {answer_by}, ground {ground}, commitment of the reason "
            "{reason}; the notice is to reach the person by {notice_by}, the order Pendo by {send_by}, "
            "before: {before}."
        ),
    )
    HANDLED_ELSEWHERE = (
        "request:elsewhere:named",
        "Another system handles the correspondence of the request, and sets a day of its own.",
        (
            "{actor} noted that case {case} of another system handles the correspondence, due on {due_on}; "
            "the order is to reach Pendo by {send_by}, before: {before}."
        ),
    )
    HANDLED_HERE = (
        "request:elsewhere:ended",
        "The correspondence of the request is handled here again.",
        "{actor} took the correspondence back from case {case}; the order is to reach Pendo by {send_by}.",
    )
    ROLE_OF_COMPANY_NAMED = (
        "request:company:role",
        "Whether the company is controller of the data, or processes it on behalf of a customer.",
        "{actor} named the role of the company in this request: {role}.",
    )
    CUSTOMER_NAMED = (
        "request:customer:named",
        "On whose behalf the company is processor, and until when the contract wants the request handled.",
        (
            "{actor} named the customer ({customer}; commitment {commitment}); the contract gives {days} "
            "days, until {due_on}; the order is to reach Pendo by {send_by}, before: {before}."
        ),
    )
    REQUEST_FORWARDED = (
        "request:forwarded",
        "The request was forwarded to the customer, on whose instruction only it is carried out.",
        "{actor} noted that the request was forwarded to the customer.",
    )
    INSTRUCTION_RECORDED = (
        "request:instruction:recorded",
        "The customer's instruction, who gave it and what shows it are kept under seal, a commitment here.",
        (
            "{actor} recorded the customer's instruction of {instructed_on}; commitment to who gave it and "
            "what shows it {evidence}."
        ),
    )
    INSTRUCTION_VOID = (
        "request:instruction:void",
        "The customer's instruction counts no more: what is asked, or the customer, was changed after it.",
        "{actor} made a change after which the customer's instruction of {instructed_on} counts no more.",
    )
    REQUEST_SPLIT = (
        "request:split",
        "A subscription without a usable key was taken out; it is handled in a request of its own.",
        "{actor} went on without {subscription}, which had no usable key: {other} handles it alone.",
    )
    REQUEST_CONTINUES = (
        "request:continues",
        "The request goes on from another one, with its dates and what it asks.",
        "{actor} let this request go on from {other} for {subscription}, which had no usable key.",
    )
    PREVIEW_STARTED = (
        "request:preview:started",
        "The identifiers are being looked up in Pendo.",
        "{actor} had preview {preview} made: looking up {targets} targets in {subscriptions}.",
    )
    PREVIEW_READY = (
        "request:preview:ready",
        "A preview is complete; its digest binds what may be approved.",
        "Preview {preview} is ready: {found} found, {not_found} not found; digest {digest}.",
    )
    PREVIEW_RECOUNTED = (
        "request:preview:recounted",
        "A person chose among the targets that were found; earlier approvals no longer count.",
        (
            "{actor} chose among what was found: preview {preview} has {found} targets, {spared} are spared; "
            "digest {digest}."
        ),
    )
    PREVIEW_HELD = (
        "request:preview:held",
        "A hold placed after the preview keeps some of it back; earlier approvals no longer count.",
        (
            "A hold placed meanwhile keeps targets back: preview {preview} has {found} targets, {held} are "
            "held; digest {digest}."
        ),
    )
    EVERYTHING_HELD = (
        "request:everything:held",
        "A person confirmed that everything found is held; the request was closed, and nothing was sent.",
        "{actor} closed the request: all {held} targets that would be acted on are held.",
    )
    HELD_CONTINUED = (
        "request:held:continued",
        "Held targets are looked at again in a request of their own, with its own preview and approvals.",
        "{actor} had {count} targets that a hold had kept back looked at again: {other} handles them.",
    )
    CONTINUES_HELD = (
        "request:held:continues",
        "The request goes on with what a hold had kept back in another one, with its dates.",
        "{actor} let this request go on with {count} targets that a hold had kept back in {other}.",
    )
    NOTHING_FOUND = (
        "request:nothing:found",
        "None of what was asked exists in the subscriptions searched.",
        "Preview {preview} found none of the {not_found} targets looked up.",
    )
    NOTHING_FOUND_CONFIRMED = (
        "request:nothing:confirmed",
        "It was confirmed that nothing was found, by a person or as part of a run; the request was closed.",
        "{actor} confirmed that nothing was found.",
    )
    SAMPLE_LOOKED = (
        "request:sample:looked",
        "How much of a preview's sample a person had opened and ticked when they approved it.",
        (
            "{actor} had looked at {looked} of a sample of {sample} in preview {preview}, and at "
            "{looked_contradicting} of {contradicting} shown that contradict."
        ),
    )
    APPROVAL_GIVEN = (
        "request:approval:given",
        "One person approved exactly this preview.",
        "{actor} approved preview {preview}: {count} targets, digest {digest} ({given} of {wanted}).",
    )
    APPROVED_BY_RULE = (
        "request:approval:rule",
        "A standing approval of a clean-up rule approved exactly this preview.",
        (
            "{actor} approved preview {preview}: {count} targets, digest {digest}, by {standing}, which "
            "{approver} gave."
        ),
    )
    APPROVAL_VOID = (
        "request:approval:void",
        "An approval by a standing one counts no more, because that was ended before anything was sent.",
        "The approval of preview {preview} by {standing} counts no more: {why}.",
    )
    GUARD_LAID = (
        "request:guard:laid",
        "The request runs a clean-up rule: what it must stay within.",
        (
            "{actor} runs the rule {rule}, version {version} ({what}): at most {most} targets, and {share} % "
            "of all visitors; digest of the guard pattern {pattern}; narrowed to {narrowed} visitors."
        ),
    )
    GUARD_STOPPED = (
        "request:guard:stopped",
        "A run of a clean-up rule was outside its guard: it ended before anything was sent.",
        (
            "The guard of the rule {rule} stopped it before anything was sent: {why}. Found: {found} "
            "targets; allowed: {most}, and {share} % of {visitors} visitors; outside the pattern: {outside}."
        ),
    )
    DRY_RUN_ENDED = (
        "request:dry:run:ended",
        "A dry run has shown what a clean-up rule would do; nothing was sent.",
        "The dry run of the rule {rule}, version {version}, ended: {found} targets would be acted on.",
    )
    REQUEST_APPROVED = (
        "request:approved",
        "All approvals that the policy wants were given.",
        "Preview {preview} is approved; sending begins after {grace_until}, and anyone may cancel before.",
    )
    GRACE_LENGTHENED = (
        "request:grace:lengthened",
        "A policy put in force after the approval gives more time to cancel.",
        "{actor} changed the policy; sending begins after {grace_until}, and anyone may cancel before.",
    )
    REQUEST_REJECTED = (
        "request:rejected",
        "A preview was sent back; the reason is kept under seal, its commitment here.",
        "{actor} rejected preview {preview}; commitment of the reason {reason}.",
    )
    REQUEST_CANCELLED = (
        "request:cancelled",
        "The request was ended before anything was sent.",
        "{actor} cancelled the request; commitment of the reason {reason}.",
    )
    REST_CANCELLED = (
        "request:rest:cancelled",
        "What was not sent yet of a request is cancelled; what was sent is followed to its end.",
        "{actor} cancelled what was not sent yet; commitment of the reason {reason}.",
    )
    REQUEST_WITHDRAWN = (
        "request:withdrawn",
        "The person concerned took the request back before anything was sent.",
        (
            "{actor} recorded that the person withdrew the request, on {withdrawn_on} by {channel}; what was "
            "noted has the commitment {note}."
        ),
    )
    REFUSAL_PROPOSED = (
        "request:refusal:proposed",
        "A person proposed to refuse the right, wholly or in part; the reasons are kept under seal.",
        (
            "{actor} proposed to refuse {scope} ({count} targets): {code} under {law}, kept until "
            "{kept_until}; commitment of the reasons {reason}."
        ),
    )
    REFUSAL_DECLINED = (
        "request:refusal:declined",
        "A proposed refusal doesn't stand: a second person declined it, or it was taken back.",
        "{actor} declined the refusal {code}, or took it back; commitment of the reason {reason}.",
    )
    PARTLY_REFUSED = (
        "request:refused:partly",
        "A second person agreed that part of what is asked is refused; the rest goes on.",
        "{actor} agreed to refuse {scope} ({count} targets): {code}.",
    )
    REQUEST_REFUSED = (
        "request:refused",
        "A second person agreed that the right is refused as a whole; nothing was sent.",
        "{actor} agreed to refuse the request: {code}; it ended as: {ending}.",
    )
    APPEAL_RECORDED = (
        "request:appeal:recorded",
        "The person appeals or complains to the company; its own clock runs.",
        (
            "{actor} recorded {kind} {appeal}, received on {received_on} by {channel}, to be answered by "
            "{answer_by}; commitment of what it says {text}."
        ),
    )
    APPEAL_EXTENDED = (
        "request:appeal:extended",
        "An officer took more time for the answer to an appeal: once, inside the first period.",
        (
            "{actor} took more time for {kind} {appeal}: to be answered by {answer_by}, to be told by "
            "{notice_by}; commitment of the reason {reason}."
        ),
    )
    COMPLAINT_ACKNOWLEDGED = (
        "request:complaint:acknowledged",
        "The person was told that the complaint has arrived.",
        "{actor} noted that complaint {appeal} was acknowledged.",
    )
    APPEAL_DECIDED = (
        "request:appeal:decided",
        "An officer who hadn't refused decided about an appeal or complaint; granted, a request follows.",
        (
            "{actor} decided about {kind} {appeal}: {result}; commitment of the reasons {reason}; request "
            "that follows: {other}."
        ),
    )
    APPEAL_FOLLOWED = (
        "request:appeal:followed",
        "The request was opened because an appeal or complaint about another one was granted.",
        "{actor} granted {kind} {appeal} about {other}: this request follows.",
    )
    EXECUTION_STARTED = (
        "request:execution:started",
        "The grace period is over; the approved set is handed to execution, which makes batches of it.",
        "Execution began: {count} targets, digest {digest}.",
    )
    REQUEST_PAUSED = (
        "request:paused",
        "Nothing more of the request is sent until it is resumed; what was sent is followed.",
        "{actor} paused the request; commitment of the reason {reason}.",
    )
    REQUEST_RESUMED = (
        "request:resumed",
        "What is left of the request may be sent again.",
        "{actor} resumed the request.",
    )
    CONFIRMATION_STARTED = (
        "request:confirmation:started",
        "Pendo has accepted everything that was sent; absence is now to be shown.",
        "Everything sent was accepted; confirmation began.",
    )
    REQUEST_DATE_NEAR = (
        "request:date:near",
        "The day by which the order has to reach Pendo is near, and not everything is sent.",
        "The order is to reach Pendo by {send_by}: {days} days are left, and not everything is sent.",
    )
    REQUEST_CLOSED = (
        "request:closed",
        "Every target has a final outcome.",
        "The request was closed: {outcomes}.",
    )
    # -- other systems that hold the same data ---------------------------------------------------------------
    RECIPIENT_TASK_OPENED = (
        "recipient:task:opened",
        "Another system that holds the same data has to be told of the erasure, by somebody, by a day.",
        "Task {task}: {recipient} is to be told by {due_on}.",
    )
    RECIPIENT_TASK_HANDED_OVER = (
        "recipient:task:handed:over",
        "Somebody else has to see to it that another system is told.",
        "{actor} handed task {task} ({recipient}) over from {former} to {owner}.",
    )
    RECIPIENT_TASK_REMINDED = (
        "recipient:task:reminded",
        "Whoever has to tell another system was reminded, once.",
        "A reminder of task {task} went out: {recipient} is to be told by {due_on}.",
    )
    RECIPIENT_TASK_OVERDUE = (
        "recipient:task:overdue",
        "Another system was not told in time; its owner and the officers were written to, once.",
        "Task {task} is overdue: {recipient} was to be told by {due_on}.",
    )
    RECIPIENT_TOLD = (
        "recipient:told",
        "Another system was told; the evidence is kept under seal, its commitment here.",
        "{actor} did task {task}: {recipient} was told; commitment of the evidence {evidence}.",
    )
    RECIPIENT_NOT_TOLD = (
        "recipient:not:told",
        "Another system is not told, for a reason; the facts are kept under seal, their commitment here.",
        "{actor} ended task {task}: {recipient} is not told ({why}); commitment of the reasons {evidence}.",
    )
    # -- incidents -----------------------------------------------------------------------------------------
    INCIDENT_OPENED = (
        "incident:opened",
        "Somebody reported that data of the wrong person or account was deleted; 72 hours run.",
        (
            "{actor} reported a wrong deletion: incident {incident}, {targets} targets, known since "
            "{aware_at}; if the authority has to be notified, then by {notify_by}; commitment of the report "
            "{report}."
        ),
    )
    INCIDENT_ASSESSED = (
        "incident:assessed",
        "How many people an incident concerns, and what it means for them.",
        "{actor} assessed incident {incident}: {risk}; {persons} persons; commitment {assessment}.",
    )
    INCIDENT_DECIDED = (
        "incident:decided",
        "Whether the authority and the people concerned are notified; the reason is kept under seal.",
        (
            "{actor} decided about incident {incident}: notify the authority: {authority}, the persons: "
            "{persons}; commitment of the reason {reason}."
        ),
    )
    INCIDENT_NOTIFIED = (
        "incident:notified",
        "The authority, or the people concerned, were notified of an incident.",
        "{actor} noted that {whom} was notified of incident {incident} at {at}.",
    )
    INCIDENT_READMITTED = (
        "incident:readmission",
        "A request was opened that lifts Do Not Process for those who were wrongly named.",
        "{actor} opened {other} to lift Do Not Process for the {count} visitors of incident {incident}.",
    )
    INCIDENT_DUE_SOON = (
        "incident:due:soon",
        "The 72 hours of an incident end within a day; everybody concerned was reminded, once.",
        "Incident {incident}: the 72 hours end at {notify_by}, and it isn't decided, or nobody is notified.",
    )
    INCIDENT_PASSED = (
        "incident:passed",
        "The 72 hours of an incident have ended without a decision or a notification.",
        "Incident {incident}: the 72 hours ended at {notify_by} undecided, or with nobody notified.",
    )
    INCIDENT_CLOSED = (
        "incident:closed",
        "An incident was decided about, everybody to be notified was, and it was closed.",
        "{actor} closed incident {incident}.",
    )
    # -- targets, batches, calls ---------------------------------------------------------------------------
    TARGETS_SETTLED = (
        "targets:settled",
        "Targets got a new outcome; the digest is over their sorted commitments.",
        "{count} targets in {subscription} went from {old} to {new} ({why}); set digest {digest}.",
    )
    CALL_INTENDED = (
        "call:intended",
        "A destructive call was written down before it was sent.",
        "Call {call} for batch {batch} was written down: {endpoint}, {count} targets, set digest {digest}.",
    )
    CALL_ANSWERED = (
        "call:answered",
        "The answer to a call was written down.",
        "Call {call} was answered: {result} ({status}).",
    )
    CALLS_INTENDED = (
        "calls:intended",
        "Calls that act on one target each were written down before the first of them was sent.",
        (
            "{count} calls ({first} to {last}) for batch {batch} were written down: {what}, one target each, "
            "set digest {digest}."
        ),
    )
    CALLS_ANSWERED = (
        "calls:answered",
        "The answers to calls that act on one target each were written down.",
        "{count} calls ({first} to {last}) for batch {batch} were answered: {results}.",
    )
    CALL_UNSETTLED = (
        "call:unsettled",
        "A call left open what Pendo has; it is asked before anything is sent again.",
        "Call {call} left open what Pendo has ({result}, {status}); Pendo is asked before it is resent.",
    )
    BATCH_ACCEPTED = (
        "batch:accepted",
        "Pendo has accepted the batch; this is not yet an erasure.",
        "Batch {batch} is accepted by Pendo ({how}); receipt {receipt}.",
    )
    BATCH_CUT = (
        "batch:cut",
        "Before it was sent, a batch was made smaller; those taken out go on in another batch.",
        "{count} targets of batch {batch} go on as batch {rest}: there was no time to look at them again.",
    )
    BATCH_EMPTIED = (
        "batch:emptied",
        "Before it was sent, everybody left in the batch was spared, held or cancelled.",
        "Nobody of batch {batch} is left to be sent.",
    )
    BATCH_RELEASED = (
        "batch:released",
        "Pendo was asked and does not have the batch; it may be sent again.",
        "Batch {batch} is not known to Pendo ({how}); it will be sent again.",
    )
    BATCH_DOUBTED = (
        "batch:doubted",
        "A batch may have been sent without this database's knowing of it; whether it was, is asked first.",
        "Batch {batch} was recorded before a silence and may have been sent; Pendo is asked before it is.",
    )
    BATCH_SPLIT = (
        "batch:split",
        "What Pendo has of the batch is followed; the rest goes on in smaller batches.",
        "Batch {batch} was divided into {parts} batches; {known} of its targets were at Pendo already.",
    )
    BATCH_DONE = (
        "batch:done",
        "Pendo reports the batch as done; its targets are now looked for.",
        "Pendo reports batch {batch} as done.",
    )
    BATCH_FAILED = (
        "batch:failed",
        "The batch cannot go on by itself.",
        "Batch {batch} cannot go on: {why}.",
    )
    BATCH_CONFIRMED = (
        "batch:confirmed",
        "Nothing of the batch waits to be looked for any more.",
        "Batch {batch} needs no further look.",
    )
    BATCH_RESENT = (
        "batch:resent",
        "Targets that Pendo said were done, but are still there, are sent once more under the same approval.",
        "{count} targets of batch {batch} are still there; sent once more as batch {resent_as}.",
    )
    LOOK_PASSED = (
        "confirmation:pass",
        "Targets were looked for, with control visitors in the same pass.",
        (
            "Pass {look}: {absent} absent, {present} still there; enough control visitors were seen "
            "({seen}, more than half of {controls})."
        ),
    )
    # -- the watch -----------------------------------------------------------------------------------------
    WATCH_ASKED = (
        "watch:asked",
        "A person wanted everybody looked through now for what was erased and is there again.",
        "{actor} wanted a look now for what was erased and is there again: pass {watch} of the watch.",
    )
    WATCH_PASSED = (
        "watch:passed",
        "A look for what was erased and is there again came to its end, with control visitors seen.",
        (
            "Pass {watch} of the watch read {records} records ({scope}): {found} are there again after an "
            "erasure; enough control visitors were seen ({seen}, more than half of {controls})."
        ),
    )
    WATCH_PROVED_NOTHING = (
        "watch:unproved",
        "A look for what was erased and is there again proves nothing; the next one begins as usual.",
        "Pass {watch} of the watch proved nothing: {why}.",
    )
    FINDING_OPENED = (
        "finding:opened",
        "Something that was erased is there again; one finding collects all that has the same cause.",
        "Finding {finding} was opened: {cause}. Records: {records}.",
    )
    FINDING_GREW = (
        "finding:grew",
        "More that was erased is there again, with a cause that was found before.",
        "Finding {finding} grew: {cause}. More records: {records}.",
    )
    FINDING_EXPLAINED = (
        "finding:explained",
        "An officer explained why records that were erased are there, and may be.",
        "{actor} explained {records} records of finding {finding}; commitment of the reason {reason}.",
    )
    FINDING_LET_IN = (
        "finding:let:in",
        "An officer said that records which were erased are back lawfully: they are watched for no more.",
        (
            "{actor} marked {records} records of finding {finding} as returned lawfully; commitment of the "
            "reason {reason}."
        ),
    )
    FINDING_FOLLOWED = (
        "finding:followed",
        "A new request names records that were erased and are there again.",
        "{actor} recorded request {request} for {records} records of finding {finding}.",
    )
    FINDING_RECORDS_GONE = (
        "finding:gone",
        "Records of a finding are not listed any more, or were let back in meanwhile.",
        "{records} records of finding {finding} need nobody any more: gone, or let back in meanwhile.",
    )
    FINDING_SETTLED = (
        "finding:settled",
        "Nothing is left to be done about any record of a finding; what Pendo showed of them is destroyed.",
        "Finding {finding} is settled: {cause}.",
    )
    REQUEST_REAPPEARED = (
        "request:reappeared",
        "Something that the request had erased is there again.",
        "What this request had erased in {subscription} is there again. Records: {count}.",
    )
    REQUEST_FOLLOWS = (
        "request:follows",
        "The request is about what was erased before and is there again.",
        (
            "This request follows finding {finding} in {subscription}: {count} records that it names are "
            "there again after an erasure by {others}."
        ),
    )
    ATTENTION_RAISED = (
        "attention:raised",
        "A person has to look at something.",
        "A person has to look: {reason}.",
    )
    ATTENTION_SETTLED = (
        "attention:settled",
        "A person has looked, or the cause is gone.",
        "{actor} settled: {reason}.",
    )
    WAITING_ENDED = (
        "request:waiting:ended",
        "An officer ended the waiting for what Pendo does not do, or not say; it counts as failed.",
        "{actor} ended the waiting for {count} targets in {subscription}; they count as failed.",
    )
    # -- holds ---------------------------------------------------------------------------------------------
    HOLD_PLACED = (
        "hold:placed",
        "Legal placed a hold: nothing it names is sent to be deleted. Its matter is kept under seal.",
        (
            "{actor} placed a hold, {reason}, on {count} things ({kinds}) in {subscriptions}; "
            "owner: {owner}, review by {review_on}; commitment of the matter {matter}, set digest {digest}."
        ),
    )
    HOLD_PLACED_ON_REQUEST = (
        "request:hold:placed",
        "Legal placed a hold on what the request names.",
        "{actor} placed {hold} on what this request names: {reason}.",
    )
    HOLD_REVIEWED = (
        "hold:reviewed",
        "Legal looked at a hold that stands: who owns it, and when it is looked at again.",
        "{actor} reviewed the hold: it stands; owner: {owner}, to be reviewed by {review_on}.",
    )
    HOLD_REVIEW_REMINDED = (
        "hold:review:reminded",
        "The owner of a hold and legal were reminded to review it.",
        "A reminder to review the hold by {review_on} went out; {days} days are left.",
    )
    HOLD_REVIEW_OVERDUE = (
        "hold:review:overdue",
        "A hold was not reviewed in time; its owner and legal were reminded, as they are every week.",
        "A reminder to review the hold went out: it was due by {review_on}, {days} days ago.",
    )
    HOLD_SUSPENDS = (
        "hold:suspends",
        "Legal has Do Not Process set in Pendo, for as long as a hold lasts, for the visitors it keeps back.",
        "{actor} has Do Not Process set for the visitors whom the hold keeps back: {count} at that time.",
    )
    HOLD_SUSPENDS_NO_MORE = (
        "hold:suspends:no:more",
        "Do Not Process, set because of a hold, is to be lifted, or left because the erasure goes on.",
        "{actor} ended Do Not Process because of the hold; where it was set, it is to be {fate}: {count}.",
    )
    SUSPENSION_CALLS_INTENDED = (
        "hold:suspension:calls:intended",
        "Calls that set or lift Do Not Process for held visitors were written down, and are then sent.",
        "{what} for {count} held visitors in {subscription}: calls {first} to {last}; set digest {digest}.",
    )
    SUSPENSION_CALLS_ANSWERED = (
        "hold:suspension:calls:answered",
        "What Pendo answered to calls that set or lift Do Not Process for held visitors.",
        "Calls {first} to {last} about Do Not Process were answered: {results}.",
    )
    SUSPENSIONS_SETTLED = (
        "hold:suspensions:settled",
        "What became of Do Not Process for held visitors.",
        (
            "Do Not Process for {count} held visitors in {subscription}, until then {old}, is {new}: {why}; "
            "set digest {digest}."
        ),
    )
    HOLD_LIFTED = (
        "hold:lifted",
        "Legal lifted a hold; what it kept back is sent only after a new preview and approval.",
        (
            "{actor} lifted the hold; it kept back {targets} targets of {requests} requests; commitment of "
            "the reason {why}. What it named is destroyed."
        ),
    )
    # -- subscriptions and keys ----------------------------------------------------------------------------
    SUBSCRIPTION_ADDED = (
        "subscription:added",
        "A Pendo subscription was added.",
        "{actor} added the subscription {name} ({region}, production: {production}).",
    )
    KEY_ENTERED = (
        "key:entered",
        "A Pendo key was entered and verified.",
        (
            "{actor} entered a key, verified by Pendo with write access; {controls} control visitors and "
            "{guides} guides stand for the subscription."
        ),
    )
    READING_KEY_ENTERED = (
        "key:reading:entered",
        "A Pendo key that may only read was entered and verified; look-ups go by it.",
        "{actor} entered the read-only key {key}, verified by Pendo, for look-ups.",
    )
    KEY_REPLACED = (
        "key:replaced",
        "Another key took the place of this one, which now waits to be deleted in Pendo.",
        "{actor} replaced key {key} by {successor}; it waits to be deleted in Pendo.",
    )
    READING_KEY_PUT_ASIDE = (
        "key:reading:aside",
        "A read-only key is no longer used; look-ups go by the key with write access.",
        "{actor} put the read-only key {key} aside ({why}); look-ups go by the other key.",
    )
    KEY_REFUSED = (
        "key:refused",
        "Pendo refused a key that works no more, or was replaced, when it was asked about it.",
        "Pendo refused key {key}, which is {standing}.",
    )
    KEY_RETIRED = (
        "key:retired",
        "Pendo refused a replaced key twice while the new one works; its ciphertext was destroyed.",
        (
            "Key {key} is retired: Pendo refused it at {first} and at {last} while the key in use works; "
            "its ciphertext is destroyed."
        ),
    )
    KEY_REMINDED = (
        "key:rotation:reminded",
        "The owner and the deputy of a key were reminded to replace it.",
        "A reminder to replace key {key} by {rotate_by} went out; {days} days are left.",
    )
    KEY_OVERDUE = (
        "key:rotation:overdue",
        "A key is older than it may be; its owner and deputy were reminded, with the officers in copy.",
        "A reminder to replace key {key} went out: it was due by {rotate_by}, {days} days ago.",
    )
    KEY_DELETION_REMINDED = (
        "key:deletion:reminded",
        "The owner and the deputy of a replaced key were reminded to delete it in Pendo.",
        "A reminder to delete key {key} in Pendo went out; it was replaced on {replaced_on}.",
    )
    KEY_UNANSWERED = (
        "key:unanswered",
        "Pendo refuses the key in use, and nobody entered another one in time; everybody concerned was told.",
        "Pendo has refused the key since {since} and nobody has entered a working one; this was escalated.",
    )
    FOREIGN_KEY_PROPOSED = (
        "key:foreign:proposed",
        "A key of another Pendo subscription was proposed; it waits under seal for a second person.",
        "{actor} proposed key {key}, which belongs to another Pendo subscription than the one known here.",
    )
    FOREIGN_KEY_CONFIRMED = (
        "key:foreign:confirmed",
        "A second person confirmed that the subscription is another one in Pendo now.",
        (
            "{actor} confirmed key {key}, proposed by {proposer}: what the subscription is recognised by is "
            "taken down anew."
        ),
    )
    FOREIGN_KEY_DECLINED = (
        "key:foreign:declined",
        "A proposed key of another Pendo subscription was not taken; its ciphertext was destroyed.",
        "{actor} declined key {key} of another Pendo subscription; its ciphertext is destroyed.",
    )
    FOREIGN_KEY_EXPIRED = (
        "key:foreign:expired",
        "Nobody decided about a proposed key in time; its ciphertext was destroyed.",
        "Nobody decided about key {key} of another Pendo subscription; its ciphertext is destroyed.",
    )
    ENCRYPTION_ROTATED = (
        "encryption:rotated",
        "Everything that ENCRYPTION_KEYS wrap is wrapped under the first of them.",
        "{actor} wrapped {rewrapped} of {values} values anew: all are under the first key now.",
    )
    SUBSCRIPTION_PAUSED = (
        "subscription:paused",
        "Nothing is sent to or asked of this subscription until it is resumed.",
        "{actor} paused the subscription: {reason}.",
    )
    SUBSCRIPTION_RESUMED = (
        "subscription:resumed",
        "Calls to this subscription may go on.",
        "{actor} resumed the subscription.",
    )
    SUBSCRIPTION_SILENT = (
        "subscription:silent",
        "Pendo has given no usable answer for this subscription for a while; it is asked until it does.",
        "Pendo has given no usable answer since {since}; it is asked again until it does.",
    )
    SUBSCRIPTION_ANSWERS = (
        "subscription:answers",
        "Pendo answers for this subscription again; what waited for it goes on.",
        "Pendo answers again; it had given no usable answer since {since}.",
    )
    SENDING_STOPPED = (
        "sending:stopped",
        "Nothing more is sent to any subscription until an officer lets it go on; what was sent is followed.",
        "{actor} stopped all sending; commitment of the reason {reason}.",
    )
    SENDING_RESUMED = (
        "sending:resumed",
        "What waits to be sent may be sent again.",
        "{actor} let the sending go on; it had been stopped since {since}.",
    )
    CONTROLS_CHOSEN = (
        "subscription:controls:chosen",
        "Other control visitors were chosen, after the guides had matched.",
        "{controls} control visitors were chosen anew; {matching} of {guides} known guides matched.",
    )
    # -- people --------------------------------------------------------------------------------------------
    PERSON_ADDED = (
        "person:added",
        "A person may log in from now on.",
        "{actor} added {person} with the roles {roles}.",
    )
    SERVICE_ADDED = (
        "service:added",
        "A program may hold API tokens from now on; it never logs in and never approves.",
        "{actor} added the service {person} with the roles {roles}.",
    )
    PERSON_DEACTIVATED = (
        "person:deactivated",
        "A person can no longer log in.",
        "{actor} deactivated {person}.",
    )
    PERSON_REACTIVATED = (
        "person:reactivated",
        "A person may log in again, with a new password and without any role.",
        "{actor} reactivated {person}.",
    )
    ABSENCE_MARKED = (
        "absence:marked",
        "A person is away for some days; the deputy gets their mail, too.",
        "{actor} marked {person} as absent from {from_on} until {until_on}; deputy: {deputy}.",
    )
    ABSENCE_ENDED = (
        "absence:ended",
        "An absence was ended before its last day.",
        "{actor} ended the absence of {person} from {from_on} until {until_on}; deputy: {deputy}.",
    )
    ROLE_PROPOSED = (
        "role:proposed",
        "A role that needs two people was proposed by one.",
        "{actor} proposed the role {role} for {person}.",
    )
    ROLE_PROPOSED_UNTIL = (
        "role:proposed:until",
        "A role that needs two people was proposed by one, for some days only.",
        "{actor} proposed the role {role} for {person} until the end of {ends_on}.",
    )
    ROLE_GRANTED = (
        "role:granted",
        "A person holds a role from now on.",
        "{actor} granted {person} the role {role}.",
    )
    ROLE_GRANTED_UNTIL = (
        "role:granted:until",
        "A person holds a role from now on, for some days only.",
        "{actor} granted {person} the role {role} until the end of {ends_on}.",
    )
    ROLE_LIMITED = (
        "role:limited",
        "A role that was proposed or granted a moment ago reaches some subscriptions only.",
        "{actor} limited the role {role} of {person} to {subscriptions}.",
    )
    ROLE_DECLINED = (
        "role:declined",
        "A proposed role was not granted.",
        "{actor} declined the role {role} for {person}.",
    )
    ROLE_REVOKED = (
        "role:revoked",
        "A person no longer holds a role.",
        "{actor} took the role {role} from {person}.",
    )
    ROLE_EXPIRED = (
        "role:expired",
        "A role that was granted for some days only has ended by itself.",
        "{person} held the role {role} until the end of {ends_on}.",
    )
    # -- policy --------------------------------------------------------------------------------------------
    POLICY_PROPOSED = (
        "policy:proposed",
        "A change that weakens the approval policy was proposed; an officer has to agree.",
        "{actor} proposed a policy for {place}, {kind}: {new}; in force: {old}; weaker: {weaker}.",
    )
    POLICY_CHANGED = (
        "policy:changed",
        "Another approval policy holds from now on.",
        "{actor} put a policy in force for {place}, {kind}: {new}; before: {old}. Proposed by {proposer}.",
    )
    POLICY_DECLINED = (
        "policy:declined",
        "A proposed approval policy was not put in force.",
        "{actor} declined the policy for {place}, {kind}: {new}; in force stays: {old}.",
    )
    # -- laws ----------------------------------------------------------------------------------------------
    LAW_ENABLED = (
        "law:enabled",
        "Requests may be opened under this law from now on, or from the day on which it applies.",
        "{actor} enabled {law} (version {version}, applies from {effective_from}).",
    )
    LAW_DISABLED = (
        "law:disabled",
        "No further request is opened under this law; those that there are keep it.",
        "{actor} disabled {law} (version {version}); {open} open requests keep it.",
    )
    # -- API tokens ----------------------------------------------------------------------------------------
    TOKEN_MADE = (
        "token:made",
        "A person has an API token; its scopes are what it may be used for.",
        "{actor} made {token} of {person} for {scopes}, until {expires_at}; it {standing}.",
    )
    TOKEN_ALLOWED = (
        "token:allowed",
        "An administrator allowed an API token; it works from now on.",
        "{actor} allowed {token} of {person}.",
    )
    TOKEN_REVOKED = (
        "token:revoked",
        "An API token works no more.",
        "{actor} revoked {token} of {person}.",
    )
    # -- webhooks: what other programs are told ------------------------------------------------------------
    WEBHOOK_ADDED = (
        "webhook:added",
        "Events are sent to an address from now on; of the address, only the host stands here.",
        "{actor} added {webhook} to {host} for {events}; owner: {owner}.",
    )
    WEBHOOK_CHANGED = (
        "webhook:changed",
        "Where events are sent, which, or who looks after it, was changed.",
        "{actor} changed {webhook}: now to {host} for {events}; owner: {owner}.",
    )
    WEBHOOK_REMOVED = (
        "webhook:removed",
        "Nothing is sent to an address any more; its address and secrets are destroyed.",
        "{actor} removed {webhook} to {host}.",
    )
    WEBHOOK_SECRET_ROTATED = (
        "webhook:secret:rotated",
        "Messages are signed with a new secret, and for a while with the former one, too.",
        "{actor} had a new secret made for {webhook} to {host}; the former one signs, too, until {until}.",
    )
    WEBHOOK_PAUSED = (
        "webhook:paused",
        "Events for an address wait.",
        "{actor} paused {webhook} to {host}.",
    )
    WEBHOOK_RESUMED = (
        "webhook:resumed",
        "Events are sent to an address again.",
        "{actor} resumed {webhook} to {host}.",
    )
    WEBHOOK_DISABLED = (
        "webhook:disabled",
        "Events are sent to an address no more, until somebody resumes it.",
        "{webhook} to {host} was disabled: {why}.",
    )
    WEBHOOK_GIVEN_UP = (
        "webhook:given:up",
        "An address took other events but not this one, for days; it is told of at most once a day.",
        "{webhook} to {host} did not take {message} in {attempts} attempts; it is given up.",
    )
    # -- the engine ----------------------------------------------------------------------------------------
    SILENCE_ENDED = (
        "engine:silence:ended",
        "A worker works again after a silence, be it that the machine was off or that a backup was restored.",
        (
            "A worker works again; none had been seen since {since}. What was recorded before now is asked "
            "about before it is sent."
        ),
    )
    # -- clean-up rules --------------------------------------------------------------------------------------
    RULE_WRITTEN = (
        "cleanup:rule:written",
        "A clean-up rule was written or changed: what it says has a digest.",
        (
            "{actor} wrote version {version} of the rule {rule} for {subscription}: {what}; at most {most} a "
            "run, {share} % of all visitors; schedule {schedule}; digest {digest}. A standing approval "
            "is for the role {approver_role} to give."
        ),
    )
    RULE_HANDED_OVER = (
        "cleanup:rule:handed:over",
        "Somebody else looks after a clean-up rule.",
        "{actor} gave the rule {rule} to {owner}, before: {before}.",
    )
    RULE_PAUSED = (
        "cleanup:rule:paused",
        "The schedule of a clean-up rule doesn't start it.",
        "{actor} paused the schedule of the rule {rule}.",
    )
    RULE_RESUMED = (
        "cleanup:rule:resumed",
        "The schedule of a clean-up rule starts it again.",
        "{actor} let the schedule of the rule {rule} go on; next at {next_run_at}.",
    )
    RULE_RETIRED = (
        "cleanup:rule:retired",
        "A clean-up rule is used no more.",
        "{actor} retired the rule {rule}.",
    )
    STANDING_GIVEN = (
        "cleanup:standing:given",
        "Somebody let exactly one version of a clean-up rule run without being asked again, until a day.",
        (
            "{actor} gave {standing}: version {version} of the rule {rule}, digest {digest}, may run by "
            "itself until {ends_on}."
        ),
    )
    STANDING_ENDED = (
        "cleanup:standing:ended",
        "A standing approval counts no more.",
        "{standing} of {approver} for the rule {rule}, owned by {owner}, counts no more: {why}.",
    )
    STANDING_ENDS_SOON = (
        "cleanup:standing:ends:soon",
        "The last day of a standing approval is near.",
        "{standing} of {approver} for the rule {rule}, owned by {owner}, ends on {ends_on}, in {days} days.",
    )
    ALLOWANCE_SET = (
        "cleanup:allowance:set",
        "An officer said which ids are test data in a production subscription, and how many a run may touch.",
        "{actor} allows a pattern of test ids in {subscription}, digest {pattern}: at most {most} a run.",
    )
    ALLOWANCE_ENDED = (
        "cleanup:allowance:ended",
        "A pattern of test ids in a production subscription counts no more.",
        "{actor} ended the pattern of test ids {allowance} in {subscription}.",
    )
    RUN_STARTED = (
        "cleanup:run:started",
        "A clean-up rule is run, or what it would do is being looked up.",
        (
            "{actor} started run {run} of version {version} of the rule {rule}, {trigger} ({what}): request "
            "{request}."
        ),
    )
    RUN_NOT_STARTED = (
        "cleanup:run:not:started",
        "The schedule of a clean-up rule came, and it couldn't be run.",
        "The rule {rule}, owned by {owner}, couldn't be run by its schedule. {why}.",
    )
    RUN_ENDED = (
        "cleanup:run:ended",
        "A run of a clean-up rule has come to its end.",
        "Run {run} of the rule {rule} ended: {result}; matched {matched}; {outcomes}.",
    )
    RUN_STOPPED = (
        "cleanup:run:stopped",
        "A run of a clean-up rule was outside its guard; nothing was sent.",
        "Run {run} of the rule {rule}, owned by {owner}, was stopped by its guard: {why}.",
    )
    RUN_FORGOTTEN = (
        "cleanup:run:forgotten",
        "The targets of a run, and all that was sealed of them, were deleted.",
        "The {targets} targets of run {run} of the rule {rule} were deleted.",
    )
    # -- evidence ------------------------------------------------------------------------------------------
    HISTORY_EXPORTED = (
        "history:exported",
        "The history of a request left the application.",
        "{actor} exported the history as {format}.",
    )
    EXPORT_STARTED = (
        "export:started",
        "Ledger entries began to leave the application as a file.",
        (
            "{actor} began to take away {what} as {format}: {requests} requests, {entries} entries; "
            "SHA-256 over the sorted references {digest}."
        ),
    )
    EXPORT_FINISHED = (
        "export:finished",
        "The last line of an export was sent.",
        "The export was sent whole: {entries} entries.",
    )
    EXPORT_BROKEN_OFF = (
        "export:broken:off",
        "An export ended before its last line was sent.",
        "The export broke off after {entries} of {total} entries.",
    )


#: Events by the value that entries hold.
EVENTS = {event.value: event for event in Event}
