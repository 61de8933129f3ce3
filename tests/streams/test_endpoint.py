from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families

from streams.stages.endpoint import Endpoint

HOST = "127.0.0.1"


class Served:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.problems: list[str] = []
        self.endpoint = Endpoint(self.registry, lambda: self.problems)
        self.port = 0

    async def get(self, path: str) -> tuple[int, str, str]:
        """Status, content type and body."""
        async with aiohttp.ClientSession() as session, session.get(f"http://{HOST}:{self.port}{path}") as answer:
            return answer.status, answer.headers["Content-Type"], await answer.text()


@pytest_asyncio.fixture
async def served() -> AsyncIterator[Served]:
    served = Served()
    served.port = await served.endpoint.start(HOST, 0)
    yield served
    await served.endpoint.stop()


async def test_metrics_are_told_as_prometheus_reads_them(served: Served) -> None:
    Counter("groundswell_things", "Things.", registry=served.registry).inc(3)
    status, content_type, body = await served.get("/metrics")
    assert (status, content_type.split(";")[0]) == (200, "text/plain")
    samples = {
        sample.name: sample.value for family in text_string_to_metric_families(body) for sample in family.samples
    }
    assert samples["groundswell_things_total"] == 3


async def test_a_worker_without_problems_is_healthy(served: Served) -> None:
    status, content_type, body = await served.get("/healthz")
    assert (status, content_type.split(";")[0], body) == (200, "application/json", '{"ok": true, "problems": []}')


async def test_problems_are_told_in_words(served: Served) -> None:
    served.problems.append("it has no partitions")
    status, _, body = await served.get("/healthz")
    assert (status, body) == (503, '{"ok": false, "problems": ["it has no partitions"]}')


@pytest.mark.parametrize("path", ["/", "/metrics/", "/../etc/passwd", "/table/x"])
async def test_nothing_else_is_served(path: str, served: Served) -> None:
    assert (await served.get(path))[0] == 404


async def test_a_port_that_is_taken_is_an_error(served: Served) -> None:
    other = Endpoint(CollectorRegistry(), list)
    with pytest.raises(OSError, match="address already in use"):
        await other.start(HOST, served.port)
    await other.stop()
