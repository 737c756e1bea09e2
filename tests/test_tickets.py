"""Who takes which batch: each one once, none left, and nobody waits for a slow rank in the end."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitrust_eval.tickets import Tickets


class Store:
    """The counters of a job, as the launcher's store keeps them."""

    def __init__(self, world):
        self.world, self.values = world, Counter()

    def ticket(self, queue):
        return self.count(f"ticket/{queue}", 1) - 1

    def count(self, name, amount=0):
        self.values[name] += amount
        return self.values[name]


class Rank:
    """A rank as the engine drives it: one batch at work, at most one ahead."""

    def __init__(self, store, total, seconds):
        self.tickets, self.seconds, self.held, self.at_work, self.over = (
            Tickets(store, total),
            seconds,
            None,
            None,
            False,
        )

    def step(self, finished):
        """End the batch at work and begin the next one."""
        if self.at_work is not None:
            finished.append(self.at_work)
            self.tickets.done(4, self.seconds)
        self.at_work, self.held = self.held, None
        if self.at_work is None and not self.over:
            self.at_work = None if self.tickets.declines() else self.tickets.draw()
        self.over = self.at_work is None
        if not self.over and self.tickets.ahead():
            self.held = self.tickets.draw()


@given(
    total=st.integers(0, 60),
    seconds=st.lists(st.floats(0.01, 50), min_size=1, max_size=6),
    order=st.lists(st.integers(0, 5), max_size=200),
)
def test_each_ticket_is_done_once_whatever_the_speeds_and_the_order(total, seconds, order):
    store, finished = Store(len(seconds)), []
    ranks = [Rank(store, total, each) for each in seconds]
    for turn in order:
        ranks[turn % len(ranks)].step(finished)
    while not all(rank.over for rank in ranks):
        for rank in ranks:
            rank.step(finished)
    assert sorted(finished) == list(range(total))


def told(world, left, paces):
    """The tickets of a job with so many left, whose ranks have told their seconds a row; the first rank's."""
    store = Store(world)
    ranks = [Tickets(store, left + 10) for _ in paces]
    store.count("ticket/generate", 10)
    for rank, pace in zip(ranks, paces, strict=True):
        rank.done(10, 10 * pace)
    return ranks[0]


@pytest.mark.parametrize(
    "left, paces, ahead, declines",
    [
        (40, [1, 1, 1, 1], True, False),
        (4, [1, 1, 1, 1], False, False),
        (1, [1, 1, 1, 1], False, False),
        (40, [4, 1, 1, 1], True, False),  # slow, but there is much left
        (8, [4, 1, 1, 1], False, False),  # 4 / 1.75 = 2.3 rounds for one of 2 rounds left: no second one
        (3, [4, 1, 1, 1], False, True),
        (1, [0.2, 1, 1, 1], False, False),
    ],
)
def test_how_near_the_end_a_rank_still_takes_one(left, paces, ahead, declines):
    rank = told(4, left, paces)
    assert (rank.ahead(), rank.declines()) == (ahead, declines)


def test_a_rank_that_does_not_know_its_pace_holds_nothing():
    assert not Tickets(Store(2), 100).ahead()
    assert Tickets(Store(1), 100).ahead(), "alone, nobody waits for it"


def test_the_last_rank_never_declines():
    store = Store(2)
    first, second = Tickets(store, 1), Tickets(store, 1)
    first.done(10, 1000)
    second.done(9, 1)
    assert first.declines()
    second.done(1, 10**6)
    assert not second.declines(), "then nobody would do the last ticket"
