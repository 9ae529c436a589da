/** Everything that happened with a customer in one row, newest first: filtered by kind, a page at a time. */
import { EditOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { useMay } from "../api/session";
import { RecordLink } from "../app/links";
import type { View } from "../app/search";
import { asDay, asMoney, asTime } from "../i18n/format";
import { codesOf } from "../i18n/names";
import type { Noun, Row, TabProps } from "../noun/noun";
import { findNoun } from "../noun/nouns";
import { Changes, Heading } from "../record/History";
import type { Change } from "../record/record";
import { Failed, Loading } from "../shell/States";
import { recordOf, SCREEN_OF } from "./overview";

type Moment = {
  at: string;
  noun: string;
  record: string;
  title: string;
  state: string;
  amount: string | null;
  currency: string | null;
  by_name: string;
  changes: Record<string, Change>;
};
type Page = { items: Moment[]; next: string | null };

const KINDS = ["order", "deal", "opportunity", "activity", "request", "complaint", "visit", "task", "loss", "change"];
const SIZE = 20;

export default function Timeline({ noun, id, record }: TabProps) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const view = useSearch({ strict: false }) as View;
  const seen = KINDS.filter((kind) => kind === "change" || may(`${kind}:read`));
  const chosen = (view.kinds ?? "").split(",").filter((kind) => seen.includes(kind));
  const kinds = chosen.join(",");
  const path = `/customers/${encodeURIComponent(id)}/timeline`;
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["history", path, kinds],
    queryFn: async ({ pageParam, signal }) =>
      (await ask<Page>("GET", path, { query: { kinds, after: pageParam, size: SIZE }, signal })).data,
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const toggle = (kind: string) => {
    const next = chosen.includes(kind) ? chosen.filter((one) => one !== kind) : [...chosen, kind];
    navigate({ to: ".", search: { ...view, kinds: next.join(",") || undefined } as never, replace: true });
  };
  const moments = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="timeline" aria-label={t("record.tabs.timeline")}>
      <fieldset className="kinds" aria-label={t("timeline.kinds")}>
        {seen.map((kind) => (
          <button key={kind} type="button" aria-pressed={chosen.includes(kind)} onClick={() => toggle(kind)}>
            {kind === "change" ? t("timeline.changes") : t(`nouns.${SCREEN_OF[kind]}.many`)}
          </button>
        ))}
      </fieldset>
      {error ? (
        <Failed error={error} onRetry={refetch} />
      ) : !data ? (
        <Loading />
      ) : moments.length === 0 ? (
        <p className="state muted">{t("record.nothing")}</p>
      ) : (
        <ol className="history moments">
          {moments.map((moment, at) => (
            <li key={`${moment.noun} ${moment.record}`}>
              {asDay(moment.at) !== (moments[at - 1] && asDay(moments[at - 1]!.at)) && <h3>{asDay(moment.at)}</h3>}
              {moment.noun === "change" ? (
                <Changed noun={noun} id={id} record={record} moment={moment} />
              ) : (
                <Happened moment={moment} customer={id} />
              )}
            </li>
          ))}
        </ol>
      )}
      {hasNextPage && (
        <div className="foot">
          <Button size="small" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {t("timeline.more")}
          </Button>
        </div>
      )}
    </section>
  );
}

function Changed({ noun, id, record, moment }: { noun: Noun; id: string; record: Row; moment: Moment }) {
  return (
    <>
      <span className="of-kind">
        <EditOutlined aria-hidden />
      </span>
      <Heading type={moment.title} at={moment.at} by={moment.by_name} />
      <Changes noun={noun} id={id} changes={moment.changes} record={record} />
    </>
  );
}

function Happened({ moment, customer }: { moment: Moment; customer: string }) {
  const { t } = useTranslation();
  const screen = SCREEN_OF[moment.noun] ?? "";
  const way = recordOf(moment.noun, moment.record, customer);
  const Icon = findNoun(screen)?.icon;
  const title = moment.noun === "order" ? moment.record : moment.title || t(`nouns.${screen}.one`);
  return (
    <>
      <span className="of-kind">{Icon && <Icon aria-hidden />}</span>
      <time className="muted" dateTime={moment.at}>
        {asTime(moment.at)}
      </time>{" "}
      <span className="muted">{kindOf(moment, t(`nouns.${screen}.one`))}</span>{" "}
      {way ? (
        <RecordLink noun={way.noun} id={way.id}>
          {title}
        </RecordLink>
      ) : (
        title
      )}
      {moment.amount && <b> {asMoney(moment.amount, moment.currency)}</b>}
      {moment.state && <span className="tag">{stateOf(moment, screen, t)}</span>}
    </>
  );
}

/** A credit note is no order. */
const kindOf = (moment: Moment, usual: string) =>
  (moment.noun === "order" && codesOf("orders", "kind")?.[moment.title]) || usual;

function stateOf({ state }: Moment, screen: string, t: (key: string) => string): string {
  return codesOf(screen, "status")?.[state] ?? t(`timeline.states.${state}`);
}
