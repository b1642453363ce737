// Plane geometry on a small piece of the earth: 几何. Points are [x, y] in metres, x to the east, y to the south.

const METRES_A_DEGREE = 111_320;

/** Turns WGS-84 degrees into metres around a point, and back; good to a few metres within a city. */
export function projection(lon0, lat0) {
  const wide = METRES_A_DEGREE * Math.cos((lat0 * Math.PI) / 180);
  return {
    toPlane: ([lon, lat]) => [(lon - lon0) * wide, (lat0 - lat) * METRES_A_DEGREE],
    toEarth: ([x, y]) => [lon0 + x / wide, lat0 - y / METRES_A_DEGREE],
  };
}

export function boxOf(points) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const [x, y] of points) {
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

export const union = (boxes) => boxOf(boxes.flatMap((box) => [[box.left, box.top], [box.right, box.bottom]]));

export const overlap = (one, other) =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

export const within = (one, other) =>
  one.left >= other.left && one.right <= other.right && one.top >= other.top && one.bottom <= other.bottom;

/** Whether a point lies within rings (holes are rings too): even-odd rule. */
export function inside([x, y], rings) {
  return rings.reduce((odd, ring) => odd + crossings(ring, y).filter((at) => at > x).length, 0) % 2 === 1;
}

/** A point surely inside, to write a name at: the middle of the widest stretch at half height. */
export function middleOf(rings) {
  const box = boxOf(rings.flat());
  const y = (box.top + box.bottom) / 2;
  const cuts = rings.flatMap((ring) => crossings(ring, y)).sort((one, other) => one - other);
  let widest = [box.left, box.left];
  for (let at = 0; at + 1 < cuts.length; at += 2) {
    if (cuts[at + 1] - cuts[at] > widest[1] - widest[0]) widest = [cuts[at], cuts[at + 1]];
  }
  return [(widest[0] + widest[1]) / 2, y];
}

/** Where a ring crosses the level y. */
function crossings(ring, y) {
  const found = [];
  for (let at = 0; at < ring.length; at += 1) {
    const [x1, y1] = ring[at];
    const [x2, y2] = ring[(at + 1) % ring.length];
    if (y1 > y !== y2 > y) found.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
  }
  return found;
}
