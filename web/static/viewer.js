// A picture on the whole screen; a tap on it switches between fitting and full size: 看图.

import { byId, closable } from "./dom.js";

export function wireViewer() {
  closable(byId("viewer"));
  byId("viewer-image").addEventListener("click", () => byId("viewer").classList.toggle("full"));
}

export function enlarge({ url, alt }) {
  byId("viewer").classList.remove("full");
  byId("viewer-image").src = url;
  byId("viewer-image").alt = alt ?? "";
  byId("viewer-save").href = url;
  byId("viewer").showModal();
}
