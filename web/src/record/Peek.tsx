/** A record beside the list it was found in. */
import { CloseOutlined, DownOutlined, ExpandOutlined, UpOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { RecordLink } from "../app/links";
import type { Noun, Row } from "../noun/noun";
import { Failed, Loading, State } from "../shell/States";
import { Actions } from "./Actions";
import { Facts } from "./Facts";
import "./record.css";
import { factsOf, kindsOf, recordQuery, titleOf, useCalls } from "./record";

type Props = {
  noun: Noun;
  id: string;
  row: Row | undefined;
  before: string | undefined;
  after: string | undefined;
  onMove: (id: string | undefined) => void;
};

export default function Peek({ noun, id, row, before, after, onMove }: Props) {
  const { t } = useTranslation();
  const calls = useCalls();
  const { data, error } = useQuery({ ...recordQuery(noun, id), enabled: Boolean(noun.record) });
  const record = data?.record ?? row;
  const kinds = kindsOf(noun, calls);
  const whole = noun.record ? { noun: noun.name, id } : row && noun.rowOf?.(row);
  return (
    <aside className="peek" aria-label={t(`nouns.${noun.name}.one`)}>
      <header>
        <h2>{record?.[noun.title] ? titleOf(noun, record) : id}</h2>
        <Button
          type="text"
          size="small"
          icon={<UpOutlined aria-hidden />}
          aria-label={t("record.before")}
          disabled={!before}
          onClick={() => onMove(before)}
        />
        <Button
          type="text"
          size="small"
          icon={<DownOutlined aria-hidden />}
          aria-label={t("record.after")}
          disabled={!after}
          onClick={() => onMove(after)}
        />
        {whole && (
          <RecordLink noun={whole.noun} id={whole.id} className="square" label={t("record.open")}>
            <ExpandOutlined aria-hidden />
          </RecordLink>
        )}
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined aria-hidden />}
          aria-label={t("record.close")}
          onClick={() => onMove(undefined)}
        />
      </header>
      {record && (data || !noun.record) && (
        <div className="peek-actions">
          <Actions
            noun={noun}
            id={id}
            record={record}
            etag={data?.etag ?? `"${record.version}"`}
            onRemoved={() => onMove(undefined)}
          />
        </div>
      )}
      {error ? (
        <Failed error={error} />
      ) : !noun.record && !row ? (
        <State title={t("failed.missing")} />
      ) : record ? (
        <Facts noun={noun} fields={factsOf(noun, kinds)} kinds={kinds} record={record} />
      ) : (
        <Loading />
      )}
    </aside>
  );
}
