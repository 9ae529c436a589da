/** What concerns somebody at a glance: the figures of this month, warnings, and where revenue is going. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import type { components } from "../api/schema";
import type { View } from "../app/search";
import { AsOf, AsOfButton } from "../reports/AsOf";
import { type Part, saidIn } from "../reports/answer";
import { CompleteUpTo } from "../reports/Complete";
import { type Directory, type Report, titleOf, useDirectory, wordOf } from "../reports/directory";
import type { Drawing } from "../reports/drawing";
import { Figure, ReportLink } from "../reports/Links";
import { NotAnswered } from "../reports/ReportPage";
import { figureSaid, monthName } from "../reports/say";
import { Failed, Loading, NoRight } from "../shell/States";
import { useTitle } from "../shell/title";
import { Warnings } from "./Warnings";
import "../reports/reports.css";

const Chart = lazy(() => import("../reports/Chart"));
type Told = components["schemas"]["DashboardView"];
type Section = Told["sections"][number];
type Series = Told["revenue"][number];

/** The figures of a section that one looks at first; the report has all. */
const FIRST: Record<string, string[]> = {
  performance: ["won_amount", "won", "lost", "win_rate"],
  forecast: ["weighted", "won_amount", "stated", "target", "attained"],
  leads: ["leads", "converted", "rejected", "conversion"],
  customers: ["new", "active", "lost", "retention"],
  campaigns: ["campaigns", "responses", "response_rate", "won_amount"],
  service: ["requests", "requests_late", "complaints", "satisfaction"],
};

export default function Dashboard() {
  const { t } = useTranslation();
  useTitle(t("dashboard.title"));
  const view = useSearch({ strict: false }) as View;
  const navigate = useNavigate();
  const directory = useDirectory();
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: ["report", "dashboard", view.as_of],
    queryFn: async ({ signal }) =>
      (await ask<Told>("GET", "/reports/dashboard", { query: { as_of: view.as_of }, signal })).data,
    placeholderData: keepPreviousData,
  });
  const change = useCallback(
    (next: View) => navigate({ to: ".", search: (now: View) => ({ ...now, ...next }) as never, replace: true }),
    [navigate],
  );
  return (
    <div className="page report">
      <header className="title">
        <h1>
          {t("dashboard.title")}
          {data && <span className="count">{monthName(data.month)}</span>}
        </h1>
        {data && <CompleteUpTo complete={data.complete_up_to} />}
        <span className="grow" />
        <AsOfButton view={view} onChange={change} />
      </header>
      <AsOf view={view} onChange={change} />
      {error ? (
        <NotAnswered error={error} onRetry={refetch} onNow={() => change({ as_of: undefined })} />
      ) : directory.error ? (
        <Failed error={directory.error} onRetry={directory.refetch} />
      ) : !data || !directory.data ? (
        <Loading />
      ) : data.sections.length === 0 ? (
        <NoRight />
      ) : (
        <Whole told={data} directory={directory.data} isOld={isPlaceholderData} />
      )}
    </div>
  );
}

function Whole({ told, directory, isOld }: { told: Told; directory: Directory; isOld: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="dashboard" aria-busy={isOld}>
      <section className="box whole" aria-labelledby="warnings">
        <div className="box-head">
          <h2 id="warnings">{t("dashboard.warnings")}</h2>
        </div>
        {told.warnings.length === 0 ? (
          <p className="jobs muted">{t("dashboard.noWarnings")}</p>
        ) : (
          <Warnings warnings={told.warnings} />
        )}
      </section>
      {told.sections.map((section) => {
        const report = directory.items.find(({ address }) => address === section.address.split("?")[0]);
        return report && <Card key={section.section} section={section} report={report} />;
      })}
      {told.revenue.map((series) => (
        <Trend key={series.currency} series={series} />
      ))}
    </div>
  );
}

/** A report in a few figures, each with the records behind it and how it compares with the month before. */
function Card({ section, report }: { section: Section; report: Report }) {
  const figures = section.figures as Part;
  const wanted = FIRST[section.section] ?? report.figures.slice(0, 4);
  const columns = wanted.flatMap((name) => report.columns.find((column) => column.name === name) ?? []);
  return (
    <section className="box" aria-labelledby={`section-${section.section}`}>
      <div className="box-head">
        <h2 id={`section-${section.section}`}>
          <ReportLink to={section.address}>{titleOf(report)}</ReportLink>
        </h2>
      </div>
      <dl className="counts">
        {columns.map((column) => {
          const said = saidIn(figures, column);
          const growth = report.columns.find(({ name }) => name === `${column.name}_growth`);
          const grown = growth ? saidIn(figures, growth) : [];
          return (
            <div key={column.name}>
              <dt>{wordOf(report, column.name)}</dt>
              {said.length === 0 && <dd>–</dd>}
              {said.map((one, at) => (
                <dd key={one.currency ?? at}>
                  <Figure said={one} kind={column.kind} label={wordOf(report, column.name)} />
                  <Growth value={grown[at]?.value as number | null | undefined} />
                </dd>
              ))}
            </div>
          );
        })}
      </dl>
    </section>
  );
}

/** More or less than in the month before; colour alone says nothing, so a sign does. */
function Growth({ value }: { value: number | null | undefined }) {
  const { t } = useTranslation();
  if (value === null || value === undefined) return null;
  const said = figureSaid("growth", { value });
  return (
    <span className={value < 0 ? "growth down" : "growth up"} title={t("dashboard.growth", { said })}>
      {value < 0 ? "▼" : "▲"} {said}
    </span>
  );
}

/** A year of orders and a quarter to come; what is not known yet is dashed. */
function Trend({ series }: { series: Series }) {
  const { t } = useTranslation();
  const drawing = useMemo(() => trendOf(series, [t("dashboard.ordered"), t("dashboard.projected")]), [series, t]);
  const title = t("dashboard.revenue", { currency: series.currency });
  return (
    <section className="box whole" aria-label={title}>
      <div className="box-head">
        <h2>
          <ReportLink to="/api/reports/revenue?by=month">{title}</ReportLink>
        </h2>
      </div>
      <Suspense fallback={<Loading />}>
        <Chart drawing={drawing} title={title} />
      </Suspense>
      <details className="jobs">
        <summary>{t("dashboard.asTable")}</summary>
        <table className="rows" aria-label={title}>
          <tbody>
            {series.points.map((point) => (
              <tr key={point.month}>
                <th scope="row">{monthName(point.month)}</th>
                <td>{point.is_projected ? t("dashboard.projected") : ""}</td>
                <td className="right">{figureSaid("money", { value: point.amount, currency: series.currency })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

/** The dashed line begins with the last month that is over. */
function trendOf({ currency, points }: Series, [known = "", projected = ""]: string[]): Drawing {
  const last = points.findIndex(({ is_projected }) => is_projected) - 2;
  const common = { kind: "money", currency, to: [] };
  return {
    form: "lines",
    labels: points.map(({ month }) => monthName(month)),
    left: 0,
    series: [
      { ...common, name: known, values: points.map((one) => (one.is_projected ? null : Number(one.amount))) },
      {
        ...common,
        name: projected,
        isDashed: true,
        values: points.map((one, at) => (one.is_projected || at === last ? Number(one.amount) : null)),
      },
    ],
  };
}
