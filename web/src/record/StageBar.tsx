/** Where a record stands on its way, how long it was in each state, and which come. */
import { CheckOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asDuration, asMoment } from "../i18n/format";
import { codesOf } from "../i18n/names";
import type { Noun, Row } from "../noun/noun";
import { historyQuery } from "./record";
import { type Stay, stagesOfDeal, staysOf, stepsOf, useStageNames } from "./stages";

export function StageBar({ noun, id, record }: { noun: Noun; id: string; record: Row }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<string>();
  const here = useRef<HTMLLIElement>(null);
  const isDeal = noun.board === "deals";
  const way = noun.way;
  const field = way?.field ?? "stage";
  const happened = useQuery({ ...historyQuery(noun, id), enabled: !isDeal });
  const walked = useQuery({ ...stagesOfDeal(id), enabled: isDeal });
  const named = useStageNames(isDeal ? `${record.pipeline}` : undefined);
  const now = `${record[field]}`;
  // On a phone the way is longer than the screen.
  useEffect(() => {
    here.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [now, walked.data, happened.data]);
  const stays = isDeal ? walked.data : happened.data && staysOf(field, record, happened.data);
  if (!stays || (isDeal && !named)) return <div className="way-space" aria-hidden />;
  const known = isDeal ? named! : { steps: way!.steps, ends: way!.ends ?? [], names: codesOf(noun.name, field) ?? {} };
  const steps = stepsOf(known.steps, known.ends, stays, now);
  const at = steps.indexOf(now);
  const isOver = known.ends.includes(now) || now === known.steps.at(-1);
  const chosen = stays.filter((stay) => stay.step === open);
  return (
    <nav className="way" aria-label={t("way.title")}>
      <ol>
        {steps.map((step, place) => {
          const mine = stays.filter((stay) => stay.step === step);
          const kind = step === now ? "now" : place < at ? (mine.length ? "done" : "left-out") : "next";
          return (
            <li
              key={step}
              className={kind}
              ref={step === now ? here : undefined}
              aria-current={step === now ? "step" : undefined}
            >
              <button
                type="button"
                disabled={mine.length === 0}
                aria-expanded={open === step}
                onClick={() => setOpen(open === step ? undefined : step)}
              >
                <span className="name">
                  {kind === "done" && <CheckOutlined aria-label={t("way.done")} />} {known.names[step] ?? step}
                </span>
                <span className="time">{timeIn(mine, step === now && isOver)}</span>
              </button>
            </li>
          );
        })}
      </ol>
      {chosen.length > 0 && (
        <ul className="stays">
          {chosen.map((stay) => (
            <li key={stay.at}>
              <b>{known.names[stay.step] ?? stay.step}</b> {asMoment(stay.at)} {t("record.by", { name: stay.by })} ·{" "}
              {stay.until
                ? t("way.lasted", { time: asDuration(secondsOf(stay)) })
                : t("way.since", { time: asDuration(secondsOf(stay)) })}
            </li>
          ))}
        </ul>
      )}
    </nav>
  );

  function timeIn(mine: Stay[], isEnd: boolean): string {
    if (mine.length === 0) return "";
    if (isEnd) return asMoment(mine.at(-1)!.at).slice(0, 10);
    return asDuration(mine.reduce((sum, stay) => sum + secondsOf(stay), 0));
  }
}

/** Until now, while it lasts. */
const secondsOf = ({ at, until }: Stay) => ((until ? Date.parse(until) : Date.now()) - Date.parse(at)) / 1000;
