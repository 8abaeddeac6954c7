"""A backend in a process of its own."""

import asyncio
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ.get("IPC_TEST_BINARIES", ROOT / "target/debug"))
PROGRAM = str(BINARIES / "ipc-test-backend")

# Only a hang takes that long, in seconds.
PATIENCE = 45


class Backend:
    """Serves a WebSocket."""

    @classmethod
    async def start(cls, endpoint="ws://127.0.0.1:0/", token=None):
        backend = cls()
        backend.process = await asyncio.create_subprocess_exec(
            PROGRAM,
            endpoint,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment(token),
        )
        line = await asyncio.wait_for(backend.process.stdout.readline(), PATIENCE)
        ready, _, backend.url = line.decode().strip().partition(" ")
        if ready != "ready":
            raise RuntimeError(f"the backend has said {line!r}")
        return backend

    def stop(self):
        """Lets it stop: it drains first."""
        self.process.stdin.close()

    async def kill(self):
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


def environment(token=None):
    return {**os.environ, "IPC_TEST_TOKEN": token} if token else dict(os.environ)
