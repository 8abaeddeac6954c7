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

/** Reads frames. */
export class FrameReader {
  readonly #bytes = new ByteQueue();
  #expected: number | undefined;

  /** @param max how many bytes a message may have. */
  constructor(readonly max: number) {}

  push(chunk: Buffer): void {
    this.#bytes.push(chunk);
  }

  /**
   * The next message, if all of it is there.
   *
   * @throws RangeError for one that is too large, as soon as its length is there.
   */
  next(): Buffer | undefined {
    if (this.#expected === undefined) {
      if (this.#bytes.length < 4) return undefined;
      this.#expected = this.#bytes.take(4).readUInt32LE(0);
      if (this.#expected > this.max) throw new RangeError(`a message of ${this.#expected} bytes is larger than the ${this.max} taken here`);
    }
    if (this.#bytes.length < this.#expected) return undefined;
    const message = this.#bytes.take(this.#expected);
    this.#expected = undefined;
    return message;
  }
}
