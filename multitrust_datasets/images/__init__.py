"""Image makers used by the data. RENDERER changes whenever one of them draws other pixels."""

RENDERER = "1"
