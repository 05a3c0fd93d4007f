"""Compile the matcher and the path of a record with mypyc where a C compiler is at hand; pyproject.toml says the rest.

What is compiled is the same Python, and does the same without: matching takes about 1.7 times as long then.
KLEAN_STREAM_COMPILED=0 leaves it as it is.
"""

import os
import shlex
import shutil
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup

_BRANDS = (
    *("boundaries", "context", "evidence", "finder", "fitting", "goods", "hangul_names", "index", "longer_words"),
    *("masked", "matcher", "names", "near_misses", "negation", "sieve", "spelling", "weighing", "word_index"),
)
_TEXT = (
    *("folding", "hangul", "leet", "look_alikes", "mandarin", "remembered", "scripts", "spacing", "stylised", "view"),
)
_PROCESSING = ("rows", "trimmed")
_RUNTIME = ("backlog", "gathering", "outbox", "records")
_MODULES = [
    *(f"klean_stream/brands/{name}.py" for name in _BRANDS),
    *(f"klean_stream/text/{name}.py" for name in _TEXT),
    *(f"klean_stream/processing/{name}.py" for name in _PROCESSING),
    *(f"klean_stream/runtime/{name}.py" for name in _RUNTIME),
]
# By these and not by the checkout's settings: where this is built the libraries are not installed.
_FLAGS = ["--config-file=", "--ignore-missing-imports", "--follow-imports=silent"]


def _extensions() -> list[Extension]:
    if os.environ.get("KLEAN_STREAM_COMPILED") == "0":
        return []
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    header = Path(sysconfig.get_path("include"), "Python.h")
    if shutil.which(compiler) is None or not header.exists():
        sys.stderr.write(
            f"No C compiler ({compiler}) or no {header}: klean-stream is installed without compiling it.\n"
        )
        return []
    # Who does not compile needs no mypyc either.
    from mypyc.build import mypycify

    return mypycify([*_FLAGS, *_MODULES], group_name="klean_stream.compiled", debug_level="0")


setup(ext_modules=_extensions())
