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
    NOTHING_FOUND = (
        "request:nothing:found",
        "None of what was asked exists in the subscriptions searched.",
        "Preview {preview} found none of the {not_found} targets looked up.",
    )
    NOTHING_FOUND_CONFIRMED = (
        "request:nothing:confirmed",
        "A person confirmed that nothing was found; the request was closed.",
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
        "Before it was sent, everybody in the batch was spared.",
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
    # -- the engine ----------------------------------------------------------------------------------------
    SILENCE_ENDED = (
        "engine:silence:ended",
        "A worker works again after a silence, be it that the machine was off or that a backup was restored.",
        (
            "A worker works again; none had been seen since {since}. What was recorded before now is asked "
            "about before it is sent."
        ),
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
