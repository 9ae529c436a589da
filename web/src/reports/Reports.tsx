/** All reports that one may read, with what each tells. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Failed, Loading, NoRight } from "../shell/States";
import { useTitle } from "../shell/title";
import { nameOf, type Report, titleOf, useDirectory, wordOf } from "./directory";
import "./reports.css";

/** By what they are about; a report that nobody sorted in stands with the last. */
const SHELVES: [string, RegExp][] = [
  ["selling", /^(sales|sales-funnel|performance|revenue|sales-forecast|opportunities)$/],
  ["marketing", /^(leads|campaign-effect)$/],
  ["customers", /^(contribution|composition|loss|customer-growth)$/],
  ["service", /^service/],
  ["warnings", /-warnings$/],
  ["others", /./],
];

export default function Reports() {
  const { t } = useTranslation();
  useTitle(t("reports.title"));
  const { data, error, refetch } = useDirectory();
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  const mine = data.items.filter((report) => report.is_allowed);
  return (
    <div className="page">
      <header className="title">
        <h1>{t("reports.title")}</h1>
      </header>
      {mine.length === 0 ? (
        <NoRight />
      ) : (
        <div className="shelves">
          {SHELVES.map(([shelf]) => (
            <Shelf key={shelf} shelf={shelf} reports={mine.filter((report) => shelfOf(report) === shelf)} />
          ))}
        </div>
      )}
    </div>
  );
}

/** The most particular shelf: warnings of the service are warnings. */
function shelfOf(report: Report): string {
  const name = nameOf(report);
  if (/-warnings$/.test(name)) return "warnings";
  return SHELVES.find(([, names]) => names.test(name))![0];
}

function Shelf({ shelf, reports }: { shelf: string; reports: Report[] }) {
  const { t } = useTranslation();
  if (reports.length === 0) return null;
  return (
    <section className="box" aria-labelledby={`shelf-${shelf}`}>
      <h2 id={`shelf-${shelf}`}>{t(`reports.shelves.${shelf}`)}</h2>
      <ul className="jobs">
        {reports.map((report) => (
          <li key={report.address}>
            <span>
              <Link to="/reports/$report" params={{ report: nameOf(report) }}>
                {titleOf(report)}
              </Link>
              <span className="muted tells">
                {report.figures.map((name) => wordOf(report, name)).join(t("reports.and"))}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
