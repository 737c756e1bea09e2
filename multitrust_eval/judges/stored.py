"""A run folder read back: the same plan and answers as when it was made, without its model."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multitrust_datasets import list_tasks
from multitrust_datasets.protocol import Protocol, load_protocol
from multitrust_eval import manifest, store
from multitrust_eval.errors import UserError
from multitrust_eval.options import RunOptions, from_values, read_config
from multitrust_eval.plan import Ask, Plan, RunContext, make_plan
from multitrust_eval.records import Answer
from multitrust_eval.select import choose_tasks, choose_variants


@dataclass(frozen=True)
class StoredRun:
    """What judging and scoring need of a run."""

    run_dir: Path
    options: RunOptions
    protocol: Protocol
    plan: Plan
    answers: Mapping[str, Answer]
    backend: Mapping[str, Any]
    """`identity`, `label` and `takes_images` of what answered."""

    def context(self, judges: Mapping[str, str]) -> RunContext:
        """What results.json says beside the scores, when `judges` (slot -> name) judge."""
        options = self.options
        folder = Path(options.source).is_dir()
        identity = {name: value for name, value in self.backend["identity"].items() if name != "kind"}
        return RunContext(
            model={**identity, "id": self.backend["label"]},
            source=Path(options.source).resolve().name if folder else options.source,
            limit=options.limit,
            protocol={"name": self.protocol.name, "sha256": self.protocol.sha256},
            judges=judges,
            profile=options.profile or "paper",
            token_cap=options.token_cap,
            suite_fingerprint=self.plan.suite_fingerprint,
            stand_in_sample=options.source == "sample",
            paper_wording=self.protocol.is_papers,
        )


def read_run(run_dir: Path) -> StoredRun:
    """The run in a folder. Raises UserError when it holds none, or when the data are not those it was made with."""
    notes = manifest.read_manifest(run_dir) if run_dir.is_dir() else {}
    if not (run_dir / "config.yaml").is_file() or "backend" not in notes:
        raise UserError(f"{run_dir} is no run folder with answers: it has no config.yaml and manifest.json of a run.")
    options = from_values(read_config(str(run_dir / "config.yaml")), where=str(run_dir / "config.yaml")).filled()
    protocol = load_protocol(options.protocol, fallback=options.protocol_fallback)
    tasks = choose_tasks(options.tasks, list_tasks())
    variants = choose_variants(options.variants, tasks)
    tasks = [task for task in tasks if variants[task.stem]]
    backend = notes["backend"]
    ask = Ask(options.source, protocol, options.limit, options.token_cap, options.bad_rows(), options.token_floor)
    plan = make_plan(tasks, variants, ask, backend["identity"], backend["takes_images"])
    if plan.suite_fingerprint != notes["suite_fingerprint"]:
        raise UserError(
            f"{run_dir} was made with other data or prompts than its config.yaml gives now (source {options.source}). "
            "Put the data back as they were, or run it again."
        )
    answers = store.read_answers(run_dir, {request.key for request in plan.requests})
    if not answers.by_key:
        raise UserError(f"{run_dir} holds no answers yet; run it first: multitrust run --config {run_dir}/config.yaml")
    return StoredRun(run_dir, options, protocol, plan, answers.by_key, backend)
