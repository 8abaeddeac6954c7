import client from "./clients/json-rpc-2.0.mjs";
import { suite } from "./suite.mjs";

suite(client);
