"""The order of work: buckets by token limit and prompt length, longest first; within a bucket, like beside like."""

from collections import Counter
from collections.abc import Mapping, Sequence

from multitrust_eval.backends.base import Limits
from multitrust_eval.records import Request


def make_batches(requests: Sequence[Request], lengths: Sequence[int], limits: Limits) -> list[list[int]]:
    """Indices of `requests`, cut into batches. A batch has one token limit and keeps within `limits`.

    The longest come first, so that the last tickets are small and ranks end together, and a device that is too small
    shows it at the start. A pure function of its arguments.
    """
    shown = Counter(request.images[0].sha256 for request in requests if request.images)
    batches: list[list[int]] = []
    # Cut from the short end: the rows that fill no whole batch are then the longest, where padding costs most.
    for i in sorted(
        range(len(requests)), key=lambda i: (kind(requests[i], limits), _place(requests[i], lengths[i], shown))
    ):
        if not batches or not _fits(batches[-1], i, requests, lengths, limits):
            batches.append([])
        batches[-1].append(i)
    return batches[::-1]


def kind(request: Request, limits: Limits) -> tuple[int, int]:
    """What all requests of a batch have in common."""
    return request.max_new_tokens, len(request.images) if limits.apart else 0


def _place(request: Request, length: int, shown: Mapping[str, int]) -> tuple[int, str, str, int, str]:
    """Lengths within an eighth of an octave count as equal. There, requests of one task and variant go together, for
    their answers are of like length, and among these the requests of one picture."""
    cell = request.ids[0].rpartition("/")[0] if request.ids else ""
    picture = request.images[0].sha256 if request.images else ""
    shared = picture if shown.get(picture, 0) > 1 else ""
    return (_bucket(length), cell, shared, length, request.key)


def _bucket(length: int) -> int:
    octave = max(length, 1).bit_length() - 1
    return octave * 8 + (length << 3 >> octave) - 8


def _fits(batch: list[int], i: int, requests: Sequence[Request], lengths: Sequence[int], limits: Limits) -> bool:
    if len(batch) >= limits.rows or kind(requests[i], limits) != kind(requests[batch[0]], limits):
        return False
    if limits.tokens is None:
        return True
    longest = max(lengths[i], *(lengths[j] for j in batch)) + requests[i].max_new_tokens
    return longest * (len(batch) + 1) <= limits.tokens
