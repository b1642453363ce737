// Messages on their way to the server, one after the other: 发送. Each keeps its id, so that sending again counts once.

import { forget, keep, unsentOf } from "./outgoing_store.js";
import { postForm } from "./server.js";

const WAITS_MS = [1000, 2000, 4000, 8000, 15_000, 30_000];

let records = new Map();
let person = null;
let watch = {};
let running = false;
let failures = 0;
let timer = 0;

/** Begins with what this person left unsent; `handlers` has onChange(record), onGone(record), onLoggedOut(). */
export async function startOutgoing(key, handlers) {
  stopOutgoing();
  person = key;
  watch = handlers;
  for (const record of await unsentOf(key)) add(record);
  run();
}

export function stopOutgoing() {
  clearTimeout(timer);
  records = new Map();
  person = null;
}

/** Sends a message: text, location, press, reply_to in `body`; photos and file are File objects. */
export function send(body, photos = [], file = null) {
  const record = { id: newId(), person, at: new Date().toISOString(), body, photos, file, state: "waiting", sentence: "" };
  add(record);
  keep(stored(record)).then(run);
}

export function retry(id) {
  const record = records.get(id);
  if (record.state === "refused") change(record, { state: "waiting", sentence: "" });
  retryNow();
}

/**
 * Takes a message away: nobody wants it sent any more, or it came back as part of the conversation,
 * and so has arrived, whatever became of the answer.
 */
export function discard(id) {
  if (!records.has(id)) return;
  forget(id);
  drop(id);
}

/** Tries again at once: the connection is back, or somebody asked for it. */
export function retryNow() {
  clearTimeout(timer);
  failures = 0;
  run();
}

export const pressesOf = (message) => [...records.values()].filter((record) => record.body.press?.message === message);

async function run() {
  if (running) return;
  running = true;
  try {
    for (let next = firstWaiting(); next; next = firstWaiting()) {
      if (!(await attempt(next))) break;
    }
  } finally {
    running = false;
  }
}

const firstWaiting = () => [...records.values()].find((record) => record.state === "waiting");

/** Whether the next message may be tried. */
async function attempt(record) {
  change(record, { state: "sending", progress: 0, sentence: "" });
  try {
    await postForm("/local/messages", formOf(record), (progress) => change(record, { progress }));
    failures = 0;
    forget(record.id);
    change(record, { state: "delivered" });
    return true;
  } catch (error) {
    return failed(record, error);
  }
}

function failed(record, error) {
  if (error.status === 401) {
    change(record, { state: "waiting" });
    watch.onLoggedOut();
    return false;
  }
  if (error.passing) {
    change(record, { state: "waiting", tried: true });
    timer = setTimeout(run, WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]);
    return false;
  }
  change(record, { state: "refused", sentence: error.message, status: error.status });
  keep(stored(record));
  return true;
}

function formOf({ id, body, photos, file }) {
  const form = new FormData();
  form.append("message", JSON.stringify({ id, ...body }));
  for (const photo of photos) form.append("photos", photo, photo.name);
  if (file) form.append("file", file, file.name);
  return form;
}

function add(record) {
  records.set(record.id, record);
  watch.onChange(record);
}

function change(record, news) {
  Object.assign(record, news);
  if (records.has(record.id)) watch.onChange(record);
}

function drop(id) {
  const record = records.get(id);
  records.delete(id);
  watch.onGone(record);
}

/** A copy for the store: what was being sent is waiting again after a reload. */
function stored({ id, person: owner, at, body, photos, file, state, sentence, status }) {
  return { id, person: owner, at, body, photos, file, sentence, status, state: state === "refused" ? "refused" : "waiting" };
}

/** A random UUID; `crypto.randomUUID` alone is missing on plain http within a local network. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
