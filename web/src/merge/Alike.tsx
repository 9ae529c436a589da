/** A customer that is in the house twice is worth a word where it is looked at. */
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../api/session";
import type { TabProps } from "../noun/noun";
import { alikeQuery } from "./merge";

const Merge = lazy(() => import("./Merge"));

export function Alike(props: TabProps) {
  const { t } = useTranslation();
  const mayMerge = useMay()("customer:merge");
  const [isOpen, setOpen] = useState(false);
  const { data } = useQuery({ ...alikeQuery(props.id), enabled: mayMerge });
  if (!data?.length) return null;
  return (
    <p className="alike">
      {t("merge.alike", { count: data.length })}{" "}
      <Button size="small" onClick={() => setOpen(true)}>
        {t("merge.see")}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <Merge {...props} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </p>
  );
}
