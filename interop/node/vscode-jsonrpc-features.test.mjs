import client from "./clients/vscode-jsonrpc.mjs";
import { suite } from "./suite.mjs";

suite(client);
