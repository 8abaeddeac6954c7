// Whether the machine can be reached, and whether page and machine fit.
import { subscribeToMessages } from "./socket.js";

/** The code of `connect_error` where the versions don't fit. */
const VERSION_MISMATCH = -32003;

export const connection = {
  /**
   * `connecting` until the machine has said that the page fits, then `usable`; `lost` without a connection, and
   * `refused` if the machine doesn't want this page.
   */
  state: "connecting",
  /** Since when it is lost, as of `Date.now()`. */
  since: 0,
  /** Why it is refused: in a few words, and in more. */
  refusal: undefined,
  /** Called when any of these changes. */
  onChange: () => {},
};

function change(changes) {
  Object.assign(connection, changes);
  connection.onChange();
}

function lose() {
  if (connection.state !== "lost") change({ state: "lost", since: Date.now() });
}

function refuse(title, text) {
  change({ state: "refused", refusal: { title, text } });
}

// Machine and page may both be others than before.
subscribeToMessages("connect", () => change({ state: "connecting", refusal: undefined }));
subscribeToMessages("disconnect", lose);
subscribeToMessages("connect_error", ({ message, data }) => {
  if (data?.code === VERSION_MISMATCH) refuse("Wrong version", `The machine says: ${message}.`);
  else if (data) refuse("Refused", `The machine says: ${message}.`);
  // Nobody has answered. The client tries again by itself.
  else lose();
});

// What the machine answers to the page's first message.
subscribeToMessages("arm.checked", (version, fits) => {
  if (fits) change({ state: "usable" });
  else refuse("Wrong version", `The machine has version ${version}, and this page was written for another one.`);
});
