"""`python -m multitrust_eval` is the console script `multitrust`."""

from multitrust_eval.cli import main

if __name__ == "__main__":
    main()
