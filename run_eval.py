"""Evaluate a vision-language model on MultiTrust: `python run_eval.py --help`.

Works under `python`, `torchrun` and `accelerate launch`; without arguments it runs the demo.
"""

from multitrust_eval.cli import main_run

if __name__ == "__main__":
    main_run()
