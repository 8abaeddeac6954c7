// Runs a file of the suite, which is loaded by now, and tells the Node side of it.
import { whyLeftOut } from "./left-out.js";
import { registered, runAll, type Outcome, type Registered } from "./test.js";

/** What the Node side offers to a page of the suite. */
declare global {
  function suiteBegins(tests: Registered[]): Promise<void>;
  function suiteTold(outcome: Outcome): Promise<void>;
  function suiteEnds(): Promise<void>;
}

export async function run(file: string): Promise<void> {
  await suiteBegins(registered());
  await runAll((path) => whyLeftOut(file, path) !== undefined, suiteTold);
  await suiteEnds();
}
