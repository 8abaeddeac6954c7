// When a page wakes up, and when it goes. Elsewhere than in a page or a worker nothing is heard.

/** What of a page or a worker is listened to. */
type Listened = { addEventListener?: EventTarget["addEventListener"]; document?: Document };

/**
 * Calls a function when trying to connect is likely to help: the network is back, or somebody looks
 * at the page again.
 *
 * @returns what ends that.
 */
export function whenAwake(wake: () => void): () => void {
  const { document } = globalThis as Listened;
  const seen = (): void => {
    if (document?.visibilityState === "visible") wake();
  };
  return listening([
    [globalThis, "online", wake],
    [globalThis, "pageshow", wake],
    [document, "visibilitychange", seen],
  ]);
}

/** Calls a function when the page goes for good: not if it may be shown again as it is. */
export function whenGone(gone: () => void): () => void {
  return listening([[globalThis, "pagehide", (event) => (event as PageTransitionEvent).persisted || gone()]]);
}

function listening(events: [on: Listened | undefined, name: string, listener: (event: Event) => void][]): () => void {
  const stop = new AbortController();
  for (const [on, name, listener] of events) on?.addEventListener?.(name, listener, { signal: stop.signal });
  return () => stop.abort();
}
