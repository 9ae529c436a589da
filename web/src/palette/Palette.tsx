/** Ctrl+K or /: go anywhere, begin anything, find anybody; three keystrokes away. */
import { SearchOutlined } from "@ant-design/icons";
import { useQueries } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Modal } from "antd";
import { type KeyboardEvent, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../api/session";
import { listShape } from "../api/shapes";
import { rowsQuery } from "../list/rows";
import { idOf, type Noun } from "../noun/noun";
import { SCREENS } from "../noun/nouns";
import { REPORTS } from "../reports/reports";

type Entry = { key: string; group: string; text: string; more?: string; to: string };
const SOUGHT = ["customers", "contacts", "leads", "opportunities", "deals", "orders", "requests", "complaints"];

export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const entries = useEntries(text.trim());
  const now = Math.min(at, entries.length - 1);
  const go = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    navigate({ href: entry.to });
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(entries.length - 1, now + step)));
      document.getElementById(`palette-${now + step}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") go(entries[now]);
  };
  return (
    <Modal
      open
      title={t("palette.title")}
      footer={null}
      closable={false}
      onCancel={onClose}
      width={560}
      className="palette"
      style={{ top: 72 }}
      destroyOnHidden
    >
      <div className="ask">
        <SearchOutlined aria-hidden />
        <input
          ref={(input) => input?.focus()}
          role="combobox"
          aria-label={t("palette.ask")}
          aria-expanded
          aria-controls="palette-found"
          aria-activedescendant={entries.length ? `palette-${now}` : undefined}
          placeholder={t("palette.ask")}
          value={text}
          maxLength={100}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
      </div>
      <div id="palette-found" role="listbox" aria-label={t("palette.title")} className="found" tabIndex={-1}>
        {entries.map((entry, place) => (
          <div
            key={entry.key}
            id={`palette-${place}`}
            role="option"
            aria-selected={place === now}
            tabIndex={-1}
            onMouseMove={() => setAt(place)}
            onClick={() => go(entry)}
            onKeyDown={press}
          >
            <span>{entry.text}</span>
            <span className="muted">{entry.more ?? entry.group}</span>
          </div>
        ))}
      </div>
      {entries.length === 0 && <p className="muted">{t("palette.nothing")}</p>}
    </Modal>
  );
}

function useEntries(text: string): Entry[] {
  const { t } = useTranslation();
  const may = useMay();
  const q = useDeferredValue(text);
  const open = SCREENS.filter((noun) => may(listShape(noun.list).needs));
  const places: Entry[] = [
    { key: "today", group: t("palette.go"), text: t("today.title"), to: "/" },
    ...open.map((noun) => ({
      key: noun.name,
      group: t("palette.go"),
      text: t(`nouns.${noun.name}.many`),
      to: `/${noun.name}`,
    })),
    ...open
      .filter((noun) => noun.board)
      .map((noun) => ({
        key: `${noun.name} board`,
        group: t("palette.go"),
        text: `${t(`nouns.${noun.name}.many`)} · ${t("board.board")}`,
        to: `/${noun.name}?view=board`,
      })),
    ...REPORTS.filter((report) => may(report.needs)).map((report) => ({
      key: report.name,
      group: t("modules.reports"),
      text: t(`reports.${report.name}`),
      to: `/reports/${report.name}`,
    })),
  ];
  const begun = open
    .filter((noun) => noun.create && !noun.create.includes("{") && may(listShape(noun.list).creates ?? "nobody"))
    .map(
      (noun): Entry => ({
        key: `new ${noun.name}`,
        group: t("palette.create"),
        text: t(`nouns.${noun.name}.new`),
        to: `/${noun.name}?new=1`,
      }),
    );
  const words = text.toLowerCase();
  const known = [...places, ...begun].filter((entry) => entry.text.toLowerCase().includes(words));
  return [...known.slice(0, text ? 6 : 40), ...useFound(open, q)];
}

/** What the server finds: a few of each noun, once there are two letters to look for. */
function useFound(open: Noun[], q: string): Entry[] {
  const { t } = useTranslation();
  const sought = q.length > 1 ? SOUGHT.flatMap((name) => open.find((noun) => noun.name === name) ?? []) : [];
  const pages = useQueries({ queries: sought.map((noun) => rowsQuery(noun.list, { q, size: 4, total: false })) });
  return sought.flatMap((noun, at) =>
    (pages[at]?.data?.items ?? []).map((row) => ({
      key: `${noun.name} ${idOf(noun, row)}`,
      group: t(`nouns.${noun.name}.one`),
      text: `${row[noun.title]}`,
      more: [t(`nouns.${noun.name}.one`), noun.title !== "customer_name" ? row.customer_name : undefined]
        .filter(Boolean)
        .join(" · "),
      to: `/${noun.name}/${encodeURIComponent(idOf(noun, row))}`,
    })),
  );
}
