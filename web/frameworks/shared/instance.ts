// One connection for the page, in a module. A server that renders imports it as well.
import { connectLazily } from "ipc-runtime";
import { cell } from "ipc-runtime/store";
import { SettingsApi, Theme } from "../../tests/support/settings.ts";

export const ipc = connectLazily("/ipc");
export const settings = ipc.client(SettingsApi);
export const theme = cell(ipc, Theme);
