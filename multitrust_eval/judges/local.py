"""Local judge models: where they are, how they come up, and batches that shrink when the device is too small."""

import gc
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from multitrust_eval.backends.base import OutOfMemory
from multitrust_eval.backends.identity import Where, locate
from multitrust_eval.errors import UserError
from multitrust_eval.judges.base import JudgeError
from multitrust_eval.judges.spec import Setting, Spec

DTYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}
SMALL = 100_000_000  # below so many parameters a second CPU thread costs more than it brings
In = TypeVar("In")
Out = TypeVar("Out")


class LocalModel:
    """A judge's tokenizer, configuration and, once `weights()` is called, its weights on one device."""

    def __init__(self, spec: Spec, setting: Setting) -> None:
        import transformers

        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        self.spec, self._setting = spec, setting
        self.where: Where = locate(spec.model, spec.revision)
        self.access = {
            "revision": self.where.revision,
            "trust_remote_code": bool(spec.option("trust_remote_code", False)),
        }
        self.config = self._read(transformers.AutoConfig, "configuration")
        self._tokenizer: Any = None
        self._model: Any = None

    @property
    def revision(self) -> str:
        """The commit, or a folder's content hash; and a short hash of the options, if there are any."""
        digest = self.spec.digest
        return self.where.commit + (f"+{digest}" if digest else "")

    @property
    def tokenizer(self) -> Any:
        if self._tokenizer is None:
            import transformers

            self._tokenizer = self._read(transformers.AutoTokenizer, "tokenizer")
            if self._tokenizer.pad_token is None:
                self._tokenizer.pad_token = self._tokenizer.eos_token or self._tokenizer.unk_token
        return self._tokenizer

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Tokens a text, special ones included, uncut."""
        return [len(ids) for ids in self.tokenizer(list(texts), verbose=False)["input_ids"]] if texts else []

    def weights(self, kind: Any) -> Any:
        """The model as `kind` (an AutoModel class), on its device, in evaluation mode; loaded at the first call.

        Raises UserError when it cannot be loaded.
        """
        if self._model is not None:
            return self._model
        import torch

        dtype = self.spec.option("dtype", "auto")
        device_map = self.spec.option("device_map", None)
        extra = {"device_map": device_map} if device_map else {}
        precision = getattr(torch, DTYPES[dtype]) if dtype in DTYPES else "auto"
        try:
            model = kind.from_pretrained(self.where.path, dtype=precision, **self.access, **extra)
            model = model if device_map else model.to(self._device())
        except (OSError, ValueError, ImportError, RuntimeError) as error:
            raise UserError(f"The judge {self.where.id} cannot be loaded: {first_line(error)}") from error
        if model.device.type == "cpu" and model.num_parameters() < SMALL:
            torch.set_num_threads(1)
        self._model = model.eval()
        return self._model

    def close(self) -> None:
        """Free the device."""
        if self._model is None:
            return
        import torch

        self._model = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _read(self, kind: Any, what: str) -> Any:
        try:
            return kind.from_pretrained(self.where.path, **self.access)
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise JudgeError(f"The {what} of the judge {self.where.id} cannot be read: {first_line(error)}") from error

    def _device(self) -> str:
        import torch

        device = self.spec.option("device", "auto")
        if device != "auto":
            return str(device)
        if torch.cuda.is_available():
            return f"cuda:{self._setting.local_rank % torch.cuda.device_count()}"
        return "mps" if torch.backends.mps.is_available() else "cpu"


def in_batches(
    items: Sequence[In],
    lengths: Sequence[int],
    budget: int,
    work: Callable[[list[In]], list[Out]],
    failed: Callable[[str], Out],
) -> list[Out]:
    """`work` over batches of similar length, at most `budget` padded tokens each; results in the order of `items`.

    A batch that fails is split: in halves when memory is short, else into single items. An item that fails alone
    becomes `failed(reason)`.
    """
    results: dict[int, Out] = {}
    batch: list[int] = []
    for index in sorted(range(len(items)), key=lambda i: (-lengths[i], i)):
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            _run(items, batch, work, failed, results)
            batch = []
        batch.append(index)
    if batch:
        _run(items, batch, work, failed, results)
    return [results[index] for index in range(len(items))]


def _run(
    items: Sequence[In],
    batch: Sequence[int],
    work: Callable[[list[In]], list[Out]],
    failed: Callable[[str], Out],
    results: dict[int, Out],
) -> None:
    try:
        results.update(zip(batch, work([items[i] for i in batch]), strict=True))
        return
    except UserError:
        raise
    except Exception as error:  # one bad item must not end the judging: it is found by splitting
        reason = "out of memory" if out_of_memory(error) else f"{type(error).__name__}: {first_line(error)}"[:200]
        step = (len(batch) + 1) // 2 if out_of_memory(error) else 1
    if len(batch) == 1:
        results[batch[0]] = failed(reason)
        return
    _free()
    for start in range(0, len(batch), step):
        _run(items, batch[start : start + step], work, failed, results)


def _free() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def out_of_memory(error: BaseException) -> bool:
    from multitrust_eval.backends.memory import is_out_of_memory

    return isinstance(error, OutOfMemory) or is_out_of_memory(error)


def first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def clean(text: str) -> str:
    """The text as UTF-8 can hold it: lone surrogates replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")
