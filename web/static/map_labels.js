// Which names a map shows: 地图注记. Own grids first, then streets from afar or grids from near; never one over another.

import { svgElement } from "./dom.js";
import { overlap, union, within } from "./geometry.js";

const NEAR = 0.11; // pixels a metre
const LINE_PX = 16;

export function labelsIn(map) {
  const { width, height } = map.size();
  const frame = { left: 0, top: 0, right: width, bottom: height };
  const taken = map.pinned ? [pinFrame(map.screenAt(map.pinned))] : [];
  const shown = [];
  for (const { kind, words, point } of candidates(map)) {
    const [x, y] = map.screenAt(point);
    const room = frameOf(words, x, y);
    if (!within(room, frame) || taken.some((other) => overlap(other, room))) continue;
    taken.push(room);
    shown.push(svgElement("text", { class: kind, x: x.toFixed(1), y: (y + 4).toFixed(1), text: words }));
  }
  return shown;
}

function candidates({ atlas, view }) {
  const near = view.scale > NEAR;
  const all = atlas.grids.every((grid) => grid.own);
  const own = near || !all ? atlas.grids.filter((grid) => grid.own) : [];
  const shownOwn = own.length > 30 && !near ? [] : own;
  const others = near ? atlas.grids.filter((grid) => !grid.own && fits(grid, view.scale)) : [];
  return [
    ...shownOwn.map((grid) => ({ kind: "own", words: grid.name, point: grid.middle })),
    ...(near ? [] : streetsOf(atlas)),
    ...others.map((grid) => ({ kind: "other", words: grid.name, point: grid.middle })),
  ];
}

function streetsOf(atlas) {
  atlas.streets ??= [...new Set(atlas.grids.map((grid) => grid.street))].map((street) => {
    const { left, right, top, bottom } = union(atlas.grids.filter((grid) => grid.street === street).map((grid) => grid.box));
    return { kind: "street", words: street, point: [(left + right) / 2, (top + bottom) / 2] };
  });
  return atlas.streets;
}

const fits = ({ name, box }, scale) => (box.right - box.left) * scale > 0.6 * widthOf(name);

const frameOf = (words, x, y) => ({
  left: x - widthOf(words) / 2, right: x + widthOf(words) / 2, top: y - LINE_PX / 2, bottom: y + LINE_PX / 2,
});

const pinFrame = ([x, y]) => ({ left: x - 70, right: x + 70, top: y - 40, bottom: y + 26 });

const widthOf = (words) => [...words].reduce((width, sign) => width + (sign.charCodeAt(0) > 255 ? 13 : 7), 6);
