import asyncio
import json
import sys

from jsonrpcclient import Error, Ok, notification, parse, request
from websockets.asyncio.client import connect


async def main(url):  # ws://127.0.0.1:PORT/
    async with connect(url) as socket:
        waiting = {}

        async def call(method, *params):
            message = request(method, params=params)
            waiting[message["id"]] = asyncio.get_running_loop().create_future()
            await socket.send(json.dumps(message))
            return await waiting[message["id"]]

        async def read():
            async for text in socket:
                message = json.loads(text)
                if "method" not in message:
                    waiting.pop(message["id"]).set_result(parse(message))
                elif message["method"] == "demo.desk.told":
                    print("told:", *message["params"])
                elif message["method"] == "demo.archive.countdown":
                    params = message["params"]
                    print(params.get("result", "done"))
                    if "done" in params:
                        return

        reading = asyncio.create_task(read())
        await socket.send(json.dumps(notification("demo.archive.log", params=["begun"])))
        match await call("demo.archive.size", "a.txt"):
            case Ok(size, _):
                print(size, "bytes")
        match await call("demo.archive.size", "none"):
            case Error(code, message, data, _):
                print(code, message, json.dumps(data))
        await call("demo.archive.tell", "hello")
        await call("demo.archive.countdown", 2)
        await reading


asyncio.run(main(sys.argv[1]))
