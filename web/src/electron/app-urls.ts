// Which pages are the app's own.
import { fileURLToPath } from "node:url";
import { IpcError } from "../errors.js";
import type { Frame } from "./shapes.js";

/**
 * Makes `allow` of `serveRenderers`: `appUrls(["app://notes", process.env.DEV_SERVER])`. What is undefined
 * is left out.
 *
 * @param urls origins, of which all pages are allowed (`app://notes`, `http://localhost:5173`), or the URLs
 * of files (`file:///opt/notes/index.html`; `pathToFileURL` of `node:url` makes one), whose pages are
 * allowed whatever stands behind `?` or `#`.
 * @throws IpcError `invalidArguments` for what is no URL, for a path of an origin, which is no boundary for
 * its pages (`history.replaceState`), and for `file:` without the path of a file.
 */
export function appUrls(urls: readonly (string | undefined)[]): (frame: Pick<Frame, "url">) => boolean {
  const allowed = new Set(urls.filter((url) => url !== undefined).map(allowedBy));
  return ({ url }) => {
    const place = URL.canParse(url) ? placeOf(new URL(url)) : undefined;
    return place !== undefined && allowed.has(place);
  };
}

function allowedBy(given: string): string {
  const refuse = (why: string): IpcError => new IpcError("invalidArguments", `appUrls: \`${given}\` ${why}`);
  if (!URL.canParse(given)) throw refuse("is no URL: write an origin, such as app://notes, or the URL of a file");
  const url = new URL(given);
  const isRoot = url.pathname === "" || url.pathname === "/";
  if (url.protocol === "file:" && isRoot) throw refuse("is all files of the machine: write the page's own path");
  if (url.protocol !== "file:" && url.host === "") throw refuse("has no host");
  const place = placeOf(url);
  if (place === undefined) throw refuse("is no file of this machine: make it by `pathToFileURL` of `node:url`");
  if (url.protocol !== "file:" && !isRoot) throw refuse(`has a path, and any page of an origin can take that (\`history.replaceState\`): write ${place}, which allows them all`);
  return place;
}

/**
 * Its origin; of a file, which one it is: Chromium writes some characters of paths otherwise than Node.
 * Nothing for what names no file.
 */
function placeOf(url: URL): string | undefined {
  // Schemes that Node doesn't know keep the case of their hosts there, and not in Chromium.
  if (url.protocol !== "file:") return `${url.protocol}//${url.host.toLowerCase()}`;
  try {
    return `file:${fileURLToPath(url)}`;
  } catch {
    return undefined;
  }
}
