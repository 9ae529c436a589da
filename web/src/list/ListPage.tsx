/** The list of a noun: search, filters, columns, pages, export, and a preview beside it. */
import { DownloadOutlined, PlusOutlined, UploadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Dropdown, Input, Segmented } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { addressOf } from "../api/http";
import { useMay } from "../api/session";
import { listShape } from "../api/shapes";
import type { View } from "../app/search";
import { languageNow } from "../i18n";
import { asNumber } from "../i18n/format";
import { idOf, type Noun } from "../noun/noun";
import { Failed, Loading, Nothing } from "../shell/States";
import { useTitle } from "../shell/title";
import { Columns } from "./Columns";
import { Filters } from "./Filters";
import { Pager } from "./Pager";
import { rowsQuery } from "./rows";
import { Table } from "./Table";
import { asked, changed, columnsOf, filtersOf } from "./view";

const Peek = lazy(() => import("../record/Peek"));
const Calls = lazy(() => import("./Calls"));
const Import = lazy(() => import("../import/Import"));
const Board = lazy(() => import("../board/Board"));
const Create = lazy(() => import("../record/Create"));

export function ListPage({ noun }: { noun: Noun }) {
  const { t } = useTranslation();
  const view = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const may = useMay();
  const go = (next: View, replace = false) => navigate({ to: `/${noun.name}`, search: next as never, replace });
  // Said after a pause: the view may be another one by then.
  const search = (q: string | undefined) =>
    navigate({ to: ".", search: ((now: View) => changed(now, { q })) as never, replace: true });
  const query = asked(noun, view);
  const isBoard = Boolean(noun.board) && view.view === "board";
  const {
    data: page,
    error,
    isPlaceholderData,
    refetch,
  } = useQuery({
    ...rowsQuery(noun.list, query),
    enabled: !isBoard,
  });
  const columns = columnsOf(noun, view);
  const shape = listShape(noun.list);
  const name = t(`nouns.${noun.name}.many`);
  useTitle(name);
  const ids = page?.items.map((row) => idOf(noun, row)) ?? [];
  return (
    <div className="list">
      <section className="main">
        <header className="head">
          <h1>
            {name} {page?.total != null && <span className="count">{asNumber(page.total)}</span>}
          </h1>
          <Search view={view} noun={noun} onSearch={(q) => search(q)} />
          {noun.board && (
            <Segmented
              aria-label={t("board.view")}
              value={isBoard ? "board" : "list"}
              onChange={(chosen) => go({ ...view, peek: undefined, view: chosen === "board" ? "board" : undefined })}
              options={["list", "board"].map((value) => ({ value, label: t(`board.${value}`) }))}
            />
          )}
          {noun.listCalls && (
            <Suspense fallback={null}>
              <Calls noun={noun} />
            </Suspense>
          )}
          <Columns noun={noun} shown={columns} onChange={(chosen) => go({ ...view, columns: chosen }, true)} />
          <Export noun={noun} query={{ ...query, page: undefined, size: undefined }} columns={columns} />
          {shape.imports !== undefined && may(shape.imports) && <Bring noun={noun} />}
          {noun.create && !noun.create.includes("{") && <New noun={noun} may={may} />}
        </header>
        <Filters noun={noun} view={view} onChange={(change) => go(changed(view, change))} />
        <div className="scroll" aria-busy={isPlaceholderData}>
          {isBoard ? (
            <Suspense fallback={<Loading />}>
              <Board noun={noun} view={view} />
            </Suspense>
          ) : error ? (
            <Failed error={error} onRetry={refetch} />
          ) : !page ? (
            <Loading />
          ) : page.items.length === 0 ? (
            <Nothing
              noun={noun}
              isFiltered={Boolean(view.q) || filtersOf(noun, view).length > 0}
              onClear={() => go({})}
            />
          ) : (
            <Table
              noun={noun}
              label={name}
              columns={columns}
              rows={page.items}
              sort={view.sort}
              onSort={(sort) => go(changed(view, { sort }))}
              chosen={view.peek}
              onChoose={(row) =>
                go({ ...view, peek: view.peek === idOf(noun, row) ? undefined : idOf(noun, row) }, Boolean(view.peek))
              }
            />
          )}
        </div>
        {page && !error && !isBoard && (
          <Pager
            page={page}
            onPage={(number) => go({ ...view, peek: undefined, page: number === 1 ? undefined : `${number}` })}
            onSize={(size) => go(changed(view, { size }))}
          />
        )}
      </section>
      {view.peek && !isBoard && (
        <Suspense fallback={null}>
          <Peek
            noun={noun}
            id={view.peek}
            row={page?.items[ids.indexOf(view.peek)]}
            before={ids[ids.indexOf(view.peek) - 1]}
            after={ids.includes(view.peek) ? ids[ids.indexOf(view.peek) + 1] : undefined}
            onMove={(peek) => go({ ...view, peek }, true)}
          />
        </Suspense>
      )}
    </div>
  );
}

/** Asks when the typing pauses, so that each letter is not a question. */
function Search({ noun, view, onSearch }: { noun: Noun; view: View; onSearch: (q: string | undefined) => void }) {
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
    <Input.Search
      className="find"
      allowClear
      value={text}
      onChange={(event) => setText(event.target.value)}
      placeholder={t("list.search")}
      aria-label={t("list.search")}
      maxLength={100}
    />
  );
}

function New({ noun, may }: { noun: Noun; may: (right: string) => boolean }) {
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

function Bring({ noun }: { noun: Noun }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        icon={<UploadOutlined aria-hidden />}
        aria-label={t("import.open")}
        title={t("import.open")}
        onClick={() => setOpen(true)}
      />
      {isOpen && (
        <Suspense fallback={null}>
          <Import noun={noun} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

function Export({
  noun,
  query,
  columns,
}: {
  noun: Noun;
  query: Record<string, string | number | boolean | undefined>;
  columns: string[];
}) {
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
