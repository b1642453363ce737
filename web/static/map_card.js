// A sent location as a small still map with the name of its grid: 位置卡片.

import { element, svgElement } from "./dom.js";
import { overlap } from "./geometry.js";
import { fullName, gridAt, loadGrids, pathOf } from "./grids.js";
import { say } from "./strings.js";

const HALF = { x: 520, y: 260 }; // metres
const PIN = "M0 0C-4 -7 -13 -14 -13 -24A13 13 0 0 1 13 -24C13 -14 4 -7 0 0Z";

export function mapCard({ lon, lat }) {
  const words = element("figcaption", { text: say("location") });
  const card = element("figure", { class: "map-card" }, element("div", { class: "map-card-frame" }), words);
  loadGrids().then((atlas) => {
    const point = atlas.plane.toPlane([lon, lat]);
    const grid = gridAt(atlas, point);
    words.textContent = grid ? fullName(grid) : say("outside_grids");
    card.firstElementChild.append(drawing(atlas, point));
  }).catch(() => {
    words.textContent = `${lon.toFixed(4)}, ${lat.toFixed(4)}`;
  });
  return card;
}

function drawing(atlas, [x, y]) {
  const frame = { left: x - HALF.x, right: x + HALF.x, top: y - HALF.y, bottom: y + HALF.y };
  const near = atlas.grids.filter((grid) => overlap(grid.box, frame)).sort((one, other) => one.own - other.own);
  return svgElement("svg", { class: "map", viewBox: [frame.left, frame.top, 2 * HALF.x, 2 * HALF.y].join(" "), "aria-hidden": "true",
    preserveAspectRatio: "xMidYMid slice" },
    svgElement("g", { class: "land" }, ...near.map((grid) => svgElement("path", { class: grid.own ? "grid own" : "grid", d: pathOf(grid) }))),
    svgElement("g", { class: "pin", transform: `translate(${x} ${y}) scale(4)` },
      svgElement("path", { d: PIN }), svgElement("circle", { cy: -24, r: 5 })));
}
