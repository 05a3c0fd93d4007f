"""``klean-stream demo``: a realistic day on a broker inside this process, decided by a real worker."""

from klean_stream.cli.demo.command import demo

__all__ = ["demo"]
