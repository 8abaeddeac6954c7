// Several messages in one: JSON-RPC calls it a batch.
import type { Carrier, Reply } from "./answers.js";
import { refusal, type Message } from "./message.js";

/** A batch may have so many messages. */
const MAX_LENGTH = 1024;

/**
 * Takes a batch. Its replies are sent together, when the last of its requests is done.
 *
 * @param exact whether there may be a bigint in it, such as an id.
 * @param take takes one message, and says what it is answered with.
 */
export function batch(messages: readonly Message[], carrier: Carrier, exact: boolean, take: (message: Message, say: Reply) => void): void {
  const { length } = messages;
  if (!length) return carrier.tell(refusal(null, -32600, "a batch has at least one message"));
  if (length > MAX_LENGTH) {
    const text = `a batch of ${length} messages is longer than the ${MAX_LENGTH} taken here`;
    return carrier.tell(refusal(null, -32009, text, { limit: "maxBatchLength", value: MAX_LENGTH }));
  }
  const replies: object[] = [];
  let isExact = exact;
  let left = length;
  for (const message of messages) {
    take(message, (reply, needsExact) => {
      if (reply) replies.push(reply);
      isExact ||= needsExact === true;
      if (--left === 0 && replies.length) carrier.reply(replies, isExact);
    });
  }
}
