// Fingers, mouse, wheel and keys on a map, as pan, zoom and tap: 手势.

const STILL_PX = 8;
const STEP_PX = 60;
const PANS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const ZOOMS = { "+": 1.5, "=": 1.5, "-": 1 / 1.5 };

/** `pan(dx, dy)` and `zoom(factor, at)` in pixels of the element; `tap(at)`, without a place from the keyboard. */
export function wireGestures(target, { pan, zoom, tap }) {
  const fingers = new Map();
  let moved = 0;
  const placeOf = (event) => {
    const frame = target.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };

  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    target.setPointerCapture(event.pointerId);
    if (fingers.size === 0) moved = 0;
    fingers.set(event.pointerId, placeOf(event));
    if (fingers.size > 1) moved = Infinity;
  });

  target.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = placeOf(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    moved += distance(before, now);
    if (moved < STILL_PX) return;
    const share = other ? 0.5 : 1; // with two fingers each moves the middle by half its way
    pan((now[0] - before[0]) * share, (now[1] - before[1]) * share);
    if (other) zoom(distance(now, other) / Math.max(distance(before, other), 1), between(now, other));
  });

  target.addEventListener("pointerup", (event) => {
    if (fingers.delete(event.pointerId) && fingers.size === 0 && moved < STILL_PX) tap(placeOf(event));
  });
  target.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));

  target.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-Math.max(-200, Math.min(200, event.deltaY)) / 300), placeOf(event));
  }, { passive: false });

  target.addEventListener("keydown", (event) => {
    if (event.key in PANS) pan(...PANS[event.key].map((step) => step * STEP_PX));
    else if (event.key in ZOOMS) zoom(ZOOMS[event.key]);
    else if (event.key === "Enter" || event.key === " ") tap(null);
    else return;
    event.preventDefault();
  });
}

const distance = (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]);
const between = (one, other) => [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
