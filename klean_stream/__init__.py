"""klean-stream keeps counterfeit and IP-infringing goods off a marketplace.

The library's rooms, in the order of the data flow: ``events`` (what comes in, what goes out), ``text`` and
``brands`` (whose mark a text uses), ``listings``, ``sellers``, ``reports``, ``risk`` and ``policy`` (what is
decided), ``processing`` (one event in, rows and outputs out), ``runtime`` (all that knows Kafka), ``cli``.
"""

__version__ = "0.1.0"
