/** Tabs that wrap instead of hiding: arrow keys go from one to the next. */
import type { KeyboardEvent, ReactNode } from "react";

export type Tab = { key: string; label: ReactNode; children: ReactNode };

export function Tabs({
  tabs,
  now,
  label,
  onChange,
}: {
  tabs: Tab[];
  now: string;
  label: string;
  onChange: (key: string) => void;
}) {
  const at = Math.max(
    0,
    tabs.findIndex((tab) => tab.key === now),
  );
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (at + step + tabs.length) % tabs.length;
    onChange(tabs[next]!.key);
    (event.currentTarget.children[next] as HTMLElement).focus();
  };
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map((tab, place) => (
          <button
            key={tab.key}
            type="button"
            role="tab"
            id={`tab-${tab.key}`}
            aria-selected={place === at}
            aria-controls="tab-panel"
            tabIndex={place === at ? 0 : -1}
            onClick={() => onChange(tab.key)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tabs[at]?.key}`}>
        {tabs[at]?.children}
      </div>
    </>
  );
}
