"""Running the benchmark: requests -> responses -> verdicts -> scores -> report."""
