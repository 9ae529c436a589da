/** The way of a deal, drawn from the stages: one open stage after another, and the ways out. */
import { useTranslation } from "react-i18next";
import { languageNow } from "../i18n";
import type { Stage } from "./stages";

const said = (stage: Stage) => (languageNow() === "en" && stage.name_en) || stage.name || stage.code;

export function ProcessMap({ stages }: { stages: Stage[] }) {
  const { t } = useTranslation();
  const open = stages.filter(({ kind }) => kind === "open");
  const ends = stages.filter(({ kind }) => kind !== "open");
  return (
    <figure className="map" aria-label={t("pipeline.map")}>
      <ol>
        {open.map((stage) => (
          <li key={stage.code}>
            <span>{said(stage)}</span>
            <b>{stage.probability} %</b>
          </li>
        ))}
      </ol>
      <ul>
        {ends.map((stage) => (
          <li key={stage.code} className={stage.kind === "won" ? "won" : "lost"}>
            <span>{said(stage)}</span>
            <b>{stage.probability} %</b>
          </li>
        ))}
      </ul>
    </figure>
  );
}
