/** What stands at the head of a list: search, a file out, a file in, a new one. */
import { DownloadOutlined, PlusOutlined, UploadOutlined } from "@ant-design/icons";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Dropdown } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { addressOf, type Query } from "../api/http";
import { listShape } from "../api/shapes";
import type { View } from "../app/search";
import { languageNow } from "../i18n";
import type { Noun } from "../noun/noun";

const Import = lazy(() => import("../import/Import"));
const Create = lazy(() => import("../record/Create"));

/** Asks when the typing pauses, so that each letter is not a question. */
export function Search({
  noun,
  view,
  onSearch,
}: {
  noun: Noun;
  view: View;
  onSearch: (q: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(view.q ?? "");
  useEffect(() => setText(view.q ?? ""), [view.q]);
  useEffect(() => {
    const said = text.trim() || undefined;
    if (said === view.q) return;
    const timer = setTimeout(() => onSearch(said), 300);
    return () => clearTimeout(timer);
  }, [text]);
  if (!listShape(noun.list).searches) return <span className="grow" />;
  return (
    <input
      type="search"
      className="find"
      value={text}
      onChange={(event) => setText(event.target.value)}
      placeholder={t("list.search")}
      aria-label={t("list.search")}
      maxLength={100}
    />
  );
}

export function New({ noun, may }: { noun: Noun; may: (right: string) => boolean }) {
  const { t } = useTranslation();
  const view = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const isOpen = view.new === "1";
  const setOpen = (open: boolean) =>
    navigate({ to: ".", search: { ...view, new: open ? "1" : undefined } as never, replace: true });
  const right = listShape(noun.list).creates;
  if (right === undefined || !may(right)) return null;
  return (
    <>
      <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t(`nouns.${noun.name}.new`)}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <Create noun={noun} call={noun.create!} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

export function Bring({ noun }: { noun: Noun }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        icon={<UploadOutlined aria-hidden />}
        onClick={() => setOpen(true)}
        aria-label={t("import.open")}
        title={t("import.open")}
      />
      {isOpen && (
        <Suspense fallback={null}>
          <Import noun={noun} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

export function Export({ noun, query, columns }: { noun: Noun; query: Query; columns: string[] }) {
  const { t } = useTranslation();
  const language = languageNow();
  if (!listShape(noun.list).exports) return null;
  const address = (format: string) =>
    addressOf(`${noun.list}/export`, {
      ...query,
      fields: columns.join(","),
      format,
      lang: language === "en" ? "en" : "zh",
    });
  const items = ["xlsx", "csv"].map((format) => ({
    key: format,
    label: (
      <a href={address(format)} download>
        {t("list.exportAs", { format: format.toUpperCase() })}
      </a>
    ),
  }));
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button icon={<DownloadOutlined aria-hidden />} aria-label={t("list.export")} title={t("list.export")} />
    </Dropdown>
  );
}
