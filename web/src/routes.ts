// What this side serves: interfaces, functions by name, listeners. Only who serves has this in a bundle.
import type { Answering, AnswersSlot, Answers, Carrier, Served } from "./answers.js";
import { readable, type Event, type Interface, type Method } from "./bindings.js";
import type { CallContext, Handler } from "./calls.js";
import { disposable, type Lasting } from "./disposable.js";
import { Serving } from "./serving.js";

/**
 * Implements an interface.
 *
 * @throws IpcError for bindings of another form, Error if a method has no function.
 */
export function handler<M>(def: Interface<M>, impl: Handler<M>): Served {
  readable(def);
  for (const name of Object.keys(def.methods)) {
    if (typeof impl[name as keyof M] !== "function") throw new Error(`${def.channel} can't be served: the implementation has no method \`${name}\``);
  }
  return { addTo: (slot) => routesIn(slot).serve(def as Interface<unknown>, impl) };
}

/**
 * A function that the backend can call by a name: with its arguments by position, or with one object
 * that has them by name, and then the call's context.
 */
export function exposed<A extends unknown[]>(name: string, run: (...args: A) => unknown): Served {
  return { addTo: (slot) => routesIn(slot).expose(name, {}, run as (...args: unknown[]) => unknown) };
}

/** Calls a function with each notification of a name. There may be any number of them for one name. */
export function listener<A extends unknown[]>(event: Event<A> | string, run: (...args: A) => void): Served {
  const of = (slot: AnswersSlot): [name: string, method: Method] => (typeof event === "string" ? [event, {}] : [event.w, { n: 0, ...slot.check(event) }]);
  return { addTo: (slot) => routesIn(slot).on(...of(slot), run as (...args: unknown[]) => void) };
}

function routesIn(slot: AnswersSlot): Routes {
  slot.answers ??= new Routes(slot);
  return slot.answers as Routes;
}

/** What a method's name leads to. */
export interface Route {
  readonly method: Method;
  /** Notifications of one queue run one after another: those of a channel, or of a function. */
  readonly queue: string;
  run(args: unknown[], call: CallContext<never>): unknown;
}

type Listener = Route["run"];

/** What this side serves, on whatever connection. */
export class Routes implements Answers {
  readonly #routes = new Map<string, Route>();
  readonly #interfaces = new Map<string, Interface<unknown>>();
  readonly #listeners = new Map<string, Set<{ method: Method; listener: Listener }>>();

  constructor(readonly slot: AnswersSlot) {}

  get interfaces(): Iterable<Interface<unknown>> {
    return this.#interfaces.values();
  }

  start(carrier: Carrier): Answering {
    return new Serving(this, carrier);
  }

  interface(channel: string): Interface<unknown> | undefined {
    return this.#interfaces.get(channel);
  }

  route(name: string): Route | undefined {
    return this.#routes.get(name);
  }

  listeners(name: string): { method: Method; listener: Listener }[] {
    return [...(this.#listeners.get(name) ?? [])];
  }

  /** @throws Error if the channel or one of the names is taken. */
  serve(def: Interface<unknown>, impl: object): Lasting {
    if (this.#interfaces.has(def.channel)) throw new Error(`the channel ${def.channel} is served already`);
    const routes = new Map<string, Route>();
    for (const [name, known] of Object.entries<Method>(def.methods)) {
      const method = this.slot.check(known);
      const run = (...args: unknown[]): unknown => (impl as { [name: string]: (...args: unknown[]) => unknown })[name]!(...args);
      for (const each of [method.w ?? name, ...(method.was ?? [])]) {
        const wire = `${def.channel}.${each}`;
        this.#free(wire);
        routes.set(wire, { method, queue: def.channel, run: (args, call) => run(...args, call) });
      }
    }
    this.#interfaces.set(def.channel, def);
    for (const [wire, route] of routes) this.#routes.set(wire, route);
    let isServed = true;
    return disposable(() => {
      // The same interface may be served anew by now.
      if (!isServed) return;
      isServed = false;
      this.#interfaces.delete(def.channel);
      for (const wire of routes.keys()) this.#routes.delete(wire);
    });
  }

  /** @throws Error if the name is taken or reserved. */
  expose(name: string, method: Method, run: (...args: unknown[]) => unknown): Lasting {
    if (!name || name.startsWith("rpc.") || name.startsWith("$/")) throw new Error(`\`${name}\` can't be the name of a function`);
    this.#free(name);
    const route: Route = { method, queue: name, run: (args, call) => run(...args, call) };
    this.#routes.set(name, route);
    return disposable(() => {
      if (this.#routes.get(name) === route) this.#routes.delete(name);
    });
  }

  on(name: string, method: Method, listener: (...args: unknown[]) => void): Lasting {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    const entry = { method, listener: (args: unknown[], call: CallContext<never>) => listener(...args, call) };
    listeners.add(entry);
    return disposable(() => {
      listeners.delete(entry);
      if (!listeners.size && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
    });
  }

  #free(name: string): void {
    if (this.#routes.has(name)) throw new Error(`there is a method or a function \`${name}\` already`);
  }
}
