// src/banner.ts
var Banner = class {
  #region;
  #shown;
  constructor(region) {
    this.#region = region;
  }
  /** Shows a message instead of what was shown. One that differs in its note alone isn't told again. */
  show(message) {
    const key = JSON.stringify([message.tone, message.title, message.text, message.action?.label]);
    if (this.#shown?.key !== key) this.#replace(key, message);
    const note = this.#shown?.note;
    if (note && note.textContent !== (message.note ?? "")) note.textContent = message.note ?? "";
  }
  hide() {
    this.#shown?.element.remove();
    this.#shown = void 0;
  }
  #replace(key, message) {
    const hadFocus = this.#shown?.element.contains(document.activeElement);
    this.hide();
    const element2 = document.createElement("div");
    element2.className = "banner";
    element2.dataset["tone"] = message.tone;
    const text = element2.appendChild(document.createElement("p"));
    text.append(Object.assign(document.createElement("strong"), { textContent: message.title }), ` ${message.text} `);
    const note = text.appendChild(document.createElement("span"));
    note.setAttribute("aria-live", "off");
    if (message.action) {
      const { label, run } = message.action;
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
      button.addEventListener("click", run);
      element2.append(button);
    }
    this.#region.append(element2);
    if (hadFocus) element2.querySelector("button")?.focus();
    this.#shown = { key, element: element2, note };
  }
};

// ../../../web/dist/errors.js
var wellFormed = (text) => text.replace(/\p{Surrogate}/gu, "�");
var MAX_TEXT = 1024;
function textOf(error) {
  try {
    const text = String(error instanceof Error ? error.message : error);
    return wellFormed(text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`);
  } catch {
    return "something without a text was thrown";
  }
}
var failure = (kind, method, why, details = {}) => new IpcError(kind, `${method}: ${textOf(why)}`, { ...details, method });
var IpcError = class extends Error {
  kind;
  name = "IpcError";
  constructor(kind, message, { cause, ...details } = {}) {
    super(message, cause === void 0 ? void 0 : { cause });
    this.kind = kind;
    Object.assign(this, { mayHaveRun: false }, details);
  }
};
function derived(error, more) {
  const own = Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error));
  return Object.assign(own, more);
}
var MethodError = class extends Error {
  data;
  method;
  name = "MethodError";
  kind = "method";
  constructor(data, message, method = "") {
    super(message);
    this.data = data;
    this.method = method;
  }
};
var METHOD_ERROR = 1;
var CANCELLED = -32800;
var KINDS = {
  [-32601]: "notFound",
  [-32602]: "invalidArguments",
  [-32603]: "handlerFailed",
  [CANCELLED]: "cancelled",
  [-32700]: "protocol",
  [-32600]: "protocol",
  [-32001]: "unauthorized",
  [-32002]: "protocol",
  [-32003]: "versionMismatch",
  [-32005]: "closing",
  [-32007]: "tooLarge",
  [-32008]: "tooLarge",
  [-32009]: "limit"
};
function received(error, method) {
  const { code, message, data } = error;
  return new IpcError(KINDS[code] ?? "remote", message, { code, data, ...method === void 0 ? {} : { method } });
}
function errorObject(value) {
  const { code, message, data } = value ?? {};
  return {
    code: typeof code === "number" ? code : -32600,
    message: typeof message === "string" ? message : "the other side sent an error without a message",
    data
  };
}
var thrown = (what, cause) => new IpcError("handlerFailed", `${what} failed: ${textOf(cause)}`, { cause });
async function guarded(call, tell) {
  try {
    await call();
  } catch (cause) {
    tell(cause);
  }
}
function report(error) {
  if (typeof reportError === "function")
    reportError(error);
  else {
    queueMicrotask(() => {
      throw error;
    });
  }
}

// ../../../web/dist/bindings.js
var FORMAT = 1;
function readable({ format, channel = "functions" }) {
  if (format === FORMAT)
    return;
  const text = `${channel}: the bindings have form ${format}, this version of the package ipc-runtime reads form ${FORMAT}. Update the older of the two`;
  throw new IpcError("versionMismatch", text);
}

// ../../../web/dist/base64.js
var native = Uint8Array;
var node = globalThis.Buffer;
function fromBase64(text) {
  if (native.fromBase64)
    return native.fromBase64(text);
  if (node) {
    const buffer = node.from(text, "base64");
    if (buffer.toString("base64") === text)
      return new Uint8Array(buffer);
  }
  const binary2 = atob(text);
  const bytes = new Uint8Array(binary2.length);
  for (let at = 0; at < binary2.length; at++)
    bytes[at] = binary2.charCodeAt(at);
  return bytes;
}
function toBase64(bytes) {
  const itself = bytes;
  if (itself.toBase64)
    return itself.toBase64();
  if (node)
    return node.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  let binary2 = "";
  for (let at = 0; at < bytes.length; at += 32768)
    binary2 += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(binary2);
}

// ../../../web/dist/binary.js
var binary = {};

// ../../../web/dist/plan.js
var Unfit = class extends Error {
  kind;
  constructor(path, what, kind = "inexact") {
    super(`${pathText(path)}: ${what}`);
    this.kind = kind;
  }
};
function pathText(path) {
  let text = "";
  for (const part of path.slice(0, 16))
    text += typeof part === "number" ? `[${part}]` : text ? `.${part}` : part;
  return path.length > 16 ? `${text}…` : text;
}
function member(plans, name) {
  return plans && typeof name === "string" && Object.hasOwn(plans, name) ? plans[name] : void 0;
}
function planOf(plan, value) {
  for (; ; ) {
    if (typeof plan === "function")
      plan = plan();
    else if (typeof plan === "object" && "u" in plan && !isTagged(plan, value))
      plan = plan.u;
    else
      return plan;
  }
}
function isTagged(plan, value) {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return false;
  if ("i" in plan)
    return member(plan.v, value[plan.i]) !== void 0;
  const names = Object.keys(value);
  return names.length === 1 && member(plan.s, names[0]) !== void 0;
}
function setMember(object, name, value) {
  if (name === "__proto__")
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else
    object[name] = value;
}

// ../../../web/dist/encoding.js
var MAX_DEPTH = 128;
var INTEGERS = ["int", "big", "u128", "i128", "str"];
var Encoding = class {
  json;
  /** Whether there is something in it that `JSON.stringify` doesn't keep. */
  exact = false;
  #path = [];
  /** @param json whether the message will be JSON: it has no bytes, NaN and infinities, but integers of any length. */
  constructor(json2) {
    this.json = json2;
  }
  /**
   * Converts a value. The app's own value stays as it is.
   *
   * @param name what errors call it.
   * @throws Unfit for what can't travel as it is.
   */
  convert(plan, value, name) {
    this.#path.length = 0;
    const checked = plan;
    return checked?.is ? this.#part(checked.p, checked.is(value, [name]), name) : this.#part(plan, value, name);
  }
  #part(plan, value, name) {
    this.#path.push(name);
    const converted = this.#value(plan, value);
    this.#path.pop();
    return converted;
  }
  #value(of, value) {
    const plan = planOf(of, value);
    switch (typeof value) {
      case "number":
        return this.#number(plan, value);
      case "bigint":
        if (plan === "int" && !Number.isSafeInteger(Number(value)))
          this.#refuse(`${value} is beyond what a number can hold`);
        this.exact = true;
        return this.#integer(plan, value);
      case "string":
        return this.#text(plan, value);
      case "boolean":
        return value;
      case "object":
        if (value === null)
          return value;
        if (this.#path.length > MAX_DEPTH)
          this.#refuse(`is nested more than ${MAX_DEPTH} deep, or contains itself`);
        if (ArrayBuffer.isView(value))
          return this.#bytes(plan, value);
        return Array.isArray(value) ? this.#array(plan, value) : this.#object(plan, value);
      default:
        return this.#refuse(`${value === void 0 ? "undefined" : `a ${typeof value}`} can't be sent`);
    }
  }
  #number(plan, value) {
    if (INTEGERS.includes(plan)) {
      if (!Number.isSafeInteger(value))
        this.#refuse(`${value} is no integer that a number can hold`);
      return this.#integer(plan, value || 0);
    }
    if ((this.json || plan === "json") && !Number.isFinite(value)) {
      this.#refuse(`${value} can't travel as JSON`);
    } else if (Object.is(value, -0) && (plan === "float" || plan === "json")) {
      this.exact = true;
      return value;
    }
    return value === 0 ? 0 : value;
  }
  #integer(plan, value) {
    return this.json ? value : binary.integer?.(plan, value) ?? this.#refuse(`${value} is beyond its range`);
  }
  #text(plan, value) {
    if (plan === "str") {
      if (!/^(?:0|-?[1-9]\d*)$/.test(value))
        this.#refuse(`${JSON.stringify(value.slice(0, 64))} is no integer`);
      this.exact = true;
      return this.#integer(plan, BigInt(value));
    }
    if (/\p{Surrogate}/u.test(value))
      this.#refuse("has half of a surrogate pair, which is no text");
    return value;
  }
  #bytes(plan, value) {
    if (!(value instanceof Uint8Array))
      this.#refuse("give bytes as a Uint8Array");
    if (plan === "bytes")
      return this.json ? toBase64(value) : new Uint8Array(value);
    return this.#refuse("bytes aren't taken here: a `Vec<u8>` of Rust is an array of numbers");
  }
  #array(plan, value) {
    const copy = new Array(value.length);
    for (let at = 0; at < value.length; at++) {
      let of;
      if (plan === "json")
        of = plan;
      else if (typeof plan === "object")
        of = "a" in plan ? plan.a : "t" in plan ? plan.t[at] : 0;
      copy[at] = this.#part(of, value[at], at);
    }
    return copy;
  }
  #object(plan, value) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      this.#refuse(`a ${value.constructor?.name ?? "class"} can't be sent: give a plain object`);
    }
    const source = value;
    const copy = {};
    for (const name of Object.keys(source)) {
      if (source[name] === void 0 && !isEntry(plan, source, name))
        continue;
      this.#text(0, name);
      setMember(copy, name, this.#part(memberPlan(plan, source, name), source[name], name));
    }
    return copy;
  }
  #refuse(what) {
    throw new Unfit(this.#path, what);
  }
};
function memberPlan(of, source, name) {
  const plan = planOf(of, source);
  if (plan === "json")
    return plan;
  if (typeof plan !== "object")
    return 0;
  if ("z" in plan) {
    for (const one of plan.z) {
      const found = memberPlan(one, source, name);
      if (found)
        return found;
    }
    return 0;
  }
  if ("i" in plan) {
    const variant = member(plan.v, source[plan.i]);
    if (plan.c === void 0)
      return memberPlan(variant, source, name);
    return name === plan.c ? variant : 0;
  }
  if ("a" in plan || "t" in plan || "stream" in plan)
    return 0;
  return member(plan.s, name) ?? plan.m;
}
function isEntry(of, source, name) {
  const plan = planOf(of, source);
  if (typeof plan !== "object")
    return false;
  if ("z" in plan)
    return plan.z.some((one) => isEntry(one, source, name));
  if ("i" in plan)
    return plan.c === void 0 && isEntry(member(plan.v, source[plan.i]), source, name);
  return "m" in plan && member(plan.s, name) === void 0;
}

// ../../../web/dist/arguments.js
function outgoing(name, method, args, isJson) {
  const encoding = new Encoding(isJson);
  const streams = method.up?.();
  const count = method.n ?? 0;
  try {
    const params = Array.from({ length: count }, (_, at) => {
      const value = args[at];
      const plan = method.a?.[at];
      if (streams && typeof plan === "object" && "stream" in plan)
        return streams.add(value, plan.stream, at);
      return encoding.convert(plan, value === void 0 ? null : value, `argument ${at + 1}`);
    });
    while (params.length && args[params.length - 1] === void 0)
      params.pop();
    streams?.open();
    return { params: method.o ? params[0] ?? {} : params.length ? params : void 0, exact: encoding.exact, streams };
  } catch (error) {
    streams?.leave();
    throw failure("invalidArguments", name, error, { cause: error });
  }
}

// ../../../web/dist/decoding.js
function decode(of, value, long, path) {
  const checked = of;
  if (checked?.is)
    return checked.is(decode(checked.p, value, long, path), path);
  const plan = planOf(of, value);
  if (!plan || value === null || value === void 0)
    return value;
  if (typeof plan === "string")
    return leaf(plan, value, long, path);
  const isList = Array.isArray(value);
  if ("a" in plan || "t" in plan) {
    if (!isList)
      refuse("a list", value, path);
    else if ("t" in plan)
      plan.t.forEach((of2, at) => at < value.length && (value[at] = part(of2, value[at], at)));
    else if (plan.a !== "int" || long)
      for (let at = 0; at < value.length; at++)
        value[at] = part(plan.a, value[at], at);
    return value;
  }
  if (typeof value === "string" && "s" in plan)
    return value;
  if (isList || typeof value !== "object")
    refuse("an object", value, path);
  const object = value;
  if ("z" in plan)
    return plan.z.reduce((whole, one) => decode(one, whole, long, path), object);
  if ("i" in plan) {
    const variant = member(plan.v, object[plan.i]);
    if (plan.c === void 0)
      return decode(variant, object, long, path);
    convert(plan.c, variant);
  } else if ("m" in plan) {
    if (plan.k)
      binary.leaf?.(plan.k, object);
    for (const name of Object.keys(object))
      convert(name, member(plan.s, name) ?? plan.m);
  } else if ("s" in plan) {
    for (const name in plan.s)
      convert(name, plan.s[name]);
  }
  return object;
  function convert(name, of2) {
    if (!of2 || of2 === "int" && !long)
      return;
    const before = object[name];
    if (of2 === "float" && typeof before === "number" || !Object.hasOwn(object, name))
      return;
    const after = part(of2, before, name);
    if (after !== before)
      setMember(object, name, after);
  }
  function part(of2, inner, name) {
    path.push(name);
    const converted = decode(of2, inner, long, path);
    path.pop();
    return converted;
  }
}
function leaf(plan, came, long, path) {
  const value = long && binary.leaf ? binary.leaf(plan, came) : came;
  if (plan === "json")
    return value;
  if (plan === "bytes") {
    if (typeof value === "string") {
      try {
        return fromBase64(value);
      } catch {
      }
    } else if (value instanceof Uint8Array)
      return value;
    return refuse("base64", value, path);
  }
  const isBig = typeof value === "bigint";
  if (!isBig && typeof value !== "number")
    refuse("a number", value, path);
  if (plan === "float")
    return Number(value);
  if (plan === "int") {
    if (isBig)
      throw new Unfit(path, `${value} is beyond what a number can hold: ask for a bigint with \`#[ipc(integer = "bigint")]\``);
    return value;
  }
  if (!isBig && !Number.isSafeInteger(value))
    refuse("an integer", value, path);
  return plan === "str" ? String(value) : BigInt(value);
}
function refuse(expected, value, path) {
  throw new Unfit(path, `${expected} was expected, and a ${Array.isArray(value) ? "list" : typeof value} came`, "protocol");
}

// ../../../web/dist/reply-error.js
function replyError(came, name, plan, long) {
  const error = errorObject(came);
  const { code, message, data } = error;
  if (code !== METHOD_ERROR)
    return received(error, name);
  try {
    return new MethodError(decode(plan, plan ? structuredClone(data) : data, long, ["error"]), message, name);
  } catch (unfit) {
    return received({ code, message: `${message}; its data isn't an error that this side knows (${textOf(unfit)})`, data: decode("json", data, long, []) }, name);
  }
}
var unfitting = (error, name) => failure(error.kind ?? "protocol", name, error);
var disconnected = (name, cause, mayHaveRun) => failure("disconnected", name, cause, { mayHaveRun, cause });

// ../../../web/dist/exchange.js
var MAX_TIMER = 2 ** 31 - 1;
var Exchange = class {
  name;
  method;
  depth;
  promise;
  isSettled = false;
  /** Called if the caller gives up after it was sent. */
  onGivenUp;
  /** Called when it is settled, however. */
  onSettled;
  /** Of a session that comes back: starts it again when its connection is lost, if that may be. Returns whether it does. */
  again;
  /** It was sent on a connection that was lost, and is made again. */
  mayHaveRun = false;
  /** It waits for a connection though others may not. */
  insists = false;
  onProgress;
  #resolve;
  #reject;
  #timer;
  #signal;
  #ends;
  /**
   * @param name the method, as it is on the wire.
   * @param timeout the deadline in milliseconds, unless the options or the method name another one.
   * @param depth how many handlers it is nested in.
   */
  constructor(name, method, options, timeout, depth = 0) {
    this.name = name;
    this.method = method;
    this.depth = depth;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.onProgress = options.onProgress;
    const { timeout: asked2 = method.ms === void 0 ? timeout : method.ms, signal } = options;
    this.#ends = asked2 === null ? Infinity : performance.now() + asked2;
    this.#signal = signal;
    if (signal?.aborted) {
      this.#abort();
      return;
    }
    if (asked2 !== null && !(asked2 >= 0)) {
      this.fail(failure("invalidArguments", name, `the timeout ${asked2} is no number of milliseconds`));
      return;
    }
    signal?.addEventListener("abort", this.#abort);
    if (asked2 !== null && asked2 <= MAX_TIMER) {
      this.#timer = setTimeout(() => {
        this.giveUp(failure("deadline", name, `no answer within ${asked2} ms`));
      }, asked2);
    }
  }
  /** How many milliseconds are left, `undefined` without a deadline. */
  get left() {
    return this.#ends === Infinity ? void 0 : Math.max(1, Math.round(this.#ends - performance.now()));
  }
  succeed(value) {
    if (this.#settle())
      this.#resolve(value);
  }
  fail(error) {
    if (!this.#settle())
      return;
    this.#reject(this.mayHaveRun && error instanceof IpcError ? derived(error, { mayHaveRun: true }) : error);
  }
  /** Its connection has ended. */
  lost(end, wasSent) {
    if (!this.isSettled && !this.again?.(wasSent))
      this.fail(disconnected(this.name, end, wasSent));
  }
  #abort = () => {
    this.giveUp(failure("cancelled", this.name, "it was cancelled", { cause: this.#signal?.reason }));
  };
  /** It fails, and its handler is asked to stop. */
  giveUp(error) {
    const { onGivenUp } = this;
    this.fail(error);
    onGivenUp?.();
  }
  #settle() {
    if (this.isSettled)
      return false;
    this.isSettled = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#abort);
    this.onGivenUp = void 0;
    this.onSettled?.();
    return true;
  }
};

// ../../../web/dist/caller.js
var Caller = class {
  session;
  depth;
  #common;
  /** @param depth how many handlers the calls are nested in. */
  constructor(session, common, depth) {
    this.session = session;
    this.depth = depth;
    this.#common = common;
  }
  /** How many items of each stream the peer may send ahead. */
  get window() {
    return this.#common.window;
  }
  /** Makes a request. */
  request(name, method, args, options, def) {
    const exchange = new Exchange(name, method, options, this.#common.callTimeout, this.depth);
    this.start(exchange, args, def);
    return withOutcome(exchange.promise);
  }
  /** Sends a notification. */
  note(name, method, args, def) {
    const sent = outgoing(name, method, args, this.#common.isJson);
    this.#ready(def, name, (connection2) => connection2.note(name, sent), (error) => {
      this.session.options.onError(error instanceof IpcError ? error : failure("invalidArguments", name, error, { cause: error }));
    });
  }
  /** Starts a call, which may open something. Returns the arguments as they travel, if they can. */
  start(exchange, args, def, open) {
    if (exchange.isSettled)
      return void 0;
    const fail = (error) => exchange.fail(error);
    try {
      const sent = outgoing(exchange.name, exchange.method, args, this.#common.isJson);
      exchange.onSettled = sent.streams?.leave;
      const send = () => this.send(exchange, sent, def, open);
      this.session.comeback?.follow(exchange, send, sent.streams !== void 0);
      send();
      return sent;
    } catch (error) {
      fail(error);
      return void 0;
    }
  }
  /** Sends a call on the connection that there is, or when there is one. */
  send(exchange, sent, def, open) {
    if (exchange.isSettled)
      return;
    const fail = (error) => exchange.fail(error);
    try {
      this.#ready(def, exchange.name, (connection2) => connection2.start(exchange, sent, open?.(connection2)), fail, exchange);
    } catch (error) {
      fail(error);
    }
  }
  #ready(def, name, start, fail, exchange) {
    let ready;
    try {
      ready = this.session.use(def, exchange);
    } catch (error) {
      throw ofCall(name, error);
    }
    if (!("then" in ready))
      return start(ready);
    ready.then(start).catch((error) => {
      const { kind, cause } = error;
      if (exchange && kind === "disconnected")
        exchange.lost(cause ?? error, false);
      else if (kind !== "closing" || !exchange?.again?.(false))
        fail(ofCall(name, error));
    });
  }
};
function ofCall(name, error) {
  if (!(error instanceof IpcError))
    return error;
  return error.kind === "notConnected" ? failure("notConnected", name, error, { cause: error }) : derived(error, { method: name });
}
function withOutcome(promise) {
  const result = () => promise.then((value) => ({ ok: true, value }), (error) => ({ ok: false, error }));
  return Object.assign(promise, { result });
}

// ../../../web/dist/json.js
var INTEGER = /^-?\d+$/;
var TOKENS = /"|(-?\d{16,})(?![\d.eE])|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
var MARK = `\0${Math.random()}${Math.random()}:`;
var MARK_JSON = JSON.stringify(MARK).slice(1, -1);
var hasSourceText = true;
function parseBySource(text) {
  return JSON.parse(text, ((_key, value, context) => {
    if (typeof value !== "number" || Number.isSafeInteger(value))
      return value;
    const source = context?.source;
    if (source === void 0)
      hasSourceText = false;
    else if (INTEGER.test(source))
      return BigInt(source);
    return value;
  }));
}
var isDigit = (code) => code >= 48 && code <= 57;
function mayHaveLong(text) {
  for (let at = 15; at < text.length; at += 16) {
    if (!isDigit(text.charCodeAt(at)))
      continue;
    let start = at;
    while (isDigit(text.charCodeAt(start - 1)))
      start--;
    let end = at + 1;
    while (isDigit(text.charCodeAt(end)))
      end++;
    if (end - start >= 16 && text[start - 1] !== "." && !/[.eE]/.test(text[end] ?? ""))
      return true;
    at = end;
  }
  return false;
}
function parse(text) {
  if (!mayHaveLong(text))
    return { value: JSON.parse(text), long: false };
  const value = hasSourceText && parseBySource(text);
  return { value: hasSourceText ? value : parseMarked(text), long: true };
}
function stringEnd(text, from) {
  for (let end = from; ; ) {
    const quote = text.indexOf('"', end);
    if (quote < 0)
      return text.length;
    let escapes = quote;
    while (escapes > from && text[escapes - 1] === "\\")
      escapes--;
    end = quote + 1;
    if ((quote - escapes) % 2 === 0)
      return end;
  }
}
function parseMarked(text) {
  JSON.parse(text);
  const marked = [];
  let written = 0;
  TOKENS.lastIndex = 0;
  for (let token = TOKENS.exec(text); token; token = TOKENS.exec(text)) {
    const { 0: whole, 1: long, index } = token;
    if (whole === '"')
      TOKENS.lastIndex = stringEnd(text, index + 1);
    else if (long !== void 0) {
      marked.push(text.slice(written, index), `"${MARK_JSON}${long}"`);
      written = TOKENS.lastIndex;
    }
  }
  marked.push(text.slice(written));
  return JSON.parse(marked.join(""), (_key, value) => {
    if (typeof value !== "string" || !value.startsWith(MARK))
      return value;
    const integer = BigInt(value.slice(MARK.length));
    const number = Number(integer);
    return Number.isSafeInteger(number) ? number : integer;
  });
}
function stringify(value) {
  if (typeof value === "bigint")
    return String(value);
  if (Object.is(value, -0))
    return "-0.0";
  if (value === null || typeof value !== "object")
    return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${value.map(stringify).join()}]`;
  const members2 = [];
  for (const [key, member2] of Object.entries(value)) {
    if (member2 !== void 0)
      members2.push(`${JSON.stringify(key)}:${stringify(member2)}`);
  }
  return `{${members2.join()}}`;
}

// ../../../web/dist/codec.js
var utf8 = new TextDecoder("utf-8", { fatal: true });
var json = {
  name: "json",
  encode: (message, exact) => exact ? stringify(message) : JSON.stringify(message),
  decode: (message) => parse(typeof message === "string" ? message : utf8.decode(message))
};
var encoder = new TextEncoder();
function sizeOf(message) {
  return typeof message === "string" ? encoder.encode(message).length : message.length;
}

// ../../../web/dist/disposable.js
var dispose = Symbol.dispose ?? /* @__PURE__ */ Symbol.for("Symbol.dispose");
var asyncDispose = Symbol.asyncDispose ?? /* @__PURE__ */ Symbol.for("Symbol.asyncDispose");
var disposable = (stop2) => ({ dispose: stop2, [dispose]: stop2 });

// ../../../web/dist/answers.js
var MAX_IN_FLIGHT = 1024;
var DEEPEST = 16;
var places = (limit, depth) => limit + Math.max(1, Math.floor(limit / DEEPEST)) * Math.min(depth, DEEPEST);

// ../../../web/dist/message.js
var requestMessage = (id, method, extras, params) => {
  const ipc = Object.values(extras).some((extra) => extra !== void 0) ? extras : void 0;
  return { jsonrpc: "2.0", id, method, ipc, params };
};
var noteMessage = (method, params) => ({ jsonrpc: "2.0", method, params });
var replyMessage = (id, reply) => ({ jsonrpc: "2.0", id, ...reply });
var refusal = (id, code, message, data) => replyMessage(id, { error: { code, message, data } });
var named = ({ channel, version, fingerprint }) => ({ channel, version, fingerprint });
var MAX_ID = 1024;
function isId(id) {
  return id === null || Number.isFinite(id) || typeof id === "bigint" || typeof id === "string" && id.length <= MAX_ID;
}
var amount = (value) => typeof value === "number" || typeof value === "bigint" ? Number(value) : void 0;
function members(params) {
  return params !== null && typeof params === "object" ? params : {};
}

// ../../../web/dist/greeting.js
var PROTOCOL = 1;
var MAX_USES = 256;
var LEAST_MESSAGE = 1024;
var NOTHING_SERVED = { code: -32601, message: "nothing is served here" };
var Greeting = class {
  slot;
  limits;
  /** The peer has answered one. */
  isDone = false;
  /** How large messages are that the peer takes, in bytes. */
  maxMessageBytes = 16 * 1024 * 1024;
  /** How many requests it takes at once. */
  maxInFlight = MAX_IN_FLIGHT;
  /** How much of each stream it takes ahead. */
  window;
  /** The handshake that this side has sent. */
  sent;
  constructor(slot, limits) {
    this.slot = slot;
    this.limits = limits;
  }
  /** What a handshake says of this side, asking or answering. Two sides that are alike differ by a number. */
  hello() {
    const { window, maxMessageBytes, heartbeat } = this.limits;
    const exposes = [...this.slot.answers?.interfaces ?? []].map(named);
    const alive = heartbeat === null ? {} : { heartbeatMs: heartbeat };
    return { protocol: PROTOCOL, exposes, limits: { maxMessageBytes, maxInFlight: MAX_IN_FLIGHT }, window, nonce: Math.random(), ...alive };
  }
  /**
   * The peer has answered: it keeps to what this side takes, and says what it takes.
   *
   * @throws IpcError `protocol` if that is next to nothing.
   */
  answered(answer) {
    const limits = members(answer["limits"]);
    const [bytes, requests, items] = [limits["maxMessageBytes"], limits["maxInFlight"], answer["window"]].map(amount);
    if (bytes !== void 0 && bytes < LEAST_MESSAGE) {
      throw new IpcError("protocol", `the other side takes messages of ${bytes} bytes, and ${LEAST_MESSAGE} are needed`);
    }
    this.isDone = true;
    this.maxMessageBytes = bytes ?? this.maxMessageBytes;
    this.maxInFlight = Math.max(1, requests ?? this.maxInFlight);
    if (items !== void 0)
      this.window = { items, bytes: amount(answer["windowBytes"]) ?? Infinity };
  }
  /** The answer to a handshake, where nothing is served. */
  nothing(params) {
    const { uses } = members(params);
    return { ...this.hello(), uses: (Array.isArray(uses) ? uses : []).map((used) => ({ channel: members(used)["channel"], error: NOTHING_SERVED })) };
  }
  /** Whether a handshake that came is the one that this side has sent. */
  isEcho(params) {
    return this.sent !== void 0 && stringify(params) === stringify(this.sent);
  }
};

// ../../../web/dist/heartbeat.js
var Heartbeat = class {
  interval;
  ask;
  gone;
  hasMoved;
  #timer;
  #heardAt = 0;
  #setAt = -Infinity;
  #dueAt = 0;
  #isAsked = false;
  /**
   * @param interval how long the peer may be silent until it is asked, and then until it is given up.
   * @param hasMoved whether the peer has taken bytes since it was last looked at: then it is there.
   */
  constructor(interval, ask, gone, hasMoved) {
    this.interval = interval;
    this.ask = ask;
    this.gone = gone;
    this.hasMoved = hasMoved;
  }
  /**
   * Something came. The timer is set here and not by a timer: chains of timers are slowed down to one
   * a minute in pages that nobody sees.
   */
  heard() {
    this.#heardAt = performance.now();
    if (!this.#isAsked && this.#heardAt - this.#setAt < this.interval / 4)
      return;
    this.#isAsked = false;
    this.#set(this.interval);
  }
  stop() {
    clearTimeout(this.#timer);
    this.#setAt = Infinity;
  }
  #set(ms) {
    clearTimeout(this.#timer);
    this.#setAt = performance.now();
    this.#dueAt = this.#setAt + ms;
    this.#timer = setTimeout(() => this.#late(), ms);
    this.#timer.unref?.();
  }
  #late() {
    if (this.hasMoved())
      return this.heard();
    const now = performance.now();
    const silent = now - this.#heardAt;
    const isLate = now - this.#dueAt > this.interval;
    if (this.#isAsked && !isLate)
      return this.gone();
    if (silent < this.interval)
      return this.#set(this.interval - silent);
    this.#isAsked = true;
    this.#set(this.interval);
    this.ask();
  }
};

// ../../../web/dist/waiting.js
var MAX_WAITING = 65536;
var Line = class {
  calls = /* @__PURE__ */ new Map();
  #first = 0;
  #last = 0;
  /** Returns its place. */
  add(call) {
    this.calls.set(this.#last, call);
    return this.#last++;
  }
  take() {
    while (this.#first < this.#last) {
      const call = this.calls.get(this.#first);
      this.calls.delete(this.#first++);
      if (call)
        return call;
    }
    return void 0;
  }
};
var Waiting = class {
  #lines = [];
  /** Takes a call until it has its turn or is settled; beyond the limit it fails. */
  add(call) {
    const [exchange] = call;
    const { depth, name, onSettled } = exchange;
    const count = this.#lines.reduce((all, { calls }) => all + calls.size, 0);
    if (count >= MAX_WAITING)
      return exchange.fail(failure("limit", name, `${count} calls wait already for answers of the other side`));
    const line2 = this.#lines[Math.min(depth, DEEPEST)] ??= new Line();
    const place = line2.add(call);
    exchange.onSettled = () => {
      line2.calls.delete(place);
      onSettled?.();
    };
  }
  /** Takes out the next call that there is room for: a deeper one first, for which others wait. */
  take(hasRoom) {
    for (let depth = this.#lines.length; depth-- > 0; ) {
      const line2 = this.#lines[depth];
      const call = line2?.calls.size && hasRoom(depth) ? line2.take() : void 0;
      if (call)
        return call;
    }
    return void 0;
  }
  /** Takes out all. */
  end() {
    return this.#lines.splice(0).flatMap(({ calls }) => [...calls.values()]);
  }
};

// ../../../web/dist/connection.js
var PATIENCE = 2e3;
var Connection = class {
  transport;
  options;
  isJson;
  greeting;
  #lastId = 0;
  /** The peer has said why it is about to end the connection. */
  #reason;
  /** An error that came without an id: it is the reason if the connection ends by it. */
  #warning;
  #isClosing = false;
  #end;
  /** Settled when the transport is closed. */
  whenClosed;
  #closed;
  #pending = /* @__PURE__ */ new Map();
  #waiting = new Waiting();
  #parts = /* @__PURE__ */ new Map();
  #answering;
  /** How many bytes waited to be written when it was looked at. */
  #buffered = 0;
  #heartbeat;
  constructor(transport, options) {
    this.transport = transport;
    this.options = options;
    this.isJson = options.codec.name === "json";
    this.whenClosed = new Promise((resolve) => this.#closed = resolve);
    this.greeting = new Greeting(options.slot, options.limits);
    const { heartbeat } = options.limits;
    if (heartbeat !== null) {
      const silent = new IpcError("disconnected", `the other side has been silent for ${2 * heartbeat} ms, and doesn't answer`);
      this.#heartbeat = new Heartbeat(heartbeat, () => this.control("rpc.ping", void 0, null).catch(() => {
      }), () => this.close(silent, false), () => this.#hasMoved());
      transport.onbytes = () => this.#heartbeat?.heard();
    }
    transport.onmessage = (message) => this.#receive(message);
    transport.onerror = (error) => this.failed(error);
    transport.onclose = (cause) => {
      this.#ended(cause);
      this.#closed();
    };
  }
  get codec() {
    return this.options.codec;
  }
  hello() {
    return this.greeting.hello();
  }
  peer(depth) {
    return this.options.peer(depth);
  }
  failed(error) {
    this.options.onError(error);
  }
  get window() {
    return this.options.limits.window;
  }
  get end() {
    return this.#end;
  }
  /** Whether it has ended, or the peer is about to end it. */
  get isClosing() {
    return this.#isClosing || this.#end !== void 0;
  }
  /** What of this connection is one part's: made when it is asked for first. */
  part(kind) {
    let part = this.#parts.get(kind);
    if (!part)
      this.#parts.set(kind, part = new kind(this));
    return part;
  }
  /** Whether bytes have left since it was looked at: what the peer is asked may be behind them. */
  #hasMoved() {
    const before = this.#buffered;
    this.#buffered = this.transport.bufferedAmount;
    return this.#buffered < before;
  }
  get peerWindow() {
    return this.greeting.window;
  }
  /**
   * The peer has answered a handshake.
   *
   * @throws IpcError `protocol` if it takes next to nothing.
   */
  greeted(answer) {
    this.greeting.answered(answer);
    this.#heartbeat?.heard();
  }
  buffered() {
    return this.transport.bufferedAmount;
  }
  send(message, exact) {
    const encoded = this.options.codec.encode(message, exact);
    const { maxMessageBytes: limit } = this.greeting;
    if (encoded.length * 3 > limit && sizeOf(encoded) > limit) {
      const size = sizeOf(encoded);
      const text = `a message of ${size} bytes is larger than the ${limit} that the other side takes`;
      throw new IpcError("tooLarge", text, { data: { limit, size } });
    }
    if (!this.#end)
      this.transport.send(encoded);
    return encoded;
  }
  tell(message, exact = false) {
    if (!this.#end)
      this.transport.send(this.options.codec.encode(message, exact));
  }
  reply(replies, exact) {
    try {
      this.send(replies, exact);
    } catch (error) {
      const { data } = error;
      const smaller = ({ id }) => refusal(id, -32008, `the reply can't be sent: ${textOf(error)}`, data);
      this.tell(Array.isArray(replies) ? replies.map(smaller) : smaller(replies), exact);
    }
  }
  /** Sends a call, when there is room among those in flight. */
  start(exchange, args, opening) {
    if (exchange.isSettled)
      return;
    if (this.#end)
      return exchange.lost(this.#end, false);
    if (this.#isClosing && !exchange.name.startsWith("rpc.")) {
      if (exchange.again?.(false))
        return;
      return exchange.fail(failure("closing", exchange.name, "the other side is closing", { cause: this.#reason }));
    }
    if (!this.#hasRoom(exchange.depth) && !exchange.name.startsWith("rpc."))
      return this.#waiting.add([exchange, args, opening]);
    const id = ++this.#lastId;
    const { isDone } = this.greeting;
    const ipc = isDone ? { timeoutMs: exchange.left, progress: exchange.onProgress && id, depth: exchange.depth || void 0, ...opening?.asks(id) } : {};
    try {
      this.send(requestMessage(id, exchange.name, ipc, args.params), args.exact);
    } catch (error) {
      return exchange.fail(error instanceof IpcError ? failure(error.kind, exchange.name, error, { data: error.data }) : error);
    }
    if (exchange.name === "rpc.handshake")
      this.greeting.sent = args.params;
    this.#pending.set(id, { exchange, opening });
    if (!exchange.method.keep)
      exchange.onGivenUp = () => this.tell(noteMessage("$/cancelRequest", { id }));
    const stop2 = args.streams?.start(this, exchange.method.keep === 1);
    exchange.onSettled = () => {
      stop2?.();
      opening?.forget();
    };
  }
  /** Calls within calls have places of their own, so that both sides don't wait for each other. */
  #hasRoom = (depth) => this.#pending.size < places(this.greeting.maxInFlight, depth);
  /** Sends a notification. */
  note(name, args) {
    if (this.#end)
      throw disconnected(name, this.#end, false);
    this.send(noteMessage(name, args.params), args.exact);
  }
  /** Calls a method of the runtime. */
  control(name, params, timeout) {
    const exchange = new Exchange(name, {}, {}, timeout);
    this.start(exchange, { params, exact: false });
    return exchange.promise;
  }
  /** Ends the connection. The promise settles when all that was sent is out, or after 2 s. */
  close(cause, isFinal) {
    if (!this.#end) {
      this.tell(noteMessage("rpc.closing", { reason: cause.message, restart: false, final: isFinal }));
      this.transport.close();
      this.#reason = cause;
      this.#ended(cause);
      const timer = setTimeout(this.#closed, PATIENCE);
      void this.whenClosed.then(() => clearTimeout(timer));
    }
    return this.whenClosed;
  }
  #receive(encoded) {
    if (this.#end)
      return;
    if (this.greeting.isDone)
      this.#heartbeat?.heard();
    this.#warning = void 0;
    let parsed;
    try {
      parsed = this.options.codec.decode(encoded);
    } catch (error) {
      return void this.close(new IpcError("protocol", `a message can't be read: ${textOf(error)}`, { cause: error }), false);
    }
    const { value, long } = parsed;
    const take = (message, say) => this.#message(message, long, say);
    if (!this.isJson || !Array.isArray(value) || !value.length)
      return take(value, (reply, exact = false) => reply && this.reply(reply, exact || long));
    if (this.#answers)
      return this.#answers.batch(value, long, take);
    const replies = [];
    for (const message of value)
      take(message, (reply) => reply && replies.push(reply));
    if (replies.length)
      this.reply(replies, long);
  }
  /** A message: what it is answered with, or that it isn't answered, is said once. */
  #message(message, long, say) {
    try {
      if (members(message) !== message || Array.isArray(message))
        say(refusal(null, -32600, "a message is an object"));
      else if (message.method === void 0)
        say(this.#reply(message, long));
      else if (message.id !== void 0)
        this.#request(message, long, say);
      else {
        this.#note(message, long);
        say();
      }
    } catch (error) {
      const text = `a message can't be handled: ${textOf(error)}`;
      this.failed(new IpcError("protocol", text, { cause: error }));
      const { id, method } = message;
      say(id === void 0 || method === void 0 ? void 0 : refusal(isId(id) ? id : null, -32603, text));
    }
  }
  /** What answers, from the first moment on in which something is served. */
  get #answers() {
    return this.#answering ??= this.options.slot.answers?.start(this);
  }
  #request(message, long, say) {
    const { id, method, params } = message;
    if (method === "rpc.ping")
      say(replyMessage(id, { result: null }));
    else if (method === "rpc.handshake" && this.greeting.isEcho(params)) {
      void this.close(new IpcError("protocol", "the other side sends back what it gets: it is no backend"), false);
    } else if (this.#answers)
      this.#answers.request(message, long, say);
    else
      say(replyMessage(id, method === "rpc.handshake" ? { result: this.greeting.nothing(params) } : { error: NOTHING_SERVED }));
  }
  /** Returns what a message is answered with that is neither a call nor a reply. */
  #reply({ id, result, error }, long) {
    const isError = error !== void 0 && error !== null;
    const pending = this.#pending.get(id);
    if (!pending) {
      if (isError && (id === null || id === void 0)) {
        this.#warning = received(errorObject(error));
        if (this.greeting.isDone)
          this.failed(this.#warning);
      }
      return isError || result !== void 0 ? void 0 : refusal(id ?? null, -32600, "a message has a method, a result or an error");
    }
    const { exchange, opening } = pending;
    this.#pending.delete(id);
    if (isError)
      exchange.fail(replyError(error, exchange.name, exchange.method.e, long));
    else if (result === void 0)
      exchange.fail(failure("protocol", exchange.name, "the reply has neither result nor error"));
    else if (opening)
      opening.answered(result);
    else {
      try {
        exchange.succeed(decode(exchange.method.r, result, long, ["result"]));
      } catch (unfit) {
        exchange.fail(unfitting(unfit, exchange.name));
      }
    }
    for (let next = this.#waiting.take(this.#hasRoom); next; next = this.#waiting.take(this.#hasRoom))
      this.start(...next);
    return void 0;
  }
  #note(message, long) {
    const params = members(message.params);
    switch (message.method) {
      case "$/progress":
        return this.#progress(Array.isArray(params) ? { token: params[0], value: params[1] } : params, long);
      case "rpc.closing":
        return this.#peerCloses(params);
      case "rpc.dropped":
        return this.options.onDropped(String(params["channel"]), Number(params["n"]));
      default:
        for (const part of this.#parts.values())
          if (part.note(message.method, params, long))
            return;
        this.#answers?.note(message, params, long);
    }
  }
  #progress({ token, value }, long) {
    const exchange = this.#pending.get(token)?.exchange;
    if (!exchange?.onProgress || exchange.isSettled)
      return;
    const { name, method, onProgress } = exchange;
    let progress;
    try {
      progress = decode(method.p, value, long, ["progress"]);
    } catch (unfit) {
      return exchange.giveUp(unfitting(unfit, name));
    }
    void guarded(() => onProgress(progress), (cause) => this.failed(thrown(`${name}: \`onProgress\``, cause)));
  }
  #peerCloses({ reason, final }) {
    this.#isClosing = true;
    const text = typeof reason === "string" ? reason : "the other side is closing";
    this.#reason = new IpcError("closing", text);
    this.options.onClosing(text, final === true);
  }
  /** The one place where everything that waits for this connection ends. */
  #ended(cause) {
    if (this.#end)
      return;
    const end = this.#reason ?? this.#warning ?? cause;
    this.#end = end;
    this.#heartbeat?.stop();
    for (const { exchange } of this.#pending.values())
      exchange.lost(end, true);
    for (const [exchange] of this.#waiting.end())
      exchange.lost(end, false);
    for (const part of this.#parts.values())
      part.end(end);
    this.#pending.clear();
    this.#answering?.end(end);
    this.options.onEnd(end);
  }
};

// ../../../web/dist/version.js
function compareVersions(one, other) {
  const [[a, b], [aPre, bPre]] = [[one, other].map(numbersOf), [one, other].map(preOf)];
  return order(a, b) || Number(!aPre) - Number(!bPre) || order(aPre, bPre);
}
var numbersOf = (version) => version.split(/[-+]/)[0];
var preOf = (version) => /^[^-+]*-([^+]*)/.exec(version)?.[1] ?? "";
function order(one, other) {
  const [a, b] = [one.split("."), other.split(".")];
  for (let at = 0; at < a.length && at < b.length; at++) {
    const [x, y] = [a[at], b[at]];
    const difference = Number(x) - Number(y) || Number(x > y) - Number(x < y);
    if (difference)
      return difference;
  }
  return a.length - b.length;
}
var SEMVER = /^\d+\.\d+\.\d+(?![^-+])/;
function fits(used, served, exact) {
  const [wanted, there] = [String(used.version), served.version];
  if (!SEMVER.test(wanted) || !SEMVER.test(there))
    return false;
  const difference = compareVersions(wanted, there);
  if (difference === 0)
    return !conflicts(String(used.fingerprint), served.fingerprint);
  if (exact || difference > 0)
    return false;
  const [wants, has] = [numbersOf(wanted), numbersOf(there)];
  if (preOf(there) && !(preOf(wanted) && wants === has))
    return false;
  const fixed = /^(?:0\.){0,2}\d+/.exec(wants)?.[0];
  return has.startsWith(`${fixed}.`) || has === fixed;
}
function conflicts(one, other) {
  return one !== other && one.split(":")[0] === other.split(":")[0];
}

// ../../../web/dist/mismatch.js
var VersionMismatchError = class extends IpcError {
  mismatch;
  name = "VersionMismatchError";
  constructor(mismatch3, details = {}) {
    super("versionMismatch", mismatch3.text, details);
    this.mismatch = mismatch3;
  }
};
function summaryOf(newer) {
  const isPage = globalThis.location !== void 0;
  const here = isPage ? "page" : "program";
  if (newer === "page")
    return `The backend is older than this ${here}. Update the backend, or start it anew.`;
  if (newer === "same")
    return `This ${here} and the backend come from different builds. ${isPage ? "Reload the page, or build" : "Build"} both anew.`;
  return isPage ? "A new version is there. Reload the page." : "The backend is newer than this program. Update the program.";
}
function mismatch(ours, theirs, error) {
  const { channel, version } = ours;
  const order2 = compareVersions(version, theirs.version);
  const newer = order2 < 0 ? "backend" : order2 > 0 ? "page" : "same";
  const what = newer === "same" ? `both sides say that they have version ${version}, but it isn't the same interface` : `this side was built with version ${version}, the backend serves ${theirs.version}`;
  const summary = summaryOf(newer);
  return new VersionMismatchError({ channel, ours, theirs, newer, summary, text: `${channel}: ${what}
${summary}` }, error && { code: error.code, data: error.data });
}

// ../../../web/dist/source.js
var Cell = class {
  #value;
  #listeners = /* @__PURE__ */ new Set();
  constructor(value) {
    this.#value = value;
  }
  get = () => this.#value;
  subscribe = (listener2) => {
    const entry = { listener: listener2 };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  };
  /** Sets the value and returns the listeners, which the owner calls when all is in order. */
  set(value) {
    this.#value = value;
    return [...this.#listeners].map((entry) => () => this.#listeners.has(entry) && entry.listener());
  }
};

// ../../../web/dist/session.js
var HANDSHAKE_TIMEOUT = 1e4;
var Session = class {
  options;
  state = new Cell({ status: "connecting" });
  #connection;
  /** Settled when the connection is ready; a new one for each attempt. */
  #attempt;
  /** Of this connection: what became of each interface that was asked for. One that isn't served may be later. */
  #uses = /* @__PURE__ */ new Map();
  /** The interfaces that this side calls: the first handshake asks for all of them. */
  #known = /* @__PURE__ */ new Set();
  /** Those that have fitted, on this connection or one before. */
  #fitted = /* @__PURE__ */ new Set();
  /** Brings the session back, if that was asked for. */
  comeback;
  /** Whether there may be another attempt: there was a connection, or nobody waits for the first one. */
  perseveres = false;
  /** The backend has said that this side mustn't come back. */
  #final;
  /** Settled when it was closed by this side. */
  #closing;
  /** Gives the attempt up that is being made. */
  #giveUp = new AbortController();
  /** Settled when the connection of an attempt is closed that failed: only who closes waits for that. */
  #givenUp;
  constructor(options) {
    this.options = options;
    this.comeback = options.reconnect?.begin(this);
  }
  get comesBack() {
    return this.perseveres && !this.#final && this.comeback?.goesOn === true;
  }
  /** Connects, if that hasn't begun. */
  connect() {
    return this.#attempt ??= this.#connect();
  }
  /**
   * The first handshake of each connection will ask for this interface.
   *
   * @throws IpcError for bindings of another form.
   */
  know(def) {
    readable(def);
    if (this.#known.size < MAX_USES)
      this.#known.add(def);
  }
  /**
   * The connection on which this interface can be called: at once if there is one, else when it is
   * there. Without an interface, that for functions by name.
   *
   * @param exchange the call, which may wait for a connection as long as it lasts.
   * @throws IpcError, or rejects with it, if there is none.
   */
  use(def, exchange) {
    const connection2 = this.#connection;
    if (!connection2 || connection2.isClosing && this.comesBack && (this.comeback?.waits || exchange?.insists))
      return this.#whenConnected(def, exchange);
    if (!def)
      return connection2;
    const use = this.#uses.get(def) ?? this.#open(connection2, def);
    if (use === true)
      return connection2;
    if (use instanceof IpcError)
      throw use;
    return use.then(() => connection2);
  }
  /** Ends the session: the backend is told not to wait. */
  close() {
    return this.#closing ??= this.#close();
  }
  async #close() {
    const reason = new IpcError("notConnected", "this side has closed the connection");
    this.perseveres = false;
    this.#giveUp.abort(reason);
    const over = this.#connection?.close(reason, true);
    this.#closed(reason);
    await over;
    await this.#attempt?.catch(() => {
    });
    await this.#givenUp;
  }
  again() {
    this.#attempt = this.#connect();
    this.#attempt.catch(() => {
    });
  }
  set(state2) {
    for (const listener2 of this.state.set(state2))
      this.#call("a listener of `state`", listener2);
  }
  #whenConnected(def, exchange) {
    const state2 = this.state.get();
    if (state2.status === "closed")
      throw unavailable(state2.reason);
    const first = state2.status === "connecting" ? this.connect() : void 0;
    first?.catch(() => {
    });
    const connected = this.comeback?.wait(exchange) ?? first;
    if (!connected)
      throw new IpcError("notConnected", `the connection is lost: ${state2.cause?.message}`);
    return connected.then(() => this.use(def, exchange));
  }
  async #connect() {
    const { dial, codec, limits, handshakeTimeout = HANDSHAKE_TIMEOUT } = this.options;
    const state2 = this.state.get();
    if (state2.status === "closed")
      throw state2.reason;
    const giveUp = this.#giveUp = new AbortController();
    this.#uses = /* @__PURE__ */ new Map();
    const { signal } = giveUp;
    const timer = setTimeout(() => giveUp.abort(new IpcError("notConnected", `${dial.endpoint}: no answer within ${handshakeTimeout} ms`)), Math.min(handshakeTimeout, MAX_TIMER));
    let connection2;
    try {
      const dialing = dial.dial(codec.name, signal, limits.maxMessageBytes);
      const transport = await Promise.race([dialing, aborted(signal)]).catch((error) => {
        dialing.then((late) => late.close(), () => {
        });
        throw error;
      });
      connection2 = this.#over(transport);
      const greeted = await Promise.race([this.#greet(connection2), aborted(signal)]);
      signal.throwIfAborted();
      if (connection2.end)
        throw connection2.end;
      this.#connection = connection2;
      this.perseveres = true;
      this.comeback?.connected();
      this.set({ status: "connected", ...greeted });
      return connection2;
    } catch (error) {
      const cause = error instanceof IpcError ? error : new IpcError("notConnected", `${dial.endpoint}: ${textOf(error)}`, { cause: error });
      const isOver = this.#failed(cause);
      this.#givenUp = connection2?.close(cause, isOver);
      throw cause;
    } finally {
      clearTimeout(timer);
    }
  }
  /** An attempt has failed. Returns whether it was the last one. */
  #failed(cause) {
    const reason = this.#final ?? (this.perseveres && this.comeback ? this.comeback.failed(cause) : cause);
    if (reason)
      this.#closed(reason);
    return reason !== void 0;
  }
  #over(transport) {
    const connection2 = new Connection(transport, {
      ...this.options,
      onClosing: (reason, isFinal) => {
        if (isFinal)
          this.#final = new IpcError("closing", reason);
      },
      onEnd: (cause) => this.#lost(connection2, this.#final ?? cause)
    });
    return connection2;
  }
  /** The first handshake: it shows the token, and asks for all interfaces that are known. */
  async #greet(connection2) {
    const { name: client, token } = this.options;
    const secret = typeof token === "function" ? await Promise.race([asked(token), connection2.whenClosed]) : token;
    if (connection2.end)
      throw connection2.end;
    const uses = [...this.#known];
    const answer = await this.#handshake(connection2, uses, { client: client && wellFormed(client), token: secret, ...this.comeback?.hello() });
    const resumed = this.comeback?.greeted(answer) ?? false;
    this.#judge(uses, answer);
    return { backend: { exposes: Array.isArray(answer["exposes"]) ? answer["exposes"] : [] }, resumed };
  }
  async #handshake(connection2, uses, more) {
    const params = { ...connection2.greeting.hello(), uses: uses.map(named), ...more };
    let answer;
    try {
      answer = members(await connection2.control("rpc.handshake", params, this.options.handshakeTimeout ?? HANDSHAKE_TIMEOUT));
    } catch (error) {
      const { cause } = error;
      throw cause instanceof IpcError ? cause : error;
    }
    if (answer["protocol"] !== PROTOCOL) {
      throw new IpcError("versionMismatch", `the backend speaks protocol ${String(answer["protocol"])}, this package ${PROTOCOL}: update the older side`);
    }
    connection2.greeted(answer);
    return answer;
  }
  /**
   * Notes which interfaces fit, and returns the errors of the others.
   *
   * @throws VersionMismatchError for one that has fitted before.
   */
  #judge(uses, answer) {
    const told = Array.isArray(answer["uses"]) ? answer["uses"] : [];
    let changed;
    const errors = uses.map((def, at) => {
      const error = this.#unfit(def, members(told[at]));
      if (!error) {
        this.#uses.set(def, true);
        this.#fitted.add(def);
      } else if (error instanceof VersionMismatchError) {
        this.#uses.set(def, error);
        if (this.#fitted.has(def))
          changed ??= error;
        this.#call("`onVersionMismatch`", () => this.options.onVersionMismatch?.(error.mismatch));
      }
      return error;
    });
    if (changed)
      throw changed;
    return errors;
  }
  #unfit(def, answer) {
    if (answer["error"]) {
      const error = errorObject(answer["error"]);
      const served = members(error.data);
      if (error.code !== -32003 || typeof served["version"] !== "string")
        return received(error);
      return mismatch(def, served, error);
    }
    const { version, fingerprint } = answer;
    if (typeof version !== "string" || typeof fingerprint !== "string") {
      return new IpcError("protocol", `${def.channel}: the backend's answer to the handshake doesn't tell its version`);
    }
    const isOther = def.exact === 1 && version !== def.version;
    const isAnother = version === def.version && conflicts(fingerprint, def.fingerprint);
    return isOther || isAnother ? mismatch(def, { version, fingerprint }) : void 0;
  }
  /** Asks for one more interface. */
  #open(connection2, def) {
    const uses = this.#uses;
    const opening = (async () => {
      try {
        const answer = await this.#handshake(connection2, [def], {});
        const [error] = this.#judge([def], answer);
        if (error)
          throw error;
      } catch (error) {
        if (!(error instanceof VersionMismatchError))
          uses.delete(def);
        throw error;
      }
    })();
    this.#uses.set(def, opening);
    return opening;
  }
  /** The connection has ended. */
  #lost(connection2, cause) {
    if (this.#connection !== connection2)
      return;
    const { comesBack } = this;
    this.#forget();
    if (comesBack)
      this.comeback?.lost(cause);
    else
      this.#closed(cause);
  }
  #forget() {
    this.#connection = void 0;
    this.#uses = /* @__PURE__ */ new Map();
  }
  #closed(reason) {
    if (this.state.get().status === "closed")
      return;
    this.#forget();
    this.comeback?.end(unavailable(reason));
    this.set({ status: "closed", reason });
  }
  /** Calls a function of the app's: the connection doesn't depend on what it does. */
  #call(what, call) {
    void guarded(call, (cause) => this.options.onError(thrown(what, cause)));
  }
};
function unavailable(reason) {
  return reason.kind === "versionMismatch" ? reason : new IpcError("notConnected", reason.message, { cause: reason });
}
async function asked(token) {
  try {
    return await token();
  } catch (cause) {
    throw new IpcError("unauthorized", `there is no token: ${textOf(cause)}`, { cause });
  }
}
function aborted(signal) {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted)
      abort();
    else
      signal.addEventListener("abort", abort);
  });
}

// ../../../web/dist/client.js
var MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
function counted(option, value, least, most = Number.MAX_SAFE_INTEGER) {
  if (!(value >= least && value <= most))
    throw new IpcError("invalidArguments", `\`${option}\` is ${value}: a number from ${least} to ${most} is needed`);
  return Math.floor(value);
}
function makeClient(dial, options) {
  const { encoding: codec = json, heartbeat = 15e3, callTimeout = 6e4, handshakeTimeout = 0 } = options;
  if (callTimeout !== null)
    counted("callTimeout", callTimeout, 0, Infinity);
  counted("handshakeTimeout", handshakeTimeout, 0, Infinity);
  const window = counted("window", options.window ?? 256, 1);
  const limits = {
    window,
    maxMessageBytes: counted("maxMessageBytes", options.maxMessageBytes ?? MAX_MESSAGE_BYTES, LEAST_MESSAGE),
    heartbeat: heartbeat === null ? null : counted("heartbeat", heartbeat, 1, MAX_TIMER)
  };
  if (options.reconnect)
    dial.again?.();
  const slot = { check: options.check ?? ((method) => method) };
  const { onDropped = (channel, n) => console.warn(`${dial.endpoint}: the backend has dropped ${n} notifications of ${channel}`), onError = (error) => console.error(error) } = options;
  const failed = (error) => void guarded(() => onError(error), report);
  const session = new Session({
    ...options,
    dial,
    codec,
    slot,
    limits,
    peer: (depth) => new IpcClient(new Caller(session, { isJson: codec.name === "json", window, callTimeout }, depth), slot),
    onDropped: (channel, n) => void guarded(() => onDropped(channel, n), (cause) => failed(thrown("`onDropped`", cause))),
    onError: failed
  });
  for (const served of options.serve ?? [])
    served.addTo(slot);
  return { ipc: session.options.peer(0), session };
}
var IpcClient = class {
  state;
  #caller;
  #slot;
  constructor(caller, slot) {
    this.#caller = caller;
    this.#slot = slot;
    this.state = caller.session.state;
  }
  async open(def) {
    const client = this.client(def);
    await this.#caller.session.use(def);
    return client;
  }
  client(def) {
    const known = def;
    this.#caller.session.know(known);
    return this.#clientOf(def.methods, `${def.channel}.`, known);
  }
  functions(def) {
    readable(def);
    return this.#clientOf(def.methods, "");
  }
  call(name, params = [], options = {}) {
    return this.#caller.request(name, byName(params), Array.isArray(params) ? params : [params], options);
  }
  notify(event, ...args) {
    if (typeof event !== "string")
      return this.#caller.note(event.w, this.#slot.check(event), args);
    const params = args[0] ?? [];
    this.#caller.note(event, byName(params), Array.isArray(params) ? params : [params]);
  }
  serve(served) {
    return served.addTo(this.#slot);
  }
  retryNow = () => this.#caller.session.comeback?.retryNow();
  close() {
    return this.#caller.session.close();
  }
  [dispose]() {
    void this.close();
  }
  [asyncDispose]() {
    return this.close();
  }
  /** An object with a member for each method: no proxy, which would answer to `then`. */
  #clientOf(methods, prefix, def) {
    const client = {};
    const caller = this.#caller;
    for (const [name, known] of Object.entries(methods)) {
      const method = this.#slot.check(known);
      const wire = prefix + (method.w ?? name);
      const value = (...args) => {
        const options = args[method.n ?? 0] ?? {};
        if (method.k === "note")
          return caller.note(wire, method, args, def);
        return method.k ? method.k(caller, wire, method, args, options, def) : caller.request(wire, method, args, options, def);
      };
      Object.defineProperty(client, name, { value, enumerable: true });
    }
    return client;
  }
};
function byName(params) {
  return Array.isArray(params) ? { n: params.length, a: params.map(() => "json") } : { n: 1, o: 1, a: ["json"] };
}

// ../../../web/dist/connecting.js
function connectWhenCalled(dial, options) {
  const { ipc, session } = makeClient(dial, options);
  session.perseveres = true;
  return ipc;
}

// ../../../web/dist/web-socket.js
function webSocket(url, options = {}) {
  const { open = (to, protocols) => new WebSocket(to, protocols) } = options;
  const given = String(url);
  return {
    endpoint: given,
    dial: async (encoding, signal) => {
      const endpoint = absolute(given);
      return new Promise((resolve, reject) => connect(open(endpoint, [`ipc.v1.${encoding}`, "ipc.session"]), endpoint, signal, resolve, reject));
    }
  };
}
function absolute(url) {
  const { location: location2 } = globalThis;
  try {
    const whole = new URL(url, location2?.protocol === "blob:" ? location2.origin : location2?.href);
    whole.protocol = whole.protocol.replace("http", "ws");
    if (/^wss?:/.test(whole.protocol))
      return whole.href;
  } catch {
  }
  throw new IpcError("notConnected", `\`${url}\` is no URL of a WebSocket: write ws://HOST:PORT, wss://… or, in a page, /PATH`);
}
function connect(socket, endpoint, signal, resolve, reject) {
  let isOpen = false;
  const transport = {
    // A socket that is closing drops what is sent, and says so on the console.
    send: (message) => socket.send(message),
    close: () => socket.close(1e3),
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    onmessage() {
    },
    onclose() {
    }
  };
  const abort = () => {
    socket.close();
    reject(signal.reason);
  };
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    isOpen = true;
    signal.removeEventListener("abort", abort);
    resolve(transport);
  };
  socket.onmessage = ({ data }) => transport.onmessage(typeof data === "string" ? data : new Uint8Array(data));
  socket.onerror = () => {
  };
  socket.onclose = ({ code, reason }) => {
    signal.removeEventListener("abort", abort);
    const cause = closed(endpoint, code, reason, isOpen);
    if (isOpen)
      transport.onclose(cause);
    else
      reject(cause);
  };
  signal.addEventListener("abort", abort);
}
function closed(endpoint, code, reason, wasOpen) {
  const why = reason ? `: ${reason}` : "";
  if (code === 1008 || code === 4403)
    return new IpcError("unauthorized", `${endpoint} doesn't let this side in${why}`, { code });
  if (code === 1013)
    return new IpcError("limit", `${endpoint} has as many connections as it may have`, { code });
  if (wasOpen)
    return new IpcError("disconnected", `the connection to ${endpoint} has ended (${code})${why}`, { code });
  const text = `${endpoint} can't be reached, or doesn't let this side in: a WebSocket isn't told which. The backend's log says so`;
  return new IpcError("notConnected", text, { code });
}

// ../../../web/dist/connect.js
function connectLazily(to, options = {}) {
  return connectWhenCalled(dialOf(to), options);
}
function dialOf(to) {
  return typeof to === "string" || to instanceof URL ? webSocket(to) : to;
}

// ../../../web/dist/match.js
function match(value, arms, ..._others) {
  const [variant, payload] = typeof value === "string" ? [value, void 0] : Object.entries(value ?? {})[0] ?? [void 0, void 0];
  const table = arms;
  if (variant === void 0 || !Object.hasOwn(table, variant)) {
    throw new IpcError("protocol", `there is no arm for the variant \`${variant}\`, beside ${Object.keys(arms).join(", ")}`, { data: value });
  }
  return table[variant](payload);
}

// ../../../web/dist/resuming.js
var Resuming = class {
  session;
  comeback;
  first;
  open;
  place;
  inflow;
  /**
   * @param first the call that has opened it.
   * @param open opens it on the next connection.
   */
  constructor(session, comeback, first, open) {
    this.session = session;
    this.comeback = comeback;
    this.first = first;
    this.open = open;
  }
  came({ seq, epoch = this.place?.epoch }) {
    this.place = Number.isSafeInteger(seq) && Number.isSafeInteger(epoch) ? { epoch, seq } : void 0;
  }
  lost(cause) {
    const { inflow } = this;
    if (!inflow || inflow.isOver || !this.session.comesBack)
      return false;
    inflow.pause(() => void this.#again(inflow, cause));
    return true;
  }
  async #again(inflow, cause) {
    const { name, method, depth } = this.first;
    while (!inflow.isOver) {
      const exchange = new Exchange(name, method, { timeout: null }, null, depth);
      exchange.insists = exchange.mayHaveRun = true;
      exchange.again = () => {
        if (!this.session.comesBack)
          return false;
        queueMicrotask(() => this.open(exchange));
        return true;
      };
      inflow.onOver = () => exchange.giveUp(failure("cancelled", name, "nobody reads it any more"));
      this.open(exchange);
      try {
        await exchange.promise;
        return;
      } catch (error) {
        const isLate = error.kind === "closing" && this.session.comesBack;
        const waiting = isLate && !inflow.isOver ? this.comeback.wait(exchange) : void 0;
        if (!waiting)
          return inflow.finish({ error: this.#ended(error, cause) });
        await waiting.catch(() => {
        });
      }
    }
  }
  /** Why there is no other connection is told where that says more. */
  #ended(error, cause) {
    const isGone = error instanceof IpcError && (error.kind === "notConnected" || error.kind === "closing");
    return isGone ? disconnected(this.first.name, cause, true) : error;
  }
};

// ../../../web/dist/wake.js
function whenAwake(wake) {
  const { document: document2 } = globalThis;
  const seen = () => {
    if (document2?.visibilityState === "visible")
      wake();
  };
  return listening([
    [globalThis, "online", wake],
    [globalThis, "pageshow", wake],
    [document2, "visibilitychange", seen]
  ]);
}
function whenGone(gone) {
  return listening([[globalThis, "pagehide", (event) => event.persisted || gone()]]);
}
function listening(events) {
  const stop2 = new AbortController();
  for (const [on, name, listener2] of events)
    on?.addEventListener?.(name, listener2, { signal: stop2.signal });
  return () => stop2.abort();
}

// ../../../web/dist/reconnect.js
function reconnect(options = {}) {
  const { firstDelay = 100, maxDelay = 1e4, maxAttempts, whileAway = "fail", maxWaiting = 1024 } = options;
  const policy = {
    firstDelay: counted2("firstDelay", firstDelay, 0),
    maxDelay: counted2("maxDelay", maxDelay, 0),
    maxAttempts: counted2("maxAttempts", maxAttempts ?? Infinity, 1),
    waits: whileAway === "wait",
    maxWaiting: counted2("maxWaiting", maxWaiting, 0)
  };
  if (whileAway !== "wait" && whileAway !== "fail")
    throw refused("whileAway", whileAway, '"fail" or "wait"');
  return { begin: (session) => new Return(session, policy) };
}
function counted2(option, value, least) {
  if (!(value >= least))
    throw refused(option, value, `a number of at least ${least}`);
  return value;
}
var refused = (option, value, needed) => new IpcError("invalidArguments", `\`${option}\` of \`reconnect\` is ${String(value)}: ${needed} is needed`);
var Return = class {
  session;
  policy;
  waits;
  /** How many attempts were made since a connection has lasted. */
  #tries = 0;
  /** When the connection was made that there is. */
  #connectedAt = Infinity;
  /** When the last connection was lost, or the first attempt has failed. */
  #since;
  /** Why the last connection was lost. */
  #lostBy;
  /** Runs between two attempts. */
  #pause;
  /** As what the backend knows this side. */
  #id = "";
  /** Rises with each connection, so that one that arrives late takes nothing over. */
  #attempt = 0;
  /** The calls that wait, and those that wait though others may not. */
  #waiting = /* @__PURE__ */ new Set();
  #insisting = /* @__PURE__ */ new Set();
  /** What ends listening to the page. */
  #sleep;
  #stay;
  constructor(session, policy) {
    this.session = session;
    this.policy = policy;
    this.waits = policy.waits;
  }
  get goesOn() {
    return this.#made < this.policy.maxAttempts;
  }
  /** If a backend dies at each connection, the pauses grow as if it weren't there. */
  get #made() {
    return performance.now() - this.#connectedAt >= this.policy.maxDelay ? 0 : this.#tries;
  }
  hello() {
    this.#stay ??= whenGone(() => void this.session.close());
    return { session: this.#id, attempt: ++this.#attempt };
  }
  greeted({ session }) {
    const isSame = this.#id !== "" && session === this.#id;
    this.#id = typeof session === "string" ? session : "";
    return isSame;
  }
  connected() {
    this.#connectedAt = performance.now();
    this.#since = void 0;
    this.#sleep?.();
    this.#sleep = void 0;
    for (const { go } of this.#taken())
      go();
  }
  lost(cause) {
    this.#lostBy = cause;
    this.#tries = this.#made;
    this.#connectedAt = Infinity;
    this.#next(cause);
  }
  failed(cause) {
    this.#tries ||= 1;
    if (isLasting(cause))
      return cause;
    if (!this.goesOn)
      return this.#lostBy ?? cause;
    this.#next(cause);
    return void 0;
  }
  retryNow() {
    if (this.#pause === void 0)
      return;
    clearTimeout(this.#pause);
    this.#pause = void 0;
    this.session.again();
  }
  wait(exchange) {
    const insists = exchange?.insists === true;
    if (!this.waits && !insists)
      return void 0;
    const waiting = insists ? this.#insisting : this.#waiting;
    if (!insists && waiting.size >= this.policy.maxWaiting) {
      throw new IpcError("notConnected", `${waiting.size} calls wait already for a connection`);
    }
    return new Promise((resolve, reject) => {
      const onSettled = exchange?.onSettled;
      const go = () => {
        if (exchange)
          exchange.onSettled = onSettled;
        resolve();
      };
      const waiter = { go, fail: reject };
      waiting.add(waiter);
      if (exchange) {
        exchange.onSettled = () => {
          waiting.delete(waiter);
          onSettled?.();
        };
      }
    });
  }
  follow(exchange, run, hasStreams) {
    exchange.again = (wasSent) => {
      if (!this.session.comesBack)
        return false;
      if (wasSent) {
        if (!exchange.method.retry || hasStreams)
          return false;
        exchange.mayHaveRun = exchange.insists = true;
      } else if (!this.waits && !exchange.insists)
        return false;
      queueMicrotask(run);
      return true;
    };
  }
  resume(first, open) {
    return new Resuming(this.session, this, first, open);
  }
  end(reason) {
    clearTimeout(this.#pause);
    this.#pause = void 0;
    this.#sleep?.();
    this.#stay?.();
    for (const { fail } of this.#taken())
      fail(reason);
  }
  /** Sets the pause before the next attempt. */
  #next(cause) {
    const { firstDelay, maxDelay } = this.policy;
    const attempt = ++this.#tries;
    const delay = Math.random() * Math.min(firstDelay * 2 ** Math.min(attempt - 1, 64), maxDelay, MAX_TIMER);
    const now = Date.now();
    this.#since ??= now;
    this.#sleep ??= whenAwake(() => this.retryNow());
    this.#pause = setTimeout(() => this.retryNow(), delay);
    this.session.set({ status: "reconnecting", attempt, since: this.#since, nextAt: now + delay, cause });
  }
  /** Takes out all that wait: first those that have waited before. */
  #taken() {
    const all = [...this.#insisting, ...this.#waiting];
    this.#insisting.clear();
    this.#waiting.clear();
    return all;
  }
};
function isLasting({ kind, cause }) {
  return kind === "versionMismatch" || kind === "invalidArguments" || kind === "unauthorized" && cause === void 0;
}

// ../../../web/dist/batch.js
var MAX_LENGTH = 1024;
function batch(messages, carrier, exact, take) {
  const { length } = messages;
  if (!length)
    return carrier.tell(refusal(null, -32600, "a batch has at least one message"));
  if (length > MAX_LENGTH) {
    const text = `a batch of ${length} messages is longer than the ${MAX_LENGTH} taken here`;
    return carrier.tell(refusal(null, -32009, text, { limit: "maxBatchLength", value: MAX_LENGTH }));
  }
  const replies = [];
  let isExact = exact;
  let left = length;
  for (const message of messages) {
    take(message, (reply, needsExact) => {
      if (reply)
        replies.push(reply);
      isExact ||= needsExact === true;
      if (--left === 0 && replies.length)
        carrier.reply(replies, isExact);
    });
  }
}

// ../../../web/dist/handshake-answer.js
function handshakeAnswer(params, hello, use) {
  const { uses, protocol = PROTOCOL } = members(params);
  if (protocol !== PROTOCOL) {
    return { error: { code: -32003, message: `this side speaks protocol ${PROTOCOL}`, data: { protocol: PROTOCOL } } };
  }
  const asked2 = (Array.isArray(uses) ? uses : []).map(members);
  if (asked2.length > MAX_USES) {
    return { error: { code: -32009, message: `a handshake asks for at most ${MAX_USES} interfaces`, data: { limit: "uses", value: MAX_USES } } };
  }
  return { result: { ...hello, uses: asked2.map((used) => use(used)) } };
}

// ../../../web/dist/inflow.js
var Inflow = class {
  /** Called when it is over, for what its connection holds. */
  onOver;
  #items = [];
  #readers = [];
  #end;
  /** Called when what came is read and more is asked for, if its connection was lost. */
  #onDrained;
  /** How many items were read since the last credit. */
  #read = 0;
  #options;
  constructor(options) {
    this.#options = options;
  }
  /** Whether nothing more comes. What came may still be unread. */
  get isOver() {
    return this.#end !== void 0;
  }
  /** An item came. */
  push(value) {
    if (this.#end)
      return;
    this.#items.push({ value });
    if (this.#items.length > 2 * this.#options.window) {
      this.end(failure("limit", this.#options.name, "more items came than were asked for"));
    }
    this.#serve();
  }
  /** Items are missing here. */
  miss(missed) {
    if (this.#end)
      return;
    const last = this.#items[this.#items.length - 1];
    if (last && "missed" in last) {
      const before = last.missed;
      last.missed = before.kind === "lagged" && missed.kind === "lagged" ? { kind: "lagged", count: before.count + missed.count } : { kind: "gap" };
    } else
      this.#items.push({ missed });
    this.#serve();
  }
  /** Its connection was lost, and there may be another one: this is called when what came is read. */
  pause(onDrained) {
    this.#onDrained = onDrained;
    this.#serve();
  }
  /** It goes on, on another connection. */
  takeUp(credit, stop2) {
    Object.assign(this.#options, { credit, stop: stop2 });
    this.#read = 0;
  }
  /** The sender has nothing more: what came can still be read. */
  finish(end = {}) {
    if (this.#end)
      return;
    this.#end = end;
    this.#serve();
    this.#options.onOver?.();
    this.onOver?.();
  }
  /** Nobody wants more. What waits unread is dropped, and a reader gets the error. */
  end(error) {
    if (this.#end) {
      if (this.#items.length && error !== void 0)
        this.#end = { error };
      this.#items = [];
      return;
    }
    this.#items = [];
    this.finish(error === void 0 ? {} : { error });
    this.#options.stop();
  }
  close() {
    this.end();
    this.#end = {};
  }
  next() {
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#serve();
    });
  }
  return() {
    this.close();
    return Promise.resolve({ value: void 0, done: true });
  }
  [Symbol.asyncIterator]() {
    return this;
  }
  [dispose]() {
    this.close();
  }
  [asyncDispose]() {
    this.close();
    return Promise.resolve();
  }
  /** Answers readers in their order. */
  #serve() {
    while (this.#readers.length) {
      const item = this.#items.shift();
      if (!item && !this.#end) {
        const onDrained = this.#onDrained;
        this.#onDrained = void 0;
        return onDrained?.();
      }
      if (item && "missed" in item) {
        this.#missed(item.missed);
        continue;
      }
      const reader = this.#readers.shift();
      if (item) {
        this.#count();
        reader.resolve({ value: item.value, done: false });
      } else if (this.#end && "error" in this.#end) {
        const { error } = this.#end;
        this.#end = {};
        reader.reject(error);
      } else
        reader.resolve({ value: void 0, done: true });
    }
  }
  #missed(missed) {
    const { name, onMissed } = this.#options;
    if (onMissed) {
      onMissed(missed);
      return;
    }
    const what = missed.kind === "lagged" ? `${missed.count} items are missing` : "items are missing";
    const error = failure("missed", name, `${what}; with \`onMissed\` the loop goes on`, { data: missed });
    if (this.#end) {
      this.#items = [];
      this.#end = { error };
    } else
      this.end(error);
  }
  /** Gives credit for what was read, never for what waits. */
  #count() {
    if (this.#end || ++this.#read < Math.max(1, this.#options.window >> 1))
      return;
    const read = this.#read;
    this.#read = 0;
    this.#options.credit(read);
  }
};

// ../../../web/dist/items.js
function itemsOf(source) {
  if ("getReader" in source) {
    const reader = source.getReader();
    return { next: () => reader.read(), return: () => reader.cancel() };
  }
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}
function leave(items) {
  void Promise.resolve().then(() => items.return?.()).catch(() => {
  });
}

// ../../../web/dist/note-queues.js
var MAX_WAITING2 = 1024;
var MAX_WAITING_SIZE = 4 * 1024 * 1024;
var PAUSE = 1e3;
var NoteQueues = class {
  dropped;
  #queues = /* @__PURE__ */ new Map();
  /** @param dropped tells how many of a channel were dropped. */
  constructor(dropped) {
    this.dropped = dropped;
  }
  /**
   * Runs what handles a notification, at once or in its turn. Beyond the limits it is dropped.
   *
   * @param run never rejects.
   * @returns whether it runs.
   */
  add(channel, params, run) {
    const queue = this.#queues.get(channel);
    if (!queue) {
      const own = { waiting: [], size: 0, dropped: 0, toldAt: -Infinity };
      this.#queues.set(channel, own);
      void this.#drain(channel, own, run);
      return true;
    }
    const size = params === void 0 ? 0 : stringify(params).length;
    if (queue.waiting.length >= MAX_WAITING2 || queue.size + size > MAX_WAITING_SIZE) {
      queue.dropped++;
      if (performance.now() - queue.toldAt >= PAUSE)
        this.#tell(channel, queue);
      return false;
    }
    queue.waiting.push({ run, size });
    queue.size += size;
    return true;
  }
  /** The connection has ended. What came before that still runs. */
  end() {
    this.#queues.clear();
  }
  async #drain(channel, queue, first) {
    for (let next = { run: first, size: 0 }; next; next = queue.waiting.shift()) {
      queue.size -= next.size;
      await next.run();
      if (queue.dropped && this.#queues.get(channel) === queue)
        this.#tell(channel, queue);
    }
    if (this.#queues.get(channel) === queue)
      this.#queues.delete(channel);
  }
  #tell(channel, queue) {
    this.dropped(channel, queue.dropped);
    queue.dropped = 0;
    queue.toldAt = performance.now();
  }
};

// ../../../web/dist/outflow.js
var MAX_BUFFERED = 1024 * 1024;
var Outflow = class {
  #items;
  #bytes;
  /** Of the items that the peer gives credit for. */
  #sizes = [];
  #isStopped = false;
  #wake;
  #source;
  #options;
  constructor(source, options) {
    this.#source = source;
    this.#options = options;
    this.#items = options.window?.items ?? Infinity;
    this.#bytes = options.window?.bytes ?? Infinity;
  }
  /** The peer takes so many more items, and bytes of them; without a number of bytes, as many as those had. */
  credit(items, bytes) {
    const sizes = this.#sizes.splice(0, items);
    this.#items += items;
    this.#bytes += bytes ?? sizes.reduce((all, size) => all + size, 0);
    this.#wake?.();
  }
  /** Nobody wants the rest. */
  stop() {
    if (this.#isStopped)
      return;
    this.#isStopped = true;
    this.#wake?.();
    leave(this.#source);
  }
  /** Sends the items. The promise never rejects. */
  async run() {
    try {
      for (; ; ) {
        await this.#room();
        if (this.#isStopped)
          return;
        const { value, done } = await this.#source.next();
        if (this.#isStopped)
          return;
        if (done)
          break;
        const size = this.#options.item(value);
        this.#bytes -= size;
        if (this.#options.window)
          this.#sizes.push(size);
        this.#items--;
      }
    } catch (error) {
      if (this.#isStopped)
        return;
      this.stop();
      this.#end(() => this.#options.failed(error));
      return;
    }
    this.#isStopped = true;
    this.#end(() => this.#options.done());
  }
  /** The peer waits for an end: one that can't be sent, for its size or its values, is told by a smaller one. */
  #end(send) {
    const { failed, lost } = this.#options;
    try {
      send();
    } catch (unsendable) {
      try {
        failed(unsendable);
      } catch (error) {
        lost(error);
      }
    }
  }
  async #room() {
    while (!this.#isStopped && (this.#items <= 0 || this.#bytes <= 0)) {
      await new Promise((resolve) => this.#wake = resolve);
      this.#wake = void 0;
    }
    while (!this.#isStopped && this.#options.buffered() > MAX_BUFFERED) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
};

// ../../../web/dist/running.js
var Running = class {
  name;
  method;
  answer;
  /** Its stream arguments. */
  inflows = [];
  /** Its subscription, when it is open. */
  outflow;
  #controller = new AbortController();
  #made = /* @__PURE__ */ new WeakSet();
  /**
   * @param name what was asked for, as it is on the wire.
   * @param answer a notification has none.
   */
  constructor(name, method, answer = () => {
  }) {
    this.name = name;
    this.method = method;
    this.answer = answer;
  }
  /** Aborted when nobody waits for it any more. */
  get signal() {
    return this.#controller.signal;
  }
  /** Makes its own error. */
  fail(data, text = "the method failed") {
    const error = new MethodError(data, text, this.name);
    this.#made.add(error);
    return error;
  }
  /** Whether this is its own error. That of a call that its handler has made isn't. */
  isOwn(error) {
    return this.#made.has(error);
  }
  /** Nobody waits for it any more: its handler hears of it, and its streams end, whoever reads them. */
  end(cause) {
    this.#controller.abort(cause);
    for (const inflow of this.inflows)
      inflow.end(cause);
    this.outflow?.stop();
  }
};

// ../../../web/dist/serving.js
var MAX_SUBSCRIPTIONS = 1024;
var Serving = class {
  routes;
  carrier;
  /** The requests that aren't answered, by their ids. */
  #asked = /* @__PURE__ */ new Map();
  /** The requests whose handlers run, answered or not: a handler can't be stopped, it can only be told. */
  #handlers = /* @__PURE__ */ new Set();
  /** The notifications that wait or are handled. */
  #notes = /* @__PURE__ */ new Set();
  #queues = new NoteQueues((channel, n) => {
    this.carrier.tell(noteMessage("rpc.dropped", { channel, n }));
    this.carrier.failed(new IpcError("limit", `${channel}: ${n} notifications were dropped: those before them are still being handled`));
  });
  #subscriptions = /* @__PURE__ */ new Map();
  /** The numbers that the peer has chosen for subscriptions that aren't open yet. */
  #chosen = /* @__PURE__ */ new Map();
  #streams = /* @__PURE__ */ new Map();
  #lastSubscription = 0;
  constructor(routes, carrier) {
    this.routes = routes;
    this.carrier = carrier;
  }
  /** A request came. */
  request(message, long, say) {
    const { id, method: name, params } = message;
    const refuse2 = (code, text, data) => say(refusal(id, code, text, data));
    if (!isId(id))
      return say(refusal(null, -32600, `an id is text of up to ${MAX_ID} characters, a number or null`));
    if (message.jsonrpc !== "2.0")
      return refuse2(-32600, 'a request has `"jsonrpc": "2.0"`');
    if (typeof name !== "string")
      return refuse2(-32600, "the name of a method is text");
    if (params !== void 0 && typeof params !== "object")
      return refuse2(-32600, `${name}: params are a list or an object`);
    const key = `${typeof id} ${String(id)}`;
    if (this.#asked.has(key))
      return refuse2(-32600, `the id of this request to ${name} is in flight already`);
    if (name === "rpc.handshake")
      return say(replyMessage(id, handshakeAnswer(params, this.carrier.hello(), this.#use)));
    if (name === "rpc.unsubscribe")
      return say(replyMessage(id, { result: this.#unsubscribe(params?.[0]) }));
    const route = this.routes.route(name);
    if (!route)
      return refuse2(-32601, this.#unknown(name));
    const value = places(MAX_IN_FLIGHT, depthOf(message));
    if (this.#handlers.size >= value)
      return refuse2(-32009, `${this.#handlers.size} requests are in flight already`, { limit: "maxInFlight", value });
    const { method } = route;
    const isStreaming = isSubscription(method) || method.a?.some((plan) => typeof plan === "object" && "stream" in plan);
    if (isStreaming && this.#subscriptions.size + this.#streams.size >= MAX_SUBSCRIPTIONS) {
      return refuse2(-32009, `${MAX_SUBSCRIPTIONS} subscriptions and streams are open already`, { limit: "maxSubscriptions", value: MAX_SUBSCRIPTIONS });
    }
    const number = isSubscription(method) ? members(message.ipc)["subscription"] : void 0;
    if (number !== void 0) {
      if (!Number.isSafeInteger(number) || number < 0)
        return refuse2(-32600, `${name} did not run: the \`subscription\` in \`ipc\` has to be a whole number from 0 to 2^53 - 1`);
      if (this.#isTaken(number))
        return refuse2(-32600, `${name} did not run: a subscription with the number ${number} is open`);
    }
    const running = new Running(name, method, (reply, exact = false) => {
      if (this.#asked.get(key) !== running)
        return;
      this.#asked.delete(key);
      say(replyMessage(id, reply), exact);
    });
    this.#asked.set(key, running);
    this.#handlers.add(running);
    if (number !== void 0)
      this.#chosen.set(number, running);
    void this.#run(route, message, long, running);
  }
  /** A notification came that isn't about calls of this side. */
  note(message, params, long) {
    switch (message.method) {
      case "$/stream":
        return this.#item(params, long);
      case "$/cancelRequest":
        return this.#cancel(params["id"]);
      case "rpc.credit":
        this.#subscriptions.get(params["subscription"])?.outflow?.credit(amount(params["n"]) ?? 0, amount(params["bytes"]));
        return;
      default:
        this.#notify(message, long);
    }
  }
  #notify(message, long) {
    const name = String(message.method);
    const route = this.routes.route(name);
    const listeners = this.routes.listeners(name).map((entry) => ({ ...entry, params: structuredClone(message.params) }));
    if (route && !isSubscription(route.method)) {
      const running = new Running(name, route.method);
      this.#notes.add(running);
      const run = () => this.#noted(running, message, message.params, long, route.run, "the handler failed");
      if (!this.#queues.add(route.queue, message.params, run))
        this.#notes.delete(running);
    }
    for (const { method, listener: listener2, params } of listeners) {
      const running = new Running(name, method);
      this.#notes.add(running);
      void this.#noted(running, message, params, long, listener2, "a listener failed");
    }
  }
  /** An item or the end of a stream argument came. */
  #item(params, long) {
    const id = params["stream"];
    const stream = this.#streams.get(id);
    if (!stream)
      return;
    if (!("item" in params)) {
      this.#streams.delete(id);
      stream.inflow.finish("error" in params ? { error: received(errorObject(params["error"])) } : {});
      if ("lost" in params)
        this.carrier.tell(noteMessage("rpc.closeStream", [id]));
      return;
    }
    try {
      stream.inflow.push(decode(stream.plan, params["item"], long, ["item"]));
    } catch (error) {
      stream.inflow.end(unfitting(error, stream.name));
    }
  }
  /** The caller of a request gives it up. */
  #cancel(id) {
    const running = this.#asked.get(`${typeof id} ${String(id)}`);
    if (!running || running.method.keep)
      return;
    running.end(new IpcError("cancelled", `${running.name}: its caller has given it up`));
    running.answer({ error: { code: CANCELLED, message: "the request was cancelled" } });
  }
  batch(messages, long, take) {
    batch(messages, this.carrier, long, take);
  }
  /** The connection has ended. */
  end(cause) {
    for (const running of [...this.#handlers, ...this.#subscriptions.values(), ...this.#notes])
      running.end(cause);
    this.#asked.clear();
    this.#subscriptions.clear();
    this.#chosen.clear();
    this.#streams.clear();
    this.#queues.end();
  }
  #use = (used) => {
    const { channel } = used;
    const served = this.routes.interface(channel);
    if (!served)
      return { channel, error: { code: -32601, message: `there is no channel ${channel} here` } };
    const { version, fingerprint } = served;
    if (fits(used, served, false))
      return { channel, version, fingerprint };
    const message = `${channel}: version ${used.version} is asked for, ${version} is served`;
    return { channel, error: { code: -32003, message, data: { channel, version, fingerprint } } };
  };
  #unknown(name) {
    const channel = name.slice(0, name.lastIndexOf("."));
    const served = this.routes.interface(channel);
    if (served)
      return `the channel \`${channel}\` (version ${served.version}) has no method \`${name.slice(channel.length + 1)}\``;
    return `there is no method or function \`${name}\` here`;
  }
  #unsubscribe(subscription) {
    const running = this.#subscriptions.get(subscription);
    this.#subscriptions.delete(subscription);
    running?.end(new IpcError("cancelled", `${running.name}: its caller has unsubscribed`));
    return running !== void 0;
  }
  async #run(route, message, long, running) {
    const { name, method, answer } = running;
    const encoding = new Encoding(this.carrier.isJson);
    try {
      let args;
      try {
        args = this.#arguments(running, message.params, long);
      } catch (error) {
        return answer({ error: { code: -32602, message: `${name}: ${error.message}` } });
      }
      const result = await route.run(args, this.#context(running, message));
      if (isSubscription(method)) {
        await this.#subscribe(running, result, members(message.ipc));
        return;
      }
      const converted = encoding.convert(method.r, result ?? null, "the result");
      answer({ result: converted }, encoding.exact);
    } catch (error) {
      const own = this.#ownError(running, method.e, error);
      answer({ error: own.error }, own.exact);
      if (own.error.code === -32603)
        this.#failed(name, "the handler failed", own.unfit ?? error);
    } finally {
      for (const [number, by] of this.#chosen)
        if (by === running)
          this.#chosen.delete(number);
      this.#handlers.delete(running);
      for (const inflow of running.inflows)
        inflow.close();
    }
  }
  /** A handler's error as it travels: what it didn't mean to tell isn't told. */
  #ownError(running, plan, error) {
    const encoding = new Encoding(true);
    let unfit;
    if (running.isOwn(error)) {
      try {
        const data = encoding.convert(plan, error.data, "the error");
        return { error: { code: METHOD_ERROR, message: wellFormed(error.message), data }, exact: encoding.exact };
      } catch (thrown2) {
        unfit = thrown2;
      }
    }
    if (running.signal.aborted)
      return { error: { code: CANCELLED, message: "the request was cancelled" }, exact: false };
    return { error: { code: -32603, message: "the handler failed" }, exact: false, unfit };
  }
  async #subscribe(running, items, asked2) {
    const { name, method } = running;
    const { window, subscription: chosen } = asked2;
    const narrowed = amount(window);
    if (chosen === void 0)
      while (this.#isTaken(++this.#lastSubscription))
        ;
    const subscription = chosen ?? this.#lastSubscription;
    const told = (member2, exact) => this.carrier.send(noteMessage(name, { subscription, ...member2 }), exact);
    const peer = this.carrier.peerWindow;
    const overhead = sizeOf(this.carrier.codec.encode(noteMessage(name, { subscription, result: 0 }), false)) - 1;
    const outflow = new Outflow(itemsOf(items), {
      window: peer && { ...peer, items: Math.min(peer.items, Math.max(1, narrowed ?? peer.items)) },
      item: (value) => {
        const encoding = new Encoding(this.carrier.isJson);
        const result = encoding.convert(method.r, value, "an item");
        return sizeOf(told({ result }, encoding.exact)) - overhead;
      },
      done: () => told({ done: true }, false),
      failed: (error) => {
        const own = this.#ownError(running, method.x ?? method.e, error);
        if (own.error.code === -32603)
          this.#failed(name, "the stream failed", own.unfit ?? error);
        told({ error: own.error }, own.exact);
      },
      lost: (error) => this.#failed(name, "the end of the stream can't be sent", error),
      buffered: () => this.carrier.buffered()
    });
    if (running.signal.aborted)
      return outflow.stop();
    running.outflow = outflow;
    this.#subscriptions.set(subscription, running);
    this.#chosen.delete(subscription);
    this.#handlers.delete(running);
    running.answer({ result: subscription });
    await outflow.run();
    if (this.#subscriptions.get(subscription) === running)
      this.#subscriptions.delete(subscription);
  }
  #isTaken(number) {
    return this.#subscriptions.has(number) || this.#chosen.has(number);
  }
  /** Handles a notification: its sender hears of nothing, so this side does. */
  async #noted(running, message, params, long, run, failed) {
    const { name, inflows } = running;
    try {
      let args;
      try {
        args = this.#arguments(running, params, long);
      } catch (error) {
        return this.#failed(name, "a notification was dropped", error, error.kind ?? "invalidArguments");
      }
      await run(args, this.#context(running, message));
    } catch (error) {
      this.#failed(name, failed, error);
    } finally {
      this.#notes.delete(running);
      for (const inflow of inflows)
        inflow.close();
    }
  }
  /** The arguments of a handler, which has the streams among them then. */
  #arguments({ name, method, inflows }, params, long) {
    if (method.o)
      return [decode(method.a?.[0], params, long, ["argument 1"])];
    const isOpen = method.n === void 0 && method.f === void 0;
    const given = Array.isArray(params) ? params : params === void 0 || params === null ? [] : [params];
    if (!Array.isArray(params) && given.length && !isOpen)
      throw new Error("give the arguments by position");
    const count = isOpen ? given.length : method.n ?? 0;
    if (given.length > count)
      throw new Error(`${count} arguments are taken, ${given.length} came`);
    return Array.from({ length: count }, (_, at) => {
      const plan = method.a?.[at];
      if (typeof plan !== "object" || !("stream" in plan))
        return decode(plan, given[at], long, [`argument ${at + 1}`]);
      if (Array.isArray(given[at]))
        return listed(decode({ a: plan.stream || "json" }, given[at], long, [`argument ${at + 1}`]));
      const id = members(given[at])["$stream"];
      if (typeof id !== "number" || this.#streams.has(id))
        throw new Error(`argument ${at + 1} is no stream`);
      const inflow = this.#inflow(name, id);
      this.#streams.set(id, { inflow, plan: plan.stream, name });
      inflows.push(inflow);
      return inflow;
    });
  }
  #inflow(name, id) {
    return new Inflow({
      name,
      window: this.carrier.window,
      credit: (n) => this.carrier.tell(noteMessage("rpc.credit", { stream: id, n })),
      stop: () => {
        if (this.#streams.delete(id))
          this.carrier.tell(noteMessage("rpc.closeStream", [id]));
      }
    });
  }
  #failed(method, what, cause, kind = "handlerFailed") {
    this.carrier.failed(new IpcError(kind, `${method}: ${what}: ${textOf(cause)}`, { method, cause }));
  }
  #context(running, message) {
    const { method, signal } = running;
    const token = members(message.ipc)["progress"];
    const { carrier } = this;
    let peer;
    return {
      signal,
      get peer() {
        return peer ??= carrier.peer(depthOf(message) + 1);
      },
      fail: (data, text) => running.fail(data, text),
      progress: (progress) => {
        if (token === void 0 || signal.aborted)
          return;
        const encoding = new Encoding(this.carrier.isJson);
        const value = encoding.convert(method.p, progress, "the progress");
        this.carrier.send(noteMessage("$/progress", { token, value }), encoding.exact);
      }
    };
  }
};
var isSubscription = ({ k }) => k !== void 0 && k !== "note";
function depthOf({ ipc }) {
  const { depth } = members(ipc);
  return typeof depth === "number" && depth > 0 ? Math.floor(depth) : 0;
}
async function* listed(items) {
  yield* items;
}

// ../../../web/dist/routes.js
function handler(def, impl) {
  readable(def);
  for (const name of Object.keys(def.methods)) {
    if (typeof impl[name] !== "function")
      throw new Error(`${def.channel} can't be served: the implementation has no method \`${name}\``);
  }
  return { addTo: (slot) => routesIn(slot).serve(def, impl) };
}
function routesIn(slot) {
  slot.answers ??= new Routes(slot);
  return slot.answers;
}
var Routes = class {
  slot;
  #routes = /* @__PURE__ */ new Map();
  #interfaces = /* @__PURE__ */ new Map();
  #listeners = /* @__PURE__ */ new Map();
  constructor(slot) {
    this.slot = slot;
  }
  get interfaces() {
    return this.#interfaces.values();
  }
  start(carrier) {
    return new Serving(this, carrier);
  }
  interface(channel) {
    return this.#interfaces.get(channel);
  }
  route(name) {
    return this.#routes.get(name);
  }
  listeners(name) {
    return [...this.#listeners.get(name) ?? []];
  }
  /** @throws Error if the channel or one of the names is taken. */
  serve(def, impl) {
    if (this.#interfaces.has(def.channel))
      throw new Error(`the channel ${def.channel} is served already`);
    const routes = /* @__PURE__ */ new Map();
    for (const [name, known] of Object.entries(def.methods)) {
      const method = this.slot.check(known);
      const run = (...args) => impl[name](...args);
      for (const each of [method.w ?? name, ...method.was ?? []]) {
        const wire = `${def.channel}.${each}`;
        this.#free(wire);
        routes.set(wire, { method, queue: def.channel, run: (args, call) => run(...args, call) });
      }
    }
    this.#interfaces.set(def.channel, def);
    for (const [wire, route] of routes)
      this.#routes.set(wire, route);
    let isServed = true;
    return disposable(() => {
      if (!isServed)
        return;
      isServed = false;
      this.#interfaces.delete(def.channel);
      for (const wire of routes.keys())
        this.#routes.delete(wire);
    });
  }
  /** @throws Error if the name is taken or reserved. */
  expose(name, method, run) {
    if (!name || name.startsWith("rpc.") || name.startsWith("$/"))
      throw new Error(`\`${name}\` can't be the name of a function`);
    this.#free(name);
    const route = { method, queue: name, run: (args, call) => run(...args, call) };
    this.#routes.set(name, route);
    return disposable(() => {
      if (this.#routes.get(name) === route)
        this.#routes.delete(name);
    });
  }
  on(name, method, listener2) {
    const listeners = this.#listeners.get(name) ?? /* @__PURE__ */ new Set();
    this.#listeners.set(name, listeners);
    const entry = { method, listener: (args, call) => listener2(...args, call) };
    listeners.add(entry);
    return disposable(() => {
      listeners.delete(entry);
      if (!listeners.size && this.#listeners.get(name) === listeners)
        this.#listeners.delete(name);
    });
  }
  #free(name) {
    if (this.#routes.has(name))
      throw new Error(`there is a method or a function \`${name}\` already`);
  }
};

// ../../../web/dist/subscriptions.js
var subscribing = (caller, name, method, args, options, def) => {
  const { signal, window = Infinity } = options;
  const exchange = new Exchange(name, method, signal ? { signal, timeout: null } : { timeout: null }, null, caller.depth);
  const narrowed = Math.max(1, Math.floor(Math.min(window, caller.window)));
  if (Number.isNaN(narrowed))
    exchange.fail(failure("invalidArguments", name, `the window ${window} is no number of items`));
  const asked2 = { exchange, options, window: narrowed, going: void 0 };
  const sent = caller.start(exchange, args, def, (connection2) => connection2.part(Subscriptions).opening(asked2));
  if (sent && !sent.streams && !options.endsWithConnection) {
    asked2.going = caller.session.comeback?.resume(exchange, (next) => {
      caller.send(next, sent, def, (connection2) => connection2.part(Subscriptions).opening({ ...asked2, exchange: next }));
    });
  }
  const opened = withOutcome(exchange.promise);
  return Object.assign(opened, {
    [Symbol.asyncIterator]: () => ({
      next: async () => (await opened).next(),
      return: async () => (await opened).return()
    })
  });
};
var Subscriptions = class {
  connection;
  #known = /* @__PURE__ */ new Map();
  /** Whether the peer takes the numbers that this side chooses, as far as is known: older backends don't. */
  #takesNumbers = true;
  constructor(connection2) {
    this.connection = connection2;
  }
  opening(asked2) {
    return new Subscribed(asked2, this);
  }
  /** One is asked for: by a number that this side chooses, its items are known before the reply. */
  number(one, id) {
    if (!this.#takesNumbers)
      return void 0;
    this.#known.set(id, one);
    return id;
  }
  /** One is open by this id from now on. */
  opened(one, id) {
    const older = this.#known.get(id);
    if (older !== one)
      older?.inflow?.finish({ error: failure("protocol", older.name, "the other side uses the id of this subscription for another one") });
    this.#known.set(id, one);
  }
  forget(one) {
    if (this.#known.get(one.id) === one)
      this.#known.delete(one.id);
  }
  credit(subscription, n) {
    this.connection.tell(noteMessage("rpc.credit", { subscription, n }));
  }
  unsubscribe(id) {
    if (!this.connection.end)
      this.connection.control("rpc.unsubscribe", [id], null).catch(() => {
      });
  }
  note(name, params, long) {
    const { subscription: id } = params;
    const known = this.#known.get(id);
    if (known?.name !== name)
      return false;
    known?.take(params, long);
    return true;
  }
  end(cause) {
    for (const one of this.#known.values())
      one.lost(cause);
    this.#known.clear();
  }
  /** The peer has answered another number: its own ones mustn't meet those that this side has chosen. */
  ignoresNumbers() {
    this.#takesNumbers = false;
    for (const [number, one] of this.#known)
      if (one.restart())
        this.#known.delete(number);
  }
};
var Subscribed = class {
  asked;
  all;
  /** The number that this side has chosen, then what the reply says. */
  id;
  /** Made with the reply, or with an item that comes before it. */
  inflow;
  name;
  /** Of a connection before, if there was one. */
  #shared;
  constructor(asked2, all) {
    this.asked = asked2;
    this.all = all;
    this.name = asked2.exchange.name;
    this.#shared = asked2.going?.inflow;
  }
  asks(id) {
    const { options, window, going } = this.asked;
    this.id = this.all.number(this, id);
    return { window: options.window === void 0 ? void 0 : window, subscription: this.id, resume: going?.inflow && going.place };
  }
  /** Opens it, in the turn of the response: the first items may be right behind it. */
  answered(id) {
    const { name, all } = this;
    const { exchange, going } = this.asked;
    if (this.id !== void 0 && this.id !== id)
      all.ignoresNumbers();
    if (typeof id !== "number" && typeof id !== "string")
      return exchange.fail(failure("protocol", name, "the id of a subscription is a number or text"));
    if (exchange.isSettled)
      return all.unsubscribe(id);
    this.id = id;
    const inflow = this.#incoming();
    if (!inflow.isOver) {
      all.opened(this, id);
      inflow.onOver = exchange.onSettled;
      exchange.onSettled = void 0;
    } else if (this.#shared)
      all.unsubscribe(id);
    if (going)
      going.inflow = inflow;
    exchange.succeed(inflow);
  }
  forget() {
    this.all.forget(this);
    this.#drop();
  }
  /** The connection has ended. One that isn't open yet is made again, or has failed. */
  lost(cause) {
    const { exchange, going } = this.asked;
    if (!exchange.isSettled)
      this.#drop();
    else if (!going?.lost(cause))
      this.inflow?.finish({ error: disconnected(this.name, cause, true) });
  }
  /** It isn't opened. One that was read on another connection may be opened on the next. */
  #drop() {
    if (!this.#shared)
      this.inflow?.finish();
  }
  /** An item came, or another note about it. */
  take(params, long) {
    const { result, lagged, gap, error, done } = params;
    const { exchange, going } = this.asked;
    const { method } = exchange;
    const inflow = this.#incoming();
    const missing = amount(lagged);
    if (result !== void 0) {
      going?.came(params);
      try {
        inflow.push(decode(method.r, result, long, ["item"]));
      } catch (unfit) {
        inflow.end(unfitting(unfit, this.name));
      }
    } else if (missing !== void 0)
      inflow.miss({ kind: "lagged", count: missing });
    else if (gap)
      inflow.miss({ kind: "gap" });
    else if (error || done === true) {
      this.all.forget(this);
      const reason = error ? replyError(error, this.name, method.x, long) : void 0;
      const isLast = reason instanceof IpcError && reason.kind === "closing" && exchange.isSettled;
      if (isLast && going?.lost(reason))
        return;
      inflow.finish(error ? { error: isLast ? disconnected(this.name, reason, true) : reason } : {});
    }
  }
  /** Forgets what came by the number that this side has chosen. Returns whether it isn't open yet. */
  restart() {
    if (this.asked.exchange.isSettled)
      return false;
    this.#drop();
    this.id = this.inflow = void 0;
    return true;
  }
  #incoming() {
    return this.inflow ??= this.#inflow();
  }
  #inflow() {
    const { name, all } = this;
    const { window, options, going } = this.asked;
    const { signal, onMissed } = options;
    const credit = (n) => all.credit(this.id, n);
    const stop2 = () => {
      all.forget(this);
      all.unsubscribe(this.id);
    };
    if (this.#shared) {
      this.#shared.takeUp(credit, stop2);
      if (!going?.place)
        this.#shared.miss({ kind: "gap" });
      return this.#shared;
    }
    const abort = () => inflow.end(failure("cancelled", name, "it was cancelled", { cause: signal?.reason }));
    const inflow = new Inflow({
      name,
      window,
      credit,
      stop: stop2,
      onMissed: onMissed && ((missed) => void guarded(() => onMissed(missed), (cause) => all.connection.failed(thrown(`${name}: \`onMissed\``, cause)))),
      onOver: () => signal?.removeEventListener("abort", abort)
    });
    signal?.addEventListener("abort", abort);
    return inflow;
  }
};

// src/ipc.ts
var $sample = { s: { number: "int", joints: { a: "float" }, temperature: "float" } };
var Machine = {
  channel: "demo.machine",
  version: "3.0.0",
  fingerprint: "2:465ce9cae34ff7be",
  format: 1,
  methods: {
    telemetry: { k: subscribing, r: $sample, f: "232506d4af6dfc24" },
    newest: { k: subscribing, r: $sample, f: "70b25bb8238cac05" },
    stop_reason: { k: subscribing, f: "1c6bd5403e041ac2" },
    home: { n: 1, ms: 12e4, f: "a5944c28c2832923" },
    emergency_stop: { n: 1, k: "note", f: "399c6af758f7d80c" },
    release: { f: "5b5ce04699879344" }
  }
};
var Panel = {
  channel: "demo.panel",
  version: "1.0.0",
  fingerprint: "2:eb1b463c8d1222df",
  format: 1,
  methods: {
    stopped: { n: 1, k: "note", f: "3d8da5fcc35ca325" }
  }
};

// src/connection.ts
var ENDPOINT = "/ipc";
var Connection2 = class {
  #ipc;
  #machine;
  #events;
  #whenNew = [];
  constructor(events) {
    this.#events = events;
  }
  /** Connects for the first time, or anew. */
  connect() {
    void this.#ipc?.close();
    const { onState, onMismatch, onStopped } = this.#events;
    const ipc = connectLazily(ENDPOINT, {
      name: "page",
      // Commands fail while there is no connection: none may be carried out when nobody expects it any more.
      reconnect: reconnect({ whileAway: "fail" }),
      serve: [handler(Panel, { stopped: onStopped })],
      onVersionMismatch: onMismatch
    });
    const machine = ipc.client(Machine);
    this.#ipc = ipc;
    this.#machine = machine;
    const tell = () => {
      if (this.#ipc === ipc) onState(ipc.state.get());
    };
    ipc.state.subscribe(tell);
    tell();
    for (const follow of this.#whenNew) follow(ipc, machine);
  }
  /** Tries at once, while it reconnects. */
  retryNow() {
    this.#ipc?.retryNow();
  }
  /** The machine, to be called. Without a connection, the calls fail and say so. */
  get machine() {
    return this.#machine;
  }
  /**
   * Reads a subscription for ever. It goes on over reconnects, with what `onMissed` of its options
   * hears of; if it has failed, it is opened again on the next connection. The next item is asked for
   * when `take` is done with the one before.
   */
  follow(subscribe, take) {
    this.#whenNew.push((ipc, machine) => {
      let isReading = false;
      const read = async () => {
        isReading = true;
        try {
          for await (const item of subscribe(machine)) await take(item);
        } catch {
        }
        isReading = false;
      };
      ipc.state.subscribe(() => {
        if (ipc.state.get().status === "connected" && !isReading) void read();
      });
      void read();
    });
  }
};

// src/element.ts
function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id ${id}`);
  return found;
}

// src/emergency-stop.ts
var PATIENCE2 = 1e3;
var USELESS = "This button can't reach the machine. Use the one at the machine.";
var NOT_SENT = "It was not sent. Use the button at the machine.";
var NOT_CONFIRMED = "Sent, but the machine doesn't confirm it. Use the button at the machine.";
var EmergencyStop = class {
  #connection;
  #onChange;
  #section = element("stop", HTMLElement);
  #button = element("stop-button", HTMLButtonElement);
  #release = element("release", HTMLButtonElement);
  #text = element("stop-text", HTMLElement);
  #reason = null;
  #isConnected = false;
  #isOwn = false;
  #patience;
  constructor(connection2, onChange) {
    this.#connection = connection2;
    this.#onChange = onChange;
    this.#button.addEventListener("click", () => this.#press());
    this.#release.addEventListener("click", () => void this.#letGo());
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.repeat) return;
      event.preventDefault();
      this.#press();
    });
    this.#show();
    connection2.follow((machine) => machine.stop_reason({ onMissed: () => {
    } }), (reason) => this.#set(reason));
  }
  get isStopped() {
    return this.#reason !== null;
  }
  /** Whether this page has stopped it, and not somebody else. */
  get isOwn() {
    return this.#isOwn;
  }
  setConnected(isConnected) {
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    clearTimeout(this.#patience);
    this.#show();
  }
  /** The machine has said why it is stopped, or that it isn't. */
  #set(reason) {
    clearTimeout(this.#patience);
    this.#reason = reason;
    if (reason === null) this.#isOwn = false;
    this.#show();
    this.#onChange();
  }
  #press() {
    const { machine } = this.#connection;
    try {
      if (!this.#isConnected || !machine) return this.#say(NOT_SENT);
      machine.emergency_stop("the button on the page");
    } catch {
      return this.#say(NOT_SENT);
    }
    if (this.isStopped) return;
    this.#isOwn = true;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#say(NOT_CONFIRMED), PATIENCE2);
  }
  async #letGo() {
    const outcome = await this.#connection.machine?.release().result();
    if (outcome && !outcome.ok) this.#say(`It wasn't released: ${outcome.error.message}`);
    else this.#button.focus();
  }
  #show() {
    this.#section.dataset["state"] = !this.#isConnected ? "unknown" : this.isStopped ? "stopped" : "moving";
    this.#release.hidden = !this.isStopped || !this.#isConnected;
    if (!this.#isConnected) this.#say(USELESS);
    else this.#say(this.#reason === null ? "" : `Stopped: ${this.#reason}`);
  }
  #say(text) {
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
};

// src/homing.ts
var Homing = class {
  #connection;
  #form = element("home", HTMLElement).querySelector("form");
  #speed = element("speed", HTMLInputElement);
  #way = element("way", HTMLProgressElement);
  #percent = element("percent", HTMLElement);
  #go = element("go", HTMLButtonElement);
  #cancel = element("cancel", HTMLButtonElement);
  #text = element("home-text", HTMLElement);
  #running;
  #isAllowed = false;
  constructor(connection2) {
    this.#connection = connection2;
    const speedText = element("speed-text", HTMLOutputElement);
    const showSpeed = () => void (speedText.value = `${this.#speed.value} %`);
    this.#speed.addEventListener("input", showSpeed);
    showSpeed();
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#drive();
    });
    this.#cancel.addEventListener("click", () => this.#running?.abort());
    this.#show();
  }
  /** Whether the machine would carry it out. */
  allow(isAllowed) {
    this.#isAllowed = isAllowed;
    this.#show();
  }
  async #drive() {
    const { machine } = this.#connection;
    if (!machine || this.#running) return;
    const running = this.#running = new AbortController();
    this.#setPercent(0);
    this.#text.textContent = "On its way";
    this.#show();
    if (document.activeElement === document.body || document.activeElement === this.#go) this.#cancel.focus();
    const outcome = await machine.home(this.#speed.valueAsNumber, { signal: running.signal, onProgress: ({ percent }) => this.#setPercent(percent) }).result();
    this.#running = void 0;
    const hadFocus = document.activeElement === this.#cancel;
    this.#show();
    if (hadFocus) this.#go.focus();
    if (outcome.ok) this.#text.textContent = "It is home, and swings again.";
    else if (outcome.error.kind === "method") {
      this.#text.textContent = match(outcome.error.data, {
        Stopped: (reason) => `It didn't come home. Stopped: ${reason}`,
        Busy: () => "Another panel has sent it home already."
      });
    } else if (outcome.error.kind === "cancelled") this.#text.textContent = `Cancelled at ${this.#way.value} %`;
    else this.#text.textContent = `Nobody knows whether it came home: ${outcome.error.message}`;
    if (!outcome.ok) this.#setPercent(0);
  }
  #setPercent(percent) {
    this.#way.value = percent;
    this.#percent.textContent = `${percent} %`;
  }
  #show() {
    this.#go.disabled = !this.#isAllowed || this.#running !== void 0;
    this.#cancel.disabled = this.#running === void 0;
    this.#form.dataset["state"] = this.#running ? "running" : "resting";
  }
};

// src/trail.ts
var SPAN = 1e4;
var KEPT = 2400;
var Trail = class {
  #numbers = new Float64Array(KEPT);
  #values;
  #count = 0;
  /** @param curves how many values a sample has. */
  constructor(curves) {
    this.#values = Array.from({ length: curves }, () => new Float32Array(KEPT));
  }
  push(number, values) {
    if (this.#count && number <= this.newest) this.#count = 0;
    const at = this.#count++ % KEPT;
    this.#numbers[at] = number;
    this.#values.forEach((ring, curve) => ring[at] = values[curve] ?? NaN);
  }
  get isEmpty() {
    return this.#count === 0;
  }
  /** The number of the newest sample. */
  get newest() {
    return this.#numbers[(this.#count - 1) % KEPT] ?? 0;
  }
  /** The newest value of a curve. */
  last(curve) {
    return this.#values[curve]?.[(this.#count - 1) % KEPT] ?? NaN;
  }
  /** Calls `visit` with what a curve has in the span that ends with the newest sample, oldest first. */
  each(curve, visit) {
    const { newest } = this;
    const ring = this.#values[curve];
    if (!ring) return;
    for (let index = Math.max(0, this.#count - KEPT); index < this.#count; index++) {
      const at = index % KEPT;
      const age = newest - this.#numbers[at];
      if (age <= SPAN) visit(age, ring[at]);
    }
  }
};

// src/plot.ts
var GAP = 500;
var MARGIN = { left: 44, right: 26, top: 8, bottom: 22 };
var FONT = "12px system-ui, sans-serif";
var LABEL = 14;
var Plot = class {
  #canvas;
  #trail;
  #axis;
  #curves;
  #width = 0;
  #height = 0;
  constructor(canvas, trail, axis, curves) {
    this.#canvas = canvas;
    this.#trail = trail;
    this.#axis = axis;
    this.#curves = curves;
    new ResizeObserver(() => this.#fit()).observe(canvas);
    addEventListener("resize", () => this.#fit());
    for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
      matchMedia(query).addEventListener("change", () => this.draw());
    }
    this.#fit();
  }
  #fit() {
    const { clientWidth, clientHeight } = this.#canvas;
    const density = devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * density), Math.round(clientHeight * density)];
    this.#width = clientWidth;
    this.#height = clientHeight;
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.draw();
  }
  /** Draws what the trail has now. */
  draw() {
    const context = this.#canvas.getContext("2d");
    if (!context || this.#width <= 0 || this.#height <= 0) return;
    const style = getComputedStyle(this.#canvas);
    const color = (name) => style.getPropertyValue(name).trim();
    const density = this.#canvas.width / this.#width;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, this.#width, this.#height);
    context.font = FONT;
    this.#drawAxes(context, color("--grid"), color("--muted"));
    for (const curve of this.#curves) this.#drawCurve(context, curve, color(curve.color));
    this.#drawLabels(context, color);
  }
  #x(age) {
    return this.#width - MARGIN.right - age / SPAN * (this.#width - MARGIN.left - MARGIN.right);
  }
  #y(value) {
    const { least, most } = this.#axis;
    return MARGIN.top + (most - value) / (most - least) * (this.#height - MARGIN.top - MARGIN.bottom);
  }
  #drawAxes(context, grid, text) {
    context.lineWidth = 1;
    context.strokeStyle = grid;
    context.fillStyle = text;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const value of this.#axis.lines) {
      const y = Math.round(this.#y(value)) + 0.5;
      context.beginPath();
      context.moveTo(MARGIN.left, y);
      context.lineTo(this.#width - MARGIN.right, y);
      context.stroke();
      context.fillText(String(value).replace("-", "−"), MARGIN.left - 8, y);
    }
    context.textBaseline = "alphabetic";
    for (let seconds = 0; seconds <= 10; seconds += this.#width < 500 ? 5 : 2) {
      const x = Math.round(this.#x(seconds * 1e3)) + 0.5;
      context.beginPath();
      context.moveTo(x, MARGIN.top);
      context.lineTo(x, this.#height - MARGIN.bottom);
      context.stroke();
      context.textAlign = seconds ? "center" : "right";
      context.fillText(seconds ? `−${seconds} s` : "now", seconds ? x : x + 8, this.#height - 5);
    }
  }
  #drawCurve(context, { index }, color) {
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.beginPath();
    let before = Infinity;
    this.#trail.each(index, (age, value) => {
      const isJoined = before - age <= GAP;
      before = age;
      if (isJoined) context.lineTo(this.#x(age), this.#y(value));
      else context.moveTo(this.#x(age), this.#y(value));
    });
    context.stroke();
  }
  /** At the end of each curve, so that nobody has to tell them apart by colour alone. */
  #drawLabels(context, color) {
    if (this.#trail.isEmpty) return;
    const labels = this.#curves.map((curve) => ({ curve, y: this.#y(this.#trail.last(curve.index)) })).sort((a, b) => a.y - b.y);
    spread(labels, MARGIN.top + 4, this.#height - MARGIN.bottom - 2);
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.font = `600 ${FONT}`;
    for (const { curve, y } of labels) {
      context.fillStyle = color(curve.color);
      context.fillText(curve.label, this.#width - MARGIN.right + 9, y);
    }
  }
};
function spread(labels, least, most) {
  const groups = [];
  const top = ({ sum, members: members2 }) => {
    const height = (members2.length - 1) * LABEL;
    return Math.max(least, Math.min(most - height, sum / members2.length - height / 2));
  };
  for (const label of labels) {
    let group = { sum: label.y, members: [label] };
    for (let above = groups.at(-1); above && top(above) + above.members.length * LABEL > top(group); above = groups.at(-1)) {
      groups.pop();
      group = { sum: above.sum + group.sum, members: [...above.members, ...group.members] };
    }
    groups.push(group);
  }
  for (const group of groups) {
    const from = top(group);
    group.members.forEach((label, at) => label.y = from + at * LABEL);
  }
}

// src/telemetry.ts
var JOINTS = 4;
var NUMBERS_PERIOD = 200;
var CALM_PERIOD = 1e3;
var Telemetry = class {
  #trail = new Trail(JOINTS + 1);
  #plots;
  #numbers = [];
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #newest;
  #drawnAt = 0;
  #writtenAt = 0;
  /** When the newest sample came, as of `performance.now()`. */
  #heardAt;
  constructor(connection2) {
    const joints = Array.from({ length: JOINTS }, (_, index) => ({ index, color: `--curve-${index + 1}`, label: `${index + 1}` }));
    this.#plots = [
      new Plot(element("joints", HTMLCanvasElement), this.#trail, { least: -130, most: 130, lines: [-120, -60, 0, 60, 120] }, joints),
      new Plot(element("temperature", HTMLCanvasElement), this.#trail, { least: 15, most: 75, lines: [20, 40, 60] }, [
        { index: JOINTS, color: "--curve-5", label: "T" }
      ])
    ];
    const readings = element("readings", HTMLElement);
    for (const { label, color } of [...joints.map(({ label: label2 }) => ({ label: `Joint ${label2}`, color: label2 })), { label: "Motors", color: "5" }]) {
      const reading = readings.appendChild(document.createElement("div"));
      reading.dataset["curve"] = color;
      reading.appendChild(document.createElement("dt")).textContent = label;
      const number = reading.appendChild(document.createElement("dd"));
      number.textContent = "–";
      this.#numbers.push(number);
    }
    connection2.follow((machine) => machine.newest({ window: 1, onMissed: () => {
    } }), async (sample) => {
      this.#take(sample);
      await new Promise(requestAnimationFrame);
    });
  }
  /** For how long nothing has come, in milliseconds: since the page was shown, at most. */
  silence(now) {
    return now - (this.#heardAt ?? now);
  }
  /** Silence is counted from now on. */
  listen(now) {
    this.#heardAt = now;
  }
  /** What is shown is old. */
  setStale(isStale) {
    if (isStale && this.#newest) this.#write(this.#newest);
    element("telemetry", HTMLElement).classList.toggle("stale", isStale);
  }
  #take(sample) {
    const now = performance.now();
    this.#heardAt = now;
    this.#newest = sample;
    this.#trail.push(sample.number, [...sample.joints, sample.temperature]);
    const period = this.#calm.matches ? CALM_PERIOD : 0;
    if (now - this.#drawnAt >= period) {
      this.#drawnAt = now;
      for (const plot of this.#plots) plot.draw();
    }
    if (now - this.#writtenAt >= Math.max(period, NUMBERS_PERIOD)) {
      this.#writtenAt = now;
      this.#write(sample);
    }
  }
  #write({ joints, temperature }) {
    [...joints.map((angle) => `${signed(angle)}°`), `${temperature.toFixed(1)} °C`].forEach((text, at) => {
      const place = this.#numbers[at];
      if (place && place.textContent !== text) place.textContent = text;
    });
  }
};
function signed(value) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
}

// src/page.ts
var SILENCE = 1500;
var BLINK = 500;
var line = element("line", HTMLElement);
var lineText = line.querySelector("span");
var banners = element("banners", HTMLElement);
var connectionBanner = new Banner(banners);
var versionBanner = new Banner(banners);
var stopBanner = new Banner(banners);
var anew = { label: "Connect anew", run: () => connection.connect() };
var state;
var mismatch2;
var connection = new Connection2({
  onState(now) {
    state = now;
    if (now.status === "connecting" || now.status === "reconnecting") mismatch2 = void 0;
    if (now.status === "connected") telemetry.listen(performance.now());
    show();
  },
  onMismatch(now) {
    mismatch2 = now;
    show();
  },
  onStopped(reason) {
    if (stop.isOwn) return;
    const action = { label: "Understood", run: () => stopBanner.hide() };
    stopBanner.show({ tone: "warning", title: "Somebody else has stopped the machine.", text: `Reason: ${reason}`, action });
  }
});
var telemetry = new Telemetry(connection);
var homing = new Homing(connection);
var stop = new EmergencyStop(connection, show);
function describe() {
  if (mismatch2) return { tone: "bad", text: "Wrong version" };
  if (!state || state.status === "connecting") return { tone: "waiting", text: "Connecting" };
  if (state.status === "reconnecting") return { tone: "bad", text: "Reconnecting" };
  if (state.status === "closed") return { tone: "bad", text: "No connection" };
  if (document.hidden) return { tone: "good", text: "Connected" };
  const silence = telemetry.silence(performance.now());
  if (silence > SILENCE) return { tone: "waiting", text: `Connected, but no sample for ${Math.floor(silence / 1e3)} s` };
  return { tone: "good", text: "Connected" };
}
function show() {
  const { tone, text } = describe();
  line.dataset["tone"] = tone;
  if (lineText.textContent !== text) lineText.textContent = text;
  const isUsable = state?.status === "connected" && !mismatch2;
  stop.setConnected(isUsable);
  homing.allow(isUsable && !stop.isStopped);
  telemetry.setStale(tone !== "good");
  showConnection();
  showVersion();
}
function showConnection() {
  if (!state || state.status === "connected" || mismatch2) return connectionBanner.hide();
  const text = "What is shown here is old, and commands don't reach it.";
  if (state.status === "reconnecting") {
    const { attempt, since, nextAt } = state;
    if (Date.now() - since < BLINK) return;
    const seconds = Math.ceil((nextAt - Date.now()) / 1e3);
    const note = seconds > 0 ? `Attempt ${attempt} in ${seconds} s.` : `Attempt ${attempt} is being made.`;
    const action = { label: "Retry now", run: () => connection.retryNow() };
    connectionBanner.show({ tone: "warning", title: "The connection to the machine is lost.", text, note, action });
  } else if (state.status === "closed") {
    const { message } = state.reason;
    connectionBanner.show({ tone: "warning", title: "There is no connection to the machine.", text: `${text} (${message})`, action: anew });
  }
}
function showVersion() {
  if (!mismatch2) return versionBanner.hide();
  const { summary, newer, ours, theirs } = mismatch2;
  const text = `This page has ${ours.version}, the machine ${theirs.version}.`;
  if (newer === "page") return versionBanner.show({ tone: "warning", title: summary, text, action: anew });
  versionBanner.show({ tone: "news", title: summary, text, action: { label: "Reload", run: () => location.reload() } });
}
document.addEventListener("visibilitychange", () => telemetry.listen(performance.now()));
setInterval(show, 500);
connection.connect();
