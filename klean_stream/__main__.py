"""``python -m klean_stream``: the ``klean-stream`` command where its script is not on the path."""

from klean_stream.cli import main

if __name__ == "__main__":
    main()
