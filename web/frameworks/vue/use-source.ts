import type { Source } from "ipc-runtime";
import { onMounted, onUnmounted, shallowRef, type ShallowRef } from "vue";

/** A source's value in a component. A server that renders has no mounted components, and subscribes to nothing. */
export function useSource<T>({ get, subscribe }: Source<T>): Readonly<ShallowRef<T>> {
  const value = shallowRef(get());
  const update = (): void => void (value.value = get());
  let stop = (): void => {};
  onMounted(() => {
    stop = subscribe(update);
    update();
  });
  onUnmounted(() => stop());
  return value;
}
