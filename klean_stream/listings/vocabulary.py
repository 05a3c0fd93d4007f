"""Words that say of themselves that goods are counterfeit."""

from klean_stream.events import Finding


def find_counterfeit_words(field: str, text: str) -> tuple[Finding, ...]:
    return ()
