"""The hot loop with a backend that fails on command: who gets an error record, and who does not."""

import itertools
import threading
import time
from collections import Counter

import pytest

from multitrust_eval import ledger
from multitrust_eval.backends.base import Limits, OutOfMemory, Prepared
from multitrust_eval.engine import Engine
from multitrust_eval.errors import UserError
from multitrust_eval.ranks import LocalStore, Ranks
from multitrust_eval.records import Answer, Image, Request
from multitrust_eval.schedule import make_batches
from multitrust_eval.stop import Stop
from multitrust_eval.store import Appender, read_answers


def requests(count: int) -> list[Request]:
    return [Request(f"k{i:03d}", f"prompt {i}", (), 8, (f"row {i}",)) for i in range(count)]


class Scripted:
    """Echoes the prompt. `fits` rows at most; `poison` keys raise wherever they go in; `pause` seconds a batch."""

    label, identity, takes_images = "scripted", {}, True

    def __init__(self, fits=10**6, poison=(), at="generate", pause=0.0):
        self.fits, self.poison, self.at, self.pause = fits, set(poison), at, pause
        self.batches: list[list[str]] = []

    def _strike(self, step, keys):
        if step == self.at and self.poison & set(keys):
            raise ValueError("poisoned")

    def prepare(self, batch):
        self._strike("prepare", [r.key for r in batch])
        return Prepared(list(batch))

    def generate(self, batch):
        keys = [r.key for r in batch.requests]
        self.batches.append(keys)
        time.sleep(self.pause)
        if len(keys) > self.fits:
            raise OutOfMemory("too many")
        self._strike("generate", keys)
        return [r.prompt for r in batch.requests]

    def decode(self, batch, output):
        self._strike("decode", [r.key for r in batch.requests])
        return [Answer(r.key, text, "ok", "stop") for r, text in zip(batch.requests, output, strict=True)]


def work(tmp_path, backend, asked, size, ranks=None, stop=None):
    appender = Appender(tmp_path / "responses", f"rank-{(ranks or Ranks()).rank:03d}")
    batches = [list(range(i, min(i + size, len(asked)))) for i in range(0, len(asked), size)]
    Engine(backend, appender, ranks or Ranks(), stop or Stop()).run(asked, batches)
    appender.close()
    return read_answers(tmp_path).by_key


def check(answers, asked, errors=frozenset()):
    assert set(answers) == {r.key for r in asked}
    for request in asked:
        found = answers[request.key]
        if request.key in errors:
            assert found.text == "" and found.status.startswith("error:")
        else:
            assert (found.text, found.status) == (request.prompt, "ok")


@pytest.mark.parametrize("size", [1, 3, 8, 100])
def test_ragged_batches_answer_each_request_once(tmp_path, size):
    backend, asked = Scripted(), requests(37)
    check(work(tmp_path, backend, asked, size), asked)
    assert Counter(key for batch in backend.batches for key in batch) == Counter(r.key for r in asked)


@pytest.mark.parametrize("at", ["prepare", "generate"])
def test_one_bad_row_costs_that_row_only(tmp_path, at):
    asked, bad = requests(20), {"k003", "k011"}
    answers = work(tmp_path, Scripted(poison=bad, at=at), asked, 8)
    check(answers, asked, bad)
    assert answers["k003"].detail == "ValueError: poisoned"


def test_a_batch_that_cannot_be_decoded_is_told_and_the_rest_go_on(tmp_path):
    asked = requests(20)
    check(work(tmp_path, Scripted(poison={"k009"}, at="decode"), asked, 4), asked, {f"k{i:03d}" for i in range(8, 12)})


def test_out_of_memory_halves_down_to_one_row(tmp_path):
    asked = requests(21)
    backend = Scripted(fits=3)
    check(work(tmp_path, backend, asked, 21), asked)
    assert [len(batch) for batch in backend.batches] == [21, 11, 6, 3, 3, 5, 3, 2, 10, 5, 3, 2, 5, 3, 2]


def test_a_row_that_never_fits_is_told_and_the_rest_go_on(tmp_path):
    class Big(Scripted):
        def generate(self, batch):
            if any(r.key == "k005" for r in batch.requests):
                raise OutOfMemory("no room for 1 rows")
            return super().generate(batch)

    asked = requests(8)
    answers = work(tmp_path, Big(), asked, 8)
    check(answers, asked, {"k005"})
    assert answers["k005"].status == "error:out_of_memory"


def test_what_fails_before_generation_is_recorded_beside_the_rest(tmp_path):
    class Blind(Scripted):
        def prepare(self, batch):
            seen = [r for r in batch if r.key != "k001"]
            failed = [Answer(r.key, "", "error:unreadable_image") for r in batch if r.key == "k001"]
            return Prepared(seen, failed=failed)

    asked = requests(3)
    check(work(tmp_path, Blind(), asked, 1), asked, {"k001"})


def test_a_model_that_fails_on_everything_stops_the_run(tmp_path):
    asked = requests(400)
    with pytest.raises(UserError, match=r"The first \d+ requests all failed.*poisoned"):
        work(tmp_path, Scripted(poison={r.key for r in asked}), asked, 4)
    assert ledger.HOPELESS <= len(read_answers(tmp_path).by_key) < 50


def test_a_full_disk_stops_the_run_with_a_sentence(tmp_path, monkeypatch):
    tried = []

    def full(self, records):
        tried.append(1)
        time.sleep(0.1)  # meanwhile more is generated
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Appender, "append", full)
    with pytest.raises(UserError, match=r"Cannot write .*No space left on device.*only what is missing"):
        work(tmp_path, Scripted(), requests(50), 1)
    assert len(tried) == 1, "nothing may follow a line that was cut off"


def test_a_signal_ends_after_the_batch_and_its_answers_are_on_disk(tmp_path):
    stop, asked = Stop(), requests(50)

    class Signalled(Scripted):
        def generate(self, batch):
            if len(self.batches) == 4:
                stop.signum = 15
            return super().generate(batch)

    backend = Signalled()
    answers = work(tmp_path, backend, asked, 2, stop=stop)
    assert len(answers) == 10 == sum(map(len, backend.batches))


def two_ranks(tmp_path, backends, asked, store=None):
    """Both ranks of a job, each in a thread, two rows a batch."""
    store, stop = store or LocalStore(), Stop()
    ranks = [Ranks(rank, 2, 0, store) for rank in range(2)]
    threads = [
        threading.Thread(target=work, args=(tmp_path, backend, asked, 2, rank, stop))
        for rank, backend in zip(ranks, backends, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    for rank in ranks:
        rank.close()


class Meeting(Scripted):
    """Begins its first batch when the other rank does, so that none is through before the other has started."""

    def __init__(self, meeting, **options):
        super().__init__(**options)
        self.meeting = meeting

    def generate(self, batch):
        if not self.batches:
            self.meeting.wait(30)
        return super().generate(batch)


def test_two_ranks_share_the_tickets_and_the_slow_one_takes_fewer(tmp_path):
    asked, meeting = requests(64), threading.Barrier(2)
    backends = [Meeting(meeting, pause=0.01), Meeting(meeting, pause=0.04)]
    two_ranks(tmp_path, backends, asked)
    check(read_answers(tmp_path).by_key, asked)
    fast, slow = (len(backend.batches) for backend in backends)
    assert fast + slow == 32 and slow >= 2 and fast > 1.5 * slow


def test_nothing_waits_for_a_rank_that_is_stuck_in_its_first_batch(tmp_path):
    """It holds no second batch, which the others would have to wait for."""
    asked, rest, meeting = requests(40), threading.Event(), threading.Barrier(2)

    class Quick(Meeting):
        def generate(self, batch):
            output = super().generate(batch)
            if len(self.batches) == 19:
                rest.set()
            return output

    class Stuck(Meeting):
        def generate(self, batch):
            output = super().generate(batch)
            assert rest.wait(30), "the other rank has not got all the other batches"
            return output

    backends = [Quick(meeting), Stuck(meeting)]
    two_ranks(tmp_path, backends, asked)
    check(read_answers(tmp_path).by_key, asked)
    assert [len(backend.batches) for backend in backends] == [19, 1]


def test_a_slow_rank_leaves_the_last_batches_to_the_other(tmp_path):
    asked, store, nearly = requests(24), LocalStore(), threading.Event()

    class Quick(Scripted):
        def generate(self, batch):
            output = super().generate(batch)
            if len(self.batches) == 9:
                nearly.set()
            end = time.monotonic() + 30
            while len(self.batches) == 10 and not store.add("declined", 0) and time.monotonic() < end:
                time.sleep(0.01)
            return output

    class Slow(Scripted):
        def generate(self, batch):
            assert nearly.wait(30)
            time.sleep(0.5)
            return super().generate(batch)

    backends = [Quick(), Slow()]
    two_ranks(tmp_path, backends, asked, store)
    check(read_answers(tmp_path).by_key, asked)
    assert [len(backend.batches) for backend in backends] == [11, 1]


def test_what_was_generated_is_on_disk_when_the_launcher_is_gone(tmp_path):
    class Gone(LocalStore):
        lives = True

        def add(self, key, amount):
            if not self.lives:
                raise RuntimeError("connection reset")
            return super().add(key, amount)

    class Last(Scripted):
        def generate(self, batch):
            store.lives = len(self.batches) < 2
            return super().generate(batch)

    store, backend = Gone(), Last()
    with pytest.raises(UserError, match="what it generated is on disk"):
        work(tmp_path, backend, requests(40), 4, Ranks(0, 2, 0, store))
    generated = {key for batch in backend.batches for key in batch}
    assert len(generated) == 12 and read_answers(tmp_path).by_key.keys() == generated


def test_batches_keep_to_one_token_limit_and_put_shared_pictures_together():
    pictures = [Image(f"{i:064d}", data=b"") for i in range(3)]
    asked = [
        Request(f"k{i}", "p", (pictures[i % 3],) if i % 2 else (), 8 if i % 5 else 64, (str(i),)) for i in range(60)
    ]
    lengths = [100 + i % 7 for i in range(60)]
    batches = make_batches(asked, lengths, Limits(rows=8))
    assert sorted(i for batch in batches for i in batch) == list(range(60))
    assert all(len({asked[i].max_new_tokens for i in batch}) == 1 and len(batch) <= 8 for batch in batches)
    assert asked[batches[0][0]].max_new_tokens == 64
    order = [asked[i].images[0].sha256 for batch in batches for i in batch if asked[i].images]
    changes = sum(a != b for a, b in itertools.pairwise(order))
    assert changes <= 2 * 2 * 3  # two token limits, two length buckets, three pictures
    assert make_batches(asked, lengths, Limits(rows=8)) == batches


def test_a_token_budget_bounds_rows_times_padded_length():
    asked, lengths = requests(40), [10 * (i + 1) for i in range(40)]
    batches = make_batches(asked, lengths, Limits(rows=100, tokens=1000))
    assert sorted(i for batch in batches for i in batch) == list(range(40))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * (max(lengths[i] for i in batch) + 8) <= 1000
    assert max(map(len, batches)) > 5
