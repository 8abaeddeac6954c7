"""pygls, as it speaks to language servers: to a child process, or over a WebSocket."""

import asyncio
import logging
import sys
import unittest
from pathlib import Path
from urllib.parse import urlsplit

import attrs
from pygls.client import JsonRPCClient
from pygls.exceptions import JsonRpcException
from pygls.protocol import JsonRPCProtocol, default_converter

from backend import PATIENCE, PROGRAM, environment
from record import record
from suite import Failed, Suite

logging.getLogger("pygls").setLevel(logging.CRITICAL)


@attrs.define
class Request:
    """A request with the token of its progress."""

    id: str
    method: str
    jsonrpc: str
    params: object
    ipc: object = None


class Protocol(JsonRPCProtocol):
    token = None

    def get_message_type(self, method):
        if self.token is None or method == "$/progress":
            return None
        return lambda **members: Request(**members, ipc={"progress": self.token})


def plain(value):
    """pygls makes named tuples of objects."""
    if hasattr(value, "_asdict"):
        return {name: plain(member) for name, member in value._asdict().items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


class Link:
    def __init__(self):
        self.client = JsonRPCClient(Protocol, default_converter)
        self.protocol = self.client.protocol

    async def answer(self, future):
        try:
            return plain(await asyncio.wrap_future(future))
        except JsonRpcException as error:
            raise Failed(error.code, error.message, plain(error.data)) from error

    def call(self, method, params):
        params = params if isinstance(params, dict) else list(params)
        return self.answer(self.protocol.send_request(method, params))

    async def notify(self, method, params):
        self.protocol.notify(method, params)

    def hear(self, method, heard):
        self.client.feature(method)(lambda params: heard(plain(params)))

    def serve(self, method, handler):
        self.client.feature(method)(lambda params: handler(params))

    def begin(self, method, params):
        future = self.protocol.send_request(method, params, msg_id="c1")

        async def cancel():
            self.protocol.notify("$/cancelRequest", {"id": "c1"})

        return asyncio.create_task(self.answer(future)), cancel

    def report(self, method, params, heard):
        self.hear("$/progress", lambda report: heard(report["value"]))
        self.protocol.token = "p1"
        answer = self.call(method, params)
        self.protocol.token = None
        return answer

    async def closed(self):
        while not self.client.stopped:
            await asyncio.sleep(0.01)

    async def close(self):
        writer = self.protocol.writer
        closing = writer.close()
        if closing is not None:
            await closing
        await asyncio.wait_for(self.client.stop(), PATIENCE)


class Pygls(Suite, unittest.IsolatedAsyncioTestCase):
    client = "pygls"
    by_hand = {
        "cancel": "the app chooses the id (`msg_id`) and notifies `$/cancelRequest`",
        "progress": "the app adds `ipc.progress` to the request (a message type of its own) and hears `$/progress`",
        "reconnect": "the app connects anew, or starts the program anew",
    }

    async def connect(self, url=None, token=None):
        link = Link()
        if url:
            address = urlsplit(url)
            await link.client.start_ws(address.hostname, address.port)
        else:
            await link.client.start_io(PROGRAM, "stdio:", env=environment(token))
        return link

    async def test_a_batch_is_answered(self):
        members = [*dir(self.link.client), *dir(self.link.protocol)]
        self.assertEqual([name for name in members if "batch" in name.lower()], [])
        record("pygls", "batch", "–", "it has no batches")


class Program(unittest.IsolatedAsyncioTestCase):
    async def test_the_program_of_the_guide_says_what_the_guide_says(self):
        program = Path(__file__).parent / "snippets/language_client.py"
        running = await asyncio.create_subprocess_exec(
            sys.executable, program, PROGRAM, "stdio:", stdout=asyncio.subprocess.PIPE
        )
        output, _ = await asyncio.wait_for(running.communicate(), PATIENCE)
        expected = ["7 bytes", "1 there is no `none`", "yes: delete it?", "told: hello", "1", "0", "done"]
        self.assertEqual(output.decode().splitlines(), expected)


if __name__ == "__main__":
    unittest.main()
