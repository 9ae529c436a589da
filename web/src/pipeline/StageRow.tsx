/** One stage while it is edited. */
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { fieldName } from "../i18n/names";
import { KINDS, REQUIRED, type Stage } from "./stages";

type Props = {
  stage: Stage;
  at: number;
  count: number;
  /** The server knows it, so its code stays. */
  isKnown: boolean;
  isReadOnly: boolean;
  /** `3 probability` → what is wrong there. */
  faults: Record<string, string>;
  onPut: (part: Partial<Stage>) => void;
  onMove: (to: number) => void;
  onRemove: () => void;
};

export function StageRow({ stage, at, count, isKnown, isReadOnly, faults, onPut, onMove, onRemove }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const name = stage.name || stage.code;
  const fault = (field: string) => faults[`${at} ${field}`];
  const common = (field: string) => ({
    id: `${id}-${field}`,
    disabled: isReadOnly,
    status: fault(field) ? ("error" as const) : ("" as const),
  });
  return (
    <li className="stage" aria-label={name}>
      <b className="place">{at + 1}</b>
      <div className="parts">
        {!isKnown && (
          <Part id={`${id}-code`} title={t("pipeline.code")} fault={fault("code")}>
            <Input
              {...common("code")}
              maxLength={30}
              defaultValue={stage.code}
              onBlur={(event) => onPut({ code: event.target.value.trim() || stage.code })}
            />
          </Part>
        )}
        <Part id={`${id}-name`} title={t("pipeline.name")} fault={fault("name")}>
          <Input
            {...common("name")}
            maxLength={50}
            value={stage.name}
            onChange={(event) => onPut({ name: event.target.value })}
          />
        </Part>
        <Part id={`${id}-name_en`} title={t("pipeline.nameEn")} fault={fault("name_en")}>
          <Input
            {...common("name_en")}
            maxLength={50}
            value={stage.name_en}
            onChange={(event) => onPut({ name_en: event.target.value })}
          />
        </Part>
        <Part id={`${id}-probability`} title={t("pipeline.probability")} fault={fault("probability")}>
          <Input
            {...common("probability")}
            inputMode="numeric"
            suffix="%"
            value={stage.probability}
            onChange={(event) => onPut({ probability: Number(event.target.value.replace(/\D/g, "")) })}
          />
        </Part>
        <Part id={`${id}-kind`} title={t("pipeline.kind")} fault={fault("kind")}>
          <Select
            {...common("kind")}
            value={stage.kind}
            onChange={(kind) => onPut({ kind })}
            options={KINDS.map((value) => ({ value, label: t(`pipeline.kinds.${value}`) }))}
          />
        </Part>
        <Part id={`${id}-required`} title={t("pipeline.required")} fault={fault("required")} isWide>
          <Select
            {...common("required")}
            mode="multiple"
            value={stage.required}
            onChange={(required) => onPut({ required })}
            options={REQUIRED.map((value) => ({ value, label: fieldName("deals", value) }))}
          />
        </Part>
      </div>
      {!isReadOnly && (
        <div className="steps">
          <Button
            type="text"
            icon={<ArrowUpOutlined aria-hidden />}
            aria-label={t("pipeline.up", { name })}
            disabled={at === 0}
            onClick={() => onMove(at - 1)}
          />
          <Button
            type="text"
            icon={<ArrowDownOutlined aria-hidden />}
            aria-label={t("pipeline.down", { name })}
            disabled={at === count - 1}
            onClick={() => onMove(at + 1)}
          />
          <Button
            type="text"
            icon={<DeleteOutlined aria-hidden />}
            aria-label={t("pipeline.remove", { name })}
            onClick={onRemove}
          />
        </div>
      )}
    </li>
  );
}

type PartProps = { id: string; title: string; fault: string | undefined; isWide?: boolean; children: ReactNode };

function Part({ id, title, fault, isWide, children }: PartProps) {
  return (
    <div className={isWide ? "part wide" : "part"}>
      <label htmlFor={id}>{title}</label>
      {children}
      {fault && (
        <span className="bad-text" role="alert">
          {fault}
        </span>
      )}
    </div>
  );
}
