"""`script/chaos`: rounds of faults, then the audit, then a table. Exit code 1 when an invariant broke."""

import argparse
import sys

from . import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/chaos", description=run.__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="faults one after the other (10)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the portal's folder for looking into it")
    options = parser.parse_args()
    outcome = run.chaos(options.rounds, options.seed, keep=options.keep, say=lambda text: print(text, flush=True))
    print(outcome.table())
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    sys.exit(main())
