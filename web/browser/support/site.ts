// Serves pages, and what they are made of.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** What is served at a path: its type, and what it holds. */
export type Served = { type: string; text: string };

export class Site implements AsyncDisposable {
  readonly #pages = new Map<string, Served>();
  /** Answers what isn't a page. */
  #post: (body: string) => Promise<unknown> = () => Promise.reject(new Error("nobody takes this"));

  private constructor(
    readonly origin: string,
    readonly server: Server,
  ) {}

  /** @param secure the key and the certificate of one that is served by `https:`. */
  static async open(host = "127.0.0.1", secure?: { key: string; cert: string }): Promise<Site> {
    let site: Site | undefined;
    const answer: RequestListener = (request, response) => void site?.answer(request, response);
    const server = secure ? createSecureServer(secure, answer) : createServer(answer);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return (site = new Site(`${secure ? "https" : "http"}://${host}:${(server.address() as AddressInfo).port}`, server));
  }

  /** Serves a page that runs a script. */
  page(path: string, script: string, body = ""): this {
    this.#pages.set(`${path}.js`, { type: "text/javascript", text: script });
    return this.serve(path, "text/html", `<!doctype html><meta charset="utf-8"><title>${path}</title><link rel="icon" href="data:,"><body>${body}<script type="module" src="${path}.js"></script>`);
  }

  serve(path: string, type: string, text: string): this {
    this.#pages.set(path, { type, text });
    return this;
  }

  post(take: (body: string) => Promise<unknown>): this {
    this.#post = take;
    return this;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", this.origin);
    try {
      if (request.method === "POST") {
        let body = "";
        for await (const chunk of request.setEncoding("utf8")) body += chunk;
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify((await this.#post(body)) ?? null));
        return;
      }
      const served = this.#pages.get(pathname);
      if (!served) return void response.writeHead(404).end();
      response.writeHead(200, { "content-type": `${served.type}; charset=utf-8`, "cache-control": "no-store" }).end(served.text);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}
