"""Make ``confusables.tsv`` from the Unicode Consortium's ``confusables.txt``.

    python klean_stream/text/data/compact_confusables.py confusables.txt

``confusables.txt`` of any Unicode version comes from unicode.org/Public/security/. The result has a line with
the version, then one line for each source character: its code point and its prototype's, in hexadecimal.
"""

import re
import sys
from pathlib import Path

source = Path(sys.argv[1]).read_text(encoding="utf-8-sig")
version = re.search(r"^# Version: (\S+)", source, re.MULTILINE)
if version is None:
    sys.exit("This is no confusables.txt: it names no version.")
pairs = re.findall(r"^([0-9A-F]+) ;\t([0-9A-F ]+) ;\tMA", source, re.MULTILINE)
stated = re.search(r"^# total: (\d+)", source, re.MULTILINE)
if stated is None or int(stated[1]) != len(pairs):
    sys.exit(f"{len(pairs)} lines were read, but the file states another total.")
lines = [f"# UTS #39 confusables, Unicode {version[1]}; see UNICODE-LICENSE.txt"]
lines += [f"{character}\t{prototype}" for character, prototype in sorted(pairs, key=lambda p: int(p[0], 16))]
Path(__file__).with_name("confusables.tsv").write_text("\n".join(lines) + "\n", encoding="ascii")
