import client from "./clients/open-rpc.mjs";
import { suite } from "./suite.mjs";

suite(client);
