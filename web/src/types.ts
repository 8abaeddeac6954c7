// Types as data, as generated bindings have them for `ipc-runtime/check`. PLANS.md describes them.
import type { Method } from "./bindings.js";

/** What a value has to be. */
export type Type =
  /** A word; a type by its name, as `#Entry`; a text that is always the same, as `'File`. */
  | string
  /** One of these. */
  | readonly Type[]
  /** A list, of `n` items if it says so. */
  | { readonly a: Type; readonly n?: number }
  /** A list whose items each have a type. Those after the first `n` may be missing. */
  | { readonly t: readonly Type[]; readonly n?: number }
  | ObjectType
  /** All of these, on one object. */
  | { readonly z: readonly Type[] };

/** An object. */
export interface ObjectType {
  /** The members that it has. */
  readonly s?: TypesByName;
  /** Those that it may have. */
  readonly o?: TypesByName;
  /** What all others are. */
  readonly m?: Type;
  /** What the names of these are. */
  readonly k?: Type;
  /** There are no others. */
  readonly x?: 1;
}

/** Types by the names of members. */
export interface TypesByName {
  readonly [name: string]: Type;
}

/** What the values of a method are. What it hasn't is left out. */
export interface MethodTypes {
  /** The arguments; of a stream, its items. */
  readonly a?: readonly (Type | { readonly stream: Type })[];
  /** The result or each item. */
  readonly r?: Type;
  /** The error. */
  readonly e?: Type;
  /** A report of progress. */
  readonly p?: Type;
  /** The error that ends a subscription. */
  readonly x?: Type;
}

type Methods = { readonly [name: string]: Method };
type OfMethods = { readonly [name: string]: MethodTypes };

/** All types of a file of bindings. */
export interface Types {
  /** The types that are written by their names. */
  readonly types: TypesByName;
  readonly interfaces?: readonly (readonly [of: { readonly methods: Methods }, types: OfMethods])[];
  readonly events?: readonly (readonly [of: Methods, types: OfMethods])[];
  readonly keys?: readonly (readonly [of: { readonly key: string }, type: Type])[];
}
