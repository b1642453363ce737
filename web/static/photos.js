// Photos and a file chosen to be sent with the next message: 照片, with previews that can be removed.

import { byId, element, icon } from "./dom.js";
import { say } from "./strings.js";
import { sizeOf } from "./size.js";

const MOST_PHOTOS = 9;
const MOST_BYTES = 90 * 1024 * 1024;

let photos = [];
let file = null;

/** Wires the pickers, pasting and dropping; `onChange` is called whenever something is added or removed. */
export function wirePhotos(onChange) {
  const changed = () => {
    showTray(changed);
    onChange();
  };
  byId("photo-input").addEventListener("change", (event) => takeIn(event.target, changed));
  byId("file-input").addEventListener("change", (event) => takeIn(event.target, changed));
  byId("text").addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    addAll(event.clipboardData.files, changed);
  });
  byId("chat").addEventListener("dragover", (event) => event.preventDefault());
  byId("chat").addEventListener("drop", (event) => {
    event.preventDefault();
    addAll(event.dataTransfer.files, changed);
  });
  document.addEventListener("language", () => showTray(changed));
}

export const pickPhotos = () => byId("photo-input").click();
export const pickFile = () => byId("file-input").click();
export const anythingChosen = () => photos.length > 0 || file !== null;

/** Hands over what was chosen and empties the tray. */
export function takeChosen() {
  const chosen = { photos: photos.map((photo) => photo.file), file };
  for (const photo of photos) URL.revokeObjectURL(photo.url);
  photos = [];
  file = null;
  showTray(() => {});
  return chosen;
}

/** The photos as messages that the server takes: at most nine, and not too large together; one empty one for none. */
export function inPosts(files) {
  const posts = [[]];
  for (const file of files) {
    const last = posts.at(-1);
    const size = last.reduce((sum, one) => sum + one.size, file.size);
    if (last.length > 0 && (last.length === MOST_PHOTOS || size > MOST_BYTES)) posts.push([file]);
    else last.push(file);
  }
  return posts;
}

function takeIn(input, changed) {
  addAll(input.files, changed);
  input.value = "";
}

function addAll(files, changed) {
  for (const one of files) {
    if (one.type.startsWith("image/")) photos.push({ file: one, url: URL.createObjectURL(one) });
    else file = one;
  }
  changed();
}

function showTray(changed) {
  const items = photos.map((photo, index) => trayItem(preview(photo, index), say("photo_remove", { number: index + 1 }), () => {
    URL.revokeObjectURL(photo.url);
    photos.splice(index, 1);
    changed();
  }));
  if (file) {
    items.push(trayItem(fileTile(file), say("file_remove", { name: file.name }), () => {
      file = null;
      changed();
    }));
  }
  byId("tray").replaceChildren(...items);
  byId("tray").hidden = items.length === 0;
}

function trayItem(content, label, remove) {
  return element("li", {}, content,
    element("button", { type: "button", class: "remove", "aria-label": label, title: label, onclick: remove }, icon("close")));
}

function preview({ file: photo, url }, index) {
  const image = element("img", { src: url, alt: say("photo_number", { number: index + 1 }) });
  image.addEventListener("error", () => image.replaceWith(fileTile(photo))); // a format only the server can read
  return image;
}

const fileTile = (one) => element("div", { class: "file-tile" },
  icon("file"), element("span", { text: one.name }), element("small", { text: sizeOf(one.size) }));
