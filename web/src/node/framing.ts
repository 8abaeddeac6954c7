// The native framing of a stream of bytes: a preface that both sides send, then each message behind
// its length.

/** `IPC`, the version of the framing, and the encoding. */
export function preface(encoding: "json" | "msgpack"): Buffer {
  return Buffer.from([0x49, 0x50, 0x43, 1, encoding === "json" ? 0 : 1]);
}

/** A message behind its length. */
export function frame(message: string | Uint8Array): Buffer {
  const length = typeof message === "string" ? Buffer.byteLength(message) : message.length;
  const framed = Buffer.allocUnsafe(4 + length);
  framed.writeUInt32LE(length, 0);
  if (typeof message === "string") framed.write(message, 4);
  else framed.set(message, 4);
  return framed;
}

/** Bytes that came, in the chunks in which they came: a large message is put together once. */
export class ByteQueue {
  #chunks: Buffer[] = [];
  /** How much of the first chunk is taken. */
  #taken = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Takes so many bytes, which are there. */
  take(count: number): Buffer {
    this.#length -= count;
    const first = this.#chunks[0];
    if (first && first.length - this.#taken > count) {
      this.#taken += count;
      return first.subarray(this.#taken - count, this.#taken);
    }
    const parts: Buffer[] = [];
    let missing = count;
    let used = 0;
    for (; missing > 0; used++) {
      const chunk = (this.#chunks[used] as Buffer).subarray(this.#taken);
      if (chunk.length > missing) {
        parts.push(chunk.subarray(0, missing));
        this.#taken += missing;
        break;
      }
      parts.push(chunk);
      missing -= chunk.length;
      this.#taken = 0;
    }
    this.#chunks.splice(0, used);
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, count);
  }
}

/** A message that was too large to be kept. */
export interface Oversized {
  /** How many bytes it has. */
  readonly size: number;
  /** Its beginning. */
  readonly head: Buffer;
}

/** So much of a message that is too large is looked at, to find whom it concerns. */
const HEAD = 4096;
/** A length that is so many times the limit isn't skipped. */
const HOPELESS = 16;

/** Takes messages of a known length out of what came. What is too large isn't kept. */
export class BodyReader {
  #expected: number | undefined;
  /** How much of a message that is too large is still to come, and what is told of it then. */
  #skipping: Oversized | undefined;
  #left = 0;

  /** @param max how many bytes a message may have. */
  constructor(
    readonly bytes: ByteQueue,
    readonly max: number,
  ) {}

  /** Whether a length was given whose message wasn't taken. */
  get isExpecting(): boolean {
    return this.#expected !== undefined;
  }

  /**
   * The next message has this length.
   *
   * @throws RangeError if it is far beyond the limit.
   */
  expect(size: number): void {
    if (size > this.max * HOPELESS) throw new RangeError(tooLarge(size, this.max));
    this.#expected = size;
  }

  /** The message, if all of it is there; of what is too large the beginning, when the rest was skipped. */
  take(): Buffer | Oversized | undefined {
    const size = this.#expected;
    if (size === undefined) return undefined;
    if (!this.#skipping) {
      const isOversized = size > this.max;
      const wanted = isOversized ? Math.min(size, HEAD) : size;
      if (this.bytes.length < wanted) return undefined;
      const message = this.bytes.take(wanted);
      if (!isOversized) {
        this.#expected = undefined;
        return message;
      }
      this.#left = size - wanted;
      this.#skipping = { size, head: Buffer.from(message) };
    }
    const there = Math.min(this.#left, this.bytes.length);
    this.bytes.take(there);
    this.#left -= there;
    if (this.#left) return undefined;
    const oversized = this.#skipping;
    this.#expected = this.#skipping = undefined;
    return oversized;
  }
}

/** Reads frames. */
export class FrameReader {
  readonly #bytes = new ByteQueue();
  readonly #body: BodyReader;

  /** @param max how many bytes a message may have. */
  constructor(max: number) {
    this.#body = new BodyReader(this.#bytes, max);
  }

  push(chunk: Buffer): void {
    this.#bytes.push(chunk);
  }

  /**
   * The next message, if all of it is there. What is too large isn't kept: its beginning comes when
   * the rest was skipped.
   *
   * @throws RangeError for a length far beyond the limit, as soon as it is there.
   */
  next(): Buffer | Oversized | undefined {
    if (!this.#body.isExpecting) {
      if (this.#bytes.length < 4) return undefined;
      this.#body.expect(this.#bytes.take(4).readUInt32LE(0));
    }
    return this.#body.take();
  }
}

/** What is said of a message that isn't taken. */
export function tooLarge(size: number, limit: number): string {
  return `a message of ${size} bytes is larger than the ${limit} taken here`;
}
