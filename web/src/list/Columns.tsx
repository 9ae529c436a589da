/** Which columns are shown. */
import { TableOutlined } from "@ant-design/icons";
import { Button, Popover } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Choice } from "./ColumnChoice";

const ColumnChoice = lazy(() => import("./ColumnChoice"));

export function Columns(choice: Choice) {
  const { t } = useTranslation();
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      content={
        <Suspense fallback={<div className="columns" />}>
          <ColumnChoice {...choice} />
        </Suspense>
      }
    >
      <Button icon={<TableOutlined aria-hidden />} aria-label={t("list.columns")} title={t("list.columns")} />
    </Popover>
  );
}
