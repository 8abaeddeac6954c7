import asyncio
import sys

from pygls.client import JsonRPCClient
from pygls.exceptions import JsonRpcException


async def main(program, *arguments):
    client = JsonRPCClient()
    done = asyncio.Event()
    client.feature("demo.desk.told")(lambda params: print("told:", *params))
    client.feature("demo.desk.confirm")(lambda params: f"yes: {params[0]}")

    @client.feature("demo.archive.countdown")
    def countdown(params):
        print(getattr(params, "result", "done"))
        if hasattr(params, "done"):
            done.set()

    # The program serves `stdio:`, as a language server does.
    await client.start_io(program, *arguments)
    call = client.protocol.send_request_async
    print(await call("demo.archive.size", ["a.txt"]), "bytes")
    try:
        await call("demo.archive.size", ["none"])
    except JsonRpcException as error:
        print(error.code, error.message)
    print(await call("demo.archive.ask", ["delete it?"]))
    await call("demo.archive.tell", ["hello"])
    await call("demo.archive.countdown", [2])
    await done.wait()
    client.protocol.writer.close()  # it ends with its input
    await client.stop()


asyncio.run(main(*sys.argv[1:]))
