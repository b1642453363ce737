// The grids of the district as the server draws them for this person: 网格.

import { boxOf, inside, middleOf, projection, union } from "./geometry.js";
import { fetchJson } from "./server.js";
import { say } from "./strings.js";

let loading = null;

/** Loads the grids once a person: `{ plane, grids, box }`; a failure is forgotten, so that the next call tries again. */
export function loadGrids() {
  loading ??= fetchJson("/local/grids").then(atlasOf).catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

export const forgetGrids = () => { loading = null; };

/** The grid under a point of the plane, or undefined. */
export const gridAt = (atlas, point) => atlas.grids.find((grid) => inside(point, grid.rings));

export const fullName = ({ street, name }) => (street ? say("grid_name", { street, name }) : name);

export const pathOf = ({ rings }) => rings.map((ring) => `M${ring.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`).join("");

/** The lines between streets: every edge that does not lie between two grids of one street. */
export function streetLines({ grids }) {
  const edges = new Map();
  for (const grid of grids) {
    for (const [key, line] of edgesOf(grid)) {
      const known = edges.get(key);
      edges.set(key, { line, streets: [...(known?.streets ?? []), grid.street] });
    }
  }
  return [...edges.values()].filter(({ streets }) => streets.length === 1 || streets[0] !== streets[1])
    .map(({ line }) => line).join("");
}

/** The grids of a GeoJSON collection in WGS-84, on a plane of metres. */
export function atlasOf({ features }) {
  const shapes = features.map(({ properties, geometry }) => ({
    ...properties, parts: geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates,
  }));
  const earth = boxOf(shapes.flatMap(({ parts }) => parts.flat(2)));
  const plane = projection((earth.left + earth.right) / 2, (earth.top + earth.bottom) / 2);
  const grids = shapes.map((shape) => gridOf(shape, plane));
  return { plane, grids, box: union(grids.map((grid) => grid.box)) };
}

function gridOf({ code, name, street_name: street, own, parts }, plane) {
  const rings = parts.flat().map((ring) => ring.map(plane.toPlane));
  return { code, name, street, own: Boolean(own), rings, box: boxOf(rings.flat()), middle: middleOf(rings) };
}

function edgesOf({ rings }) {
  return rings.flatMap((ring) => ring.slice(1).map((end, at) => {
    const ends = [ring[at], end].map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`);
    return [[...ends].sort().join("|"), `M${ends[0]}L${ends[1]}`];
  }));
}
