"""A run from start to end, in one straight line: plan, generate, judge, score, write, show."""

import json
import os
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from multitrust_eval import backends, manifest, store
from multitrust_eval.budget import Budget
from multitrust_eval.engine import Engine
from multitrust_eval.errors import Interrupted, UsageError, UserError
from multitrust_eval.options import RunOptions
from multitrust_eval.plan import Ask, Plan, RunContext, canonical, make_plan
from multitrust_eval.progress import job_progress
from multitrust_eval.ranks import Ranks, connect
from multitrust_eval.records import Answer
from multitrust_eval.schedule import make_batches
from multitrust_eval.select import choose_tasks, choose_variants
from multitrust_eval.stop import Stop
from multitrust_eval.verify import together, verify_batching, warning
from multitrust_eval.workers import Workers

TICKETS_A_RANK = 8
"""With several ranks: so many tickets for each at least, so that they end together."""


@dataclass
class Job:
    """What the steps of a run share."""

    options: RunOptions
    command: list[str]
    ranks: Ranks
    stop: Stop
    console: Console
    run_dir: Path
    backend: backends.Backend | backends.ServedModel
    protocol: Any
    plan: Plan

    def say(self, text: str) -> None:
        """A line for the user, once a job."""
        if self.ranks.first:
            self.console.print(text, highlight=False, markup=False, soft_wrap=True)


def run(options: RunOptions, command: Sequence[str], console: Console, table: Console) -> int:
    """Do all that is missing in the run folder, then score it. The exit code: 0, or 1 when a request has no answer.

    `console` takes progress and notes, `table` the result. Raises UserError, DataError and JudgeError for what the
    user can put right, Interrupted after a signal.
    """
    options = options.filled()
    ranks = connect()
    stop = Stop()
    try:
        with stop.handled():
            return _run(options, list(command), ranks, stop, console, table)
    except Interrupted as error:
        how = (
            f"{error} What was answered is in {options.output_dir}. To go on: {resume_command(options, command, ranks)}"
        )
        raise Interrupted(error.exit_code - 128, how if ranks.first else "") from error
    except BaseException:
        ranks.give_up()
        raise
    finally:
        ranks.close()


def _run(options: RunOptions, command: list[str], ranks: Ranks, stop: Stop, console: Console, table: Console) -> int:
    run_dir = Path(options.output_dir or "")
    lock = _claim(run_dir) if ranks.first else None
    try:
        job = _prepare(options, command, ranks, stop, console, run_dir)
        notes = _papers(job) if ranks.first else {}
        asked = _generate(job)
        answers = store.read_answers(run_dir, {request.key for request in job.plan.requests})
        if ranks.first and asked:
            notes |= _verify(job, asked, answers.by_key, notes.get("verify_batching"))
        job.backend.close()
        verdicts = _judge(job, answers.by_key)
        if not ranks.first:
            return 0
        _score(job, answers.by_key, verdicts, table)
        manifest.write_manifest(run_dir, {**notes, **_outcome(job, answers)})
        return _last_words(job, answers.by_key)
    finally:
        if lock is not None:
            lock.release()


def _claim(run_dir: Path) -> store.RunLock:
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        return store.RunLock(run_dir)
    except OSError as error:
        raise UserError(
            f"The run folder {run_dir} cannot be written: {error.strerror}. Give another --output-dir."
        ) from error


def _prepare(options: RunOptions, command: list[str], ranks: Ranks, stop: Stop, console: Console, run_dir: Path) -> Job:
    """Settle model and data. The first rank goes ahead, so that data are built and downloaded once."""
    from multitrust_datasets import list_tasks
    from multitrust_datasets.protocol import load_protocol
    from multitrust_eval.data_commands import tell_fallback

    tasks = choose_tasks(options.tasks, list_tasks())
    variants = choose_variants(options.variants, tasks)
    _check_judges(options.judges())
    protocol = load_protocol(options.protocol, fallback=options.protocol_fallback)
    backend = backends.create(options, ranks.local_rank)
    ask = Ask(options.source, protocol, options.limit, options.token_cap, options.bad_rows(), options.token_floor)
    tasks = [task for task in tasks if variants[task.stem]]
    if ranks.first:
        tell_fallback(protocol, tasks, console)
        console.print("Reading the data ...", highlight=False)
    else:
        ranks.wait("planned", stop.check)
    plan = make_plan(tasks, variants, ask, backend.identity, backend.takes_images)
    if ranks.first:
        ranks.publish("planned", b"1")
    return Job(options, command, ranks, stop, console, run_dir, backend, protocol, plan)


def _check_judges(judges: Mapping[str, str]) -> None:
    """Raises UsageError for a judge that is none, before anything is generated."""
    from multitrust_eval.judges.base import JudgeError
    from multitrust_eval.judges.spec import read_spec

    for slot, name in judges.items():
        try:
            read_spec(name, slot)
        except JudgeError as error:
            raise UsageError(f"--judge {slot}={name}: {error}") from error


def _papers(job: Job) -> dict[str, Any]:
    """Check that the folder is this run's, then leave its papers there."""
    options, plan = job.options, job.plan
    limits = (options.profile or "paper", options.token_cap, options.token_floor)
    settings = manifest.settings_of(job.backend.identity, options.source, job.protocol, limits)
    manifest.refuse_to_mix(job.run_dir, settings)
    notes = manifest.describe(plan, settings, job.command, job.ranks.world)
    backend = job.backend
    notes["backend"] = {
        "identity": dict(backend.identity),
        "label": backend.label,
        "takes_images": backend.takes_images,
    }
    if verified := manifest.read_manifest(job.run_dir).get("verify_batching"):
        notes["verify_batching"] = verified  # what is found about new answers is added to it
    manifest.write_manifest(job.run_dir, notes)
    manifest.write_config(job.run_dir, options.as_dict())
    sizes = {"task": len(plan.tasks), "variant": len(plan.datasets), "row": plan.n_rows()}
    sizes["distinct request"] = len(plan.requests)
    job.say(f"{job.backend.label}: {', '.join(f'{n} {name}' + 's' * (n != 1) for name, n in sizes.items())}.")
    for stem, missing in plan.unavailable.items():
        job.say(f"{stem} is not run: {missing}")
    if plan.not_applicable:
        reasons = Counter(plan.not_applicable.values())
        job.say("Variants that do not apply: " + "; ".join(f"{n} ({reason})" for reason, n in reasons.items()) + ".")
    return notes


def _generate(job: Job) -> list[int]:
    """Answer what has no answer yet, on all ranks; returns what that was when every rank is through."""
    pending = _pending(job)
    if pending:
        job.backend.load()
        batches = _schedule(job, pending)
        appender = store.Appender(job.run_dir / "responses", f"rank-{job.ranks.rank:03d}")
        try:
            with job_progress(job.ranks, len(pending), job.console), job.stop.deferred():
                _loop(job, appender).run(job.plan.requests, batches)
                appender.flush()
                absent = job.ranks.meet("generated", job.stop.check)
        finally:
            appender.close()
        if absent:
            raise UserError(f"Processes {absent} fell silent. Run the same command again: it does what they left.")
    return pending


def _loop(job: Job, appender: store.Appender) -> Engine | Workers:
    if isinstance(job.backend, backends.ServedModel):
        return Workers(job.backend, appender, job.ranks, job.stop)
    budget = Budget(_limits(job), job.backend.memory_share)
    return Engine(job.backend, appender, job.ranks, job.stop, budget)


def _limits(job: Job) -> backends.Limits:
    """How large a batch may be: as the model and its device have it, or as many rows as the user chose."""
    limits = job.backend.limits()
    if job.options.batch_size == "auto":
        return limits
    return replace(limits, rows=int(job.options.batch_size), tokens=None)


def _verify(job: Job, asked: list[int], answers: dict[str, Answer], before: Any) -> dict[str, Any]:
    """--verify-batching, of what was asked just now: the manifest's part, added to what stood there `before`. Nothing
    for models that know no batches."""
    count = job.options.verify_batching
    if not count or isinstance(job.backend, backends.ServedModel) or job.backend.identity["kind"] != "hub":
        return {}
    with job.stop.deferred():
        requests = [job.plan.requests[i] for i in asked]
        found = verify_batching(job.backend, requests, answers, count, job.stop.check)
    if text := warning(found, job.backend.identity["dtype"]):
        job.say(text)
    return {"verify_batching": together(before, found)}


def _pending(job: Job) -> list[int]:
    """Indices of the requests to answer: the first rank looks what is on disk, and all use its list."""
    requests = job.plan.requests
    digest = store.digest(request.key for request in requests)
    if job.ranks.first:
        done = store.read_answers(job.run_dir, {request.key for request in requests}).done()
        pending = [i for i, request in enumerate(requests) if request.key not in done]
        if done:
            job.say(f"{len(done)} are answered already, {len(pending)} to go.")
        job.ranks.publish("pending", _pack({"digest": digest, "pending": pending}))
        return pending
    told = _unpack(job.ranks.wait("pending", job.stop.check))
    if told["digest"] != digest:
        raise UserError(
            f"Process {job.ranks.rank} has other requests than the first one: its data or its model files differ. "
            "All machines of a job need the same ones."
        )
    return list(told["pending"])


def _schedule(job: Job, pending: list[int]) -> list[list[int]]:
    """The job's batches, as indices of the plan's requests: cut by the first rank, the same for all."""
    if not job.ranks.first:
        batches: list[list[int]] = _unpack(job.ranks.wait("schedule", job.stop.check))
        return batches
    requests = [job.plan.requests[i] for i in pending]
    limits = shared_out(_limits(job), len(requests), job.ranks.world)
    cut = make_batches(requests, job.backend.measure(requests), limits)
    batches = [[pending[i] for i in batch] for batch in cut]
    job.ranks.publish("schedule", _pack(batches))
    return batches


def shared_out(limits: backends.Limits, requests: int, world: int) -> backends.Limits:
    """Batches so small that each of several ranks gets some: a large one would leave the others idle."""
    if world == 1:
        return limits
    return replace(limits, rows=max(1, min(limits.rows, -(-requests // (TICKETS_A_RANK * world)))))


def _judge(job: Job, answers: dict[str, Answer]) -> Any:
    from multitrust_eval.judges.budget import unasked_words
    from multitrust_eval.judges.progress import NoProgress, ShownProgress
    from multitrust_eval.judges.stage import Settings, judge_answers

    judges = job.options.judges()
    with ShownProgress(job.console) as shown:
        progress = shown if job.ranks.first else NoProgress()
        settings = Settings(budget=job.options.judge_budget, check=job.stop.check, progress=progress)
        verdicts = judge_answers(job.plan, answers, job.run_dir, judges, job.protocol, job.ranks, settings)
    if progress.unasked:
        job.say(unasked_words(progress.unasked))
    return verdicts


def _score(job: Job, answers: dict[str, Answer], verdicts: Any, table: Console) -> None:
    from multitrust_eval.report.table import print_table
    from multitrust_eval.score import score_run, write_results

    job.say("Scoring ...")
    results = score_run(job.plan, answers, verdicts, context_of(job))
    write_results(job.run_dir, results)
    print_table(results, table)


def context_of(job: Job) -> RunContext:
    """What results.json says beside the scores: no path, no time, no host."""
    options = job.options
    folder = Path(options.source).is_dir()
    model = {name: value for name, value in job.backend.identity.items() if name != "kind"}
    return RunContext(
        model={**model, "id": job.backend.label},
        source=Path(options.source).resolve().name if folder else options.source,
        limit=options.limit,
        protocol={"name": job.protocol.name, "sha256": job.protocol.sha256},
        judges=options.judges(),
        profile=options.profile or "paper",
        token_cap=options.token_cap,
        suite_fingerprint=job.plan.suite_fingerprint,
        stand_in_sample=options.source == "sample",
        paper_wording=job.protocol.is_papers,
    )


def _outcome(job: Job, answers: store.Answers) -> dict[str, Any]:
    """The manifest's second half."""
    statuses = Counter(answer.status for answer in answers.by_key.values())
    return {
        "ended": manifest.now(),
        "model": job.backend.about(),
        "statuses": dict(sorted(statuses.items())),
        "damaged_lines": answers.damaged,
    }


def _last_words(job: Job, answers: dict[str, Answer]) -> int:
    """Say where the results are and what is missing; the exit code."""
    job.say(f"Wrote {job.run_dir / 'results.json'}")
    statuses = Counter(answer.status for answer in answers.values())
    lacking = {status.removeprefix("error:"): n for status, n in statuses.items() if status.startswith("error:")}
    if missing := len(job.plan.requests) - len(answers):
        lacking["not generated"] = missing
    absent = job.plan.unavailable
    if absent:
        job.say(f"Not run, for their data are not in the source: {', '.join(absent)}.")
    if not lacking:
        return 1 if absent else 0
    words = ", ".join(f"{n} {reason}" for reason, n in sorted(lacking.items()))
    total = len(job.plan.requests)
    job.say(f"{sum(lacking.values())} of {total} requests have no answer ({words}). The same command tries them again.")
    return 1


def resume_command(options: RunOptions, command: Sequence[str], ranks: Ranks) -> str:
    """The command that goes on with a run folder."""
    here = os.environ.get("LOCAL_WORLD_SIZE", ranks.world)
    launcher = "python" if ranks.world == 1 else f"torchrun --nproc_per_node {here}"
    if ranks.world > 1 and "ACCELERATE_MIXED_PRECISION" in os.environ:
        launcher = f"accelerate launch --multi_gpu --num_processes {ranks.world}"
    program = "multitrust run" if command and Path(command[0]).name == "multitrust" else f"{launcher} run_eval.py"
    return f"{program} --config {options.output_dir}/config.yaml"


def _pack(value: Any) -> bytes:
    return zlib.compress(canonical(value))


def _unpack(data: bytes) -> Any:
    return json.loads(zlib.decompress(data))
