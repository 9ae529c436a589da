/** The figures of a month as they were when it was over: to read, print and take along, and to submit for whoever may. */
import { PrinterOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import type { components } from "../api/schema";
import { ListLink } from "../app/links";
import { asMoment } from "../i18n/format";
import { codesOf, problemTitle } from "../i18n/names";
import { Pill } from "../noun/Value";
import { type Directory, findReport, type Report, titleOf, useDirectory, wordOf } from "../reports/directory";
import { ReportLink } from "../reports/Links";
import { Export } from "../reports/ReportPage";
import { figureSaid, monthName } from "../reports/say";
import { Failed, Loading } from "../shell/States";
import { useTitle } from "../shell/title";
import { managementReports } from "./noun";
import "../reports/reports.css";

type Told = components["schemas"]["ManagementReportView"];
type Line = Told["items"][number];

/** Section → the report it was taken from, and what that was asked of the month. */
const TAKEN_FROM: Record<string, [string, (month: string) => string]> = {
  performance: ["performance", (month) => `by=month&from=${month}&to=${month}`],
  revenue: ["revenue", (month) => `by=month&from=${month}&to=${month}`],
  leads: ["leads", (month) => `by=month&from=${month}&to=${month}`],
  customers: ["customer-growth", (month) => `from=${month}&to=${month}`],
  campaigns: ["campaign-effect", (month) => `from=${month}&to=${month}`],
  service: ["service-performance", (month) => `by=month&from=${month}&to=${month}`],
  losses: ["loss", (month) => `year=${month.slice(0, 4)}`],
};

export default function ManagementReport() {
  const { t } = useTranslation();
  const { month = "" } = useParams({ strict: false });
  const directory = useDirectory();
  const { data, error, refetch } = useQuery({
    queryKey: ["record", "management-reports", month],
    queryFn: ({ signal }) => ask<Told>("GET", `/management-reports/${encodeURIComponent(month)}`, { signal }),
  });
  useTitle(`${t("nouns.management-reports.one")} ${monthName(month)}`);
  const failed = error ?? directory.error;
  if (failed) return <Failed error={failed} onRetry={refetch} />;
  if (!data || !directory.data) return <Loading />;
  const told = data.data;
  return (
    <div className="page report">
      <header className="title">
        <h1>
          <ListLink noun="management-reports" className="crumb">
            {t("nouns.management-reports.many")}
          </ListLink>
          {monthName(told.month)}
        </h1>
        <Pill tone={managementReports.tones?.status?.[told.status] ?? "calm"}>
          {codesOf("management-reports", "status")?.[told.status] ?? told.status}
        </Pill>
        <span className="muted complete">{t("management.asOf", { at: asMoment(told.as_of) })}</span>
        {told.submitted_at && (
          <span className="muted complete">
            {t("management.submitted", { name: told.submitted_by_name, at: asMoment(told.submitted_at) })}
          </span>
        )}
        <span className="grow" />
        <Submit told={told} etag={data.etag} />
        <Export path={`/management-reports/${told.month}`} query={{}} />
        <Button
          icon={<PrinterOutlined aria-hidden />}
          aria-label={t("reports.print")}
          title={t("reports.print")}
          onClick={() => window.print()}
        />
      </header>
      <div className="dashboard">
        {sectionsOf(told.items).map(([section, lines]) => (
          <Section key={section} section={section} lines={lines} told={told} directory={directory.data} />
        ))}
      </div>
    </div>
  );
}

function sectionsOf(lines: Line[]): [string, Line[]][] {
  const found = new Map<string, Line[]>();
  for (const line of lines) found.set(line.section, [...(found.get(line.section) ?? []), line]);
  return [...found];
}

type OfSection = { section: string; lines: Line[]; told: Told; directory: Directory };

function Section({ section, lines, told, directory }: OfSection) {
  const { t } = useTranslation();
  const [name = "", asking] = TAKEN_FROM[section] ?? [];
  const report = findReport(directory, name);
  const to = asking && `/api/reports/${name}?${asking(told.month)}&as_of=${encodeURIComponent(told.as_of)}`;
  const title = report ? titleOf(report) : t(`management.${section === "warnings" ? "warnings" : "others"}`);
  return (
    <section className="box" aria-labelledby={`section-${section}`}>
      <div className="box-head">
        <h2 id={`section-${section}`}>{report?.is_allowed && to ? <ReportLink to={to}>{title}</ReportLink> : title}</h2>
      </div>
      <table className="rows" aria-labelledby={`section-${section}`}>
        <tbody>
          {lines.map((line) => (
            <tr key={`${line.figure} ${line.currency}`}>
              <th scope="row">{figureName(directory, report, line)}</th>
              <td className="right">{saidOf(report, line)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A warning is named by the report that warns of it. */
function figureName(directory: Directory, report: Report | undefined, { figure }: Line): string {
  const known = report ?? directory.items.find((one) => one.figures.includes(figure) && /-warnings$/.test(one.address));
  return known ? wordOf(known, figure) : figure;
}

function saidOf(report: Report | undefined, line: Line): string {
  const kind = report?.columns.find(({ name }) => name === line.figure)?.kind ?? "count";
  const value = kind === "money" ? line.value : Number(line.value);
  return figureSaid(kind, { value, currency: line.currency || undefined });
}

/** What the server allows; what it refuses, with its reason. */
function Submit({ told, etag }: { told: Told; etag: string }) {
  const { t } = useTranslation();
  const { message, modal, notification } = App.useApp();
  const cache = useQueryClient();
  const action = told.actions.find((one) => one.action === "submit");
  if (!action?.allowed) return null;
  const send = async () => {
    try {
      await ask("POST", `/management-reports/${told.month}/submission`, { etag });
      message.success(t("record.done"));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      notification.error({ title: problemTitle(error.problem), description: error.problem.detail });
    }
    await cache.invalidateQueries();
  };
  const askFirst = () =>
    modal.confirm({
      title: t("management.sure", { month: monthName(told.month) }),
      content: t("management.sureMore"),
      okText: t("management.submit"),
      cancelText: t("form.cancel"),
      onOk: send,
    });
  return (
    <Button type="primary" onClick={askFirst}>
      {t("management.submit")}
    </Button>
  );
}
