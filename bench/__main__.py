"""Run the benchmarks and write ``bench/results.md``.

    python -m bench                                  # all of it
    python -m bench --only state --contenders klean,bare
    python -m bench --quick                          # small sizes, one run: does everything still work?

Exit code: 0 if every target holds, 1 if one does not or a contender's outputs are wrong, 2 for a wrong command
line. Only a whole run (no --only, --contenders, --quick) writes `bench/results.md` and the README's table; any other
prints its sections, unless --output names a file.
"""

import argparse
import importlib
import shlex
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from bench.broker import broker
from bench.report import README, update_readme, write_report
from bench.roster import ROSTER
from bench.runs import ContenderError
from bench.section import Context, Section, Target, WrongOutputError
from bench.sections import SECTIONS, SPIKES
from tests.kafka.cluster import BrokerError

_RESULTS = Path(__file__).with_name("results.md")
_RUNS = 3
_KNOWN = (*SECTIONS, *SPIKES)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; give the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=_names(_KNOWN), help=f"sections, of {', '.join(_KNOWN)}")
    parser.add_argument("--contenders", type=_names(ROSTER), help=f"contenders, of {', '.join(ROSTER)}")
    parser.add_argument("--quick", action="store_true", help="small sizes, one run each; no target is judged")
    parser.add_argument("--runs", type=int, help=f"how often each measurement is repeated ({_RUNS}; quick: 1)")
    parser.add_argument("--broker", metavar="HOST:PORT", help="a broker that runs already; default: one of its own")
    parser.add_argument("--brands", type=Path, help="JSONL(.gz) of brands; default: made-up ones")
    parser.add_argument("--titles", type=Path, help="JSONL(.gz) of titles; default: made-up ones")
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="profile the contenders with py-spy")
    parser.add_argument("--output", type=Path, help="where to write the report")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {what}", flush=True)

    with tempfile.TemporaryDirectory(prefix="klean-bench-") as folder:
        try:
            with broker(Path(folder) / "kafka", chosen.broker, quick=chosen.quick) as kafka:
                context = Context(
                    bootstrap=kafka.bootstrap,
                    folder=Path(folder),
                    runs=chosen.runs or (1 if chosen.quick else _RUNS),
                    quick=chosen.quick,
                    say=say,
                    contenders=chosen.contenders,
                    brands=chosen.brands,
                    titles=chosen.titles,
                    profiles=chosen.profile,
                )
                named = [name for name in _KNOWN if name in (chosen.only or SECTIONS)]
                sections = [section for name in named if (section := _run(name, context)) is not None]
        except BrokerError as error:
            print(f"The bench failed: {error}", file=sys.stderr)
            return 1
    complete = len(sections) == len(named)
    whole = complete and not (chosen.only or chosen.contenders or chosen.quick)
    command = shlex.join(["python", "-m", "bench", *(sys.argv[1:] if arguments is None else arguments)])
    output = chosen.output or (_RESULTS if whole else None)
    write_report(sections, command, context.runs, output)
    if whole and chosen.output is None:
        update_readme(sections, README)
    code = _judge([target for section in sections for target in section.targets], quick=chosen.quick)
    return code if complete else 1


def _run(name: str, context: Context) -> Section | None:
    """Run a section; None for one that failed, after saying why: what the others find is worth knowing too."""
    context.say(f"section {name}")
    try:
        section: Section = importlib.import_module(f"bench.sections.{name}").run(context)
    except (ContenderError, WrongOutputError) as error:
        context.say(f"section {name} FAILED: {error}")
        return None
    except Exception:
        context.say(f"section {name} FAILED:\n{traceback.format_exc()}")
        return None
    return section


def _judge(targets: Sequence[Target], *, quick: bool) -> int:
    for target in targets:
        print(f"{'yes' if target.holds else 'NO ':3} {target}")
    if quick:
        print("A quick run judges no target: its sizes are too small.")
        return 0
    return 0 if all(target.holds for target in targets) else 1


def _names(known: Collection[str]) -> Callable[[str], frozenset[str]]:
    def parse(text: str) -> frozenset[str]:
        names = frozenset(text.split(","))
        if unknown := names - set(known):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: known are {', '.join(known)}")
        return names

    return parse


if __name__ == "__main__":
    sys.exit(main())
