/** What there is to do, first thing in the morning. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMe } from "../api/session";
import { listShape } from "../api/shapes";
import { ListLink, RecordLink } from "../app/links";
import { withWords } from "../i18n";
import { asDay, asNumber } from "../i18n/format";
import { rowsQuery } from "../list/rows";
import { idOf } from "../noun/noun";
import { findNoun } from "../noun/nouns";
import { Failed, Loading } from "../shell/States";
import { useTitle } from "../shell/title";

const TodayWarnings = lazy(() => withWords("reports", import("../dashboard/TodayWarnings")));

type Job = {
  isDue: boolean;
  key: string;
  noun: string;
  filters: (me: { user_id: number }) => Record<string, string>;
  when: string;
  needs?: string;
};

/** What waits, for those who may do something about it; the server says which of it is theirs. */
const JOBS: Job[] = [
  {
    isDue: true,
    key: "tasks",
    noun: "tasks",
    filters: (me) => ({ status: "open", owner_id: `${me.user_id}`, sort: "due_at" }),
    when: "due_at",
  },
  {
    isDue: false,
    key: "allocate",
    noun: "requests",
    filters: () => ({ status: "new", sort: "created_at" }),
    when: "created_at",
    needs: "request:allocate",
  },
  {
    isDue: true,
    key: "handle",
    noun: "requests",
    filters: (me) => ({ status: "allocated", assignee_id: `${me.user_id}` }),
    when: "due_at",
    needs: "request:handle",
  },
  {
    isDue: true,
    key: "complaints",
    noun: "complaints",
    filters: () => ({ status: "entered,assigned" }),
    when: "due_at",
    needs: "complaint:read",
  },
  {
    isDue: true,
    key: "visits",
    noun: "visits",
    filters: (me) => ({ status: "1,2,3,5", owner_id: `${me.user_id}` }),
    when: "planned_for",
    needs: "visit:write",
  },
  { isDue: false, key: "losses", noun: "losses", filters: () => ({ status: "1,2" }), when: "alerted_at" },
  {
    isDue: false,
    key: "assign",
    noun: "opportunities",
    filters: () => ({ status: "1" }),
    when: "created_at",
    needs: "opportunity:assign",
  },
  {
    isDue: true,
    key: "develop",
    noun: "opportunities",
    filters: (me) => ({ status: "2", assignee_id: `${me.user_id}` }),
    when: "expected_on",
    needs: "opportunity:develop",
  },
  {
    isDue: false,
    key: "approve",
    noun: "campaigns",
    filters: () => ({ status: "submitted" }),
    when: "starts_on",
    needs: "campaign:approve",
  },
  {
    isDue: true,
    key: "deals",
    noun: "deals",
    filters: (me) => ({ status: "open", owner_id: `${me.user_id}` }),
    when: "next_contact_on",
    needs: "deal:write",
  },
];

export default function Today() {
  const { t } = useTranslation();
  const me = useMe();
  const may = useMay();
  useTitle(t("today.title"));
  const mine = JOBS.filter(({ noun, needs }) => may(listShape(findNoun(noun)!.list).needs) && may(needs ?? ""));
  return (
    <>
      <header className="greeting">
        <h1>{t("today.greeting", { name: me.full_name })}</h1>
        <p className="muted">{asDay(new Date().toISOString())}</p>
      </header>
      <div className="cards-of-today">
        {mine.map((job) => (
          <Waiting key={job.key} job={job} />
        ))}
        {may("report:*") && (
          <Suspense fallback={mine.length === 0 && <Loading />}>
            <TodayWarnings isAlone={mine.length === 0} />
          </Suspense>
        )}
        {mine.length === 0 && !may("report:*") && <p className="muted">{t("today.nothing")}</p>}
      </div>
    </>
  );
}

function When({ at, isDue }: { at: string | null; isDue: boolean }) {
  const { t } = useTranslation();
  if (!at) return null;
  const isLate = isDue && new Date(at.length === 10 ? `${at}T23:59:59` : at) < new Date();
  return (
    <span className={isLate ? "when late" : "when muted"}>
      {isLate && t("today.late")} {asDay(at)}
    </span>
  );
}

function Waiting({ job }: { job: Job }) {
  const { t } = useTranslation();
  const me = useMe();
  const noun = findNoun(job.noun)!;
  const filters = job.filters(me);
  const sorted = {
    ...filters,
    sort: filters.sort && listShape(noun.list).sorts.includes(filters.sort) ? filters.sort : undefined,
  };
  const { data, error, refetch } = useQuery(rowsQuery(noun.list, { ...sorted, size: 6 }));
  const { sort: _, ...shown } = filters;
  return (
    <section className="box" aria-labelledby={`job-${job.key}`}>
      <div className="box-head">
        <h2 id={`job-${job.key}`}>
          {t(`today.${job.key}`)}
          {data && <span className="count">{asNumber(data.total ?? 0)}</span>}
        </h2>
        {Boolean(data?.total) && (
          <ListLink noun={noun.name} search={shown}>
            {t("today.all")}
          </ListLink>
        )}
      </div>
      {error ? (
        <Failed error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading />
      ) : data.items.length === 0 ? (
        <p className="jobs muted">{t("today.done")}</p>
      ) : (
        <ul className="jobs">
          {data.items.map((row) => (
            <li key={idOf(noun, row)}>
              <RecordLink noun={noun.name} id={idOf(noun, row)}>{`${row[noun.title]}`}</RecordLink>
              {"customer_name" in row && noun.title !== "customer_name" && (
                <span className="muted">{`${row.customer_name ?? ""}`}</span>
              )}
              <When at={row[job.when] as string | null} isDue={job.isDue} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
