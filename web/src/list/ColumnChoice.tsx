/** All columns that a list can show. */
import { Button, Checkbox } from "antd";
import { useTranslation } from "react-i18next";
import { listShape } from "../api/shapes";
import { fieldName } from "../i18n/names";
import type { Noun } from "../noun/noun";

const NEVER = /^(version|currency|erased)$|_id$/;

export type Choice = { noun: Noun; shown: string[]; onChange: (columns: string | undefined) => void };

export default function ColumnChoice({ noun, shown, onChange }: Choice) {
  const { t } = useTranslation();
  const all = Object.keys(listShape(noun.list).row).filter((field) => !NEVER.test(field));
  const toggle = (field: string) => {
    const wanted = shown.includes(field) ? shown.filter((one) => one !== field) : [...shown, field];
    if (wanted.length) onChange(wanted.join(","));
  };
  return (
    <div className="columns">
      {all.map((field) => (
        <Checkbox key={field} checked={shown.includes(field)} onChange={() => toggle(field)}>
          {fieldName(noun.name, field)}
        </Checkbox>
      ))}
      <Button type="link" size="small" onClick={() => onChange(undefined)}>
        {t("list.standard")}
      </Button>
    </div>
  );
}
