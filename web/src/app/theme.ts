/** Colours, once: for our own styles as CSS variables, for Ant Design as tokens. All pairs keep WCAG AA. */
import { type ThemeConfig, theme } from "antd";
import { useSyncExternalStore } from "react";

export type Look = "light" | "dark";
const KEPT = "guanxi.look";

const LIGHT = {
  ground: "#f4f5f7",
  panel: "#ffffff",
  raised: "#f8f9fb",
  line: "#e1e4e9",
  ink: "#1a2331",
  muted: "#566172",
  accent: "#0958d9",
  soft: "#e9f1fe",
  good: "#1a7f37",
  warn: "#8a5d00",
  bad: "#b3261e",
  calm: "#6b7686",
};
const DARK: typeof LIGHT = {
  ground: "#0e1218",
  panel: "#161b23",
  raised: "#1c222c",
  line: "#2b333f",
  ink: "#e5e9ef",
  muted: "#9ca8b8",
  accent: "#78aefc",
  soft: "#1b2b44",
  good: "#4cc38a",
  warn: "#e2b340",
  bad: "#ff8f85",
  calm: "#8996a7",
};

const listeners = new Set<() => void>();
let look: Look = firstLook();

function firstLook(): Look {
  const kept = localStorage.getItem(KEPT);
  if (kept === "light" || kept === "dark") return kept;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function useLook(): Look {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => look,
  );
}

export function dress(wanted: Look = look): void {
  look = wanted;
  localStorage.setItem(KEPT, wanted);
  const root = document.documentElement;
  root.dataset.look = wanted;
  for (const [name, value] of Object.entries(wanted === "dark" ? DARK : LIGHT))
    root.style.setProperty(`--${name}`, value);
  for (const listener of listeners) listener();
}

export function themeOf(wanted: Look): ThemeConfig {
  const colours = wanted === "dark" ? DARK : LIGHT;
  return {
    algorithm: wanted === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
    components: { Button: { dangerColor: wanted === "dark" ? "#2b0d0a" : "#ffffff" } },
    token: {
      colorPrimary: wanted === "dark" ? "#3c7be0" : "#0958d9",
      // A button's words under the pointer: the lighter blue that follows by itself is too faint on white.
      ...(wanted === "dark" ? {} : { colorPrimaryHover: "#0748b3" }),
      colorLink: colours.accent,
      colorLinkHover: colours.accent,
      colorLinkActive: colours.accent,
      colorInfo: colours.accent,
      colorBgLayout: colours.ground,
      colorBgContainer: colours.panel,
      colorBgElevated: wanted === "dark" ? colours.raised : colours.panel,
      colorBorder: wanted === "dark" ? "#4b5666" : "#c3c9d2",
      colorBorderSecondary: colours.line,
      colorText: colours.ink,
      colorTextDescription: colours.muted,
      colorTextTertiary: colours.muted,
      colorTextSecondary: colours.muted,
      colorTextPlaceholder: colours.muted,
      colorError: colours.bad,
      borderRadius: 6,
      fontSize: 13,
      controlHeight: 30,
      fontFamily:
        'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
      motion: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    },
  };
}
