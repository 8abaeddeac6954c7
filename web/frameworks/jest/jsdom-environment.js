// Jest's jsdom has a few globals less than any browser: these are Node's.
import { TestEnvironment } from "jest-environment-jsdom";

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, { MessageChannel, TextDecoder, TextEncoder, structuredClone });
  }
}
