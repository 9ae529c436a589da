/** One record on one page: state and actions above, facts on the left, what hangs on it on the right. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../api/session";
import { listShape } from "../api/shapes";
import { ListLink } from "../app/links";
import type { View } from "../app/search";
import { asNumber } from "../i18n/format";
import { fieldName } from "../i18n/names";
import { rowsQuery } from "../list/rows";
import { useWords } from "../noun/dictionary";
import type { Noun, Related, Row, TabProps } from "../noun/noun";
import { findNoun } from "../noun/nouns";
import { Value } from "../noun/Value";
import { Failed, Loading, State } from "../shell/States";
import { useTitle } from "../shell/title";
import { Actions } from "./Actions";
import { Conflict } from "./Conflict";
import { Facts } from "./Facts";
import { type Editing, History } from "./History";
import { Inner } from "./Inner";
import { RelatedList, relatedQuery } from "./RelatedList";
import { type Action, factsOf, kindsOf, recordQuery, titleOf, useCalls } from "./record";
import "./record.css";
import { FilesLabel } from "../attachment/FilesLabel";
import { StageBar } from "./StageBar";
import { type Tab, Tabs } from "./Tabs";

const Attachments = lazy(() => import("../attachment/Attachments"));

export default function RecordPage() {
  const { t } = useTranslation();
  const { noun: name, id } = useParams({ strict: false });
  const noun = findNoun(name ?? "");
  return noun?.record && id ? (
    <Whole key={`${name} ${id}`} noun={noun} id={id} />
  ) : (
    <State title={t("failed.missing")} />
  );
}

function Whole({ noun, id }: { noun: Noun; id: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const calls = useCalls();
  const { data, error, refetch } = useQuery(recordQuery(noun, id));
  const [mine, setMine] = useState<{ body: Row; before: Row }>();
  useTitle(data ? titleOf(noun, data.record) : t(`nouns.${noun.name}.one`));
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data || !calls) return <Loading />;
  const { record, etag } = data;
  const kinds = kindsOf(noun, calls);
  const told = (record.actions as Action[] | undefined)?.find((one) => one.action === "edit");
  const mayEdit = noun.edit && may(calls[noun.edit]?.needs ?? "") && (told?.allowed ?? true);
  const onStale = (body: Row) => setMine({ body, before: record });
  const editing = mayEdit ? { call: noun.edit!, id, etag, asks: calls[noun.edit!]!.asks, onStale } : undefined;
  const Head = noun.head;
  return (
    <div className="page">
      <Title noun={noun} record={record}>
        <Actions
          noun={noun}
          id={id}
          record={record}
          etag={etag}
          onStale={onStale}
          onRemoved={() => navigate({ to: `/${noun.name}` })}
        />
      </Title>
      {(noun.way || noun.board === "deals") && <StageBar noun={noun} id={id} record={record} />}
      {Head && (
        <Suspense fallback={<div className="head-space" />}>
          <Head noun={noun} id={id} record={record} etag={etag} />
        </Suspense>
      )}
      <div className="two">
        <section className="box">
          <h2>{t("record.facts")}</h2>
          <Facts
            noun={noun}
            fields={factsOf(noun, kinds)}
            kinds={kinds}
            record={record}
            {...(editing ? { editing } : {})}
          />
        </section>
        <section className="box">
          <Beside noun={noun} id={id} record={record} etag={etag} editing={editing} />
        </section>
      </div>
      {mine && (
        <Conflict
          noun={noun}
          id={id}
          kinds={kinds}
          before={mine.before}
          mine={mine.body}
          onClose={() => setMine(undefined)}
        />
      )}
    </div>
  );
}

function Title({ noun, record, children }: { noun: Noun; record: Row; children: React.ReactNode }) {
  const { t } = useTranslation();
  const words = useWords(noun);
  const states = ["status", "stage"].filter(
    (field) => field in record && record[field] != null && record[field] !== "",
  );
  return (
    <header className="title">
      <h1>
        <ListLink noun={noun.name} className="crumb">
          {t(`nouns.${noun.name}.many`)}
        </ListLink>
        {titleOf(noun, record)}
      </h1>
      {states.map((field) => (
        <Value key={field} noun={noun} field={field} kind="text" row={record} words={words(field)} />
      ))}
      <span className="grow" />
      {children}
    </header>
  );
}

function Beside({ noun, id, record, etag, editing }: TabProps & { editing: Editing | undefined }) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const view = useSearch({ strict: false }) as View;
  const related = (noun.related ?? []).flatMap((one) => {
    const other = findNoun(one.noun);
    return other && may(listShape(other.list).needs) ? [{ one, other }] : [];
  });
  const items: Tab[] = related.map(({ one, other }) => ({
    key: one.noun,
    label: <Counted related={one} record={record} name={t(`nouns.${one.noun}.many`)} />,
    children: <RelatedList related={one} noun={other} record={record} id={id} />,
  }));
  for (const field of noun.inner ?? []) {
    const rows = (record[field] as Row[] | undefined) ?? [];
    items.unshift({
      key: field,
      label: (
        <>
          {fieldName(noun.name, field)} {rows.length > 0 && <span className="count">{asNumber(rows.length)}</span>}
        </>
      ),
      children: <Inner noun={noun} field={field} rows={rows} currency={record.currency} />,
    });
  }
  if (noun.hasFiles)
    items.push({
      key: "files",
      label: <FilesLabel noun={noun} id={id} />,
      children: (
        <Suspense fallback={<Loading />}>
          <Attachments noun={noun} id={id} />
        </Suspense>
      ),
    });
  for (const { key, needs, part: Part } of noun.tabs ?? [])
    if (may(needs))
      items.unshift({
        key,
        label: t(`record.tabs.${key}`),
        children: (
          <Suspense fallback={<Loading />}>
            <Part key={etag} noun={noun} id={id} record={record} etag={etag} />
          </Suspense>
        ),
      });
  if (noun.hasHistory)
    items.push({
      key: "history",
      label: t("record.history"),
      children: <History noun={noun} id={id} record={record} editing={editing} />,
    });
  if (items.length === 0) return null;
  return (
    <Tabs
      tabs={items}
      now={view.tab ?? ""}
      label={titleOf(noun, record)}
      onChange={(tab) => navigate({ to: ".", search: { ...view, tab } as never, replace: true })}
    />
  );
}

function Counted({ related, record, name }: { related: Related; record: Row; name: string }) {
  const { path, query } = relatedQuery(related, record);
  const { data } = useQuery(rowsQuery(path, query));
  return (
    <>
      {name} {data?.total ? <span className="count">{asNumber(data.total)}</span> : null}
    </>
  );
}
