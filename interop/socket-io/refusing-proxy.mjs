// A proxy that knows no upgrades, as some between a page and its server.

import { once } from "node:events";
import http from "node:http";

export class RefusingProxy {
  /** Starts one before a server. */
  static async start(server) {
    const proxy = new RefusingProxy();
    proxy.refused = 0;
    proxy.http = http.createServer((request, response) => {
      const { method, url, headers } = request;
      const onward = http.request({ host: "127.0.0.1", port: server.port, method, path: url, headers, agent: false });
      onward.on("response", (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      // Whoever goes, takes the other along.
      onward.on("error", () => response.destroy());
      response.on("close", () => onward.destroy());
      request.pipe(onward);
    });
    proxy.http.on("upgrade", (_, socket) => {
      proxy.refused += 1;
      socket.end("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    });
    proxy.http.listen(0, "127.0.0.1");
    await once(proxy.http, "listening");
    proxy.url = `http://127.0.0.1:${proxy.http.address().port}`;
    return proxy;
  }

  stop() {
    this.http.close();
    this.http.closeAllConnections();
  }
}
