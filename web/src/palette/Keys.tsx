/** The keys that work everywhere. */
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useRemember } from "./recent";

const loadPalette = () => import("./Palette");
const Palette = lazy(loadPalette);
const Sheet = lazy(() => import("./Sheet"));
export type Open = "palette" | "search" | "sheet" | undefined;

const listeners = new Set<(open: Open) => void>();
export const openPalette = () => {
  for (const listener of listeners) listener("palette");
};

export function Keys() {
  const [open, setOpen] = useState<Open>();
  const typed = useRef("");
  useRemember();
  // Whoever presses the keys types on at once.
  useEffect(() => {
    const timer = setTimeout(() => void loadPalette().catch(() => undefined), 1_500); // without a network it comes later
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    let isComing = false;
    const press = (event: globalThis.KeyboardEvent) => {
      const isThere = document.querySelector("[role=dialog], dialog[open]") !== null;
      // Who types on while the palette is still being fetched has typed into it.
      if (isComing && !isThere && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
        typed.current += event.key;
        event.preventDefault();
        return;
      }
      isComing = false;
      const wanted = wantedBy(event);
      // What is open already has the word: a form must not vanish below a palette.
      if (!wanted || isThere) return;
      event.preventDefault();
      typed.current = "";
      isComing = wanted !== "sheet";
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
      {(open === "palette" || open === "search") && (
        <Palette isSearch={open === "search"} typed={typed} onClose={close} />
      )}
      {open === "sheet" && <Sheet onClose={close} />}
    </Suspense>
  );
}

/** Letters mean themselves where somebody types. */
export function wantedBy(event: globalThis.KeyboardEvent): Open {
  if (event.isComposing) return undefined;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return "palette";
  const isTyping =
    event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  return event.key === "/" ? "search" : event.key === "?" ? "sheet" : undefined;
}
