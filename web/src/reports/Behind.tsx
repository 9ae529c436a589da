/** The records behind one figure: exactly those that it counts, as of the same moment, page by page. */
import { ArrowLeftOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import type { View } from "../app/search";
import { asNumber } from "../i18n/format";
import { Pager } from "../list/Pager";
import type { Page } from "../list/rows";
import { Failed, Loading, State } from "../shell/States";
import { useTitle } from "../shell/title";
import { Still } from "./Asking";
import { AsOf } from "./AsOf";
import { findReport, type Report, titleOf, useDirectory, wordOf } from "./directory";
import { Way } from "./Links";
import { Export, NotAnswered } from "./ReportPage";
import "./reports.css";
import { figureSaid } from "./say";

type Found = components["schemas"]["RecordView"];
const SIZE = "50";
const NOT_SAID = new Set(["figure", "as_of", "page", "size", "past", "at"]);

export default function Behind() {
  const { t } = useTranslation();
  const { report: name } = useParams({ strict: false });
  const { data, error, refetch } = useDirectory();
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const report = findReport(data, name);
  return report ? <Records report={report} /> : <State title={t("failed.missing")} />;
}

function Records({ report }: { report: Report }) {
  const { t } = useTranslation();
  const view = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const { past: _, ...told } = view;
  const query = { size: SIZE, ...told };
  const path = `${report.address.replace("/api", "")}/drill`;
  const figure = wordOf(report, view.figure ?? "");
  useTitle(`${titleOf(report)} · ${figure}`);
  const { data, error, refetch } = useQuery({
    queryKey: ["drill", path, query],
    queryFn: async ({ signal }) => (await ask<Page>("GET", path, { query, signal })).data,
    placeholderData: keepPreviousData,
  });
  const change = (next: View) =>
    navigate({ to: ".", search: { ...view, page: undefined, ...next } as never, replace: true });
  return (
    <div className="page report">
      <header className="title">
        <h1>
          <Link to={report.address.replace("/api", "") as "/"} search={backOf(report, view) as never} className="crumb">
            <ArrowLeftOutlined aria-hidden /> {titleOf(report)}
          </Link>
          {figure}
          {data && <span className="count">{asNumber(data.total ?? 0)}</span>}
        </h1>
        <span className="grow" />
        <Export path={`${report.address}/drill`} query={told} />
      </header>
      <Told report={report} view={view} />
      <AsOf view={view} onChange={change} />
      {error ? (
        <NotAnswered error={error} onRetry={refetch} onNow={() => change({ as_of: undefined })} />
      ) : !data ? (
        <Loading />
      ) : data.items.length === 0 ? (
        <State title={t("reports.noRecords")} />
      ) : (
        <section className="box behind">
          <div className="sheet">
            <List report={report} found={data.items as unknown as Found[]} figure={figure} name={view.figure ?? ""} />
          </div>
          <Pager
            page={data}
            onPage={(page) => change({ page: `${page}` })}
            onSize={(size) => change({ size, page: undefined })}
          />
        </section>
      )}
    </div>
  );
}

/** Back to the report, narrowed as this figure was: what only told its line apart is left behind. */
function backOf(report: Report, view: View): View {
  const names = Object.keys(view).filter((name) => report.filters.includes(name) && !report.by.includes(name));
  return Object.fromEntries([...names, "as_of"].map((name) => [name, view[name]]));
}

/** What all these records have in common. */
function Told({ report, view }: { report: Report; view: View }) {
  const names = Object.keys(view).filter((name) => !NOT_SAID.has(name));
  if (names.length === 0) return null;
  return (
    <p className="filters">
      {names.map((name) => (
        <Still key={name} report={report} name={name} value={view[name]!} />
      ))}
    </p>
  );
}

type Listed = { report: Report; found: Found[]; figure: string; name: string };

function List({ report, found, figure, name }: Listed) {
  const { t } = useTranslation();
  const has = (field: keyof Found) => found.some((one) => one[field] !== null);
  const kind = report.columns.find((column) => column.name === name)?.kind ?? "count";
  return (
    <table className="rows" aria-label={figure}>
      <thead>
        <tr>
          <th>{t("reports.record")}</th>
          {has("customer_no") && <th>{t("reports.customer")}</th>}
          {has("person_id") && <th>{t("reports.person")}</th>}
          {has("measured") && <th className="right">{figure}</th>}
          {has("amount") && <th className="right">{t("reports.amount")}</th>}
        </tr>
      </thead>
      <tbody>
        {found.map((one) => (
          <tr key={`${one.record} ${one.id}`}>
            <td>
              <Way to={one.link}>
                {t(`reports.records.${one.record}`)} {one.id}
              </Way>
            </td>
            {has("customer_no") && (
              <td>
                <Way to={one.customer_no && `/customers/${one.customer_no}`}>
                  {one.customer_name ?? one.customer_no ?? "–"}
                </Way>
              </td>
            )}
            {has("person_id") && <td>{one.person_name ?? one.person_id ?? "–"}</td>}
            {has("measured") && <td className="right">{figureSaid(kind, { value: one.measured })}</td>}
            {has("amount") && (
              <td className="right">
                {figureSaid("money", { value: one.amount, currency: one.currency ?? undefined })}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
