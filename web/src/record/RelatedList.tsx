/** What hangs on a record: the first rows of another list, and the way to all of it. */
import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../api/session";
import { listShape, type loadCalls } from "../api/shapes";
import { ListLink } from "../app/links";
import { asNumber } from "../i18n/format";
import { rowsQuery } from "../list/rows";
import { Table } from "../list/Table";
import { filledFrom, idOf, type Noun, type Related, type Row } from "../noun/noun";
import { Failed, Loading } from "../shell/States";
import { Actions } from "./Actions";
import { useCalls } from "./record";

const Create = lazy(() => import("./Create"));

export function relatedQuery(related: Related, record: Row) {
  const filters = Object.fromEntries(
    Object.entries(related.filters ?? {}).map(([name, text]) => [name, filledFrom(text, record)]),
  );
  return { path: filledFrom(related.path, record), filters, query: { ...filters, size: 10 } };
}

export function RelatedList({ related, noun, record, id }: { related: Related; noun: Noun; record: Row; id: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const { path, filters, query } = relatedQuery(related, record);
  const part = withCallsBelow(noun, path, useCalls());
  const { data, error, refetch } = useQuery(rowsQuery(path, query));
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const columns = noun.columns.filter((column) => !related.without?.includes(column));
  const isBelow = !related.filters;
  const right = listShape(noun.list).creates ?? (noun.create?.includes("{") ? rightBelow(related) : undefined);
  const open = noun.record
    ? { onChoose: (row: Row) => navigate({ to: `/${noun.name}/${encodeURIComponent(idOf(noun, row))}` }) }
    : {};
  const hasMenu = !noun.record && (part.calls || part.edit || part.remove);
  const menu = (row: Row) => (
    <Actions
      noun={part}
      id={idBelow(part, id, row)}
      record={row}
      etag={row.version === undefined ? "" : `"${row.version}"`}
      isSmall
    />
  );
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <section className="sheet" aria-label={t(`nouns.${noun.name}.many`)} tabIndex={0}>
        {data.items.length ? (
          <Table
            noun={noun}
            label={t(`nouns.${noun.name}.many`)}
            columns={columns}
            rows={data.items}
            {...open}
            {...(hasMenu ? { end: menu } : {})}
          />
        ) : (
          <p className="state muted">{t("record.nothing")}</p>
        )}
      </section>
      <div className="foot">
        {isBelow && noun.create && right !== undefined && may(right) && (
          <Button size="small" icon={<PlusOutlined aria-hidden />} onClick={() => setOpen(true)}>
            {t(`nouns.${noun.name}.new`)}
          </Button>
        )}
        {!isBelow && (data.total ?? 0) > data.items.length && (
          <ListLink noun={noun.name} search={filters}>
            {t("record.all", { total: asNumber(data.total ?? 0) })}
          </ListLink>
        )}
      </div>
      {isOpen && (
        <Suspense fallback={null}>
          <Create noun={noun} call={`POST ${callPath(related, noun)}`} id={id} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** What hangs on several kinds of records is changed and taken off at the place where it hangs. */
export function withCallsBelow(
  noun: Noun,
  path: string,
  calls: Awaited<ReturnType<typeof loadCalls>> | undefined,
): Noun {
  const found = (method: string) =>
    Object.keys(calls ?? {}).find(
      (call) => call.startsWith(`${method} `) && shapeOf(call) === `${method} ${starred(path)}/*`,
    );
  const edit = noun.edit ?? found("PATCH");
  const remove = noun.remove ?? found("DELETE");
  return { ...noun, ...(edit ? { edit } : {}), ...(remove ? { remove } : {}) };
}

/** The id of a row with as many parts as its calls ask for: those of the record above come first. */
function idBelow(noun: Noun, above: string, row: Row): string {
  const calls = [noun.edit, noun.remove, ...Object.values(noun.calls ?? {})];
  const wanted = Math.max(...calls.map((call) => call?.match(/\{/g)?.length ?? 0));
  return noun.keys.length < wanted ? `${above}~${idOf(noun, row)}` : idOf(noun, row);
}

/** `/leads/7/remarks` is one of the lists `/leads/{record_id}/remarks`. */
const starred = (path: string) => path.replace(/^(\/[^/]+)\/[^/]+/, "$1/*");

/** The declared call where it is this very list; the same noun may hang on several. */
function callPath(related: Related, noun: Noun): string {
  const [, declared = ""] = noun.create!.split(" ");
  return shapeOf(declared) === shapeOf(related.path)
    ? declared
    : (LISTS_BELOW.find((path) => shapeOf(path) === shapeOf(related.path)) ?? declared);
}

const LISTS_BELOW = ["/leads/{record_id}/remarks", "/campaigns/{record_id}/remarks", "/deals/{record_id}/remarks"];
const shapeOf = (path: string) => path.replace(/\{[^}]+\}/g, "*");

function rightBelow(related: Related): string | undefined {
  const below = (["/customers/{customer_no}/contacts", "/customers/{customer_no}/activities"] as const).find(
    (path) => shapeOf(path) === shapeOf(related.path),
  );
  return below && listShape(below).creates;
}
