// What is used of Electron, which is no dependency: its own objects have these shapes.

/** `ipcMain`. */
export interface MainIpc {
  on(channel: string, listener: (event: PortEvent) => void): unknown;
  off(channel: string, listener: (event: PortEvent) => void): unknown;
}

/** A message of a page to the main process, with ports. */
export interface PortEvent {
  readonly ports: readonly MainPort[];
  readonly sender: Contents;
  /** The frame that has sent it: `null` if it is gone. */
  readonly senderFrame: Frame | null;
}

/** A `MessagePortMain`. */
export interface MainPort {
  on(event: "message", listener: (event: { data: any }) => void): unknown;
  on(event: "close", listener: () => void): unknown;
  start(): void;
  postMessage(message: unknown): void;
  close(): void;
}

/** A `WebFrameMain`: a page, or a frame in one. */
export interface Frame {
  readonly url: string;
  /** `null` of a page's main frame. */
  readonly parent: unknown;
}

/** A `WebContents`: what shows the pages of a window, one after the other. */
export interface Contents {
  on(event: "destroyed" | "did-navigate", listener: () => void): unknown;
  on(event: "render-process-gone", listener: () => void): unknown;
  on(event: "did-start-navigation", listener: (details: Navigation) => void): unknown;
  on(event: "did-fail-load", listener: (event: any, code: number, description: string, url: string, isMainFrame: boolean) => void): unknown;
  off(event: "destroyed" | "did-navigate", listener: () => void): unknown;
  off(event: "render-process-gone", listener: () => void): unknown;
  off(event: "did-start-navigation", listener: (details: Navigation) => void): unknown;
  off(event: "did-fail-load", listener: (event: any, code: number, description: string, url: string, isMainFrame: boolean) => void): unknown;
}

/** What begins when a frame is to show another page. */
export interface Navigation {
  readonly isMainFrame: boolean;
  /** Whether the page stays, as with `#here` and `history.pushState`. */
  readonly isSameDocument: boolean;
}
