// Which pages are the app's own.
import { IpcError } from "../errors.js";
import type { Frame } from "./shapes.js";

/** A page, or all pages of an origin. */
interface Allowed {
  readonly protocol: string;
  readonly host: string;
  /** Nothing for all of them. */
  readonly path: string | undefined;
}

/**
 * Makes `allow` of `serveRenderers`: `appUrls(["app://notes", process.env.DEV_SERVER])`. What is undefined
 * is left out.
 *
 * @param urls origins, of which all pages are allowed (`app://notes`, `http://localhost:5173`), or URLs of
 * single pages (`file:///opt/notes/index.html`; `pathToFileURL` of `node:url` makes one). Whatever stands
 * behind `?` or `#` of a page doesn't matter.
 * @throws IpcError `invalidArguments` for what is no URL, and for `file:` without a path.
 */
export function appUrls(urls: readonly (string | undefined)[]): (frame: Pick<Frame, "url">) => boolean {
  const allowed = urls.filter((url) => url !== undefined).map(allowedBy);
  return ({ url }) => {
    if (!URL.canParse(url)) return false;
    const page = new URL(url);
    return allowed.some(({ protocol, host, path }) => page.protocol === protocol && hostOf(page) === host && (path === undefined || page.pathname === path));
  };
}

function allowedBy(url: string): Allowed {
  const refuse = (why: string): never => {
    throw new IpcError("invalidArguments", `appUrls: \`${url}\` ${why}`);
  };
  if (!URL.canParse(url)) refuse("is no URL: write an origin, such as app://notes, or the URL of a page");
  const { protocol, host, pathname } = parsed(url);
  const isOrigin = pathname === "" || pathname === "/";
  if (protocol === "file:" ? isOrigin : host === "") refuse(protocol === "file:" ? "is all files of the machine: write the page's own path" : "has no host");
  return { protocol, host, path: isOrigin ? undefined : pathname };
}

function parsed(url: string): { protocol: string; host: string; pathname: string } {
  const { protocol, pathname } = new URL(url);
  return { protocol, host: hostOf(new URL(url)), pathname };
}

/** Schemes that Node doesn't know keep the case of their hosts there, and not in Chromium. */
const hostOf = ({ host }: URL): string => host.toLowerCase();
