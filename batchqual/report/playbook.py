"""What to do about each vetting reason and each error code, as data.

The seven reasons are those of the Partner Center API change log (December 2020), whose list is open. What
vetting looks at, and that Education can be asked for three times, is from the Partner Center docs on selling
to education customers (September 2022). Codes: Partner Center docs, error codes page, June 2023.
"""

from __future__ import annotations

__all__ = [
    "CONFLICTS",
    "FAILURES",
    "NO_RELATION",
    "REASONS",
    "ROLES_FOR_GCC",
    "UNKNOWNS",
    "WAITING_FOR",
    "WITHOUT_A_WORD",
]

REASONS = {
    "not an education customer": (
        "Have the customer correct its legal name, address and contact e-mail in the Microsoft 365 "
        "admin center (a school's own domain, not free mail or onmicrosoft.com), check segment and "
        "website in this row, then run again with --resubmit-denied."
    ),
    "no longer an education customer": (
        "The customer was Education and lost it. Ask the customer what has changed; if nothing has, "
        "ask Partner Center support for a manual check, with proof that the organisation is "
        "accredited."
    ),
    "not an education customer - after review": (
        "A person has reviewed this customer, so the same request will be denied again. Ask Partner "
        "Center support for a manual check, with proof that the organisation is accredited."
    ),
    "restricted being an education customer": (
        "Do not ask again: the service bars this customer from Education. Ask Partner Center support "
        "why; until then only commercial offers are open to it."
    ),
    "not an academic domain": (
        "Have the customer add and verify a domain of the school itself (not free mail or "
        "onmicrosoft.com), put it into the website column, then run again with --resubmit-denied."
    ),
    "not an eligible library": (
        "Compare the library with Microsoft's eligibility rules for academic customers. If it meets "
        "them, ask Partner Center support for a manual check with proof; if not, sell commercial "
        "offers."
    ),
    "not an eligible museum": (
        "Compare the museum with Microsoft's eligibility rules for academic customers. If it meets "
        "them, ask Partner Center support for a manual check with proof; if not, sell commercial "
        "offers."
    ),
}
"""By vetting reason, case-folded."""

CONFLICTS = {
    "content-differs": (
        "Keep one row for this customer and qualification, with the right segment or code, and delete"
        " the others; then run again."
    ),
    "education-with-gcc": (
        "A customer cannot be both Education and GCC. Decide which one it is, delete the other row, "
        "then run again."
    ),
    "other-qualification-held": (
        "The customer already holds a qualification that excludes this one, and it cannot be removed "
        "through the API. Check with the customer; if the one it holds is wrong, ask Partner Center "
        "support."
    ),
    "soe-before-gcc": (
        "GCC is for a customer without a qualification, and this one is StateOwnedEntity already. Ask"
        " Partner Center support to set GCC."
    ),
    "content-changed": (
        "The earlier request stands and cannot be changed. Put its value back into this row, or ask "
        "Partner Center support to change it."
    ),
    "code-exhausted": (
        "Too few uses are left on this validation code, so none of its rows was sent. Ask Microsoft "
        "for more uses or another code, or delete rows until the rest fit; `batchqual codes` shows "
        "what is left."
    ),
    "unknown-code": (
        "This validation code is not one of yours. Compare the cell with the list of `batchqual "
        "codes` (Excel drops leading zeros), correct it, then run again."
    ),
    "domain-differs": (
        "The ID is one customer's and the domain another's. Find out which of the two cells is right, "
        "correct the other, then run again."
    ),
    "domain-moved": ("The customer has another default domain now. Run again: the domain is looked up anew."),
    "another-value-held": (
        "The customer holds another qualification, and this tool never overwrites one. Check with the"
        " customer; if the one it holds is wrong, ask Partner Center support."
    ),
}
"""By our own code of a row that is valid but was not sent."""

NO_RELATION = (
    "The customer is not yours, or not any more. Check the customer ID; if it is right, send the "
    "customer a reseller invitation and run again once it is accepted."
)
_ACCOUNT = (
    "Microsoft has not approved this customer's account yet. See its status in Partner Center, "
    "complete what is asked there, then run again."
)
_CELLS = (
    "The service refused a value of this row. Check the cells of the row against the error message, "
    "then run again."
)
WITHOUT_A_WORD = (
    "The service refuses this and does not say why. Where other customers are taken, check this one's ID, "
    "your relationship and your roles there; where none is, `batchqual doctor` looks at the app, the token "
    "and the user. Then run again."
)
"""About a 403 whose code, if it has one, is not known."""
ROLES_FOR_GCC = (
    "You lack the rights for this customer. For GCC ask it to approve a GDAP relationship with one of the "
    "roles Directory Readers, Directory Writers, License Administrator and User Administrator, then run "
    "again."
)
"""Partner Center docs, update page as of 2024, for 900308."""
_ROLE = (
    "Your user may not do this for the customer. If others are taken, ask this customer to approve a GDAP "
    "relationship; if none is, have your administrator give the user the role Admin agent or Sales agent. "
    "Then run again."
)
_OURS = (
    "The service had a fault of its own. Nothing is wrong with the row: run again later; if it stays so, "
    "open a ticket with the correlation ID."
)
_IN_PROGRESS = (
    "The service says that it is there already or in progress, and does not show it. Run again in an hour; "
    "if it stays so, open a ticket with the correlation ID."
)
_PRECONDITION = (
    "Something that this customer must have first is missing. Read the error message; if it does not help, "
    "open a ticket with the correlation ID."
)
_UNKNOWN_ID = (
    "No customer with this ID is known. Copy the Microsoft ID from the customer's page in Partner "
    "Center, then run again."
)

FAILURES = {
    "retries-exhausted": (
        "The service did not answer the look-ups. Nothing is wrong with the row: run again later."
    ),
    "lookup-failed": (
        "The list of your customers could not be read, so nothing was sent. Nothing is wrong with the row: "
        "run again later, or fill in the customer ID, which needs no look-up."
    ),
    "not-sent": "The service could not be reached, so nothing was sent: run again later.",
    "not-my-customer": NO_RELATION,
    "codes-unreadable": (
        "Your list of validation codes could not be read, so nothing was sent. Check with `batchqual "
        "codes`, then run again."
    ),
    "20002": NO_RELATION,
    "900308": (
        "You lack the rights for this customer. Ask it to approve a GDAP relationship with the role "
        "that manages customer details, then run again."
    ),
    "900123": (
        "The indirect reseller of this customer has not accepted the Microsoft Partner Agreement. Ask that "
        "reseller to accept it in Partner Center, then run again."
    ),
    "2030": (
        "You are not onboarded for the country of this customer. Send the row from your account of that "
        "country, or have the account extended in Partner Center."
    ),
    "900150": _ROLE,
    "2032": _ROLE,
    "900309": (
        "A Conditional Access policy blocks the token. If other customers are taken, ask this customer's "
        "administrator to let you in; if none is, ask that of your own tenant. Then run again."
    ),
    "900126": (
        "The service did not understand the qualification or the segment. Check both cells; if they "
        "are right, try another --api."
    ),
    "3000": _CELLS,
    "800002": _CELLS,
    "2000": _CELLS,
    "2001": _CELLS,
    "900118": (
        "The service does not accept this customer ID. Copy the Microsoft ID from the customer's page"
        " in Partner Center, then run again."
    ),
    "600006": (
        "The service does not allow this for the customer. Try it once by hand in Partner Center; if "
        "that fails too, open a ticket with the correlation ID."
    ),
    "800073": _ACCOUNT,
    "800074": _ACCOUNT,
    "800075": _ACCOUNT,
    "800003": _OURS,
    "900192": _OURS,
    "800060": _IN_PROGRESS,
    "800064": _IN_PROGRESS,
    "800082": _IN_PROGRESS,
    "800036": _PRECONDITION,
    "1000": _UNKNOWN_ID,
    "60003": _UNKNOWN_ID,
    "800086": (
        "The customer's tenant lacks a tag that this needs. Open a ticket with Partner Center support"
        " and give the correlation ID."
    ),
}
"""By the service's code, or ours, of a row that failed for good."""

UNKNOWNS = {
    "fate-unknown": (
        "Look the customer up in Partner Center, and do not send the request by hand: it may have arrived. "
        "If it is not there, run again with --resend-unknown, which looks once more and then makes a new "
        "request; that counts as one more attempt."
    ),
    "last-attempt": (
        "Look the customer up in Partner Center. A new request would be its third and last one: with "
        "--resend-unknown and --allow-last-attempt it is made, if looks still show nothing."
    ),
    "no-attempts-left": (
        "All three requests may have arrived, and no other can be made. Ask Partner Center support what "
        "became of them, with the request and correlation IDs."
    ),
    "code-not-spare": (
        "Look the customer up in Partner Center. A new request needs a use of its validation code besides "
        "the one that the old request may take: see `batchqual codes`, and ask Microsoft for more uses."
    ),
}
"""By our own code of a row of unknown fate."""

WAITING_FOR = {
    "limit-first": "Not sent because of --first. Run again without it, or with a larger number.",
    "stopped": (
        "Not sent because the run stopped. The error message says why; then run the same command again."
    ),
    "interrupted": (
        "Not sent because the run was interrupted. Run the same command again: it goes on where it was."
    ),
    "waits-for-gcc": "Sent after the customer's GCC request is settled. Run the same command again.",
    "waits-for-lookup": (
        "Not sent because a row whose customer could not be looked up may contradict it. Run the same "
        "command again, or put the customer's Microsoft ID into that row."
    ),
    "sign-in": (
        "Not sent because nobody was signed in. The error message says what is wrong, and `batchqual doctor` "
        "what to do about it; then run the same command again."
    ),
}
"""By our own code of a row that was not attempted."""
