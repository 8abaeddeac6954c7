// What Chromium does when a page that came by `https:` connects to this machine.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { build, start, type Backend } from "../../tests/support/backend.js";
import { AppPage } from "../support/app.js";
import { appBundle, appPage } from "../support/bundling.js";
import { launch } from "../support/chromium.js";
import { Site } from "../support/site.js";

const directory = mkdtempSync(join(tmpdir(), "https-"));
let identity: { key: string; cert: string };
let bundle: string;
before(async () => {
  build();
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const names = "subjectAltName=DNS:localhost,DNS:panel.example,IP:127.0.0.1";
  const made = spawnSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", names, "-keyout", key, "-out", cert], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  identity = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  bundle = await appBundle();
});
after(() => rmSync(directory, { recursive: true }));

/** A page, by `https:` unless it isn't to be secure, a backend that lets it in, and TLS in front of that for `wss:`. */
class Scene implements AsyncDisposable {
  private constructor(
    readonly site: Site,
    readonly backend: Backend,
    readonly tls: Server,
    readonly chromium: Browser,
  ) {}

  /** @param isPublic whether Chromium takes the page's server for one of the Internet. */
  static async of(host: string, isPublic = false, isSecure = true): Promise<Scene> {
    const site = (await Site.open(host, isSecure ? identity : undefined)).serve("/app", "text/html", appPage("/app.js")).serve("/app.js", "text/javascript", bundle);
    const backend = await start("--allow", site.origin, "ws://127.0.0.1:0");
    const tls = createServer(identity, (socket) => {
      const own = connect(Number(new URL(backend.endpoints[0] as string).port), "127.0.0.1");
      for (const one of [own, socket]) one.on("error", () => {}).on("close", () => (one === own ? socket : own).destroy());
      socket.pipe(own).pipe(socket);
    });
    await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
    const spaces = isPublic ? [`--ip-address-space-overrides=127.0.0.1:${new URL(site.origin).port}=public`] : [];
    return new Scene(site, backend, tls, await launch("--host-resolver-rules=MAP panel.example 127.0.0.1", ...spaces));
  }

  get endpoints(): string[] {
    const [plain, secure] = [new URL(this.backend.endpoints[0] as string).port, (this.tls.address() as AddressInfo).port];
    return [`ws://127.0.0.1:${plain}`, `ws://localhost:${plain}`, `wss://127.0.0.1:${secure}`, `wss://localhost:${secure}`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chromium.close();
    this.tls.close();
    await this.backend[Symbol.asyncDispose]();
    await this.site[Symbol.asyncDispose]();
  }
}

const permission = (app: AppPage): Promise<string> => app.page.evaluate(async () => (await navigator.permissions.query({ name: "loopback-network" as PermissionName })).state);
const isBlocked = (app: AppPage): boolean => app.console.some((line) => line.includes("ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS"));

test("a page that this machine serves by `https:` connects by `ws:` and `wss:`: neither is mixed content, nobody is asked", async () => {
  for (const host of ["localhost", "panel.example"]) {
    await using scene = await Scene.of(host);
    const context = await scene.chromium.newContext({ ignoreHTTPSErrors: true });
    for (const to of scene.endpoints) {
      const app = await AppPage.open(context, `${scene.site.origin}/app`, { to });
      await app.shows("which", "1");
      assert.equal(await permission(app), "prompt", "nobody was asked");
      assert.deepEqual(app.console, []);
    }
  }
});

test("a page of the Internet has to ask for the permission `loopback-network`: without it, it hears what it would of an absent backend", async () => {
  await using scene = await Scene.of("panel.example", true);
  const url = `${scene.site.origin}/app`;
  for (const to of scene.endpoints) {
    const denied = await scene.chromium.newContext({ ignoreHTTPSErrors: true });
    const app = await AppPage.open(denied, url, { to });
    // Without a window there is nobody to ask, so Chromium denies.
    assert.match(await app.shows("error", /./), /^notConnected .*a WebSocket isn't told which/);
    assert.equal(await permission(app), "denied");
    assert.ok(isBlocked(app), `${app.console}`);
    await denied.close();

    const granted = await scene.chromium.newContext({ ignoreHTTPSErrors: true, permissions: ["local-network-access"] });
    const other = await AppPage.open(granted, url, { to });
    await other.shows("which", "1");
    assert.equal(await permission(other), "granted");
    await granted.close();
  }
});

test("a page of the Internet that came by `http:` is kept from this machine, whatever the user allows", async () => {
  await using scene = await Scene.of("panel.example", true, false);
  const context = await scene.chromium.newContext({ ignoreHTTPSErrors: true, permissions: ["local-network-access"] });
  for (const to of scene.endpoints) {
    const app = await AppPage.open(context, `${scene.site.origin}/app`, { to });
    assert.match(await app.shows("error", /./), /^notConnected .*a WebSocket isn't told which/);
    assert.equal(await permission(app), "granted");
    assert.ok(isBlocked(app), `${app.console}`);
  }
});

test("a certificate that Chromium doesn't trust ends `wss:`, and the page hears what it would of an absent backend", async () => {
  await using scene = await Scene.of("localhost");
  await using plain = (await Site.open("localhost")).serve("/app", "text/html", appPage("/app.js")).serve("/app.js", "text/javascript", bundle);
  const app = await AppPage.open(await scene.chromium.newContext(), `${plain.origin}/app`, { to: scene.endpoints[3] as string });
  assert.match(await app.shows("error", /./), /^notConnected .*a WebSocket isn't told which/);
  assert.ok(app.console.some((line) => line.includes("ERR_CERT_AUTHORITY_INVALID")), `${app.console}`);
});
