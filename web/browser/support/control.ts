// Does what tests in pages command: backends and cables.
import { Cable, type Most } from "../../tests/support/cable.js";
import { start, type Backend } from "../../tests/support/backend.js";

type Thing = Backend | Cable;

interface Command {
  page: string;
  on: number;
  what: string;
  args: unknown[];
}

export class Control {
  /** What each page has. */
  readonly #things = new Map<string, Thing[]>();

  /** @param origin that of the pages, which the backends let in. */
  constructor(readonly origin: () => string) {}

  async command(text: string): Promise<unknown> {
    const { page, on, what, args } = JSON.parse(text) as Command;
    const things = this.#things.get(page) ?? [];
    this.#things.set(page, things);
    if (on === 0) {
      const made = what === "start" ? await start("--allow", this.origin(), ...(args as string[])) : await Cable.to(args[0] as string);
      const id = things.push(made);
      return "endpoints" in made ? { id, endpoints: made.endpoints } : { id, endpoint: made.endpoint };
    }
    const thing = things[on - 1];
    if (!thing) throw new Error(`page ${page} has nothing of the number ${on}`);
    if (what === "end") return void (await thing[Symbol.asyncDispose]());
    return "kill" in thing ? commandBackend(thing, what) : commandCable(thing, what, args);
  }

  /** Ends what a page has left. */
  async ends(page: string): Promise<void> {
    for (const thing of this.#things.get(page) ?? []) {
      if ("kill" in thing) {
        thing.thaw();
        thing.kill();
      }
      await thing[Symbol.asyncDispose]();
    }
    this.#things.delete(page);
  }
}

function commandBackend(backend: Backend, what: string): void {
  switch (what) {
    case "kill":
    case "freeze":
    case "thaw":
      return backend[what]();
    default:
      throw new Error(`a backend doesn't know ${what}`);
  }
}

function commandCable(cable: Cable, what: string, [name, value]: unknown[]): unknown {
  switch (what) {
    case "cut":
    case "cutHere":
    case "hold":
      return cable[what]();
    case "get":
      return cable[name as "connections" | "traffic" | "heldBack"];
    case "set":
      Object.assign(cable, { [name as string]: value } satisfies { [name: string]: unknown | Most });
      return undefined;
    default:
      throw new Error(`a cable doesn't know ${what}`);
  }
}
