/** The stages of one pipeline: added, removed, moved, named, and what a deal must have in each. */
import { PlusOutlined } from "@ant-design/icons";
import { Alert, App, Button, Input, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, Refused } from "../api/http";
import { useMay } from "../api/session";
import { ListLink, RecordLink } from "../app/links";
import { fieldName, problemTitle } from "../i18n/names";
import { useRefresh } from "../record/record";
import type { Pipeline } from "./Pipelines";
import { ProcessMap } from "./ProcessMap";
import { StageRow } from "./StageRow";
import { draftOf, faultsOf, movedStage, type Stage, withNew } from "./stages";

export function Stages({ pipeline, etag }: { pipeline: Pipeline; etag: string }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const may = useMay();
  const refresh = useRefresh();
  const had = draftOf(pipeline.stages);
  const [stages, setStages] = useState<Stage[]>(had);
  const [name, setName] = useState(pipeline.name);
  const [isActive, setActive] = useState(pipeline.is_active);
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>();
  const isReadOnly = !may("pipeline:write");
  const known = new Set(had.map(({ code }) => code));
  const isSame =
    name === pipeline.name && isActive === pipeline.is_active && JSON.stringify(stages) === JSON.stringify(had);
  const faults = faultsOf(refused?.problem.errors ?? []);

  const put = (at: number, part: Partial<Stage>) =>
    setStages(stages.map((stage, place) => (place === at ? { ...stage, ...part } : stage)));
  const undo = () => {
    setStages(had);
    setName(pipeline.name);
    setActive(pipeline.is_active);
    setRefused(undefined);
  };
  const save = async () => {
    setBusy(true);
    setRefused(undefined);
    try {
      const body = { name, is_active: isActive, stages };
      await ask("PATCH", `/pipelines/${encodeURIComponent(pipeline.code)}`, { body, etag });
      message.success(t("record.saved"));
      await refresh();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="box pipeline" aria-label={pipeline.name}>
      <ProcessMap stages={stages} />
      <div className="whole">
        <label htmlFor="pipeline-name">{fieldName("pipelines", "name")}</label>
        <Input
          id="pipeline-name"
          value={name}
          maxLength={50}
          disabled={isReadOnly}
          onChange={(event) => setName(event.target.value)}
        />
        <Switch
          checked={isActive}
          disabled={isReadOnly}
          onChange={setActive}
          aria-label={fieldName("pipelines", "is_active")}
        />
        <span>{t(isActive ? "pipeline.open" : "pipeline.closed")}</span>
        <span className="grow" />
        <RecordLink noun="pipelines" id={pipeline.code}>
          {t("record.history")}
        </RecordLink>
      </div>
      {refused && (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={problemTitle(refused.problem)}
          description={
            <Why refused={refused} all={faults.all} had={had} stages={stages} onBack={(back) => setStages(back)} />
          }
        />
      )}
      <ol className="stages">
        {stages.map((stage, at) => (
          <StageRow
            key={stage.code}
            stage={stage}
            at={at}
            count={stages.length}
            isKnown={known.has(stage.code)}
            isReadOnly={isReadOnly}
            faults={faults.at}
            onPut={(part) => put(at, part)}
            onMove={(to) => setStages(movedStage(stages, at, to))}
            onRemove={() => setStages(stages.filter((_, place) => place !== at))}
          />
        ))}
      </ol>
      {!isReadOnly && (
        <div className="foot">
          <Button icon={<PlusOutlined aria-hidden />} onClick={() => setStages(withNew(stages))}>
            {t("pipeline.add")}
          </Button>
          <span className="grow" />
          <Button disabled={isSame} onClick={undo}>
            {t("form.cancel")}
          </Button>
          <Button type="primary" disabled={isSame} loading={isBusy} onClick={save}>
            {t("form.save")}
          </Button>
        </div>
      )}
    </section>
  );
}

type WhyProps = {
  refused: Refused;
  all: string[];
  had: Stage[];
  stages: Stage[];
  onBack: (stages: Stage[]) => void;
};

/** Stages that deals are in are named, with the way to those deals and back. */
function Why({ refused, all, had, stages, onBack }: WhyProps) {
  const { t } = useTranslation();
  const used = (refused.problem as { stages?: string[] }).stages ?? [];
  const gone = had.filter(({ code }) => used.includes(code) && !stages.some((stage) => stage.code === code));
  if (used.length === 0) return <>{[refused.problem.detail, ...all].filter(Boolean).join(" · ")}</>;
  return (
    <>
      <ul>
        {used.map((code) => (
          <li key={code}>
            <ListLink noun="deals" search={{ stage: code }}>
              {t("pipeline.deals", { name: had.find((stage) => stage.code === code)?.name ?? code })}
            </ListLink>
          </li>
        ))}
      </ul>
      {gone.length > 0 && (
        <Button size="small" onClick={() => onBack(putBack(had, stages, gone))}>
          {t("pipeline.putBack")}
        </Button>
      )}
    </>
  );
}

/** Each stage goes back to where it stood, or to the end of what there is. */
function putBack(had: Stage[], stages: Stage[], gone: Stage[]): Stage[] {
  const order = [...stages];
  for (const stage of gone) order.splice(Math.min(had.indexOf(stage), order.length), 0, stage);
  return order;
}
