import client from "./clients/rpc-websockets.mjs";
import { suite } from "./suite.mjs";

suite(client);
