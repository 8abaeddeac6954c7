// A worker of the page: it says as which peer the backend knows it.
import { connect } from "ipc-runtime";
import { electron } from "ipc-runtime/electron/renderer";
import { Survivor } from "../../tests/support/survivor.js";

const port = new Promise<MessagePort>((resolve) => addEventListener("message", ({ data }) => resolve(data), { once: true }));
const ipc = await connect(electron(() => port));
postMessage(await ipc.client(Survivor).name());
