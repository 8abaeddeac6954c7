// Long jobs: an index of thousands of notes, and files that are sent.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { App, directory, shoot } from "./support/app.mjs";
import { anotherWindow, assertQuiet, launch, listed, openWindow, until, write } from "./support/chromium.mjs";

const NOTES = 5_000;

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

function start(t, count = 0) {
  const data = directory(t);
  mkdirSync(join(data, "folder"));
  const words = Array.from({ length: 300 }, (_, at) => `word${at}`).join(" ");
  for (let at = 0; at < count; at++) writeFileSync(join(data, `folder/Note ${at}.md`), `${words} number${at}`);
  return new App(t, { data });
}

test("an index tells how far it is, can be cancelled, and is what the search uses", async (t) => {
  const app = start(t, NOTES);
  const page = await openWindow(t, browser, await app.address());
  await page.getByText("4,800 more: search for them").waitFor();
  const [query, found] = [page.getByRole("searchbox"), page.locator("#found")];
  await page.keyboard.press("Control+K");
  await query.fill("number4321");
  await found.getByText("0 notes found by name.").waitFor();

  const way = page.locator("#index-way");
  await page.getByRole("button", { name: "Index texts" }).click();
  await until("it tells how far it is", () => way.evaluate((way) => way.value > 0 && way.value < way.max && way.max));
  await shoot(page, "indexing");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText(/^Cancelled at [\d,]+ of 5,000$/u).waitFor();
  await found.getByText("0 notes found by name.").waitFor();

  const other = await anotherWindow(page);
  await page.getByRole("button", { name: "Index texts" }).click();
  await until("it goes on", () => way.evaluate((way) => way.value > 0));
  await other.getByRole("button", { name: "Index texts" }).click();
  await other.getByText("Another window has the index made already.").waitFor();
  await page.getByText(/^5,000 notes, [\d,]+ words$/u).waitFor();
  // The other window hears of it by the store.
  await other.getByRole("button", { name: "Index anew" }).waitFor();
  await found.getByText("1 note found").waitFor();
  await listed(page, "Note 4321").locator("mark", { hasText: "number4321" }).waitFor();

  await write(page, "Later", "what comes later is found, too: aardvark");
  await query.fill("aardv");
  await listed(page, "Later").waitFor();
  await query.press("Escape");
  assert.equal(await query.inputValue(), "");
  assertQuiet(page);
  assertQuiet(other);
});

test("texts become notes, and other files are linked in the open one", async (t) => {
  const app = start(t);
  const page = await openWindow(t, browser, await app.address());
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Import…" }).click();
  await (await choosing).setFiles([{ name: "Plan.txt", mimeType: "text/plain", buffer: Buffer.from("A plan") }]);
  await listed(page, "Plan").waitFor();
  const text = page.getByLabel("Text of the note");
  await until("it is open", async () => (await text.inputValue()) === "A plan");
  await page.getByText("Plan.txt is here").waitFor();

  const large = Buffer.alloc(20 * 1024 * 1024, 7);
  const path = join(directory(t), "large file.bin");
  writeFileSync(path, large);
  await page.evaluate(() => {
    const way = document.getElementById("import-way");
    globalThis.seen = [];
    new MutationObserver(() => globalThis.seen.push(way.value)).observe(way, { attributes: true });
  });
  const again = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Import…" }).click();
  await (await again).setFiles(path);
  await page.getByText("large file.bin is here").waitFor();
  const seen = await page.evaluate(() => globalThis.seen);
  assert(seen.some((bytes) => bytes > 0 && bytes < large.length), `progress is seen: ${seen}`);
  assert.equal(statSync(join(app.folder, "attachments/large file.bin")).size, large.length);
  assert.match(await text.inputValue(), /\[large file\.bin\]\(<attachments\/large file\.bin>\)/u);
  await page.getByText("Saved", { exact: true }).waitFor();
  assertQuiet(page);
});

test("dropped files are taken, and one that is refused says why", async (t) => {
  const app = start(t);
  const page = await openWindow(t, browser, await app.address());
  const drop = async (name, content) => {
    const transfer = await page.evaluateHandle(
      ([name, content]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(content)], name));
        return transfer;
      },
      [name, content],
    );
    await page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
    await page.getByText("Drop texts to make them notes").waitFor();
    await shoot(page, "dropping");
    await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
    await page.locator("#drop").waitFor({ state: "hidden" });
  };
  await drop("Dropped.md", [...Buffer.from("from the desk")]);
  await listed(page, "Dropped").waitFor();
  assert.equal(readFileSync(join(app.folder, "Dropped.md"), "utf8"), "from the desk");
  await drop("bytes.md", [0xff, 0xfe]);
  await page.getByText("bytes.md: “bytes” is no text, or too large.").waitFor();
  await drop("picture.png", [1, 2, 3]);
  await until("it is linked", async () => (await page.getByLabel("Text of the note").inputValue()).includes("![picture.png](<attachments/picture.png>)"));
  assertQuiet(page);
});

test("files that are chosen during an import are taken after it", async (t) => {
  const app = start(t);
  const page = await openWindow(t, browser, await app.address());
  const choose = (name, buffer) => page.locator("#files").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
  app.pause();
  await choose("large.bin", Buffer.alloc(8 * 1024 * 1024));
  await page.getByText("large.bin", { exact: true }).waitFor();
  await choose("second.md", Buffer.from("second"));
  app.resume();
  await listed(page, "second").waitFor();
  assert.equal(statSync(join(app.folder, "attachments/large.bin")).size, 8 * 1024 * 1024);
  assertQuiet(page);
});

test("a file is linked in the note that was open when it was chosen, and in no other", async (t) => {
  const app = start(t);
  writeFileSync(join(app.folder, "One.md"), "one");
  writeFileSync(join(app.folder, "Two.md"), "two");
  const page = await openWindow(t, browser, await app.address());
  const text = page.getByLabel("Text of the note");
  await listed(page, "One").click();
  await until("it is open", async () => (await text.inputValue()) === "one");
  // The file is read when the test says so.
  await page.evaluate(() => {
    const stream = File.prototype.stream;
    const goOn = new Promise((resolve) => (globalThis.goOn = resolve));
    File.prototype.stream = function () {
      const reader = stream.call(this).getReader();
      return new ReadableStream({
        async pull(controller) {
          await goOn;
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
      });
    };
  });
  await page.locator("#files").setInputFiles({ name: "plan.bin", mimeType: "application/octet-stream", buffer: Buffer.from("plan") });
  await page.getByText("plan.bin", { exact: true }).waitFor();
  await listed(page, "Two").click();
  await until("it is open", async () => (await text.inputValue()) === "two");
  await page.evaluate(() => globalThis.goOn());
  await page.getByText("plan.bin lies in attachments/plan.bin.").waitFor();
  assert.equal(await text.inputValue(), "two");
  assertQuiet(page);
});
