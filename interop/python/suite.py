"""What each client is asked to do with a backend. Each test records its cell of the table."""

import asyncio
import base64
import os
import random

from backend import PATIENCE, Backend
from record import record

# nginx ends a WebSocket that is silent for 60 s.
SILENCE = 65


class Failed(Exception):
    """A call's error."""

    def __init__(self, code, message, data):
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


async def lasting():
    """A backend on a port that the system gives to nobody else, so that another one finds it free."""
    for attempt in range(5):
        try:
            return await Backend.start(f"ws://127.0.0.1:{random.randrange(20_000, 30_000)}/")
        except RuntimeError:
            if attempt == 4:
                raise


class Suite:
    """
    The tests of a client, which says

    - `client`: its name in the table;
    - `by_hand`: for which features the app has to help, and how;
    - `connect(url)`: gives a link with `call`, `notify`, `hear`, `serve`, `begin` (a call that can be
      cancelled), `report` (one with progress), `batch`, `closed` and `close`. Without an URL, the
      backend may be a child process.
    """

    client = ""
    by_hand = {}

    async def asyncSetUp(self):
        self.links = []
        self.backend = None
        self.link = await self.connected()

    async def asyncTearDown(self):
        for link in self.links:
            await link.close()
        if self.backend:
            await self.backend.kill()

    async def connected(self, **options):
        link = await asyncio.wait_for(self.connect(**options), PATIENCE)
        self.links.append(link)
        return link

    def done(self, feature):
        why = self.by_hand.get(feature)
        record(self.client, feature, "by hand" if why else "yes", why)

    async def call(self, method, params=()):
        return await asyncio.wait_for(self.link.call(method, params), PATIENCE)

    async def failure(self, call):
        with self.assertRaises(Failed) as caught:
            await asyncio.wait_for(call, PATIENCE)
        return caught.exception

    async def until(self, holds, what):
        async def wait():
            while not await holds():
                await asyncio.sleep(0.005)

        try:
            await asyncio.wait_for(wait(), PATIENCE)
        except TimeoutError:
            self.fail(f"it never came to this: {what}")

    async def waiting_is(self, count):
        async def holds():
            return await self.call("demo.archive.waiting") == count

        await self.until(holds, f"{count} are waiting")

    async def test_it_calls_by_position_and_by_name(self):
        self.assertEqual(await self.call("demo.archive.seek", [10, 3]), 7)
        self.assertEqual(await self.call("demo.archive.seek", {"back": 4, "offset": 10}), 6)
        self.assertEqual(await self.call("add", [2, 3]), 5)
        self.done("calls")

    async def test_errors_come_with_code_and_data(self):
        error = await self.failure(self.link.call("demo.archive.size", ["none"]))
        expected = (1, "there is no `none`", {"NotFound": "none"})
        self.assertEqual((error.code, error.message, error.data), expected)
        unknown = await self.failure(self.link.call("demo.archive.nope", []))
        self.assertEqual(unknown.code, -32601)
        wrong = await self.failure(self.link.call("demo.archive.size", [7]))
        self.assertEqual(wrong.code, -32602)
        self.done("errors")

    async def test_it_notifies(self):
        await self.link.notify("demo.archive.log", ["one"])
        await self.link.notify("demo.archive.log", ["two"])

        async def logged():
            return len(await self.call("demo.archive.logged")) == 2

        await self.until(logged, "two lines")
        self.assertEqual(await self.call("demo.archive.logged"), ["one", "two"])
        self.done("notify")

    async def test_it_is_notified(self):
        told = asyncio.get_running_loop().create_future()
        self.link.hear("demo.desk.told", told.set_result)
        await self.call("demo.archive.tell", ["hello"])
        self.assertEqual(await asyncio.wait_for(told, PATIENCE), ["hello"])
        self.done("notified")

    async def test_it_subscribes_and_unsubscribes(self):
        items, changes = asyncio.Queue(), asyncio.Queue()
        self.link.hear("demo.archive.countdown", items.put_nowait)
        self.link.hear("demo.archive.changes", changes.put_nowait)
        subscription = await self.call("demo.archive.countdown", [3])
        for expected in ({"result": 2}, {"result": 1}, {"result": 0}, {"done": True}):
            item = await asyncio.wait_for(items.get(), PATIENCE)
            self.assertEqual(item, {"subscription": subscription, **expected})
        subscription = await self.call("demo.archive.changes")
        change = await asyncio.wait_for(changes.get(), PATIENCE)
        self.assertEqual(change, {"subscription": subscription, "result": 1})
        await self.waiting_is(1)
        self.assertIs(await self.call("rpc.unsubscribe", [subscription]), True)
        await self.waiting_is(0)
        self.done("subscriptions")

    async def test_it_is_called(self):
        self.link.serve("demo.desk.confirm", lambda params: f"yes: {params[0]}")
        self.assertEqual(await self.call("demo.archive.ask", ["delete it?"]), "yes: delete it?")
        self.done("called")

    async def test_it_cancels(self):
        answer, cancel = self.link.begin("demo.archive.wait", [])
        await self.waiting_is(1)
        await cancel()
        self.assertEqual((await self.failure(answer)).code, -32800)
        await self.waiting_is(0)
        self.done("cancel")

    async def test_it_hears_of_progress(self):
        reports = asyncio.Queue()
        answer = self.link.report("demo.archive.index", [3], reports.put_nowait)
        self.assertEqual(await asyncio.wait_for(answer, PATIENCE), 3)
        for files in (1, 2, 3):
            report = await asyncio.wait_for(reports.get(), PATIENCE)
            self.assertEqual(report, {"files": files})
        self.done("progress")

    async def test_a_stream_argument_is_an_array(self):
        pieces = [base64.b64encode(piece).decode() for piece in (b"ab", b"c")]
        self.assertEqual(await self.call("demo.archive.upload", ["c.txt", pieces]), 3)
        self.done("upload")

    async def test_a_batch_is_answered(self):
        size, none, total = await asyncio.wait_for(
            self.link.batch(
                ("demo.archive.size", ["a.txt"]),
                ("demo.archive.size", ["none"]),
                ("add", [1, 2]),
            ),
            PATIENCE,
        )
        self.assertEqual((size, total), (7, 3))
        self.assertEqual((none.code, none.data), (1, {"NotFound": "none"}))
        self.done("batch")

    async def test_integers_are_exact(self):
        self.assertEqual(await self.call("demo.archive.seek", [2**64 - 1]), 2**64 - 1)
        self.done("integers")

    async def test_bytes_are_base64(self):
        read = await self.call("demo.archive.read", ["a.txt"])
        self.assertEqual(base64.b64decode(read).decode(), "Grüße")
        written = bytes([0, 1, 250, 255])
        size = await self.call("demo.archive.write", ["d", base64.b64encode(written).decode()])
        self.assertEqual(size, 4)
        self.assertEqual(base64.b64decode(await self.call("demo.archive.read", ["d"])), written)
        self.done("bytes")

    async def test_it_shows_a_token(self):
        token = "correct-horse-battery-staple"
        stranger = await self.connected(token=token)
        self.assertEqual((await self.failure(stranger.call("add", [1, 2]))).code, -32002)
        intruder = await self.connected(token=token)
        guess = {"protocol": 1, "token": "guess"}
        self.assertEqual((await self.failure(intruder.call("rpc.handshake", guess))).code, -32001)
        link = await self.connected(token=token)
        await link.call("rpc.handshake", {"protocol": 1, "token": token})
        self.assertEqual(await link.call("add", [1, 2]), 3)
        self.done("token")

    async def test_it_compares_versions(self):
        def asked(version):
            return {"channel": "demo.archive", "version": version, "fingerprint": "0:0000000000000000"}

        uses = [asked("1.1.0"), asked("2.0.0")]
        answer = await self.call("rpc.handshake", {"protocol": 1, "uses": uses})
        fits, differs = answer["uses"]
        self.assertEqual((fits["version"], differs["error"]["code"]), ("1.2.0", -32003))
        self.done("handshake")

    async def test_it_hears_that_the_backend_stops(self):
        backend = await Backend.start()
        try:
            link = await self.connected(url=backend.url)
            closing = asyncio.get_running_loop().create_future()
            link.hear("rpc.closing", closing.set_result)
            await link.call("add", [1, 2])
            backend.stop()
            told = await asyncio.wait_for(closing, PATIENCE)
            self.assertIs(told["restart"], False)
            await asyncio.wait_for(link.closed(), PATIENCE)
        finally:
            await backend.kill()
        self.done("closing")

    async def test_the_app_connects_anew(self):
        backend = await lasting()
        try:
            link = await self.connected(url=backend.url)
            self.assertEqual(await link.call("add", [1, 2]), 3)
            await backend.kill()
            await asyncio.wait_for(link.closed(), PATIENCE)
            backend = await Backend.start(backend.url)
            again = await self.connected(url=backend.url)
            self.assertEqual(await again.call("add", [1, 2]), 3)
        finally:
            await backend.kill()
        self.done("reconnect")

    async def test_it_stays_behind_nginx(self):
        url = os.environ.get("INTEROP_NGINX")
        if not url:
            self.skipTest("INTEROP_NGINX has no address")
        link = await self.connected(url=url)
        self.assertEqual(await link.call("add", [1, 2]), 3)
        with self.assertRaises(TimeoutError, msg="nginx has ended it"):
            await asyncio.wait_for(link.closed(), SILENCE)
        self.assertEqual(await asyncio.wait_for(link.call("add", [1, 2]), PATIENCE), 3)
        self.done("idle")
