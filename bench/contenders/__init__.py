"""The contenders. Each module runs as a process of its own: ``python -m bench.contenders.NAME`` (``protocol.py``)."""
