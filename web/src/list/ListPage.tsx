/** The list of a noun: views, search, filters, columns, pages, what is chosen, and a preview beside it. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../api/session";
import { listShape } from "../api/shapes";
import type { View } from "../app/search";
import { asNumber } from "../i18n/format";
import { idOf, type Noun, type Row } from "../noun/noun";
import { Failed, Loading, Nothing } from "../shell/States";
import { useTitle } from "../shell/title";
import { Columns } from "./Columns";
import { Filters } from "./Filters";
import { useNews } from "./news";
import { Pager } from "./Pager";
import { rowsQuery } from "./rows";
import { choose, clearSelection, renew, useSelection } from "./selection";
import { Table } from "./Table";
import { Bring, Export, New, Search } from "./Tools";
import { asked, changed, columnsOf, filtersOf } from "./view";
import { ALL, defaultFor, isBare, opened, viewsQuery } from "./views";

const Peek = lazy(() => import("../record/Peek"));
const Calls = lazy(() => import("./Calls"));
const Board = lazy(() => import("../board/Board"));
const Layout = lazy(() => import("./Layout"));
const Views = lazy(() => import("./Views"));
const Bulk = lazy(() => import("./bulk/Bulk"));

export function ListPage({ noun }: { noun: Noun }) {
  const { t } = useTranslation();
  const view = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const may = useMay();
  const saved = useQuery(viewsQuery(noun.name));
  const hasDefault = Boolean(saved.data?.some((one) => one.is_default));
  // An address that says nothing would open the default once more.
  const go = (next: View, replace = false) =>
    navigate({
      to: `/${noun.name}`,
      search: (hasDefault && isBare(next) ? { saved: ALL } : next) as never,
      replace,
    });
  // Said after a pause: the view may be another one by then.
  const search = (q: string | undefined) =>
    navigate({ to: ".", search: ((now: View) => changed(now, { q })) as never, replace: true });
  const query = asked(noun, view);
  const isBoard = Boolean(noun.board) && view.view === "board";
  const {
    data: page,
    dataUpdatedAt,
    error,
    isPlaceholderData,
    refetch,
  } = useQuery({
    ...rowsQuery(noun.list, query),
    enabled: !isBoard,
    // Rows do not move under the reader's eyes: what is new is told, and shown when asked for.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const { news, show } = useNews(noun, query, isBoard || isPlaceholderData || error ? undefined : page, dataUpdatedAt);
  const columns = columnsOf(noun, view);
  const shape = listShape(noun.list);
  const { page: _, size: __, sort: ___, ...filters } = query;
  const listed = JSON.stringify(filters);
  // What is chosen is what one has seen: another question, another choice.
  useEffect(() => clearSelection, [noun.name, listed]);
  useEffect(() => renew(noun, page?.items ?? []), [noun, page]);
  const selection = useSelection();
  const chosen = selection.noun === noun.name ? selection.rows : NONE;
  const name = t(`nouns.${noun.name}.many`);
  useTitle(name);
  const ids = page?.items.map((row) => idOf(noun, row)) ?? [];
  const first = defaultFor(view, saved.data);
  useEffect(() => {
    if (first) navigate({ to: ".", search: opened(first) as never, replace: true });
  }, [first, navigate]);
  const isSettled = page && !first && !(isBare(view) && saved.isPending);
  return (
    <div className="list">
      <section className="main">
        <header className="head">
          <h1>
            {name} {page?.total != null && <span className="count">{asNumber(page.total)}</span>}
          </h1>
          <Search view={view} noun={noun} onSearch={(q) => search(q)} />
          {noun.board && (
            <Suspense fallback={null}>
              <Layout
                isBoard={isBoard}
                onChange={(board) => go({ ...view, peek: undefined, view: board ? "board" : undefined })}
              />
            </Suspense>
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
        <Filters noun={noun} view={view} onChange={(change) => go(changed(view, change))}>
          {saved.data && (
            <Suspense fallback={null}>
              <Views noun={noun} view={view} views={saved.data} onOpen={go} />
            </Suspense>
          )}
        </Filters>
        {chosen.size > 0 && page && (
          <Suspense fallback={null}>
            <Bulk noun={noun} rows={[...chosen.values()]} total={page.total ?? 0} query={query} columns={columns} />
          </Suspense>
        )}
        {news && (
          <p className="news" role="status">
            {t(news.added ? "list.news" : news.changed ? "list.newsChanged" : "list.newsOther", {
              count: news.added || news.changed,
              total: asNumber(news.added || news.changed),
            })}
            <Button type="link" size="small" onClick={show}>
              {t("list.showNews")}
            </Button>
          </p>
        )}
        <div className="scroll" aria-busy={isPlaceholderData}>
          {isBoard ? (
            <Suspense fallback={<Loading />}>
              <Board noun={noun} view={view} />
            </Suspense>
          ) : error ? (
            <Failed error={error} onRetry={refetch} />
          ) : !isSettled ? (
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
              {...(shape.exports ? { ticked: chosen, onTick: (rows, isOn) => choose(noun, rows, isOn) } : {})}
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

const NONE: ReadonlyMap<string, Row> = new Map();
