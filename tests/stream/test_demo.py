"""The demo as a newcomer runs it: embedded broker, real worker, books that balance."""

import subprocess
import sys
from pathlib import Path


def test_a_short_day_balances_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "klean_stream", "demo", "--events", "1500", "--rate", "1500", "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for topic in ("brands", "ip-reports", "listings", "moderator-decisions", "seller-signups"):
        assert topic in done.stdout
    assert "Every event is accounted for." in done.stdout
    assert not list(tmp_path.iterdir())


def test_the_day_of_another_seed_balances_too(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "klean_stream", "demo", "--events", "800", "--seed", "11", "--rate", "2000"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
