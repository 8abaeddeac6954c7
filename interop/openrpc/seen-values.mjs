// What the values of one type have in common, and values that are none of them.

/** A value of each kind. */
const OF_KIND = { null: null, boolean: true, number: 0.5, string: "\u0000", array: [], object: {} };

const kindOf = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** What was seen at one place of the values: it knows no schema, so it can contradict one. */
class Place {
  count = 0;
  kinds = new Set();
  objects = 0;
  /** The most members that an object had. */
  width = 0;
  members = new Map();
  items = undefined;

  add(value) {
    const kind = kindOf(value);
    this.count += 1;
    this.kinds.add(kind);
    if (kind === "array") for (const item of value) (this.items ??= new Place()).add(item);
    if (kind !== "object") return;
    const entries = Object.entries(value);
    this.objects += 1;
    this.width = Math.max(this.width, entries.length);
    for (const [name, of] of entries) {
      if (!this.members.has(name)) this.members.set(name, new Place());
      this.members.get(name).add(of);
    }
  }

  /** Whether each object has one member, of several that come again and again: a variant and its content. */
  isVariants(enough) {
    return this.width === 1 && this.members.size > 1 && [...this.members.values()].every(({ count }) => count >= enough);
  }

  /** What is at this place, damaged once: `[what was done, value]`. */
  *damaged(value, enough) {
    if (this.count < enough) return;
    for (const [kind, other] of Object.entries(OF_KIND)) if (!this.kinds.has(kind)) yield [`${kind} in its place`, other];
    const kind = kindOf(value);
    if (kind === "array") {
      for (const [at, item] of value.entries()) {
        for (const [done, other] of this.items.damaged(item, enough)) yield [`[]: ${done}`, value.map((one, of) => (of === at ? other : one))];
      }
    }
    if (kind !== "object") return;
    if (this.isVariants(enough)) yield ["one more member", { ...value, "\u0000": null }];
    for (const [name, of] of Object.entries(value)) {
      const place = this.members.get(name);
      const { [name]: _, ...rest } = value;
      if (this.objects >= enough && place.count === this.objects) yield [`without ${name}`, rest];
      for (const [done, other] of place.damaged(of, enough)) yield [`${name}: ${done}`, { ...value, [name]: other }];
    }
  }
}

/** The values that were seen of one type. */
export class SeenValues {
  #all = new Place();
  #values = [];

  add(value) {
    this.#all.add(value);
    this.#values.push(value);
  }

  /**
   * Values that went wrong at one place, in a way that no value is: of a kind that none has there, without a member
   * that all have, or with a second variant. They are made of so many values, and nothing is said of a place that was
   * seen less than `enough` times. Gives what was done with each.
   */
  *damaged(count, enough) {
    for (const value of this.#values.slice(0, count)) yield* this.#all.damaged(value, enough);
  }
}
