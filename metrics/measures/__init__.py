"""Pure scoring functions, one idea a file. None of them imports `evaluate`.

A rule takes `rules`: "paper" reproduces the published rule with its accidents, "strict" reads the answer as a careful
reader would. A rule returns None where it cannot read its input; what that counts as is the metric's decision.
"""
