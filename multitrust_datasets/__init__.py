"""The tasks of MultiTrust as Hugging Face datasets."""

from multitrust_datasets.builder import left_out, load_dataset
from multitrust_datasets.errors import DataError
from multitrust_datasets.registry import get_task, list_tasks
from multitrust_datasets.task import Task, Variant

__all__ = ["DataError", "Task", "Variant", "get_task", "left_out", "list_tasks", "load_dataset"]
