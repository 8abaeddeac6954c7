// src/banner.ts
var Banner = class {
  #region;
  #shown;
  constructor(region) {
    this.#region = region;
  }
  /** Shows a message instead of what was shown. One that differs in its note alone isn't told again. */
  show(message) {
    const labels = message.actions?.map(({ label }) => label);
    const key = JSON.stringify([message.tone, message.title, message.text, labels]);
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
    for (const { label, run } of message.actions ?? []) {
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
    const copy2 = new Array(value.length);
    for (let at = 0; at < value.length; at++) {
      let of;
      if (plan === "json")
        of = plan;
      else if (typeof plan === "object")
        of = "a" in plan ? plan.a : "t" in plan ? plan.t[at] : 0;
      copy2[at] = this.#part(of, value[at], at);
    }
    return copy2;
  }
  #object(plan, value) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      this.#refuse(`a ${value.constructor?.name ?? "class"} can't be sent: give a plain object`);
    }
    const source = value;
    const copy2 = {};
    for (const name of Object.keys(source)) {
      if (source[name] === void 0 && !isEntry(plan, source, name))
        continue;
      this.#text(0, name);
      setMember(copy2, name, this.#part(memberPlan(plan, source, name), source[name], name));
    }
    return copy2;
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
  start(exchange, args, def, open2) {
    if (exchange.isSettled)
      return void 0;
    const fail = (error) => exchange.fail(error);
    try {
      const sent = outgoing(exchange.name, exchange.method, args, this.#common.isJson);
      exchange.onSettled = sent.streams?.leave;
      const send = () => this.send(exchange, sent, def, open2);
      this.session.comeback?.follow(exchange, send, sent.streams !== void 0);
      send();
      return sent;
    } catch (error) {
      fail(error);
      return void 0;
    }
  }
  /** Sends a call on the connection that there is, or when there is one. */
  send(exchange, sent, def, open2) {
    if (exchange.isSettled)
      return;
    const fail = (error) => exchange.fail(error);
    try {
      this.#ready(def, exchange.name, (connection2) => connection2.start(exchange, sent, open2?.(connection2)), fail, exchange);
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
    const { 0: whole, 1: long, index: index2 } = token;
    if (whole === '"')
      TOKENS.lastIndex = stringEnd(text, index2 + 1);
    else if (long !== void 0) {
      marked.push(text.slice(written, index2), `"${MARK_JSON}${long}"`);
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
var disposable = (stop) => ({ dispose: stop, [dispose]: stop });

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
    const stop = args.streams?.start(this, exchange.method.keep === 1);
    exchange.onSettled = () => {
      stop?.();
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
  #peerCloses({ reason: reason2, final }) {
    this.#isClosing = true;
    const text = typeof reason2 === "string" ? reason2 : "the other side is closing";
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
function conflicts(one, other) {
  return one !== other && one.split(":")[0] === other.split(":")[0];
}

// ../../../web/dist/mismatch.js
var VersionMismatchError = class extends IpcError {
  mismatch;
  name = "VersionMismatchError";
  constructor(mismatch2, details = {}) {
    super("versionMismatch", mismatch2.text, details);
    this.mismatch = mismatch2;
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
  subscribe = (listener) => {
    const entry = { listener };
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
    const reason2 = new IpcError("notConnected", "this side has closed the connection");
    this.perseveres = false;
    this.#giveUp.abort(reason2);
    const over = this.#connection?.close(reason2, true);
    this.#closed(reason2);
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
  set(state) {
    for (const listener of this.state.set(state))
      this.#call("a listener of `state`", listener);
  }
  #whenConnected(def, exchange) {
    const state = this.state.get();
    if (state.status === "closed")
      throw unavailable(state.reason);
    const first = state.status === "connecting" ? this.connect() : void 0;
    first?.catch(() => {
    });
    const connected = this.comeback?.wait(exchange) ?? first;
    if (!connected)
      throw new IpcError("notConnected", `the connection is lost: ${state.cause?.message}`);
    return connected.then(() => this.use(def, exchange));
  }
  async #connect() {
    const { dial, codec, limits, handshakeTimeout = HANDSHAKE_TIMEOUT } = this.options;
    const state = this.state.get();
    if (state.status === "closed")
      throw state.reason;
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
    const reason2 = this.#final ?? (this.perseveres && this.comeback ? this.comeback.failed(cause) : cause);
    if (reason2)
      this.#closed(reason2);
    return reason2 !== void 0;
  }
  #over(transport) {
    const connection2 = new Connection(transport, {
      ...this.options,
      onClosing: (reason2, isFinal) => {
        if (isFinal)
          this.#final = new IpcError("closing", reason2);
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
  #closed(reason2) {
    if (this.state.get().status === "closed")
      return;
    this.#forget();
    this.comeback?.end(unavailable(reason2));
    this.set({ status: "closed", reason: reason2 });
  }
  /** Calls a function of the app's: the connection doesn't depend on what it does. */
  #call(what, call) {
    void guarded(call, (cause) => this.options.onError(thrown(what, cause)));
  }
};
function unavailable(reason2) {
  return reason2.kind === "versionMismatch" ? reason2 : new IpcError("notConnected", reason2.message, { cause: reason2 });
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
  const { open: open2 = (to, protocols) => new WebSocket(to, protocols) } = options;
  const given = String(url);
  return {
    endpoint: given,
    dial: async (encoding, signal) => {
      const endpoint = absolute(given);
      return new Promise((resolve, reject) => connect(open2(endpoint, [`ipc.v1.${encoding}`, "ipc.session"]), endpoint, signal, resolve, reject));
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
  socket.onclose = ({ code, reason: reason2 }) => {
    signal.removeEventListener("abort", abort);
    const cause = closed(endpoint, code, reason2, isOpen);
    if (isOpen)
      transport.onclose(cause);
    else
      reject(cause);
  };
  signal.addEventListener("abort", abort);
}
function closed(endpoint, code, reason2, wasOpen) {
  const why = reason2 ? `: ${reason2}` : "";
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

// ../../../web/dist/lingering.js
var Lingering = class {
  open;
  end;
  #users = 0;
  #isOpen = false;
  #timer;
  constructor(open2, end) {
    this.open = open2;
    this.end = end;
  }
  /**
   * Uses it, until the function that this returns is called.
   *
   * @param atOnce whether it is opened before this returns.
   */
  use(atOnce = false) {
    this.#users++;
    clearTimeout(this.#timer);
    this.#timer = void 0;
    if (atOnce)
      this.#opened();
    else if (!this.#isOpen)
      queueMicrotask(() => this.#opened());
    let uses = true;
    return () => {
      if (!uses)
        return;
      uses = false;
      if (--this.#users || !this.#isOpen)
        return;
      this.#timer = setTimeout(() => {
        this.#timer = void 0;
        this.#isOpen = false;
        this.end();
      });
    };
  }
  /** What was opened has ended by itself: the next user opens it anew. */
  over() {
    this.#isOpen = false;
    clearTimeout(this.#timer);
  }
  #opened() {
    if (!this.#users || this.#isOpen)
      return;
    this.#isOpen = true;
    this.open();
  }
};

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
  constructor(session, comeback, first, open2) {
    this.session = session;
    this.comeback = comeback;
    this.first = first;
    this.open = open2;
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
  const stop = new AbortController();
  for (const [on, name, listener] of events)
    on?.addEventListener?.(name, listener, { signal: stop.signal });
  return () => stop.abort();
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
  resume(first, open2) {
    return new Resuming(this.session, this, first, open2);
  }
  end(reason2) {
    clearTimeout(this.#pause);
    this.#pause = void 0;
    this.#sleep?.();
    this.#stay?.();
    for (const { fail } of this.#taken())
      fail(reason2);
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
    const last2 = this.#items[this.#items.length - 1];
    if (last2 && "missed" in last2) {
      const before = last2.missed;
      last2.missed = before.kind === "lagged" && missed.kind === "lagged" ? { kind: "lagged", count: before.count + missed.count } : { kind: "gap" };
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
  takeUp(credit, stop) {
    Object.assign(this.#options, { credit, stop });
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
      const reason2 = error ? replyError(error, this.name, method.x, long) : void 0;
      const isLast = reason2 instanceof IpcError && reason2.kind === "closing" && exchange.isSettled;
      if (isLast && going?.lost(reason2))
        return;
      inflow.finish(error ? { error: isLast ? disconnected(this.name, reason2, true) : reason2 } : {});
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
    const stop = () => {
      all.forget(this);
      all.unsubscribe(this.id);
    };
    if (this.#shared) {
      this.#shared.takeUp(credit, stop);
      if (!going?.place)
        this.#shared.miss({ kind: "gap" });
      return this.#shared;
    }
    const abort = () => inflow.end(failure("cancelled", name, "it was cancelled", { cause: signal?.reason }));
    const inflow = new Inflow({
      name,
      window,
      credit,
      stop,
      onMissed: onMissed && ((missed) => void guarded(() => onMissed(missed), (cause) => all.connection.failed(thrown(`${name}: \`onMissed\``, cause)))),
      onOver: () => signal?.removeEventListener("abort", abort)
    });
    signal?.addEventListener("abort", abort);
    return inflow;
  }
};

// ../../../web/dist/uploads.js
var uploading = () => {
  const sources = [];
  const streams = [];
  return {
    add(source, plan, at) {
      if (!isIterable(source))
        throw new Error(`argument ${at + 1} has to be iterable, or a ReadableStream`);
      sources.push([++last, source, plan]);
      return { $stream: last };
    },
    open() {
      for (const [id, source, plan] of sources)
        streams.push({ id, items: itemsOf(source), plan });
    },
    start: (connection2, isKept) => connection2.part(Uploads).start(streams, isKept),
    leave: () => streams.forEach(({ items }) => leave(items))
  };
};
var last = 0;
var GIVEN_UP = { code: CANCELLED, message: "the caller has given it up" };
function isIterable(value) {
  if (value === null || typeof value !== "object")
    return false;
  return "getReader" in value || Symbol.asyncIterator in value || Symbol.iterator in value;
}
var Uploads = class {
  connection;
  #flows = /* @__PURE__ */ new Map();
  constructor(connection2) {
    this.connection = connection2;
  }
  /** Starts those of a request that was sent. What this returns stops them. */
  start(streams, isKept) {
    for (const stream of streams)
      this.#flows.set(stream.id, this.#flow(stream));
    for (const { id } of streams)
      void this.#flows.get(id)?.run();
    return () => {
      for (const { id } of streams) {
        this.#flows.get(id)?.stop();
        if (this.#flows.delete(id) && isKept)
          this.connection.tell(noteMessage("$/stream", { stream: id, error: GIVEN_UP }));
      }
    };
  }
  note(name, params) {
    if (name === "rpc.credit")
      this.#flows.get(params["stream"])?.credit(amount(params["n"]) ?? 0, amount(params["bytes"]));
    else if (name === "rpc.closeStream")
      this.#flows.get(params[0])?.stop();
    return false;
  }
  end() {
    for (const flow of this.#flows.values())
      flow.stop();
    this.#flows.clear();
  }
  #flow({ id, items, plan }) {
    const { connection: connection2 } = this;
    const told = (member2, exact) => connection2.send(noteMessage("$/stream", { stream: id, ...member2 }), exact);
    const overhead = connection2.codec.encode(noteMessage("$/stream", { stream: id, item: 0 }), false).length - 1;
    const ended = (member2) => {
      this.#flows.delete(id);
      told(member2, false);
    };
    return new Outflow(items, {
      window: connection2.peerWindow,
      item: (value) => {
        const encoding = new Encoding(connection2.isJson);
        const item = encoding.convert(plan, value, "an item");
        return sizeOf(told({ item }, encoding.exact)) - overhead;
      },
      done: () => ended({ done: true }),
      failed: (error) => ended({ error: { code: METHOD_ERROR, message: textOf(error) } }),
      lost: (error) => connection2.failed(new IpcError("handlerFailed", `the end of a stream argument can't be sent: ${textOf(error)}`, { cause: error })),
      buffered: () => connection2.buffered()
    });
  }
};

// ../../../web/dist/store-staged.js
var MAX_LOOK_BYTES = 1024 * 1024 * 1024;
var [ENTRY_BYTES, CONTAINER_BYTES, VALUE_BYTES] = [240, 48, 16];
var Staged = class {
  maxBytes;
  #updates = /* @__PURE__ */ new Map();
  #bytes = 0;
  constructor(maxBytes) {
    this.maxBytes = maxBytes;
  }
  /**
   * Adds a part. Returns the whole look with its last part.
   *
   * @throws IpcError `tooLarge` for a look that is larger than may be.
   */
  add({ restart, entries, complete }) {
    if (restart)
      this.#taken();
    for (const update of entries) {
      const [key, revision, content] = apart(update);
      const bytes = costOf(key, content);
      this.#bytes += bytes - (this.#updates.get(key)?.[2] ?? 0);
      this.#updates.delete(key);
      this.#updates.set(key, [revision, content, bytes]);
      if (this.#bytes > this.maxBytes)
        throw failure("tooLarge", "ipc.store.watch", `one look at the store has more than ${this.maxBytes} bytes`);
    }
    return complete ? this.#taken() : void 0;
  }
  #taken() {
    const all = this.#updates;
    this.#updates = /* @__PURE__ */ new Map();
    this.#bytes = 0;
    return all;
  }
};
function apart(update) {
  if ("set" in update)
    return [update.set.key, update.set.revision, { wire: update.set.value }];
  if ("removed" in update)
    return [update.removed.key, update.removed.revision, void 0];
  const { key, revision, size, limit } = update.tooLarge;
  return [key, revision, { size, limit }];
}
function costOf(key, content) {
  let bytes = ENTRY_BYTES + key.length;
  const open2 = content && "wire" in content ? [content.wire] : [];
  while (open2.length) {
    const value = open2.pop();
    bytes += VALUE_BYTES;
    if (typeof value === "string")
      bytes += value.length;
    if (typeof value !== "object" || value === null)
      continue;
    bytes += CONTAINER_BYTES;
    if (ArrayBuffer.isView(value))
      bytes += value.byteLength;
    else if (Array.isArray(value))
      for (const item of value)
        open2.push(item);
    else {
      for (const [name, member2] of Object.entries(value)) {
        bytes += name.length;
        open2.push(member2);
      }
    }
  }
  return bytes;
}

// ../../../web/dist/store-value.js
var EXACT = "$json";
var Entry = class {
  key;
  revision;
  content;
  /** What the plans of keys have made of it, so that it is the same each time. */
  #made = /* @__PURE__ */ new Map();
  constructor(key, revision, content) {
    this.key = key;
    this.revision = revision;
    this.content = content;
    if ("wire" in content)
      this.#made.set(void 0, unwrapped(content.wire));
  }
  /**
   * The value as the plan has it.
   *
   * @throws IpcError `tooLarge`, or `protocol` or `inexact` if it isn't of the key's type.
   */
  read(plan) {
    if ("size" in this.content) {
      const { size, limit } = this.content;
      const text = `the value of \`${this.key}\` has ${size} bytes: too large for the ${limit} of a message`;
      throw failure("tooLarge", "ipc.store.watch", text, { data: { key: this.key, size, limit } });
    }
    if (!this.#made.has(plan)) {
      try {
        this.#made.set(plan, decode(plan, copy(this.#made.get(void 0)), true, [this.key]));
      } catch (unfit) {
        throw unfitting(unfit, "ipc.store.watch");
      }
    }
    return this.#made.get(plan);
  }
};
function kept({ key, p }, value, method) {
  const encoding = new Encoding(true);
  try {
    const json2 = encoding.convert(p, value, key);
    return encoding.exact && isWide(json2) || exactText(json2) !== void 0 ? { [EXACT]: stringify(json2) } : json2;
  } catch (error) {
    throw failure("invalidArguments", method, error, { cause: error });
  }
}
function exactText(value) {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, EXACT) || Object.keys(value).length !== 1)
    return void 0;
  const text = value[EXACT];
  return typeof text === "string" ? text : void 0;
}
function unwrapped(wire) {
  const text = exactText(wire);
  if (text === void 0)
    return wire;
  try {
    return parse(text).value;
  } catch {
    return wire;
  }
}
function isWide(value) {
  if (typeof value === "bigint")
    return value < -(2n ** 63n) || value >= 2n ** 64n;
  return typeof value === "object" && value !== null && Object.values(value).some(isWide);
}
function copy(json2) {
  if (Array.isArray(json2))
    return json2.map(copy);
  if (typeof json2 !== "object" || json2 === null)
    return json2;
  const made = {};
  for (const [name, value] of Object.entries(json2))
    setMember(made, name, copy(value));
  return made;
}

// ../../../web/dist/store-table.js
var Snapshot = class {
  revision;
  #entries;
  /** @internal */
  constructor(revision, entries) {
    this.revision = revision;
    this.#entries = entries;
  }
  /** How many keys have a value. */
  get size() {
    return this.#entries.size;
  }
  /**
   * The value of a key, `undefined` if it has none. It is the same object each time: don't change it.
   *
   * @throws IpcError `protocol` or `inexact` if the value isn't of the key's type, `tooLarge` if it is
   * larger than the messages that this side takes.
   */
  get({ key, p }) {
    return this.#entries.get(key)?.read(p);
  }
  /** The write that set a key's value, `undefined` if it has none. */
  revisionOf({ key }) {
    return this.#entries.get(key)?.revision;
  }
  /** The keys that have a value, sorted. */
  keys() {
    return [...this.#entries.keys()].sort();
  }
};
var Table = class {
  /** What was shown last; `undefined` before the first look. */
  seen;
  #entries = /* @__PURE__ */ new Map();
  #snapshot;
  get(key) {
    return this.#entries.get(key);
  }
  get snapshot() {
    return this.#snapshot ??= new Snapshot(this.seen?.revision ?? 0, new Map(this.#entries));
  }
  /** Shows a look, all of it at once. Returns what has changed. */
  show({ epoch, reset, revision }, updates) {
    const changes = this.#apply(updates, reset, epoch === this.seen?.epoch, revision);
    this.seen = { epoch, revision };
    this.#snapshot = void 0;
    return changes;
  }
  #apply(updates, reset, sameEpoch, shown) {
    const changes = [];
    const gone = new Set(reset ? this.#entries.keys() : []);
    for (const [key, [revision, content]] of updates) {
      gone.delete(key);
      if (sameEpoch && this.#entries.get(key)?.revision === revision)
        continue;
      changes.push(this.#put(key, revision, content));
    }
    for (const key of gone)
      changes.push(this.#put(key, shown, void 0));
    return changes;
  }
  #put(key, revision, content) {
    const entry = content && new Entry(key, revision, content);
    if (entry)
      this.#entries.set(key, entry);
    else
      this.#entries.delete(key);
    const of = (asked2) => asked2.key === key ? { value: entry?.read(asked2.p) } : void 0;
    return { key, revision, isRemoval: !entry, of };
  }
};

// ../../../web/dist/store-watch.js
var KeyWatch = class {
  #watched;
  /** What was given last, of a watch that has given something. */
  #given;
  #readers = [];
  #leave;
  #isOver = false;
  constructor(watched) {
    this.#watched = watched;
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
  close() {
    this.#isOver = true;
    this.#serve();
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
  /** Answers readers in their order, and listens as long as there are any. */
  #serve = () => {
    while (this.#readers.length) {
      const value = this.#watched.now();
      const isNew = !this.#isOver && (!this.#given || this.#given.value !== value);
      this.#isOver ||= !isNew && this.#watched.isOver();
      if (!isNew && !this.#isOver) {
        this.#leave ??= this.#watched.listen(this.#serve);
        return;
      }
      const reader = this.#readers.shift();
      if (!isNew) {
        reader.resolve({ value: void 0, done: true });
        continue;
      }
      this.#given = { value };
      try {
        reader.resolve({ value: this.#watched.read(), done: false });
      } catch (error) {
        reader.reject(error);
      }
    }
    this.#leave?.();
    this.#leave = void 0;
  };
};

// ../../../web/dist/store-wire.js
var $revision = "int";
var $stored = { s: { value: "json", revision: $revision } };
var $storeError = { u: "json", s: { Conflict: { s: { expected: $revision, current: $revision, latest: $revision } }, Full: { s: { limit: "int", needed: "int" } }, KeyTooLong: { s: { length: "int", limit: "int" } }, TooLarge: { s: { size: "int", limit: "int" } } } };
var $removal = { s: { revision: $revision, latest: $revision } };
var $seen = { s: { epoch: "int", revision: $revision } };
var $keyUpdate = { s: { set: { s: { value: "json", revision: $revision } }, removed: { s: { revision: $revision } }, tooLarge: { s: { size: "int", limit: "int", revision: $revision } } } };
var $lookPart = { s: { epoch: "int", entries: { a: $keyUpdate }, revision: $revision } };
var Wire = {
  channel: "ipc.store",
  version: "1.0.0",
  fingerprint: "2:de91540eb2958f86",
  format: 1,
  methods: {
    get: { n: 2, r: $stored, f: "79552b79faf81381" },
    set: { n: 3, a: [0, "json"], r: $revision, e: $storeError, f: "a2986cde7a0c8061" },
    compareAndSet: { n: 4, a: [0, $revision, "json"], r: $revision, e: $storeError, f: "ab5dfa3b56b7f682" },
    remove: { n: 2, r: $removal, e: $storeError, f: "f01d4cc115999a25" },
    watch: { n: 2, k: subscribing, a: [0, $seen], r: $lookPart, f: "06493a1c63921ea8" }
  }
};

// ../../../web/dist/store-replica.js
var WATCH = "ipc.store.watch";
var WRITE_TIMEOUT = 6e4;
var LOST = /* @__PURE__ */ new Set(["disconnected", "notConnected", "closing"]);
var Replica = class _Replica {
  closed;
  /** Settles when it has all values, or fails with why it never has them. */
  opened;
  #ipc;
  #client;
  #which;
  #table;
  #maxLookBytes;
  #keyed = /* @__PURE__ */ new Map();
  #changes = /* @__PURE__ */ new Set();
  /** The writes that wait until they are seen here. */
  #writes = /* @__PURE__ */ new Set();
  #parts;
  /** Counts connections. */
  #connection = 1;
  /** The connection that has answered whoever asked for the values last. */
  #asked = 0;
  /** The connection that the values come from. */
  #shown = 0;
  #end;
  #closed;
  /** Takes back what was asked for and isn't answered yet. */
  #stop = new AbortController();
  #leave;
  /**
   * Begins to follow a scope, when there is a connection.
   *
   * @param table what is known of it. A replica before this one has ended.
   * @param maxLookBytes how much it takes at once.
   */
  constructor(ipc, which, table = new Table(), maxLookBytes = MAX_LOOK_BYTES) {
    this.#ipc = ipc;
    this.#client = ipc.client(Wire);
    this.#which = which;
    this.#table = table;
    this.#maxLookBytes = maxLookBytes;
    this.closed = new Promise((resolve) => this.#closed = resolve);
    this.#leave = ipc.state.subscribe(() => {
      if (ipc.state.get().status !== "connected")
        return;
      this.#connection++;
      this.#parts?.close();
    });
    this.opened = new Promise((resolve, reject) => {
      void this.closed.then(reject);
      void this.#follow(resolve);
    });
    this.opened.catch(() => {
    });
  }
  /** Opens a replica: it has all values then. */
  static async open(ipc, which) {
    const replica = new _Replica(ipc, which);
    await replica.opened;
    return replica;
  }
  get({ key, p }) {
    return this.#table.get(key)?.read(p);
  }
  revisionOf({ key }) {
    return this.#table.get(key)?.revision;
  }
  get revision() {
    return this.#table.seen?.revision ?? 0;
  }
  snapshot() {
    return this.#table.snapshot;
  }
  set(key, value, options) {
    const method = "ipc.store.set";
    const call = (left) => this.#client.set(key.key, kept(key, value, method), this.#which, left);
    return this.#write({ method, call, seen: (revision) => [revision, revision] }, options);
  }
  compareAndSet(key, expected, value, options) {
    const method = "ipc.store.compareAndSet";
    const call = (left) => this.#client.compareAndSet(key.key, expected ?? null, kept(key, value, method), this.#which, left);
    return this.#write({ method, call, seen: (revision) => [revision, revision] }, options);
  }
  remove({ key }, options) {
    const call = (left) => this.#client.remove(key, this.#which, left);
    return this.#write({ method: "ipc.store.remove", call, seen: ({ revision, latest }) => [revision ?? void 0, latest] }, options);
  }
  watch(key) {
    return new KeyWatch({
      now: () => this.#table.get(key.key),
      read: () => this.get(key),
      isOver: () => this.isClosed,
      listen: (changed) => {
        const listeners = this.#keyed.get(key.key) ?? /* @__PURE__ */ new Set();
        this.#keyed.set(key.key, listeners.add(changed));
        return () => {
          if (listeners.delete(changed) && !listeners.size)
            this.#keyed.delete(key.key);
        };
      }
    });
  }
  changes() {
    return {
      on: (listener) => {
        const entry = { listener };
        if (!this.#end)
          this.#changes.add(entry);
        return disposable(() => void this.#changes.delete(entry));
      }
    };
  }
  get listenerCount() {
    let count = this.#changes.size;
    for (const listeners of this.#keyed.values())
      count += listeners.size;
    return count;
  }
  get isClosed() {
    return this.#end !== void 0;
  }
  close() {
    this.#ended(new IpcError("notConnected", "the replica was closed by this side"));
  }
  [dispose]() {
    this.close();
  }
  /** Follows the store, over any number of subscriptions. `opened` is called with the first values. */
  async #follow(opened) {
    while (!this.#end) {
      try {
        await this.#look(opened);
      } catch (error) {
        const cause = error instanceof IpcError ? error : failure("protocol", WATCH, error, { cause: error });
        if (!LOST.has(cause.kind) || !await this.#hasAnother(this.#asked))
          return this.#ended(cause);
      }
    }
  }
  /** Follows it over one subscription, until that has to be opened anew. */
  async #look(opened) {
    let again = false;
    const onMissed = () => {
      again = true;
      parts?.close();
    };
    let parts;
    try {
      parts = await this.#client.watch(this.#which, this.#table.seen, { onMissed, endsWithConnection: true, signal: this.#stop.signal });
    } finally {
      this.#asked = this.#connection;
    }
    const connection2 = this.#asked;
    this.#parts = parts;
    if (this.#end)
      return parts.close();
    const staged = new Staged(this.#maxLookBytes);
    for await (const part of parts) {
      const updates = this.#end ? void 0 : staged.add(part);
      if (!updates)
        continue;
      const changes = this.#table.show(part, updates);
      this.#shown = connection2;
      opened();
      this.#tell(changes);
    }
    if (!again && !this.#end && connection2 === this.#connection)
      throw new IpcError("cancelled", `${WATCH}: the store is not served any more`);
  }
  /** Waits for a connection after this one, which may be there for a moment still. Returns whether there is one. */
  #hasAnother(connection2) {
    const { state } = this.#ipc;
    return new Promise((resolve) => {
      let leave2;
      const look = () => {
        const isThere = this.#connection > connection2;
        if (!this.#end && !isThere && state.get().status !== "closed")
          return;
        leave2?.();
        this.#writes.delete(look);
        resolve(!this.#end && isThere);
      };
      leave2 = state.subscribe(look);
      this.#writes.add(look);
      look();
    });
  }
  #tell(changes) {
    for (const { key } of changes)
      this.#keyed.get(key)?.forEach((changed) => changed());
    for (const change of changes) {
      for (const entry of [...this.#changes]) {
        if (this.#changes.has(entry))
          void guarded(() => entry.listener(change), report);
      }
    }
    for (const look of [...this.#writes])
      look();
  }
  /** The one place where all that waits for this replica ends. */
  #ended(end) {
    if (this.#end)
      return;
    this.#end = end;
    this.#leave();
    this.#parts?.close();
    this.#stop.abort(end);
    this.#changes.clear();
    for (const listeners of [...this.#keyed.values()])
      for (const changed of [...listeners])
        changed();
    for (const look of [...this.#writes])
      look();
    this.#closed(end);
  }
  #write(write, { signal, timeout } = {}) {
    const began = performance.now();
    const run = async () => {
      if (this.#end && this.#ipc.state.get().status !== "closed")
        throw failure("notConnected", write.method, `the replica has ended: ${this.#end.message}`, { cause: this.#end });
      const wait = (revision) => {
        const left = timeout === null ? Infinity : (timeout ?? WRITE_TIMEOUT) - (performance.now() - began);
        return this.#reached(write.method, revision, signal, left);
      };
      try {
        const [result2, revision] = write.seen(await write.call({ signal, ...timeout === void 0 ? {} : { timeout } }));
        await wait(revision);
        return result2;
      } catch (error) {
        const { kind, data } = error;
        const { latest } = members(members(data)["Conflict"]);
        if (kind === "method" && typeof latest === "number")
          await wait(latest);
        throw error;
      }
    };
    const promise = run();
    const result = () => promise.then((value) => ({ ok: true, value }), (error) => ({ ok: false, error }));
    return Object.assign(promise, { result });
  }
  /** Waits until a write is seen here that the backend has done. */
  #reached(method, revision, signal, left) {
    const connection2 = this.#connection;
    let epoch = this.#table.seen?.epoch;
    return new Promise((resolve, reject) => {
      let timer;
      const settle = (error) => {
        this.#writes.delete(look);
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        if (error)
          reject(error);
        else
          resolve();
      };
      const look = () => {
        const { seen } = this.#table;
        if (this.#shown === connection2)
          epoch = seen?.epoch;
        if (this.#shown >= connection2 && seen?.epoch === epoch && this.revision >= revision)
          settle();
        else if (this.#end)
          settle(disconnected(method, this.#end, true));
        else if (this.#shown > connection2)
          settle(disconnected(method, new IpcError("disconnected", "the backend has another store now"), true));
      };
      const abort = () => settle(failure("cancelled", method, "it was cancelled, and may be done", { cause: signal?.reason }));
      this.#writes.add(look);
      signal?.addEventListener("abort", abort);
      if (left <= 2 ** 31 - 1)
        timer = setTimeout(() => settle(failure("deadline", method, "the write isn't seen here in time, and may be done")), left);
      if (signal?.aborted)
        abort();
      look();
    });
  }
};

// ../../../web/dist/store-cell.js
function cell(ipc, key, { own, onError = report } = {}) {
  ipc.client(Wire);
  const shared = sharedOf(ipc, own ? "own" : "shared");
  return {
    get: () => shared.table.get(key.key)?.read(key.p),
    subscribe: (listener) => shared.listen({ key: key.key, listener, onError, isTold: false }),
    set: (value, options) => shared.write((replica) => replica.set(key, value, options))
  };
}
var scopes = /* @__PURE__ */ new WeakMap();
function sharedOf(ipc, which) {
  const own = scopes.get(ipc) ?? {};
  scopes.set(ipc, own);
  return own[which] ??= new SharedReplica(ipc, which);
}
var SharedReplica = class {
  /** What stays from one replica to the next, so that what hasn't changed is the same object. */
  table = new Table();
  #listeners = /* @__PURE__ */ new Set();
  #replica;
  #life;
  constructor(ipc, which) {
    this.#life = new Lingering(() => {
      this.#replica = new Replica(ipc, which, this.table);
      void this.#follow(this.#replica);
    }, () => {
      this.#replica?.close();
      this.#replica = void 0;
    });
  }
  listen(entry) {
    this.#listeners.add(entry);
    const leave2 = this.#life.use();
    return () => {
      this.#listeners.delete(entry);
      leave2();
    };
  }
  /** Writes at once: a write needs no values here. */
  write(write) {
    const leave2 = this.#life.use(true);
    return withOutcome(write(this.#replica).finally(leave2));
  }
  async #follow(replica) {
    try {
      await replica.opened;
      for (const entry of this.#listeners)
        entry.isTold = false;
      replica.changes().on(({ key }) => this.#tell((entry) => entry.key === key));
      this.#tell(() => true);
      throw await replica.closed;
    } catch (error) {
      if (this.#replica !== replica)
        return;
      this.#life.over();
      const { kind } = error;
      if (kind === "disconnected" || kind === "notConnected")
        return;
      for (const entry of [...this.#listeners]) {
        if (entry.isTold)
          continue;
        entry.isTold = true;
        void guarded(() => entry.onError(error), report);
      }
    }
  }
  #tell(whom) {
    for (const entry of [...this.#listeners]) {
      if (whom(entry) && this.#listeners.has(entry))
        void guarded(() => entry.listener(), report);
    }
  }
};

// src/ipc.ts
var $noteInfo = { s: { modified: "int" } };
var $note = { s: { info: $noteInfo } };
var $change = { s: { Written: $noteInfo, Renamed: { s: { to: $noteInfo } } } };
var $kept = { s: { Note: $noteInfo } };
var $arrived = { s: { bytes: "int" } };
var Notes = {
  channel: "demo.notes",
  version: "1.0.0",
  fingerprint: "2:840a5bbadcbef48b",
  format: 1,
  methods: {
    list: { retry: 1, keep: 1, r: { a: $noteInfo }, f: "d10cda4b18ceb035" },
    read: { n: 1, retry: 1, keep: 1, r: $note, f: "d552852a9a0aca46" },
    save: { n: 3, keep: 1, r: $noteInfo, f: "cc87aa4e2f3e4479" },
    delete: { n: 2, keep: 1, f: "e0ab8255a61d1d02" },
    rename: { n: 2, keep: 1, r: $noteInfo, f: "128548487e88ac92" },
    pin: { n: 2, f: "33610cbd1bb600fc" },
    enter: { n: 1, f: "a8761d3f9bd53a86" },
    changes: { k: subscribing, r: $change, f: "d1a733204e81d158" },
    search: { n: 1, retry: 1, keep: 1, f: "b943fe24b4433886" },
    index: { ms: null, f: "fa41923fe62e55c0" },
    import: { n: 2, up: uploading, ms: 6e5, a: [0, { stream: "bytes" }], r: $kept, p: $arrived, f: "d054432c48c3318c" }
  }
};
var Pinned = { key: "pinned" };
var Draft = { key: "draft" };
var Index = { key: "index" };

// src/connection.ts
var ENDPOINT = "/ipc";
var Connection2 = class {
  #ipc;
  /** The backend, to be called. Without a connection, the calls fail and say so. */
  notes;
  pinned;
  draft;
  index;
  constructor(events) {
    const ipc = connectLazily(ENDPOINT, {
      name: "window",
      reconnect: reconnect({ whileAway: "fail", maxDelay: 3e3 }),
      onVersionMismatch: events.onMismatch
    });
    this.#ipc = ipc;
    this.notes = ipc.client(Notes);
    const shared = (key) => cell(ipc, key, { onError: (error) => console.warn(error) });
    this.pinned = shared(Pinned);
    this.draft = shared(Draft);
    this.index = shared(Index);
    let isReading = false;
    const read = async () => {
      isReading = true;
      try {
        for await (const change of this.notes.changes({ onMissed: events.onConnected })) events.onChange(change);
      } catch {
      }
      isReading = false;
    };
    ipc.state.subscribe(() => {
      const state = ipc.state.get();
      events.onState(state);
      if (state.status !== "connected") return;
      if (!isReading) void read();
      events.onConnected();
    });
    void read();
  }
  get state() {
    return this.#ipc.state.get();
  }
  /** Tries at once, while it reconnects. */
  retryNow() {
    this.#ipc.retryNow();
  }
};

// src/element.ts
function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id ${id}`);
  return found;
}

// src/reasons.ts
function reason(error) {
  if (error.kind === "method") {
    return match(error.data, {
      NotFound: (name) => `There is no note “${name}” any more.`,
      Exists: (name) => `There is a note “${name}” already.`,
      Changed: (name) => `“${name}” was changed elsewhere meanwhile.`,
      BadName: (why) => `${why[0]?.toUpperCase() ?? ""}${why.slice(1)}.`,
      NotText: (name) => `“${name}” is no text, or too large.`,
      TooLarge: ({ limit }) => `It has more than ${limit / 1048576} MiB.`,
      Torn: () => "Only a part of it has come.",
      Disk: (why) => `The disk says: ${why}.`,
      Full: (why) => `There is no room: ${why}.`,
      Busy: () => "Another window has the index made already."
    });
  }
  if (error.kind === "notConnected") return "There is no connection.";
  if (error.kind === "disconnected") return error.mayHaveRun ? "The connection was lost, and it may have been done." : "The connection was lost.";
  return error.message;
}

// src/throttle.ts
var Throttle = class {
  #delay;
  #task;
  #restarts;
  #timer;
  /** With `restarts`, the time begins anew whenever it is asked for. */
  constructor(delay, task, { restarts = false } = {}) {
    this.#delay = delay;
    this.#task = task;
    this.#restarts = restarts;
  }
  run() {
    if (this.#timer !== void 0 && !this.#restarts) return;
    this.cancel();
    this.#timer = setTimeout(() => {
      this.#timer = void 0;
      this.#task();
    }, this.#delay);
  }
  cancel() {
    clearTimeout(this.#timer);
    this.#timer = void 0;
  }
};

// src/editor.ts
var PAUSE = 800;
var SHARE = 150;
var Editor = class {
  #connection;
  #banner;
  #sheet = element("sheet", HTMLElement);
  #none = element("none", HTMLElement);
  #text = element("text", HTMLTextAreaElement);
  #saved = element("saved", HTMLElement);
  #count = element("count", HTMLElement);
  /** Of this window. */
  #window = crypto.randomUUID();
  #saveLater = new Throttle(PAUSE, () => void this.save(), { restarts: true });
  #shareLater = new Throttle(SHARE, () => this.#share());
  #open;
  /** The text that the revision stands for, as the text area has it. */
  #base = "";
  /** How lines end in the file. A text area knows line feeds alone. */
  #ending = "\n";
  /** What was sent to be saved, until it is known to be kept or not. */
  #sent;
  #hasFailed = false;
  #conflict;
  #saving;
  #opening;
  constructor(connection2, banner) {
    this.#connection = connection2;
    this.#banner = banner;
    this.#text.addEventListener("input", () => this.#typed());
    connection2.draft.subscribe(() => this.#follow());
    document.addEventListener("visibilitychange", () => document.hidden && void this.save());
    addEventListener("beforeunload", (event) => {
      const isRefused = this.#hasFailed || this.#conflict !== void 0 || connection2.state.status !== "connected";
      void this.save();
      if (this.#isDirty && (isRefused || this.#sent !== this.#text.value)) event.preventDefault();
    });
  }
  /** The note that is open: the same object for as long as it is, whatever it is called meanwhile. */
  get current() {
    return this.#open;
  }
  /** Whether another note may be opened: what is typed is saved now, and nothing is in the way. */
  async canLeave() {
    await this.save();
    return !this.#isDirty;
  }
  /** What keeps the open note open, in a sentence. */
  get obstacle() {
    const name = this.#open?.name ?? "";
    return this.#conflict ? `Decide first which text of “${name}” is to stay.` : `“${name}” isn't saved yet, and stays open.`;
  }
  /** Opens a note when what is typed in the one before is saved. The promise is `false` if that can't be done. */
  async open(name) {
    if (!await this.canLeave()) return false;
    this.#opening?.abort();
    const opening = this.#opening = new AbortController();
    const outcome = await this.#connection.notes.read(name, { signal: opening.signal }).result();
    if (opening.signal.aborted) return false;
    if (!outcome.ok) {
      this.#say(reason(outcome.error), "bad");
      return false;
    }
    this.#take(outcome.value);
    this.#text.setSelectionRange(0, 0);
    this.#text.scrollTop = 0;
    return true;
  }
  close() {
    this.#opening?.abort();
    this.#saveLater.cancel();
    this.#shareLater.cancel();
    this.#open = void 0;
    this.#settle();
    this.#show();
  }
  focus() {
    this.#text.focus();
  }
  /** Puts text where the caret is. */
  insert(text) {
    this.#text.setRangeText(text, this.#text.selectionStart, this.#text.selectionEnd, "end");
    this.#typed();
  }
  /** Saves what is typed, if there is something and nothing else is in the way. */
  async save() {
    while (this.#saving) await this.#saving;
    if (!this.#isDirty || this.#conflict) return;
    this.#saving = this.#saveNow().finally(() => this.#saving = void 0);
    await this.#saving;
  }
  /** The note was written elsewhere, or here. */
  written(info) {
    if (info.name !== this.#open?.name || info.revision === this.#open.revision || this.#saving) return;
    if (!this.#isDirty) void this.#reload();
    else this.#stop("changed");
  }
  /** The note is gone. */
  removed(name) {
    if (name !== this.#open?.name) return;
    if (this.#isDirty) this.#stop("gone");
    else this.close();
  }
  renamed(from, to) {
    if (from !== this.#open?.name) return;
    this.#open.name = to.name;
    this.#show();
  }
  /** There is a connection again: looks at what became of the note meanwhile. */
  async connected() {
    void this.#connection.notes.enter(this.#window).result();
    if (this.#isDirty && !this.#conflict) {
      this.#share();
      await this.save();
    } else if (this.#open) await this.#reload();
  }
  get #isDirty() {
    return this.#open !== void 0 && this.#text.value !== this.#base;
  }
  /** What another window types in this note, of the text that is here. */
  get #elsewhere() {
    const draft = this.#connection.draft.get();
    const isHere = draft && draft.name === this.#open?.name && draft.revision === this.#open.revision;
    return isHere && draft.window !== this.#window ? draft : void 0;
  }
  async #saveNow() {
    const open2 = this.#open;
    if (!open2) return;
    this.#saveLater.cancel();
    const text = this.#text.value;
    this.#say("Saving…");
    this.#sent = text;
    const outcome = await this.#connection.notes.save(open2.name, this.#asInFile(text), open2.revision).result();
    this.#sent = void 0;
    if (this.#open !== open2) return;
    if (outcome.ok) return this.#keep(outcome.value, text);
    const { error } = outcome;
    if (error.kind !== "method" || typeof error.data !== "object" || !("Changed" in error.data)) return this.#fail(reason(error));
    const theirs = await this.#connection.notes.read(open2.name).result();
    if (this.#open !== open2) return;
    if (theirs.ok && theirs.value.text === this.#asInFile(text)) this.#keep(theirs.value.info, text);
    else if (theirs.ok) this.#stop("changed");
    else if (theirs.error.kind === "method") this.#stop("gone");
    else this.#fail(reason(theirs.error));
  }
  #fail(why) {
    this.#hasFailed = true;
    this.#say(`Not saved. ${why}`, "bad");
  }
  #asInFile(text) {
    return this.#ending === "\n" ? text : text.replaceAll("\n", this.#ending);
  }
  /** This text is saved. */
  #keep(info, text) {
    if (!this.#open) return;
    this.#open.revision = info.revision;
    this.#base = text;
    this.#hasFailed = false;
    if (this.#isDirty) {
      this.#saveLater.run();
      this.#shareLater.run();
    } else {
      this.#shareLater.cancel();
      this.#say("Saved");
      const draft = this.#connection.draft.get();
      if (draft?.window === this.#window) void this.#connection.draft.set(null).result();
    }
  }
  async #reload() {
    const name = this.#open?.name;
    if (!name) return;
    const outcome = await this.#connection.notes.read(name).result();
    if (this.#open?.name !== name || this.#isDirty) return;
    if (outcome.ok) this.#take(outcome.value);
    else if (outcome.error.kind === "method") this.close();
  }
  #take({ info, text }) {
    if (this.#open?.name === info.name) this.#open.revision = info.revision;
    else this.#open = { name: info.name, revision: info.revision };
    const [lines, returns] = [text.split("\n").length - 1, text.split("\r\n").length - 1];
    this.#ending = returns * 2 > lines ? "\r\n" : "\n";
    this.#settle();
    this.#setText(text);
    this.#base = this.#text.value;
    this.#say("Saved");
    this.#show();
    this.#follow();
  }
  /** The caret stays where it is, as far as that is possible. */
  #setText(text) {
    const { selectionStart, selectionEnd, scrollTop } = this.#text;
    if (this.#text.value === text.replaceAll("\r\n", "\n")) return;
    this.#text.value = text;
    this.#text.setSelectionRange(selectionStart, selectionEnd);
    this.#text.scrollTop = scrollTop;
  }
  #typed() {
    delete this.#sheet.dataset["following"];
    this.#saveLater.run();
    this.#shareLater.run();
    this.#say("Typing…");
    this.#showCount();
  }
  #share() {
    if (!this.#open || !this.#isDirty) return;
    const draft = { ...this.#open, text: this.#text.value, window: this.#window };
    void this.#connection.draft.set(draft).result();
  }
  /** Shows what another window types, unless something was typed here. */
  #follow() {
    if (!this.#open) return;
    const draft = this.#elsewhere;
    if (draft && (!this.#isDirty || this.#isFollowing)) {
      this.#sheet.dataset["following"] = "";
      this.#setText(draft.text);
      this.#say("Another window types here");
      this.#saveLater.cancel();
      this.#base = this.#text.value;
      this.#showCount();
    } else if (!draft && this.#isFollowing) {
      delete this.#sheet.dataset["following"];
      void this.#reload();
    }
  }
  get #isFollowing() {
    return "following" in this.#sheet.dataset;
  }
  #stop(conflict) {
    this.#conflict = conflict;
    this.#saveLater.cancel();
    this.#say("Not saved", "bad");
    const name = this.#open?.name ?? "";
    const mine = { label: "Keep mine", run: () => void this.#keepMine() };
    if (conflict === "changed") {
      const theirs = { label: "Take the other", run: () => this.#takeTheirs() };
      this.#banner.show({ tone: "warning", title: `“${name}” was changed elsewhere`, text: "while you typed. Which text is to stay?", actions: [mine, theirs] });
    } else {
      const drop = { label: "Let it go", run: () => this.close() };
      this.#banner.show({ tone: "warning", title: `“${name}” was deleted elsewhere`, text: "while you typed.", actions: [mine, drop] });
    }
  }
  async #keepMine() {
    const open2 = this.#open;
    if (!open2) return;
    const text = this.#text.value;
    const theirs = await this.#connection.notes.read(open2.name).result();
    const saved = await this.#connection.notes.save(open2.name, this.#asInFile(text), theirs.ok ? theirs.value.info.revision : null).result();
    if (this.#open !== open2) return;
    if (!saved.ok) return this.#fail(reason(saved.error));
    this.#settle();
    this.#keep(saved.value, text);
    this.focus();
  }
  #takeTheirs() {
    this.#base = this.#text.value;
    this.#settle();
    void this.#reload();
    this.focus();
  }
  #settle() {
    this.#conflict = void 0;
    this.#hasFailed = false;
    this.#banner.hide();
    delete this.#sheet.dataset["following"];
  }
  #show() {
    this.#sheet.hidden = !this.#open;
    this.#none.hidden = this.#open !== void 0;
    document.title = this.#open ? `${this.#open.name} – Notes` : "Notes";
    this.#showCount();
    this.#sheet.dispatchEvent(new CustomEvent("note"));
  }
  #showCount() {
    const words = this.#text.value.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
    this.#count.textContent = words === 1 ? "1 word" : `${words.toLocaleString("en")} words`;
  }
  #say(text, tone = "calm") {
    this.#saved.dataset["tone"] = tone;
    if (this.#saved.textContent !== text) this.#saved.textContent = text;
  }
};

// src/importing.ts
var ImportPart = class {
  #connection;
  #target;
  #text = element("import-text", HTMLElement);
  #way = element("import-way", HTMLProgressElement);
  #button = element("import", HTMLButtonElement);
  #drop = element("drop", HTMLElement);
  #running;
  #waiting = [];
  constructor(connection2, target) {
    this.#connection = connection2;
    this.#target = target;
    const files = element("files", HTMLInputElement);
    this.#button.addEventListener("click", () => {
      if (this.#running) this.#running.abort();
      else files.click();
    });
    files.addEventListener("change", () => {
      void this.#take([...files.files ?? []]);
      files.value = "";
    });
    this.#listenToDrops();
  }
  #listenToDrops() {
    let depth = 0;
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;
    const show = (change) => {
      depth += change;
      this.#drop.hidden = depth <= 0;
    };
    addEventListener("dragenter", (event) => hasFiles(event) && show(1));
    addEventListener("dragleave", (event) => hasFiles(event) && show(-1));
    addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      show(-depth);
      void this.#take([...event.dataTransfer?.files ?? []]);
    });
  }
  async #take(files, into = this.#target.open()) {
    if (!files.length) return;
    if (this.#running) return void this.#waiting.push({ files, into });
    const running = this.#running = new AbortController();
    this.#button.textContent = "Cancel";
    this.#way.hidden = false;
    let told = "";
    for (const [at, file] of files.entries()) {
      const which = files.length > 1 ? ` (${at + 1} of ${files.length})` : "";
      this.#text.textContent = `${file.name}${which}`;
      this.#way.max = Math.max(file.size, 1);
      this.#way.value = 0;
      const onProgress = ({ bytes }) => void (this.#way.value = bytes);
      const outcome = await this.#connection.notes.import(file.name, file.stream(), { signal: running.signal, onProgress }).result();
      if (outcome.ok) {
        told = `${file.name} is here${which}`;
        this.#target.kept(outcome.value, into, at === files.length - 1);
      } else if (outcome.error.kind === "cancelled") told = `Cancelled: ${file.name}`;
      else told = `${file.name}: ${reason(outcome.error)}`;
      if (running.signal.aborted) break;
    }
    this.#running = void 0;
    if (running.signal.aborted) this.#waiting = [];
    const next = this.#waiting.shift();
    if (next) return this.#take(next.files, next.into);
    this.#button.textContent = "Import…";
    this.#way.hidden = true;
    this.#text.textContent = told;
  }
};

// src/indexing.ts
var IndexPart = class {
  #connection;
  #text = element("index-text", HTMLElement);
  #way = element("index-way", HTMLProgressElement);
  #button = element("index", HTMLButtonElement);
  #running;
  constructor(connection2) {
    this.#connection = connection2;
    this.#button.addEventListener("click", () => {
      if (this.#running) this.#running.abort();
      else void this.#run();
    });
    connection2.index.subscribe(() => this.show());
    this.show();
  }
  /** Shows what is in the index, unless one is being made. */
  show() {
    if (this.#running) return;
    const index2 = this.#connection.index.get();
    const { status } = this.#connection.state;
    const notes = (count) => count === 1 ? "1 note" : `${count.toLocaleString("en")} notes`;
    this.#button.disabled = status !== "connected";
    this.#way.hidden = true;
    this.#button.textContent = index2 ? "Index anew" : "Index texts";
    this.#text.textContent = index2 ? `${notes(index2.notes)}, ${index2.words.toLocaleString("en")} words` : "Search knows names alone";
  }
  async #run() {
    const running = this.#running = new AbortController();
    this.#button.textContent = "Cancel";
    this.#text.textContent = "Reading the notes";
    this.#way.removeAttribute("value");
    this.#way.hidden = false;
    let far = "";
    const outcome = await this.#connection.notes.index({
      signal: running.signal,
      onProgress: ({ done, all }) => {
        far = `${done.toLocaleString("en")} of ${all.toLocaleString("en")}`;
        this.#way.max = Math.max(all, 1);
        this.#way.value = done;
        this.#way.title = far;
      }
    }).result();
    this.#running = void 0;
    this.show();
    if (outcome.ok) return;
    if (outcome.error.kind === "cancelled") this.#text.textContent = `Cancelled at ${far}`;
    else this.#text.textContent = reason(outcome.error);
  }
};

// src/line.ts
var BLINK = 500;
var RELOADED = "notes.reloaded-for";
var Line2 = class {
  #line = element("line", HTMLElement);
  #text = this.#line.querySelector("span");
  #connection;
  #version;
  #retryNow;
  #state = { status: "connecting" };
  #mismatch;
  /** The backend at this address doesn't know this window's cookie. */
  #isForeign = false;
  constructor(banners2, retryNow) {
    this.#connection = new Banner(banners2);
    this.#version = new Banner(banners2);
    this.#retryNow = retryNow;
    setInterval(() => this.#show(), 500);
  }
  set state(state) {
    this.#state = state;
    if (state.status === "connected") this.#isForeign = false;
    else if (state.status === "reconnecting" && state.attempt > 1) void this.#askWhetherForeign();
    this.#show();
  }
  set mismatch(mismatch2) {
    this.#mismatch = mismatch2;
    this.#show();
  }
  /** The backend has answered a call: this page fits, and the next mismatch is another one. */
  fits() {
    sessionStorage.removeItem(RELOADED);
  }
  /** A refused WebSocket looks like an absent backend. A page of its own origin is told the difference. */
  async #askWhetherForeign() {
    try {
      const answer = await fetch("/", { method: "HEAD", redirect: "error" });
      this.#isForeign = answer.status === 403 || answer.status === 401;
    } catch {
      this.#isForeign = false;
    }
    this.#show();
  }
  #show() {
    const { tone, text } = this.#describe();
    this.#line.dataset["tone"] = tone;
    if (this.#text.textContent !== text) this.#text.textContent = text;
    this.#showConnection();
    this.#showVersion();
  }
  #describe() {
    if (this.#mismatch) return { tone: "bad", text: "Another version" };
    if (this.#state.status === "connected") return { tone: "good", text: "Connected" };
    if (this.#state.status === "connecting") return { tone: "waiting", text: "Connecting" };
    return { tone: "bad", text: this.#state.status === "closed" ? "No connection" : "Reconnecting" };
  }
  #showConnection() {
    const state = this.#state;
    if (state.status === "connected" || state.status === "connecting" || this.#mismatch) return this.#connection.hide();
    if (this.#isForeign) {
      const text2 = "This window belongs to the launch before. Copy what isn't saved, and close it.";
      return this.#connection.show({ tone: "warning", title: "Notes was started anew.", text: text2 });
    }
    const text = "What you type stays in this window, and is saved when Notes is back.";
    if (state.status === "closed") {
      const actions2 = [{ label: "Reload", run: () => location.reload() }];
      return this.#connection.show({ tone: "warning", title: "There is no connection to Notes.", text: state.reason.message, actions: actions2 });
    }
    const { attempt, since, nextAt } = state;
    if (Date.now() - since < BLINK) return;
    const seconds = Math.ceil((nextAt - Date.now()) / 1e3);
    const note = seconds > 0 ? `Attempt ${attempt} in ${seconds} s.` : `Attempt ${attempt} is being made.`;
    const actions = [{ label: "Retry now", run: this.#retryNow }];
    this.#connection.show({ tone: "warning", title: "Notes doesn't answer.", text, note, actions });
  }
  #showVersion() {
    if (!this.#mismatch) return;
    const { newer, ours, theirs } = this.#mismatch;
    const text = `This window has ${ours.version}, and Notes has ${theirs.version}.`;
    const isFutile = newer === "page" || sessionStorage.getItem(RELOADED) === theirs.fingerprint;
    if (isFutile) {
      const advice = `${text} Loading it anew doesn't help: close all windows, and start Notes again.`;
      return this.#version.show({ tone: "warning", title: "This window doesn't fit.", text: advice });
    }
    const reload = () => {
      sessionStorage.setItem(RELOADED, theirs.fingerprint);
      location.reload();
    };
    this.#version.show({ tone: "news", title: "There is a new version of Notes.", text, actions: [{ label: "Reload", run: reload }] });
  }
};

// src/notebook.ts
var Notebook = class {
  #notes = /* @__PURE__ */ new Map();
  #listeners = [];
  get(name) {
    return this.#notes.get(name);
  }
  get size() {
    return this.#notes.size;
  }
  /** The pinned ones first, each group with the newest first. */
  sorted(pinned) {
    const isPinned = new Set(pinned);
    const rank = ({ name }) => isPinned.has(name) ? 0 : 1;
    return [...this.#notes.values()].sort((a, b) => rank(a) - rank(b) || b.modified - a.modified || a.name.localeCompare(b.name));
  }
  /** Calls the listener after each change. Without one, the whole list may be another. */
  listen(listener) {
    this.#listeners.push(listener);
  }
  load(notes) {
    this.#notes.clear();
    for (const note of notes) this.#notes.set(note.name, note);
    this.#tell(void 0);
  }
  apply(change) {
    if ("Written" in change) this.#notes.set(change.Written.name, change.Written);
    else if ("Removed" in change) this.#notes.delete(change.Removed);
    else {
      this.#notes.delete(change.Renamed.from);
      this.#notes.set(change.Renamed.to.name, change.Renamed.to);
    }
    this.#tell(change);
  }
  #tell(change) {
    for (const listener of this.#listeners) listener(change);
  }
};

// src/notices.ts
var STAY = 8e3;
var Notices = class {
  #region;
  #timer;
  constructor(region) {
    this.#region = region;
    const stay = () => clearTimeout(this.#timer);
    const leave2 = () => this.#leaveLater();
    region.addEventListener("pointerenter", stay);
    region.addEventListener("pointerleave", leave2);
    region.addEventListener("focusin", stay);
    region.addEventListener("focusout", leave2);
  }
  /** Shows it instead of the one that is shown. */
  show(text, action) {
    const notice = document.createElement("div");
    notice.className = "notice";
    notice.append(Object.assign(document.createElement("p"), { textContent: text }));
    if (action) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: action.label });
      button.addEventListener("click", () => {
        this.#region.replaceChildren();
        action.run();
      });
      notice.append(button);
    }
    this.#region.replaceChildren(notice);
    this.#leaveLater();
  }
  #leaveLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#region.replaceChildren(), STAY);
  }
};

// src/sidebar.ts
var SHOWN = 200;
var MOST_HITS = 100;
var PAUSE2 = 120;
var Sidebar = class {
  #notebook;
  #connection;
  #open;
  #list = element("list", HTMLUListElement);
  #query = element("query", HTMLInputElement);
  #found = element("found", HTMLElement);
  #current;
  #hits;
  #searching;
  constructor(notebook2, connection2, open2) {
    this.#notebook = notebook2;
    this.#connection = connection2;
    this.#open = open2;
    let timer;
    this.#query.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.search(), PAUSE2);
    });
    element("search", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#buttons()[0]?.click();
    });
    this.#query.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#query.value) {
        event.stopPropagation();
        this.clear();
      } else if (event.key === "ArrowDown") {
        event.preventDefault();
        this.#buttons()[0]?.focus();
      }
    });
    this.#list.addEventListener("focusin", (event) => event.target instanceof HTMLButtonElement && this.#letIn(event.target));
    this.#list.addEventListener("keydown", (event) => this.#move(event));
    notebook2.listen((change) => {
      this.show();
      if (change && this.#hits) void this.search();
    });
    connection2.pinned.subscribe(() => this.show());
    connection2.index.subscribe(() => void this.search());
  }
  /** Which note is open. */
  set current(name) {
    this.#current = name;
    this.show();
  }
  focusSearch() {
    this.#query.focus();
    this.#query.select();
  }
  /** Puts the focus on the open note, or on the first one. */
  focusList() {
    const buttons2 = this.#buttons();
    (buttons2.find((button) => button.ariaCurrent) ?? buttons2[0] ?? this.#query).focus();
  }
  clear() {
    this.#query.value = "";
    void this.search();
  }
  /** Searches for what is typed. */
  async search() {
    this.#searching?.abort();
    const searching = this.#searching = new AbortController();
    const query = this.#query.value.trim();
    if (!query) {
      this.#hits = void 0;
      this.#found.textContent = "";
      return this.show();
    }
    const outcome = await this.#connection.notes.search(query, { signal: searching.signal }).result();
    if (searching.signal.aborted) return;
    if (!outcome.ok) {
      this.#found.textContent = "There is no connection to search with.";
      return;
    }
    const { hits, whole_text } = outcome.value;
    this.#hits = hits;
    const count = hits.length === 1 ? "1 note" : `${hits.length === MOST_HITS ? "The best " : ""}${hits.length} notes`;
    this.#found.textContent = whole_text ? `${count} found` : `${count} found by name. Index the texts to search them, too.`;
    this.show();
  }
  /** Shows what there is, and leaves the focus where it is. */
  show() {
    const pinned = this.#connection.pinned.get() ?? [];
    const focused = this.#list.contains(document.activeElement) ? document.activeElement.dataset["name"] : void 0;
    const words = this.#hits ? this.#query.value.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean) : [];
    const hits = this.#hits?.flatMap(({ name, line: line2 }) => {
      const note = this.#notebook.get(name);
      return note ? [{ ...note, excerpt: line2 || note.excerpt }] : [];
    });
    const notes = hits ?? this.#notebook.sorted(pinned);
    const items = notes.slice(0, SHOWN).map((note) => this.#item(note, pinned.includes(note.name), words));
    if (notes.length > SHOWN) {
      const more = `${(notes.length - SHOWN).toLocaleString("en")} more: search for them`;
      items.push(Object.assign(document.createElement("li"), { className: "more", textContent: more }));
    }
    this.#list.replaceChildren(...items);
    this.#letIn(this.#buttons().find((button) => button.dataset["name"] === (focused ?? this.#current)) ?? this.#buttons()[0]);
    if (focused !== void 0) this.#buttons().find((button) => button.dataset["name"] === focused)?.focus();
  }
  #item(note, isPinned, words) {
    const item = document.createElement("li");
    const button = item.appendChild(document.createElement("button"));
    button.type = "button";
    button.dataset["name"] = note.name;
    if (note.name === this.#current) button.ariaCurrent = "true";
    const name = button.appendChild(document.createElement("strong"));
    mark(name, note.name, words);
    if (isPinned) {
      item.className = "pinned";
      name.append(Object.assign(document.createElement("small"), { textContent: "pinned" }));
    }
    const time = button.appendChild(document.createElement("time"));
    time.dateTime = new Date(note.modified).toISOString();
    time.textContent = when(note.modified);
    const excerpt = button.appendChild(document.createElement("span"));
    mark(excerpt, note.excerpt || "Nothing is written here yet", words);
    button.addEventListener("click", () => this.#open(note.name));
    return item;
  }
  #letIn(chosen) {
    for (const button of this.#buttons()) button.tabIndex = button === chosen ? 0 : -1;
  }
  #buttons() {
    return [...this.#list.querySelectorAll("button")];
  }
  #move(event) {
    const buttons2 = this.#buttons();
    const at = buttons2.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons2.length - 1 }[event.key];
    if (to === void 0 || at < 0) return;
    event.preventDefault();
    if (to < 0) this.#query.focus();
    else buttons2[to]?.focus();
  }
};
function mark(into, text, words) {
  if (!words.length) return into.append(text);
  for (const part of text.split(/([\p{L}\p{N}]+)/u)) {
    const word = words.find((word2) => part.toLowerCase().startsWith(word2));
    if (!word) into.append(part);
    else into.append(Object.assign(document.createElement("mark"), { textContent: part.slice(0, word.length) }), part.slice(word.length));
  }
}
var timeOfDay = new Intl.DateTimeFormat("en", { hour: "numeric", minute: "2-digit", hourCycle: "h23" });
var day = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });
var dayOfYear = new Intl.DateTimeFormat("en", { year: "numeric", month: "short", day: "numeric" });
function when(modified) {
  const [date, now] = [new Date(modified), /* @__PURE__ */ new Date()];
  if (date.toDateString() === now.toDateString()) return timeOfDay.format(date);
  return (date.getFullYear() === now.getFullYear() ? day : dayOfYear).format(date);
}

// src/page.ts
var banners = element("banners", HTMLElement);
var desk = element("desk", HTMLElement);
var nameField = element("name", HTMLInputElement);
var pinButton = element("pin", HTMLButtonElement);
var sheet = element("sheet", HTMLElement);
var notebook = new Notebook();
var notices = new Notices(element("notices", HTMLElement));
var line = new Line2(banners, () => connection.retryNow());
var connection = new Connection2({
  onState(state) {
    line.state = state;
    queueMicrotask(() => index.show());
  },
  onMismatch: (mismatch2) => void (line.mismatch = mismatch2),
  onChange: (change) => notebook.apply(change),
  onConnected: () => void load()
});
var folder = new Banner(banners);
var editor = new Editor(connection, new Banner(banners));
var sidebar = new Sidebar(notebook, connection, (name) => void openNote(name));
var index = new IndexPart(connection);
new ImportPart(connection, { open: () => editor.current, kept: kept2 });
function kept2(kept3, into, isLast) {
  if ("Note" in kept3) return void (isLast && openNote(kept3.Note.name));
  const path = kept3.Attachment;
  const label = path.slice(path.indexOf("/") + 1);
  if (!into || editor.current !== into) return notices.show(`${label} lies in ${path}.`);
  const isPicture = /\.(avif|gif|jpe?g|png|svg|webp)$/iu.test(path);
  editor.insert(`${isPicture ? "!" : ""}[${label}](<${path}>)`);
}
notebook.listen((change) => {
  if (!change) return;
  if ("Written" in change) editor.written(change.Written);
  else if ("Removed" in change) editor.removed(change.Removed);
  else editor.renamed(change.Renamed.from, change.Renamed.to);
});
async function load() {
  const outcome = await connection.notes.list().result();
  if (!outcome.ok) {
    if (outcome.error.kind !== "method") return;
    const retry = { label: "Look again", run: () => void load() };
    return folder.show({ tone: "warning", title: "The folder of the notes can't be read.", text: `${outcome.error.data.Folder}.`, actions: [retry] });
  }
  folder.hide();
  line.fits();
  notebook.load(outcome.value);
  await editor.connected();
}
async function openNote(name) {
  const isOpen = await editor.open(name);
  if (isOpen) {
    desk.dataset["pane"] = "note";
    editor.focus();
  } else if (!await editor.canLeave()) notices.show(editor.obstacle);
  return isOpen;
}
async function newNote() {
  if (!await editor.canLeave()) return notices.show(editor.obstacle);
  const outcome = await makeNote("Untitled");
  if (!outcome.ok) return notices.show(reason(outcome.error));
  sidebar.clear();
  if (!await openNote(outcome.value.name)) return;
  nameField.focus();
  nameField.select();
}
async function makeNote(name) {
  for (let number = 1; ; number++) {
    const own = number === 1 ? name : `${name} ${number}`;
    if (notebook.get(own)) continue;
    const outcome = await connection.notes.save(own, "", null).result();
    const isTaken = !outcome.ok && outcome.error.kind === "method" && typeof outcome.error.data === "object" && "Exists" in outcome.error.data;
    if (!isTaken) return outcome;
  }
}
async function rename() {
  const from = editor.current?.name;
  const to = nameField.value.trim();
  if (!from || to === from) return void (nameField.value = from ?? "");
  await editor.save();
  const outcome = await connection.notes.rename(from, to).result();
  if (!outcome.ok) {
    if (editor.current?.name === from) nameField.value = from;
    return notices.show(reason(outcome.error));
  }
}
async function pin() {
  const name = editor.current?.name;
  if (!name) return;
  const isPinned = connection.pinned.get()?.includes(name) ?? false;
  const outcome = await connection.notes.pin(name, !isPinned).result();
  if (!outcome.ok) notices.show(reason(outcome.error));
}
async function deleteNote() {
  const meant = editor.current;
  await editor.save();
  if (!meant || editor.current !== meant) return;
  const { name, revision } = meant;
  const note = await connection.notes.read(name).result();
  const outcome = await connection.notes.delete(name, revision).result();
  if (!outcome.ok) return notices.show(reason(outcome.error));
  back();
  if (!note.ok) return;
  const { text } = note.value;
  const undo = async () => {
    const saved = await connection.notes.save(name, text, null).result();
    if (saved.ok) await openNote(name);
    else notices.show(reason(saved.error));
  };
  notices.show(`“${name}” is deleted.`, { label: "Undo", run: () => void undo() });
}
function back() {
  void editor.save();
  desk.dataset["pane"] = "list";
  sidebar.focusList();
}
function anotherWindow() {
  open(location.href, "_blank", "popup,width=1000,height=760");
}
function showPinned() {
  const isPinned = connection.pinned.get()?.includes(editor.current?.name ?? "") ?? false;
  pinButton.ariaPressed = String(isPinned);
}
sheet.addEventListener("note", () => {
  const name = editor.current?.name;
  sidebar.current = name;
  if (document.activeElement !== nameField || name === void 0) nameField.value = name ?? "";
  if (name === void 0) desk.dataset["pane"] = "list";
  showPinned();
});
connection.pinned.subscribe(showPinned);
nameField.addEventListener("change", () => void rename());
nameField.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    editor.focus();
  } else if (event.key === "Escape") nameField.value = editor.current?.name ?? "";
});
var buttons = [
  ["new", () => void newNote()],
  ["pin", () => void pin()],
  ["delete", () => void deleteNote()],
  ["window", anotherWindow],
  ["back", back]
];
for (const [id, run] of buttons) element(id, HTMLButtonElement).addEventListener("click", run);
var keys = {
  "alt+KeyN": () => void newNote(),
  "alt+KeyP": () => void pin(),
  "alt+KeyW": anotherWindow,
  "alt+Delete": () => void deleteNote(),
  "mod+KeyK": () => {
    desk.dataset["pane"] = "list";
    sidebar.focusSearch();
  },
  "mod+KeyS": () => void editor.save(),
  Escape: back
};
addEventListener("keydown", (event) => {
  if (event.isComposing || event.shiftKey) return;
  const isMod = event.ctrlKey || event.metaKey;
  const run = keys[`${isMod ? "mod+" : ""}${event.altKey ? "alt+" : ""}${event.code}`];
  if (!run) return;
  event.preventDefault();
  run();
});
