/** A report: chosen by what and for which year, drawn, counted, and led on to the records it counts. */
import { DownloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Button, Dropdown, Segmented, Select } from "antd";
import { lazy, Suspense, useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { addressOf, ask } from "../api/http";
import { useMay } from "../api/session";
import { listShape } from "../api/shapes";
import { ListLink } from "../app/links";
import type { View } from "../app/search";
import { languageNow } from "../i18n";
import { asMoment } from "../i18n/format";
import { fieldName } from "../i18n/names";
import type { Row } from "../noun/noun";
import { findNoun } from "../noun/nouns";
import { Failed, Loading, State } from "../shell/States";
import { useTitle } from "../shell/title";
import type { Bar } from "./Chart";
import { REPORTS, type Report } from "./reports";

const Chart = lazy(() => import("./Chart"));
const BARS = 15;
type Told = { items: Row[]; complete_up_to: { at: string | null } };

export default function ReportPage() {
  const { t } = useTranslation();
  const { report: name } = useParams({ strict: false });
  const report = REPORTS.find((one) => one.name === name);
  return report ? <Whole key={name} report={report} /> : <State title={t("failed.missing")} />;
}

function Whole({ report }: { report: Report }) {
  const { t } = useTranslation();
  const view = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const by = view.by && report.by?.includes(view.by) ? view.by : (report.by?.[0] ?? "");
  const query = { by: by || undefined, year: report.isYearly ? view.year : undefined };
  const title = t(`reports.${report.name}`);
  useTitle(title);
  const { data, error, refetch } = useQuery({
    queryKey: ["report", report.name, query],
    queryFn: async ({ signal }) => (await ask<Told>("GET", `/reports/${report.name}`, { query, signal })).data,
  });
  const change = (next: View) => navigate({ to: ".", search: { ...view, ...next } as never, replace: true });
  return (
    <div className="page">
      <header className="title">
        <h1>{title}</h1>
        {data?.complete_up_to.at && (
          <span className="muted">{t("reports.complete", { at: asMoment(data.complete_up_to.at) })}</span>
        )}
        <span className="grow" />
        {report.by && (
          <Segmented
            aria-label={t("reports.by")}
            value={by}
            onChange={(chosen) => change({ by: chosen })}
            options={report.by.map((value) => ({ value, label: t(`reports.of.${value}`) }))}
          />
        )}
        {report.isYearly && (
          <Select
            aria-label={t("reports.year")}
            value={view.year ?? ""}
            onChange={(year) => change({ year: year || undefined })}
            options={[
              { value: "", label: t("reports.allYears") },
              ...years().map((year) => ({ value: year, label: year })),
            ]}
          />
        )}
        <Export report={report} query={query} />
      </header>
      {error ? (
        <Failed error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading />
      ) : data.items.length === 0 ? (
        <State title={t("reports.nothing")} />
      ) : (
        <Figures report={report} by={by} rows={data.items} title={title} />
      )}
    </div>
  );
}

const years = () => Array.from({ length: 20 }, (_, ago) => `${new Date().getFullYear() - ago}`);

function Figures({ report, by, rows, title }: { report: Report; by: string; rows: Row[]; title: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const way = useWay(report, by);
  const drawn = useMemo(() => barsOf(report, by, rows), [report, by, rows]);
  const choose = useCallback(
    (at: number) => {
      const row = drawn[at]?.row;
      const led = row && way(row);
      if (led) navigate({ to: "/$noun", params: { noun: led.noun }, search: led.search });
    },
    [drawn, way, navigate],
  );
  return (
    <div className="figures">
      <section className="box" aria-label={t("reports.chart")}>
        <Suspense fallback={<Loading />}>
          <Chart bars={drawn} title={title} onChoose={choose} />
        </Suspense>
      </section>
      <section className="box sheet">
        <table className="rows" aria-label={title}>
          <thead>
            <tr>
              {report.columns(by).map(({ field, isRight }) => (
                <th key={field} className={isRight ? "right" : undefined}>
                  {fieldName("reports", field)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <Line key={at} report={report} by={by} row={row} />
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

/** To the records that a row counts, for those who may see them. */
function useWay(report: Report, by: string) {
  const may = useMay();
  return useCallback(
    (row: Row) => {
      const led = report.drill?.(row, by);
      return led && may(listShape(findNoun(led.noun)!.list).needs) ? led : undefined;
    },
    [report, by, may],
  );
}

function Line({ report, by, row }: { report: Report; by: string; row: Row }) {
  const led = useWay(report, by)(row);
  return (
    <tr>
      {report.columns(by).map(({ field, isRight, show }, at) => {
        const said = show ? show(row) : `${row[field] ?? "–"}`;
        return (
          <td key={field} className={isRight ? "right" : undefined}>
            {at === 0 && led ? (
              <ListLink noun={led.noun} search={led.search}>
                {said}
              </ListLink>
            ) : (
              said
            )}
          </td>
        );
      })}
    </tr>
  );
}

/** The biggest, of one unit: amounts of different currencies do not stand side by side. */
function barsOf(report: Report, by: string, rows: Row[]): (Bar & { row: Row })[] {
  const unit = rows[0] && report.unit(rows[0]);
  const sums = new Map<string, Bar & { row: Row }>();
  for (const row of rows.filter((one) => report.unit(one) === unit)) {
    const label = report.label(row, by) + (unit ? ` (${unit})` : "");
    const bar = sums.get(label) ?? { label, value: 0, row };
    bar.value += report.measure(row);
    sums.set(label, bar);
  }
  return [...sums.values()].sort((one, other) => other.value - one.value).slice(0, BARS);
}

function Export({ report, query }: { report: Report; query: Record<string, string | undefined> }) {
  const { t } = useTranslation();
  const items = ["xlsx", "csv"].map((format) => ({
    key: format,
    label: (
      <a
        href={addressOf(`/reports/${report.name}/export`, {
          ...query,
          format,
          lang: languageNow() === "en" ? "en" : "zh",
        })}
        download
      >
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
