// `node:test` in a page: as much of it as the suite uses.

/** A test, as it was registered. */
export interface Registered {
  /** The names of what it stands in, then its own. */
  path: string[];
  /** It says itself that it isn't run. */
  isSkipped: boolean;
}

/** What became of a test, or of what is around tests. */
export interface Outcome {
  /** Its place among those that were registered: two tests may have one name. Around tests there is none. */
  at?: number;
  path: string[];
  /** In milliseconds. */
  took: number;
  /** What it failed with; `undefined` if it passed. */
  error?: string;
  /** What it has to say. */
  notes: string[];
}

type Work = (t: TestContext) => unknown;
interface Options {
  timeout?: number;
  skip?: boolean | string;
}
interface Test {
  name: string;
  work: Work;
  timeout: number;
  isSkipped: boolean;
  at: number;
}
interface Group {
  name: string;
  before: (() => unknown)[];
  after: (() => unknown)[];
  children: (Test | Group)[];
}

/** After how many milliseconds a test that doesn't say otherwise has failed. */
const TIMEOUT = 120_000;

const whole: Group = { name: "", before: [], after: [], children: [] };
let open = whole;
/** How many tests were registered. */
let count = 0;

export function test(name: string, options: Options | Work, work?: Work): void {
  const { skip = false, timeout = TIMEOUT } = typeof options === "function" ? {} : options;
  const run = typeof options === "function" ? options : work;
  open.children.push({ name, work: run ?? (() => {}), timeout, isSkipped: skip !== false || !run, at: count++ });
}

export function describe(name: string, fill: () => void): void {
  const [outer, group] = [open, { name, before: [], after: [], children: [] } satisfies Group];
  outer.children.push(group);
  open = group;
  try {
    fill();
  } finally {
    open = outer;
  }
}

export const before = (work: () => unknown): void => void open.before.push(work);
export const after = (work: () => unknown): void => void open.after.push(work);

/** What a test has of its own. */
export class TestContext {
  readonly notes: string[] = [];
  readonly ends: (() => unknown)[] = [];
  readonly mock = {
    method: <O extends object>(on: O, name: keyof O & string, instead: (...args: unknown[]) => unknown) => {
      const calls: { arguments: unknown[] }[] = [];
      const real = Object.getOwnPropertyDescriptor(on, name);
      const mocked = function (this: unknown, ...args: unknown[]): unknown {
        calls.push({ arguments: args });
        return instead.apply(this, args);
      };
      Object.defineProperty(on, name, { configurable: true, writable: true, value: mocked });
      this.ends.push(() => (real ? Object.defineProperty(on, name, real) : Reflect.deleteProperty(on, name)));
      return { mock: { calls, callCount: () => calls.length } };
    },
  };

  after(work: () => unknown): void {
    this.ends.push(work);
  }

  diagnostic(note: string): void {
    this.notes.push(note);
  }
}

/**
 * What was thrown where no test waits for it. Node's runner fails by it too. What comes between two tests
 * fails the next one.
 */
const stray: string[] = [];
addEventListener("error", ({ error, message }) => void stray.push(`uncaught: ${text(error ?? message)}`));
addEventListener("unhandledrejection", ({ reason }) => void stray.push(`nobody handles this rejection: ${text(reason)}`));

/**
 * Runs all that was registered, one after the other.
 *
 * @param isLeftOut whether a test, or all in a group, doesn't run in a page.
 * @param tell hears what becomes of each.
 */
export async function runAll(isLeftOut: (path: string[]) => boolean, tell: (outcome: Outcome) => Promise<void>): Promise<void> {
  const runTest = async ({ work, timeout, at }: Test, path: string[], hindered: string | undefined): Promise<void> => {
    const t = new TestContext();
    const from = performance.now();
    const errors = stray.splice(0).map((what) => `before it began, ${what}`);
    if (hindered !== undefined) errors.push(hindered);
    else {
      try {
        await timed(() => work(t), timeout);
      } catch (error) {
        errors.push(text(error));
      }
      try {
        for (const end of t.ends.reverse()) await end();
      } catch (error) {
        errors.push(`afterwards: ${text(error)}`);
      }
      // A rejection counts as unhandled in a turn of its own.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    errors.push(...stray.splice(0));
    await tell({ at, path, took: Math.round(performance.now() - from), notes: t.notes, ...(errors.length ? { error: errors.join("\n") } : {}) });
  };
  const runGroup = async (group: Group, path: string[], hindered?: string): Promise<void> => {
    const children = group.children.filter((child) => !isLeftOut([...path, child.name]) && !("work" in child && child.isSkipped));
    if (!children.length) return;
    let why = hindered;
    try {
      if (why === undefined) for (const work of group.before) await timed(work, TIMEOUT);
    } catch (error) {
      why = `what comes before it has failed: ${text(error)}`;
    }
    for (const child of children) {
      const own = [...path, child.name];
      if ("work" in child) await runTest(child, own, why);
      else await runGroup(child, own, why);
    }
    try {
      if (hindered === undefined) for (const work of group.after) await timed(work, TIMEOUT);
    } catch (error) {
      await tell({ path: [...path, "what comes after it"], took: 0, notes: [], error: text(error) });
    }
  };
  await runGroup(whole, []);
  await new Promise((resolve) => setTimeout(resolve, 0));
  if (stray.length) await tell({ path: ["after all of them"], took: 0, notes: [], error: stray.splice(0).join("\n") });
}

/** All tests, in the order in which they were registered. */
export function registered(group: Group = whole, path: string[] = []): Registered[] {
  return group.children.flatMap((child) => {
    const own = [...path, child.name];
    return "work" in child ? [{ path: own, isSkipped: child.isSkipped }] : registered(child, own);
  });
}

async function timed(work: () => unknown, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it isn't done after ${ms} ms`)), ms);
  });
  try {
    await Promise.race([Promise.resolve(work()), late]);
  } finally {
    clearTimeout(timer);
  }
}

function text(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by: ${text(error.cause)}`;
  // In Chromium a stack begins with the message.
  return `${error.stack?.includes(error.message) ? error.stack : `${error.name}: ${error.message}\n${error.stack}`}${cause}`;
}
