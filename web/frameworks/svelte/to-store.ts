import type { Source } from "ipc-runtime";
import { readable, type Readable } from "svelte/store";

/** A source as a store of Svelte: `$theme` in a component. */
export const toStore = <T>({ get, subscribe }: Source<T>): Readable<T> =>
  readable(get(), (set) => {
    set(get());
    return subscribe(() => set(get()));
  });
