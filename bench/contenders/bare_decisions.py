"""The state workload and nothing else: aiokafka in a loop, each record decided, rows in a dictionary.

What is decided is forgotten. Beside it one sees what the decision alone leaves to a runtime.
"""

import orjson
import uvloop
from aiokafka import ConsumerRecord

from bench.contenders.bare import read
from bench.contenders.protocol import Task, read_task
from bench.workloads.state import decide
from klean_stream.processing.trimmed import trimmed


async def main(task: Task) -> None:
    """Read and decide; the sum of the rows' amounts is that of the prices."""
    rows: dict[bytes, bytes] = {}

    def work(batch: list[ConsumerRecord]) -> int:
        for record in batch:
            row, _, _ = decide(record.value, rows.get(record.key))
            rows[record.key] = trimmed(row)
        return 0

    await read(task, work, lambda: sum(orjson.loads(row)["amount"] for row in rows.values()))


if __name__ == "__main__":
    uvloop.run(main(read_task()))
