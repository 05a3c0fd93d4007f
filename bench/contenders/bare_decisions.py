"""The state workload and nothing else: what one Python process could do at most.

aiokafka in a loop, each record decided, rows in a dictionary; what is decided is forgotten.
"""

import orjson
import uvloop
from aiokafka import ConsumerRecord

from bench.contenders.bare import read
from bench.contenders.protocol import Task, read_task
from bench.workloads.state import decide


async def main(task: Task) -> None:
    """Read and decide; the sum of the rows' amounts is that of the prices."""
    rows: dict[bytes, bytes] = {}

    def work(batch: list[ConsumerRecord]) -> int:
        for record in batch:
            rows[record.key], _, _ = decide(record.value, rows.get(record.key))
        return 0

    await read(task, work, lambda: sum(orjson.loads(row)["amount"] for row in rows.values()))


if __name__ == "__main__":
    uvloop.run(main(read_task()))
