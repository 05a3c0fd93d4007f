"""The worker's HTTP port: liveness, readiness, Prometheus metrics, and (with a token) a seller's risk.

Bound to localhost unless told otherwise. Faust's own web pages, which show table data to anybody, are off.
"""

import hmac
import logging
import time

import orjson
from aiohttp import web
from mode import Service
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from klean_stream.decision import SellerRow
from klean_stream.processing.rows import load_row, seller_key
from klean_stream.risk import explain, view
from klean_stream.runtime.ownership import Ownership
from klean_stream.runtime.reference import ReferenceLog
from klean_stream.runtime.settings import Settings

log = logging.getLogger(__name__)


class HttpServer(Service):
    """Answers ``/live``, ``/ready``, ``/metrics`` and ``/sellers/{seller_id}``."""

    def __init__(self, settings: Settings, ownership: Ownership, reference: ReferenceLog) -> None:
        super().__init__()
        self._settings = settings
        self._ownership = ownership
        self._reference = reference
        self._runner: web.AppRunner | None = None

    async def on_start(self) -> None:
        """Open the port. Raises OSError if it is taken."""
        application = web.Application()
        application.router.add_get("/live", self._live)
        application.router.add_get("/ready", self._ready)
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/sellers/{seller_id}", self._seller)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._settings.http_host, self._settings.http_port).start()

    async def on_stop(self) -> None:
        """Close the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _live(self, request: web.Request) -> web.Response:
        del request
        return web.Response(text="live\n")

    async def _ready(self, request: web.Request) -> web.Response:
        """200 while every owned partition is served; 503 else. A line for each says what it does and waits for."""
        del request
        lines = [f"{owned.name} {owned.state}" for owned in self._ownership.partitions.values()]
        if rebalancing := self._ownership.rebalancing_seconds:
            lines.insert(0, f"rebalancing for {rebalancing:.0f} s")
        ready = self._ownership.ready
        text = "\n".join([("ready" if ready else "not ready"), *lines, ""])
        return web.Response(text=text, status=200 if ready else 503)

    async def _metrics(self, request: web.Request) -> web.Response:
        del request
        self._ownership.measure()
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _seller(self, request: web.Request) -> web.Response:
        """The seller's row and every point of the risk: 404 unknown, 421 owned elsewhere, 503 not complete yet."""
        if not self._allowed(request):
            return web.Response(status=401, text="This needs the header: Authorization: Bearer KLEAN_HTTP_TOKEN\n")
        seller_id = request.match_info["seller_id"]
        number, owned = self._ownership.of_seller(seller_id)
        if owned is None:
            return web.Response(status=421, text=f"partition {number} is not owned by this worker\n")
        try:
            data = owned.read(seller_key(seller_id))
        except LookupError as error:
            return web.Response(status=503, text=f"{error}\n")
        row = load_row(data, SellerRow)
        if row is None:
            return web.Response(status=404, text=f"no seller {seller_id!r}\n")
        policy = self._reference.view().policy
        asked = request.query.get("now", "0")
        if not asked.isdecimal():
            return web.Response(status=400, text="now takes milliseconds since the epoch\n")
        now = int(asked) or _wall_clock()
        body = {
            "seller_id": seller_id,
            "at": now,
            "risk": view(row, now, policy),
            "points": [
                {"signal": signal, "points_now": points, "age_days": age}
                for signal, points, age in explain(row, now, policy)
            ],
            "row": row,
            "policy": policy.hash,
            "worker": self._settings.own_url,
            "partition": number,
        }
        return web.Response(body=orjson.dumps(body), content_type="application/json")

    def _allowed(self, request: web.Request) -> bool:
        token = self._settings.http_token
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return bool(token) and hmac.compare_digest(given.encode(), token.encode())


def _wall_clock() -> int:
    return int(time.time() * 1000)
