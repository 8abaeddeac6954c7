// Times of Rust, which have nanoseconds. A `Date` has milliseconds, so these are made when asked for.

/** A `Duration`, as it travels. */
export interface Duration {
  secs: number | bigint;
  nanos: number;
}

/** A `SystemTime`, as it travels. */
export interface SystemTime {
  secs_since_epoch: number | bigint;
  nanos_since_epoch: number;
}

/** A duration in milliseconds, with a fraction. */
export function toMillis({ secs, nanos }: Duration): number {
  return Number(secs) * 1_000 + nanos / 1_000_000;
}

/** A time as a date, which drops what is below a millisecond. */
export function toDate({ secs_since_epoch, nanos_since_epoch }: SystemTime): Date {
  return new Date(Number(secs_since_epoch) * 1_000 + Math.floor(nanos_since_epoch / 1_000_000));
}
