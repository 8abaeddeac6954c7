// A backend on standard input and output.
import { serveBytes } from "./native-peer.js";

serveBytes(process.stdin, process.stdout);
