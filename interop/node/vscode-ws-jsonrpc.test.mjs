import client from "./clients/vscode-ws-jsonrpc.mjs";
import { suite } from "./suite.mjs";

suite(client);
