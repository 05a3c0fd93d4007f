"""The sample marketplace: a rights registry and a deterministic day of events.

The demo, the examples of the schemas and the stream tests use it. The brands are real, so that their names
are; the numbers of marks, the ids, the prices and all events are made up.
"""

from klean_stream.sample.day import day
from klean_stream.sample.event import SampleEvent
from klean_stream.sample.examples import examples
from klean_stream.sample.registry import sample_brand_rows, sample_brands

__all__ = ["SampleEvent", "day", "examples", "sample_brand_rows", "sample_brands"]
