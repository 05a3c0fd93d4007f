"""What the claims about real data and speed rest on; not part of the package.

``python -m bench`` (``make bench``) runs every section of ``bench/sections`` on one broker of its own and writes
``bench/results.md``. A section is a module with

    def run(context: Context) -> Section

listed in ``bench/sections/__init__.py`` (``bench/section.py`` has the three types that it needs). A contender is
a module of ``bench/contenders`` that runs as a process of its own and speaks the protocol of
``bench/contenders/protocol.py``. A workload is what all contenders do alike; its core in ``bench/workloads`` is
shared word for word.
"""
