/** Filters as chips that one can read aloud, and what adds another one. */
import { CloseOutlined, FilterOutlined } from "@ant-design/icons";
import { Button, Popover } from "antd";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { View } from "../app/search";
import { fieldName } from "../i18n/names";
import type { Noun } from "../noun/noun";
import { useOptions } from "./options";
import { filtersOf } from "./view";

const AddFilter = lazy(() => import("./AddFilter"));

type Props = { noun: Noun; view: View; onChange: (change: View) => void; children?: ReactNode };

export function Filters({ noun, view, onChange, children }: Props) {
  const { t } = useTranslation();
  const options = useOptions(noun);
  const set = filtersOf(noun, view);
  return (
    <fieldset className="filters" aria-label={t("list.filters")}>
      {children}
      {set.map(([name, value]) => {
        const known = options(name);
        const said = value
          .split(",")
          .map((one) => known?.[one] ?? one)
          .join(t("list.or"));
        return (
          <span className="chip" key={name}>
            {fieldName(noun.name, name)}
            {t("list.is")}
            <b>{said}</b>
            <button
              type="button"
              aria-label={t("list.without", { field: fieldName(noun.name, name) })}
              onClick={() => onChange({ [name]: undefined })}
            >
              <CloseOutlined aria-hidden />
            </button>
          </span>
        );
      })}
      <Add noun={noun} taken={set.map(([name]) => name)} onChange={onChange} />
      {set.length > 1 && (
        <Button
          type="link"
          size="small"
          onClick={() => onChange(Object.fromEntries(set.map(([name]) => [name, undefined])))}
        >
          {t("list.clear")}
        </Button>
      )}
    </fieldset>
  );
}

function Add({ noun, taken, onChange }: { noun: Noun; taken: string[]; onChange: (change: View) => void }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      open={isOpen}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomLeft"
      destroyOnHidden
      content={
        <Suspense fallback={<div className="adding" />}>
          <AddFilter
            noun={noun}
            taken={taken}
            onDone={(change) => {
              if (Object.keys(change).length) onChange(change);
              setOpen(false);
            }}
          />
        </Suspense>
      }
    >
      <Button size="small" icon={<FilterOutlined aria-hidden />}>
        {t("list.filter")}
      </Button>
    </Popover>
  );
}
