// Electron is no package that could be run here: its cell says so.

import { test } from "node:test";

import { record } from "./record.mjs";

test("Electron isn't run here", { skip: process.env.ELECTRON_OVERRIDE_DIST_PATH && "there is one: the tests of the npm package run it" }, () => {
  record("Electron", "suite", "not run here");
});
