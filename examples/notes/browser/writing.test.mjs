// Notes are written, found, pinned, renamed and deleted, here, in another window, or on the disk.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { App, directory, shoot } from "./support/app.mjs";
import { anotherWindow, assertQuiet, launch, listed, openWindow, until, write } from "./support/chromium.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

async function start(t, notes = {}) {
  const data = directory(t);
  mkdirSync(join(data, "folder"));
  for (const [name, text] of Object.entries(notes)) writeFileSync(join(data, `folder/${name}.md`), text);
  const app = new App(t, { data });
  const page = await openWindow(t, browser, await app.address());
  const file = (name) => join(app.folder, `${name}.md`);
  return { page, app, file, text: page.getByLabel("Text of the note"), name: page.getByLabel("Name of the note") };
}

test("what is typed is a file a moment later", async (t) => {
  const { page, file, text, name } = await start(t);
  await write(page, "Bread", "Flour and water");
  assert.equal(readFileSync(file("Bread"), "utf8"), "Flour and water");
  assert.equal(existsSync(file("Untitled")), false);
  await name.fill("Loaf");
  await name.press("Enter");
  await listed(page, "Loaf").waitFor();
  await text.press("End");
  await text.pressSequentially(", salt");
  await until("it is saved", () => readFileSync(file("Loaf"), "utf8") === "Flour and water, salt");
  await page.reload();
  await listed(page, "Loaf").click();
  await until("it is open", async () => (await text.inputValue()) === "Flour and water, salt");
  assertQuiet(page);
});

test("a name that leads elsewhere or is taken is refused in words", async (t) => {
  const { page, file, name } = await start(t, { One: "1", Two: "2" });
  await listed(page, "One").click();
  await until("it is open", async () => (await name.inputValue()) === "One");
  for (const [given, told] of [["../../escaped", "A name has no '/'"], ["Two", "There is a note “Two” already"]]) {
    await name.fill(given);
    await name.press("Enter");
    await page.locator("#notices").getByText(told).waitFor();
    assert.equal(await name.inputValue(), "One");
  }
  assert(existsSync(file("One")) && readFileSync(file("Two"), "utf8") === "2");
  assertQuiet(page);
});

test("a deleted note comes back by one click", async (t) => {
  const { page, file, text } = await start(t, { Tea: "Green" });
  await listed(page, "Tea").click();
  await page.waitForFunction(() => document.activeElement?.id === "text");
  await page.keyboard.press("Alt+Delete");
  await page.getByText("“Tea” is deleted.").waitFor();
  await until("the file is gone", () => !existsSync(file("Tea")));
  await page.getByRole("button", { name: "Undo" }).click();
  await listed(page, "Tea").waitFor();
  await until("it is open", async () => (await text.inputValue()) === "Green");
  assert.equal(readFileSync(file("Tea"), "utf8"), "Green");
  assertQuiet(page);
});

test("a file that another program changes is shown at once", async (t) => {
  const { page, file, text } = await start(t, { Tea: "Green" });
  await listed(page, "Tea").click();
  await until("it is open", async () => (await text.inputValue()) === "Green");
  writeFileSync(file("Tea"), "Black, from elsewhere");
  await until("it is shown", async () => (await text.inputValue()) === "Black, from elsewhere");
  writeFileSync(file("New"), "text");
  await listed(page, "New").waitFor();
  rmSync(file("Tea"));
  await listed(page, "Tea").waitFor({ state: "detached" });
  await page.getByText("No note is open.").waitFor();
  assertQuiet(page);
});

test("who types while the file changes is asked which text stays", async (t) => {
  const { page, file, text } = await start(t, { Tea: "Green" });
  for (const [button, kept] of [["Take the other", "theirs 0"], ["Keep mine", "mine 1"]]) {
    const round = kept.at(-1);
    await listed(page, "Tea").click();
    await page.waitForFunction(() => document.activeElement?.id === "text");
    await page.waitForFunction(() => document.getElementById("saved").textContent === "Saved");
    // Both before anybody can see the other's.
    await text.fill(`mine ${round}`);
    writeFileSync(file("Tea"), `theirs ${round}`);
    await page.getByText("“Tea” was changed elsewhere").waitFor();
    await shoot(page, "changed-elsewhere");
    assert.equal(await text.inputValue(), `mine ${round}`);
    assert.equal(readFileSync(file("Tea"), "utf8"), `theirs ${round}`);
    await page.getByRole("button", { name: button }).click();
    await page.locator(".banner").waitFor({ state: "detached" });
    await until("one of them stays", async () => (await text.inputValue()) === kept && readFileSync(file("Tea"), "utf8") === kept);
  }
  assertQuiet(page);
});

test("two windows share what is typed, pinned, renamed and deleted", async (t) => {
  const { page, text, name } = await start(t, { Tea: "Green", Bread: "Flour" });
  await listed(page, "Tea").click();
  await until("it is open", async () => (await name.inputValue()) === "Tea");
  const other = await anotherWindow(page);
  await listed(other, "Tea").click();
  const there = other.getByLabel("Text of the note");
  await until("it is open there", async () => (await there.inputValue()) === "Green");

  await text.press("End");
  await text.pressSequentially(" tea");
  await other.getByText("Another window types here").waitFor();
  await until("it is seen as it is typed", async () => (await there.inputValue()) === "Green tea");
  await other.getByText("Saved", { exact: true }).waitFor();
  assert.equal(await there.inputValue(), "Green tea");

  await page.keyboard.press("Alt+P");
  await other.locator("#list li.pinned").waitFor();
  assert.equal(await other.getByRole("button", { name: "Pin", exact: true }).getAttribute("aria-pressed"), "true");

  await name.fill("Tea time");
  await name.press("Enter");
  await listed(other, "Tea time").waitFor();
  await until("the open note has the new name", async () => (await other.getByLabel("Name of the note").inputValue()) === "Tea time");
  assert.match(await other.locator("#list li.pinned").innerText(), /^Tea time/u);

  await there.fill("Typed in the other one");
  await until("it goes both ways", async () => (await text.inputValue()) === "Typed in the other one");
  await other.getByText("Saved", { exact: true }).waitFor();
  await other.keyboard.press("Alt+Delete");
  await listed(page, "Tea time").waitFor({ state: "detached" });
  await page.getByText("No note is open.").waitFor();
  assertQuiet(page);
  assertQuiet(other);
});

test("what is typed last is saved when the window closes", async (t) => {
  const { page, file, text } = await start(t, { Tea: "Green" });
  const other = await anotherWindow(page);
  await listed(page, "Tea").click();
  await until("it is open", async () => (await text.inputValue()) === "Green");
  await text.fill("Typed, and closed at once");
  await page.close({ runBeforeUnload: true });
  await until("it is saved", () => readFileSync(file("Tea"), "utf8") === "Typed, and closed at once");
  assertQuiet(other);
});

test("lines end as they did in the file", async (t) => {
  const { page, file, text } = await start(t, { Tea: "Green\r\nBlack\r\n", Bread: "Flour" });
  await listed(page, "Tea").click();
  await until("it is open", async () => (await text.inputValue()) === "Green\nBlack\n");
  // It isn't taken for typed: what comes from elsewhere is shown, and nobody is asked.
  writeFileSync(file("Tea"), "Green\r\nWhite\r\n");
  await until("it is shown", async () => (await text.inputValue()) === "Green\nWhite\n");
  assert.equal(await page.locator(".banner").count(), 0);
  await listed(page, "Bread").click();
  await until("another is open", async () => (await text.inputValue()) === "Flour");
  assert.equal(readFileSync(file("Tea"), "utf8"), "Green\r\nWhite\r\n");
  await listed(page, "Tea").click();
  await until("it is open", async () => (await text.inputValue()) === "Green\nWhite\n");
  await text.press("Control+End");
  await text.pressSequentially("Mint\n");
  await until("it is saved", () => readFileSync(file("Tea"), "utf8") === "Green\r\nWhite\r\nMint\r\n");
  assertQuiet(page);
});

/** Closes the page as a user does. Whether the browser asked, and the answer is to stay. */
async function isAsked(page) {
  const asked = page.waitForEvent("dialog").then((dialog) => dialog.dismiss().then(() => true));
  await page.close({ runBeforeUnload: true });
  return Promise.race([asked, page.waitForEvent("close").then(() => false)]);
}

test("who closes a window whose text can't be saved is asked", async (t) => {
  const { page, file, text } = await start(t, { Tea: "Green" });
  await listed(page, "Tea").click();
  await until("it is open", async () => (await text.inputValue()) === "Green");
  await text.fill("x".repeat(2 * 1024 * 1024 + 1));
  await page.getByText("Not saved. It has more than 2 MiB.").waitFor();
  assert.equal(await isAsked(page), true);
  await text.fill("Black");
  await until("it is saved", () => readFileSync(file("Tea"), "utf8") === "Black");
  await page.getByText("Saved", { exact: true }).waitFor();
  assert.equal(await isAsked(page), false);
});

test("who closes a window while an older text is being saved is asked", async (t) => {
  const { page, app, file, text } = await start(t, { Tea: "Green" });
  await listed(page, "Tea").click();
  await until("it is open", async () => (await text.inputValue()) === "Green");
  app.pause();
  await text.press("End");
  await text.pressSequentially(" tea");
  await page.getByText("Saving…").waitFor();
  await text.pressSequentially(", hot");
  assert.equal(await isAsked(page), true);
  app.resume();
  await until("it is saved", () => readFileSync(file("Tea"), "utf8") === "Green tea, hot");
  assertQuiet(page);
});

test("who has to decide between two texts is told so, and nothing new is made meanwhile", async (t) => {
  const { page, app, file, text, name } = await start(t, { Tea: "Green", Bread: "Flour" });
  mkdirSync(file("Untitled")); // it is no note, and takes the name
  await listed(page, "Tea").click();
  await until("it is open", async () => (await text.inputValue()) === "Green");
  await text.fill("mine");
  writeFileSync(file("Tea"), "theirs");
  await page.getByText("“Tea” was changed elsewhere").waitFor();
  for (const act of [() => page.keyboard.press("Alt+N"), () => listed(page, "Bread").click()]) {
    await act();
    await page.locator("#notices").getByText("Decide first which text of “Tea” is to stay.").waitFor();
    assert.equal(await name.inputValue(), "Tea");
    assert.deepEqual(readdirSync(app.folder).filter((name) => name.startsWith("Untitled")), ["Untitled.md"]);
  }
  await page.getByRole("button", { name: "Keep mine" }).click();
  await page.locator(".banner").waitFor({ state: "detached" });
  await page.keyboard.press("Alt+N");
  await until("it is made", async () => (await name.inputValue()) === "Untitled 2");
  assert(existsSync(file("Untitled 2")));
  assertQuiet(page);
});

test("two windows that pin at the same time pin both", async (t) => {
  const { page, file } = await start(t, { Tea: "Green", Bread: "Flour" });
  const other = await anotherWindow(page);
  for (const [window, name] of [[page, "Tea"], [other, "Bread"]]) {
    await listed(window, name).click();
    await until("it is open", async () => (await window.getByLabel("Name of the note").inputValue()) === name);
  }
  await Promise.all([page, other].map((window) => window.keyboard.press("Alt+P")));
  await until("both are pinned", async () => (await page.locator("#list li.pinned").count()) === 2);
  await until("it is kept", () => existsSync(file(".pinned").replace(".md", ".json")));
  assertQuiet(page);
});

test("a folder that is gone is told, and what it has is there once it is back", async (t) => {
  const { page, app, file } = await start(t, { Tea: "Green" });
  rmSync(app.folder, { recursive: true });
  await page.reload();
  await page.getByText("The folder of the notes can't be read.").waitFor();
  mkdirSync(app.folder);
  writeFileSync(file("Bread"), "Flour");
  await page.getByRole("button", { name: "Look again" }).click();
  await listed(page, "Bread").waitFor();
  await page.locator(".banner").waitFor({ state: "detached" });
  assert.equal(await listed(page, "Tea").count(), 0);
  assertQuiet(page);
});

test("the list is one stop of the Tab key", async (t) => {
  const { page } = await start(t, { Tea: "Green", Bread: "Flour", Milk: "Oat" });
  await listed(page, "Milk").waitFor();
  const stops = page.locator('#list button[tabindex="0"]');
  assert.equal(await stops.count(), 1);
  await listed(page, "Bread").focus();
  await page.keyboard.press("ArrowDown");
  const focused = await page.evaluate(() => document.activeElement.dataset.name);
  assert.equal(await stops.getAttribute("data-name"), focused);
  assertQuiet(page);
});
