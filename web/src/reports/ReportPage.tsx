/** Any report: the directory says what it can be asked and how it reads; the address holds the whole view. */
import { DownloadOutlined, PrinterOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Button, Dropdown, Select } from "antd";
import { lazy, Suspense, useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { addressOf, Refused } from "../api/http";
import type { View } from "../app/search";
import { languageNow } from "../i18n";
import { Pager } from "../list/Pager";
import type { Page } from "../list/rows";
import { Failed, Loading, NoRight, State } from "../shell/States";
import { useTitle } from "../shell/title";
import { By, Narrowing, PeriodOf } from "./Asking";
import { AsOf, AsOfButton } from "./AsOf";
import { type Answer, answerOf, askedOf, shownColumns } from "./answer";
import { CompleteUpTo } from "./Complete";
import {
  type Column,
  type Directory,
  findReport,
  nameOf,
  type Report,
  titleOf,
  useDirectory,
  wordOf,
} from "./directory";
import { choicesOf, drawingOf, MOST } from "./drawing";
import { Figure } from "./Links";
import { lastTwelve } from "./period";
import "./reports.css";
import { asSecond } from "./say";
import { Table } from "./Table";

const Chart = lazy(() => import("./Chart"));

export default function ReportPage() {
  const { t } = useTranslation();
  const { report: name } = useParams({ strict: false });
  const { data, error, refetch } = useDirectory();
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const report = findReport(data, name);
  if (!report) return <State title={t("failed.missing")} />;
  if (!report.is_allowed) return <NoRight />;
  return <Whole key={name} directory={data} report={report} />;
}

function Whole({ directory, report }: { directory: Directory; report: Report }) {
  const { t } = useTranslation();
  const said = useSearch({ strict: false }) as View;
  // What is always of some months is of a year, as long as nobody says otherwise.
  const view = report.required.includes("from") ? { ...lastTwelve(new Date()), ...said } : said;
  const navigate = useNavigate();
  const asked = askedOf(report, view);
  const title = titleOf(report);
  useTitle(title);
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: ["report", nameOf(report), asked],
    queryFn: ({ signal }) => answerOf(report, asked, signal),
    placeholderData: keepPreviousData,
  });
  const change = useCallback(
    (next: View) =>
      navigate({ to: ".", search: (now: View) => ({ ...now, page: undefined, ...next }) as never, replace: true }),
    [navigate],
  );
  const given = { report, view, onChange: change };
  return (
    <div className="page report">
      <header className="title">
        <h1>{title}</h1>
        {data && <CompleteUpTo complete={data.complete_up_to} />}
        <span className="grow" />
        <AsOfButton view={view} onChange={change} />
        <Export path={report.address} query={asked} />
        <Button
          icon={<PrinterOutlined aria-hidden />}
          aria-label={t("reports.print")}
          title={t("reports.print")}
          onClick={() => window.print()}
        />
      </header>
      <div className="asking">
        <Other directory={directory} report={report} />
        <By {...given} />
        <PeriodOf {...given} />
        <Narrowing {...given} />
      </div>
      <AsOf view={view} onChange={change} />
      {error ? (
        <NotAnswered error={error} onRetry={refetch} onNow={() => change({ as_of: undefined })} />
      ) : !data ? (
        <Loading />
      ) : data.items.length === 0 && !data.counts ? (
        <State title={t("reports.nothing")}>
          {view.as_of && <p className="muted">{t("reports.nothingThen", { at: asSecond(view.as_of) })}</p>}
        </State>
      ) : (
        <Figures {...given} answer={data} title={title} isOld={isPlaceholderData} />
      )}
    </div>
  );
}

/** A moment that is not there yet is refused by the server; the reader may go back. */
export function NotAnswered(given: { error: Error; onRetry: () => void; onNow: () => void }) {
  const { t } = useTranslation();
  const { error, onRetry, onNow } = given;
  const isOfMoment = error instanceof Refused && error.problem.errors?.some(({ pointer }) => pointer === "/as_of");
  if (!isOfMoment) return <Failed error={error} onRetry={onRetry} />;
  return (
    <State title={t("reports.noSuchMoment")}>
      <Button onClick={onNow}>{t("reports.backToNow")}</Button>
    </State>
  );
}

/** From one report to the next. */
function Other({ directory, report }: { directory: Directory; report: Report }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const options = directory.items
    .filter((one) => one.is_allowed && one !== report)
    .map((one) => ({ value: nameOf(one), label: titleOf(one) }));
  return (
    <Select
      aria-label={t("reports.other")}
      placeholder={t("reports.other")}
      value={null as string | null}
      onChange={(name) => name && navigate({ to: "/reports/$report", params: { report: name } })}
      options={options}
      showSearch={{ optionFilterProp: "label" }}
      popupMatchSelectWidth={false}
    />
  );
}

type Given = {
  report: Report;
  view: View;
  answer: Answer;
  title: string;
  isOld: boolean;
  onChange: (next: View) => void;
};

function Figures({ report, view, answer, title, isOld, onChange }: Given) {
  const { t } = useTranslation();
  const columns = useMemo(() => shownColumns(report, answer), [report, answer]);
  const sort = askedOf(report, view).sort;
  return (
    <div className={columns.length > 5 ? "figures broad" : "figures"} aria-busy={isOld}>
      <section className="box" aria-label={t("reports.chart")}>
        <Drawn report={report} view={view} answer={answer} columns={columns} title={title} onChange={onChange} />
      </section>
      <section className="box">
        {answer.counts && <Counts report={report} counts={answer.counts} />}
        <div className="sheet">
          <Table
            report={report}
            answer={answer}
            columns={columns}
            title={title}
            sort={sort}
            onSort={(next) => onChange({ sort: next })}
          />
        </div>
        {report.has_pages && (
          <Pager
            page={answer as unknown as Page}
            onPage={(page) => onChange({ page: `${page}` })}
            onSize={(size) => onChange({ size })}
          />
        )}
      </section>
    </div>
  );
}

function Drawn({ report, view, answer, columns, title, onChange }: Omit<Given, "isOld"> & { columns: Column[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const by = answer.by ?? "";
  const drawing = useMemo(
    () => drawingOf(report, answer, columns, by, view.show),
    [report, answer, columns, by, view.show],
  );
  const choices = answer.counts ? [] : choicesOf(report, columns);
  const choose = useCallback((to: string) => navigate({ href: to.replace("/api", "") }), [navigate]);
  const currency = drawing.series.find((one) => one.currency)?.currency;
  const notes = [
    ...(drawing.left > 0 && drawing.form === "bars" ? [t("reports.largest", { count: MOST })] : []),
    ...(currency ? [t("reports.onlyIn", { currency })] : []),
  ];
  return (
    <>
      <div className="box-head">
        {choices.length > 1 ? (
          <Select
            size="small"
            aria-label={t("reports.show")}
            value={choices.some(({ value }) => value === view.show) ? view.show! : shownOf(drawing.series, choices)}
            onChange={(show) => onChange({ show })}
            options={choices}
            popupMatchSelectWidth={false}
          />
        ) : (
          <span />
        )}
        <span className="muted">{notes.join(" · ")}</span>
      </div>
      {drawing.labels.length > 0 ? (
        <Suspense fallback={<Loading />}>
          <Chart drawing={drawing} title={title} onChoose={choose} />
        </Suspense>
      ) : (
        <p className="jobs muted">{t("reports.nothing")}</p>
      )}
    </>
  );
}

function shownOf(series: { name: string }[], choices: { value: string; label: string }[]): string {
  const label = series.map((one) => one.name).join(" · ");
  return (choices.find((choice) => choice.label === label) ?? choices[0]!).value;
}

function Counts({ report, counts }: { report: Report; counts: NonNullable<Answer["counts"]> }) {
  return (
    <dl className="counts">
      {Object.entries(counts.drill ?? {}).map(([name, to]) => (
        <div key={name}>
          <dt>{wordOf(report, name)}</dt>
          <dd>
            <Figure said={{ value: counts[name], to }} kind="count" label={wordOf(report, name)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What is shown, as a file: the same question, all pages. */
export function Export({ path, query }: { path: string; query: View }) {
  const { t } = useTranslation();
  const { page: _, size: __, ...asked } = query;
  const items = ["xlsx", "csv"].map((format) => ({
    key: format,
    label: (
      <a
        href={addressOf(`${path.replace("/api", "")}/export`, {
          ...asked,
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
