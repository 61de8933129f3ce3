"""What is usual of unrelated English texts to the offline model: there our thresholds were found.

Written by tests/benchmarks/reference_calibration.py; not to be changed by hand.
"""

from detectors.narratives.clustering.calibration import Calibration, PairFigures, Spread

REFERENCE = Calibration(
    model="all-MiniLM-L6-v2-d474c858",
    dimensions=384,
    language="en",
    texts=16166,
    pairs=552552,
    dense=Spread(median=0.0865, p99=0.3444, p995=0.3813),
    compared=Spread(median=0.0163, p99=0.1832, p995=0.2096),
    directions=124.4,
    known=PairFigures(same=2847, different=2847, claim=0.5053, recall=0.934, false_matches=0.0499),
)
