// The app in a page of Chromium, as a user sees it.
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import type { AppOptions } from "../app/app.js";
import { output } from "./paths.js";

export class AppPage {
  /** What was said on the console. */
  readonly console: string[] = [];

  private constructor(readonly page: Page) {}

  static async open(context: BrowserContext, url: string, options: AppOptions = {}): Promise<AppPage> {
    const app = new AppPage(await context.newPage());
    app.page.on("console", (message) => app.console.push(message.text()));
    app.page.on("pageerror", (error) => app.console.push(`uncaught: ${error}`));
    await app.page.addInitScript((own) => void (globalThis.appOptions = own), options);
    await app.page.goto(url);
    return app;
  }

  /** Waits until an element shows this. */
  async shows(id: string, text: string | RegExp): Promise<string> {
    const found = this.page.locator(`#${id}`).filter({ hasText: typeof text === "string" ? new RegExp(`^${text}$`) : text });
    return (await found.textContent({ timeout: 20_000 })) ?? "";
  }

  /** The states that there were, each once if it came several times on end. */
  async states(): Promise<string[]> {
    const all = await this.page.evaluate(() => globalThis.app.states);
    return all.filter((state, nth) => state !== all[nth - 1]);
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(output, `${name}.png`) });
  }
}
