/** Two customers become one: side by side, per field whose value stays, and what moves is said before it is done. */
import { SwapOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Alert, App, Button, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { Remote } from "../form/Remote";
import { asList } from "../i18n/format";
import { actionName, fieldName, problemTitle } from "../i18n/names";
import { useWords } from "../noun/dictionary";
import type { DialogProps, Noun, Row } from "../noun/noun";
import { Value } from "../noun/Value";
import { kindsOf, recordQuery, useCalls, useRefresh } from "../record/record";
import { useRefusal } from "../record/why";
import { Failed, Loading } from "../shell/States";
import { alikeQuery, type Choice, isDifferent, previewQuery, shownAs } from "./merge";
import "./merge.css";

export default function Merge({ noun, id, record, onClose }: DialogProps) {
  const { t } = useTranslation();
  const [kept, setKept] = useState(id);
  const [gone, setGone] = useState<string>();
  const swap = () => {
    setKept(gone!);
    setGone(kept);
  };
  return (
    <Modal
      open
      title={t("merge.title", { name: `${record.name}` })}
      footer={null}
      width={840}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      {gone ? (
        <Sides
          key={kept}
          noun={noun}
          kept={kept}
          gone={gone}
          onSwap={swap}
          onBack={() => {
            setGone(undefined);
            setKept(id);
          }}
          onClose={onClose}
        />
      ) : (
        <Choose id={id} onChoose={setGone} />
      )}
    </Modal>
  );
}

/** Who is alike stands first; anybody else is looked up. */
function Choose({ id, onChoose }: { id: string; onChoose: (customer: string) => void }) {
  const { t } = useTranslation();
  const { data, error } = useQuery(alikeQuery(id));
  const [other, setOther] = useState<string>();
  if (error) return <Failed error={error} />;
  if (!data) return <Loading />;
  return (
    <div className="merge-choose">
      <p>{data.length ? t("merge.alike", { count: data.length }) : t("merge.nobody")}</p>
      <ul>
        {data.map((match) => (
          <li key={match.customer_no}>
            <span>
              <b>{match.name}</b>{" "}
              <span className="muted">
                {match.customer_no} · {match.manager_name} ·{" "}
                {match.because.map((field) => fieldName("customers", field)).join(", ")}
              </span>
            </span>
            <Button size="small" onClick={() => onChoose(match.customer_no)}>
              {t("merge.compare", { name: match.name })}
            </Button>
          </li>
        ))}
      </ul>
      <div className="merge-other">
        <Remote path="/customers" value={other} label={t("merge.other")} onChange={(one) => setOther(one as string)} />
        <Button disabled={!other || other === id} onClick={() => onChoose(other!)}>
          {t("merge.look")}
        </Button>
      </div>
    </div>
  );
}

type SidesProps = {
  noun: Noun;
  kept: string;
  gone: string;
  onSwap: () => void;
  onBack: () => void;
  onClose: () => void;
};

function Sides({ noun, kept, gone, onSwap, onBack, onClose }: SidesProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const refusal = useRefusal();
  const [chosen, setChosen] = useState<Record<string, boolean>>({});
  const [isBusy, setBusy] = useState(false);
  const one = useQuery(recordQuery(noun, kept));
  const other = useQuery(recordQuery(noun, gone));
  const preview = useQuery(previewQuery(kept, gone));
  const error = one.error ?? other.error ?? preview.error;
  if (error) return <Failed error={error} />;
  if (!one.data || !other.data || !preview.data) return <Loading />;
  const { fields, moves, refused } = preview.data;
  const takes = ({ field, take_other }: Choice) => chosen[field] ?? take_other;
  const names = { kept: `${one.data.record.name}`, gone: `${other.data.record.name}` };
  const moved = Object.entries(moves)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => t(`merge.moves.${kind}`, { count }));
  const merge = async () => {
    setBusy(true);
    try {
      const take = fields.filter(takes).map(({ field }) => field);
      const body = { absorbed: gone, take };
      await ask("POST", `/customers/${encodeURIComponent(kept)}/merge`, { body, etag: one.data.etag });
      message.success(t("merge.done", names));
      onClose();
      navigate({ to: `/customers/${encodeURIComponent(kept)}` });
      await refresh();
    } catch (failure) {
      refusal.show(failure, actionName(noun.name, "merge"));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {refused && (
        <Alert
          type="error"
          showIcon
          title={problemTitle(refused)}
          description={refused.detail ?? undefined}
          action={
            <Button size="small" onClick={() => refusal.explain(actionName(noun.name, "merge"), refused)}>
              {t("why.ask")}
            </Button>
          }
        />
      )}
      <Fields
        noun={noun}
        fields={fields.filter(isDifferent)}
        kept={one.data.record}
        gone={other.data.record}
        takes={takes}
        onChoose={(field, isOther) => setChosen({ ...chosen, [field]: isOther })}
      />
      <p>{moved.length ? t("merge.moved", { ...names, what: asList(moved) }) : t("merge.nothing", names)}</p>
      <p>{t("merge.forever", names)}</p>
      <div className="buttons">
        <Button type="primary" danger loading={isBusy} disabled={Boolean(refused)} onClick={merge}>
          {t("merge.do", names)}
        </Button>
        <Button icon={<SwapOutlined aria-hidden />} onClick={onSwap}>
          {t("merge.swap", names)}
        </Button>
        <Button onClick={onBack}>{t("merge.back")}</Button>
      </div>
    </>
  );
}

type FieldsProps = {
  noun: Noun;
  fields: Choice[];
  kept: Row;
  gone: Row;
  takes: (choice: Choice) => boolean;
  onChoose: (field: string, isOther: boolean) => void;
};

function Fields({ noun, fields, kept, gone, takes, onChoose }: FieldsProps) {
  const { t } = useTranslation();
  const words = useWords(noun);
  const kinds = kindsOf(noun, useCalls());
  if (fields.length === 0) return <p className="muted">{t("merge.same")}</p>;
  const said = (row: Row, field: string) => (
    <Value noun={noun} field={shownAs(field)} kind={kinds[shownAs(field)] ?? "text"} row={row} words={words(field)} />
  );
  return (
    <table className="versions">
      <thead>
        <tr>
          <th>{t("conflict.field")}</th>
          <th>
            {t("merge.stays")} <span className="muted">{`${kept.name} · ${kept.customer_no}`}</span>
          </th>
          <th>
            {t("merge.goes")} <span className="muted">{`${gone.name} · ${gone.customer_no}`}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {fields.map((choice) => {
          const name = fieldName(noun.name, shownAs(choice.field));
          return (
            <tr key={choice.field}>
              <th scope="row">{name}</th>
              {[false, true].map((isOther) => (
                <td key={`${isOther}`}>
                  <Radio
                    name={`merge-${choice.field}`}
                    checked={takes(choice) === isOther}
                    onChange={() => onChoose(choice.field, isOther)}
                    aria-label={`${name} ${isOther ? gone.name : kept.name}`}
                  >
                    {said(isOther ? gone : kept, choice.field)}
                  </Radio>
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
