"""jsonrpcclient makes and reads the messages, and the app carries them: here over websockets."""

import asyncio
import itertools
import json
import sys
import unittest
from pathlib import Path

from jsonrpcclient import Error, notification, parse, request
from websockets.asyncio.client import connect

from backend import PATIENCE, Backend
from suite import Failed, Suite

RECEIVES = "the app reads the socket itself, so that it sees what isn't a reply"


def value_of(reply):
    if isinstance(reply, Error):
        raise Failed(reply.code, reply.message, reply.data)
    return reply.result


class Link:
    def __init__(self, socket):
        self.socket = socket
        self.waiting = {}
        self.listeners = {}
        self.handlers = {}
        self.ids = (f"c{number}" for number in itertools.count())
        self.reading = asyncio.create_task(self.read())

    async def read(self):
        async for text in self.socket:
            message = json.loads(text)
            if isinstance(message, list):
                ids = tuple(reply["id"] for reply in message)
                self.waiting.pop(frozenset(ids)).set_result(list(parse(message)))
            elif "method" not in message:
                self.waiting.pop(message["id"]).set_result(parse(message))
            elif "id" in message:
                handler = self.handlers.get(message["method"])
                answer = {"result": handler(message["params"])} if handler else unknown(message)
                await self.send({"jsonrpc": "2.0", "id": message["id"], **answer})
            elif message["method"] in self.listeners:
                self.listeners[message["method"]](message["params"])

    async def send(self, message):
        await self.socket.send(json.dumps(message))

    def waiting_for(self, key):
        self.waiting[key] = asyncio.get_running_loop().create_future()
        return self.waiting[key]

    async def asked(self, message):
        reply = self.waiting_for(message["id"])
        await self.send(message)
        return value_of(await reply)

    async def call(self, method, params):
        params = params if isinstance(params, dict) else tuple(params)
        return await self.asked(request(method, params=params))

    async def notify(self, method, params):
        await self.send(notification(method, params=tuple(params)))

    def hear(self, method, heard):
        self.listeners[method] = heard

    def serve(self, method, handler):
        self.handlers[method] = handler

    def begin(self, method, params):
        message = request(method, params=tuple(params), id=next(self.ids))

        async def cancel():
            await self.send(notification("$/cancelRequest", params={"id": message["id"]}))

        return asyncio.create_task(self.asked(message)), cancel

    def report(self, method, params, heard):
        message = request(method, params=tuple(params))
        self.hear("$/progress", lambda report: heard(report["value"]))
        return self.asked({**message, "ipc": {"progress": message["id"]}})

    async def batch(self, *calls):
        messages = [request(method, params=tuple(params)) for method, params in calls]
        replies = self.waiting_for(frozenset(message["id"] for message in messages))
        await self.send(messages)
        by_id = {reply.id: reply for reply in await replies}
        ordered = (by_id[message["id"]] for message in messages)
        return [reply if isinstance(reply, Error) else reply.result for reply in ordered]

    async def closed(self):
        await self.socket.wait_closed()

    async def close(self):
        await self.socket.close()
        await asyncio.gather(self.reading, return_exceptions=True)


def unknown(message):
    return {"error": {"code": -32601, "message": f"there is no {message['method']}"}}


class JsonRpcClient(Suite, unittest.IsolatedAsyncioTestCase):
    client = "jsonrpcclient"
    by_hand = {
        "notified": RECEIVES,
        "subscriptions": RECEIVES,
        "called": RECEIVES,
        "closing": RECEIVES,
        "cancel": "the app chooses the id and notifies `$/cancelRequest`",
        "progress": "the app adds `ipc.progress` to the request, and reads the socket itself",
        "reconnect": "the app connects anew",
    }

    async def connect(self, url=None, token=None):
        if token:
            backend = await Backend.start(token=token)
            self.addAsyncCleanup(backend.kill)
            url = backend.url
        elif not url:
            self.backend = await Backend.start()
            url = self.backend.url
        return Link(await connect(url))


class Program(unittest.IsolatedAsyncioTestCase):
    async def test_the_program_of_the_guide_says_what_the_guide_says(self):
        backend = await Backend.start()
        self.addAsyncCleanup(backend.kill)
        program = Path(__file__).parent / "snippets/calls.py"
        running = await asyncio.create_subprocess_exec(
            sys.executable, program, backend.url, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await asyncio.wait_for(running.communicate(), PATIENCE)
        expected = ["7 bytes", '1 there is no `none` {"NotFound": "none"}', "told: hello", "1", "0", "done"]
        self.assertEqual(output.decode().splitlines(), expected)


if __name__ == "__main__":
    unittest.main()
