import { useEffect, useState, useSyncExternalStore } from "react";
import type { Client, Source } from "ipc-runtime";
import type { SettingsApiMethods } from "../../tests/support/settings.ts";
import type { Site } from "../shared/site.ts";

/** A source's value. On a server it is what there is before anything was connected. */
export const useSource = <T,>({ get, subscribe }: Source<T>): T => useSyncExternalStore(subscribe, get, get);

export function Settings({ ipc, theme, fired }: Site) {
  const state = useSource(ipc.state);
  const mode = useSource(theme);
  const newest = useSource(fired);
  return (
    <button onClick={() => void theme.set(mode === "dark" ? "light" : "dark")}>
      {state.status} {mode ?? "unset"} {newest ?? "-"}
    </button>
  );
}

/** Calls in an effect, which strict mode runs twice. */
export function Count({ settings }: { settings: Client<SettingsApiMethods> }) {
  const [text, setText] = useState("…");
  useEffect(() => {
    const stop = new AbortController();
    void settings
      .held({ signal: stop.signal })
      .result()
      .then((held) => {
        if (held.ok) setText(`${held.value.values.length} values`);
        else if (held.error.kind !== "cancelled") setText(held.error.kind);
      });
    return () => stop.abort();
  }, [settings]);
  return <p>{text}</p>;
}
