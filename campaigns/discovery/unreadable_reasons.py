"""Why a page cannot be read: in a module without tables, since pages are judged from files without a database."""

from enum import Enum

REASON_CODE = "page_unreadable"  # the code of the reason in ``Republication.reasons``


class UnreadableReason(Enum):
    """Why the text of a page cannot be read by a program that fetches it."""

    NEEDS_SCRIPT = "needs_script"  # scripts write the text
    IN_FRAME = "in_frame"  # the text stands in a frame from another address
    PICTURE_ONLY = "picture_only"  # pictures or video, almost no text
    PAYWALLED = "paywalled"  # the text is for subscribers, or behind a sign-in
    PDF_WITHOUT_TEXT = "pdf_without_text"  # a scan
    PDF_REFUSED = "pdf_refused"  # damaged, under a password, or beyond the limits of its reader
    NOT_TEXT = "not_text"  # a picture, a video, an office file, or no HTML
    TOO_LARGE = "too_large"  # more than is fetched of a page
    TOO_HEAVY = "too_heavy"  # its reader takes more processor time or memory than a page has, or fails at it
    CUT = "cut"  # too long to be read whole, and nothing in the part that was read
    ROBOTS = "robots"  # robots.txt forbids it
    ELSEWHERE = "elsewhere"  # the address leads to another site, or is never called
    NO_ANSWER = "no_answer"  # several requests in a row failed


# The page answered; a copy that was read on it before cannot be seen any more, and may be there.
SHELLS = frozenset(
    {
        UnreadableReason.NEEDS_SCRIPT,
        UnreadableReason.IN_FRAME,
        UnreadableReason.PICTURE_ONLY,
        UnreadableReason.PAYWALLED,
        UnreadableReason.PDF_WITHOUT_TEXT,
        UnreadableReason.PDF_REFUSED,
        UnreadableReason.TOO_HEAVY,
    }
)
# Not requested again: another answer is not to be expected of the address. A site's robots.txt may change.
LASTING = frozenset({UnreadableReason.NOT_TEXT, UnreadableReason.TOO_LARGE, UnreadableReason.ELSEWHERE})
