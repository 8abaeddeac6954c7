"""What a test has found of a client, for the tables in docs/interop.md."""

import json
import os
from pathlib import Path

FOLDER = Path(os.environ.get("INTEROP_CELLS", Path(__file__).resolve().parents[2] / "target/interop/cells"))


def record(client, feature, cell, why=None):
    """`yes` if the client's own API does it, `by hand` if the app has to help, or `–`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = {"client": client, "feature": feature, "cell": cell, "why": why}
    with open(FOLDER / f"python-{os.getpid()}.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(found, ensure_ascii=False) + "\n")
