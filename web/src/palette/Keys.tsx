/** The keys that work everywhere. */
import { lazy, Suspense, useEffect, useState } from "react";

const loadPalette = () => import("./Palette");
const Palette = lazy(loadPalette);
const Sheet = lazy(() => import("./Sheet"));
type Open = "palette" | "sheet" | undefined;

const listeners = new Set<(open: Open) => void>();
export const openPalette = () => {
  for (const listener of listeners) listener("palette");
};

export function Keys() {
  const [open, setOpen] = useState<Open>();
  // Whoever presses the keys types on at once.
  useEffect(() => {
    const timer = setTimeout(loadPalette, 1_500);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      const wanted = wantedBy(event);
      if (!wanted) return;
      event.preventDefault();
      setOpen(wanted);
    };
    listeners.add(setOpen);
    window.addEventListener("keydown", press);
    return () => {
      listeners.delete(setOpen);
      window.removeEventListener("keydown", press);
    };
  }, []);
  const close = () => setOpen(undefined);
  return (
    <Suspense fallback={null}>
      {open === "palette" && <Palette onClose={close} />}
      {open === "sheet" && <Sheet onClose={close} />}
    </Suspense>
  );
}

/** Letters mean themselves where somebody types. */
function wantedBy(event: globalThis.KeyboardEvent): Open {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return "palette";
  const isTyping =
    event.target instanceof HTMLElement &&
    event.target.closest("input, textarea, select, [contenteditable], [role=dialog]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  return event.key === "/" ? "palette" : event.key === "?" ? "sheet" : undefined;
}
