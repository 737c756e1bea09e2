"""The dataset card of an exported task: a YAML header for the Hub, and what a reader must know."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from multitrust_datasets.protocol import DEFAULT_NAME, Protocol
from multitrust_datasets.sources import SAMPLE, resolve
from multitrust_datasets.task import Task

if TYPE_CHECKING:
    from multitrust_datasets.export import Exported

TAG = "multitrust"
"""The tag that tells our exports from other folders."""

CITATION = """@article{zhang2024benchmarking,
  title = {Benchmarking Trustworthiness of Multimodal Large Language Models: A Comprehensive Study},
  author = {Zhang, Yichi and Huang, Yao and Sun, Yitong and Liu, Chang and Zhao, Zhe and Fang, Zhengwei and
            Wang, Yifan and Chen, Huanran and Yang, Xiao and Wei, Xingxing and Su, Hang and Dong, Yinpeng and Zhu, Jun},
  journal = {arXiv preprint arXiv:2406.07057},
  year = {2024}
}"""

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))

_GATED_PROMPT = (
    "These data are a part of MultiTrust. Its terms allow academic, non-commercial use only and forbid passing the "
    "data on. By asking for access you confirm that its authors have given you access to MultiTrust itself, that you "
    "keep to these terms, and that you treat sensitive content and personal data in it with care."
)
_SAMPLE_PROMPT = (
    "By asking for access you confirm that you use these items to evaluate models, not to train them, and that you do "
    "not take a score on them for a score on MultiTrust."
)
_GATED_NOTE = """> **Do not pass this folder on.** It was made from a copy of MultiTrust, whose terms allow academic,
> non-commercial use only and forbid giving the data to others. Keep it on your own machines, or in a private
> repository that nobody reads who has not been given access to MultiTrust by its authors. Nothing has been uploaded.
"""
_SAMPLE_NOTE = """> **This is not MultiTrust.** It was made from the sample that comes with the package: a few
> items of our own, harmless and far too few to measure anything, in the shape of the real data.
"""
_GATED_LICENCE = """The terms of the MultiTrust dataset (Hub: `thu-ml/MultiTrust`, gated): academic, non-commercial
use, no passing on. Pictures and texts keep the rights of those they come from."""


def header(task: Task, exported: "Exported", source: str | Path) -> dict[str, Any]:
    """The YAML header without configs and features."""
    sample = str(source) == SAMPLE
    given = {variant.images != "none" for variant in task.variants}
    categories = ["visual-question-answering"] * (True in given) + ["question-answering"] * (False in given)
    licence = {"license": "apache-2.0"} if sample else {"license": "other", "license_name": "multitrust-terms"}
    return {
        "pretty_name": f"MultiTrust {task.id} {task.title}",
        "language": ["en"],
        **licence,
        "task_categories": categories,
        "size_categories": [next((name for bound, name in _SIZES if exported.rows < bound), "n>1M")],
        "tags": [TAG, "evaluation", "trustworthiness", task.aspect, "not-for-all-audiences"][: 4 if sample else 5],
        "extra_gated_prompt": _SAMPLE_PROMPT if sample else _GATED_PROMPT,
    }


def text(task: Task, exported: "Exported", source: str | Path, protocol: Protocol, about: str) -> str:
    """The card below its header. `about` is the task module's docstring."""
    sample = str(source) == SAMPLE
    parts = [
        f"# MultiTrust {task.id}: {task.title}",
        _SAMPLE_NOTE if sample else _GATED_NOTE,
        about,
        "## Load",
        _usage(task, exported),
        "## Variants",
        _variants(task, exported),
        "## Columns",
        _columns(exported),
        "## Source",
        f"{_source(source)} {_wording(protocol)}{_left_out(exported)}",
        "## Licence",
        _sample_licence() if sample else _GATED_LICENCE,
        "## Citation",
        f"```bibtex\n{CITATION}\n```",
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _usage(task: Task, exported: "Exported") -> str:
    first = exported.variants[0].name
    return (
        f'```python\nfrom datasets import load_dataset\n\nds = load_dataset("path/to/{task.stem}", "{first}", '
        'split="test")\n```\n\n`streaming=True` works too. Answers are scored by the metric of the same name, '
        f'`multitrust_metrics.path("{task.stem}")`, with the columns `reference`, `variant`, `subset` and `group`.'
    )


def _variants(task: Task, exported: "Exported") -> str:
    lines = ["| variant | pictures | new tokens | in the published score | rows |", "|---|---|---|---|---|"]
    for written in exported.variants:
        variant = task.variant(written.name)
        tokens, scored = task.generation(written.name).max_new_tokens, "yes" if variant.scored else "no"
        lines.append(f"| `{written.name}` | {variant.images} | {tokens} | {scored} | {written.rows} |")
    absent = f"\n\nNot in the source: {', '.join(exported.absent)}." if exported.absent else ""
    return "\n".join(lines) + absent


def _columns(exported: "Exported") -> str:
    reference = exported.variants[0].features["reference"]
    kind = getattr(reference, "dtype", None) or (
        f"struct of {', '.join(reference)}" if isinstance(reference, dict) else "list of strings"
    )
    return "\n".join(
        [
            "| column | type | |",
            "|---|---|---|",
            "| `id` | string | `<task>/<variant>/<key>`; equal keys are the same question in another pairing |",
            "| `variant` | string | |",
            '| `subset` | string | the breakdown that the paper reports, "" where there is none |',
            "| `group` | string | the item that variants and repeated prompts share: resample by it |",
            "| `images` | list of images | as stored, may be empty |",
            "| `prompt` | string | the whole user turn |",
            f"| `reference` | {kind} | what the answer is held against |",
        ]
    )


def _source(source: str | Path) -> str:
    """The source without a path of this machine."""
    if str(source) == SAMPLE:
        return "The sample embedded in the package."
    if Path(source).expanduser().exists():
        return "A local copy of MultiTrust (arXiv 2406.07057)."
    return f"MultiTrust (arXiv 2406.07057), from the Hub repository `{source}`."


def _sample_licence() -> str:
    """What the sample says of itself, without its title."""
    return (resolve(SAMPLE) / "SAMPLE.md").read_text(encoding="utf-8").partition("\n")[2].strip()


def _wording(protocol: Protocol) -> str:
    if protocol.name == DEFAULT_NAME:
        return (
            "The prompts are this package's own wording of the paper's tasks. "
            f"Protocol `{DEFAULT_NAME}`, sha256 `{protocol.sha256}`."
        )
    return (
        f"The wording of the prompts is that of the protocol pack `{protocol.name}`, sha256 `{protocol.sha256}`; where "
        "it was imported from the authors' toolbox it is under that project's licence, CC BY-SA 4.0."
    )


def _left_out(exported: "Exported") -> str:
    told = [
        f"`{variant.name}`: {', '.join(f'{reason} {count}' for reason, count in variant.left_out.items())}"
        for variant in exported.variants
        if variant.left_out
    ]
    return f"\n\nRows left out: {'; '.join(told)}." if told else ""
