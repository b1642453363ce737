// Requests to the own server: 请求.

const OURS = { "X-Xunlin": "1" };

/** The server said no (`status` 4xx or 5xx), or could not be reached (`status` 0); the message is its sentence, if any. */
export class ServerError extends Error {
  constructor(status, sentence = "") {
    super(sentence);
    this.status = status;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status >= 500 || this.status === 408 || this.status === 429;
  }
}

export async function fetchJson(address, method = "GET", body = null, more = {}) {
  const headers = { ...OURS, ...more, ...(body !== null && { "Content-Type": "application/json" }) };
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: body === null ? null : JSON.stringify(body) });
  } catch {
    throw new ServerError(0);
  }
  if (!answer.ok) throw new ServerError(answer.status, sentenceOf(await answer.text()));
  return answer.status === 204 ? null : answer.json();
}

/** Posts a form; `onProgress` gets the share that is uploaded, 0 to 1. XMLHttpRequest, as fetch tells no progress. */
export function postForm(address, form, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    for (const [name, value] of Object.entries(OURS)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => event.total && onProgress(event.loaded / event.total));
    request.addEventListener("error", () => reject(new ServerError(0)));
    request.addEventListener("load", () => settle(request, resolve, reject));
    request.send(form);
  });
}

function settle(request, resolve, reject) {
  if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText));
  else reject(new ServerError(request.status, sentenceOf(request.responseText)));
}

function sentenceOf(text) {
  try {
    const { error } = JSON.parse(text);
    return typeof error === "string" ? error : "";
  } catch {
    return "";
  }
}
