// Waiting for what nothing tells of.

/** In milliseconds: only a hang takes that long. */
const PATIENCE = 45_000;

/** Asks until it is so, at each 100 ms, and gives the answer. What takes a minute says so by `patience`. */
export async function eventually<T>(ask: () => Promise<T> | T, so: (answer: T) => boolean, what: string, patience = PATIENCE): Promise<T> {
  const from = performance.now();
  for (;;) {
    const answer = await ask();
    if (so(answer)) return answer;
    if (performance.now() - from > patience) throw new Error(`after ${patience} ms it isn't so: ${what}: it is ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
