/** Up to when all that was said is in the figures, and what is not in them. */
import { WarningOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { Complete } from "./answer";
import { asSecond } from "./say";

export function CompleteUpTo({ complete }: { complete: Complete }) {
  const { t } = useTranslation();
  const aside = complete.sources.reduce((sum, source) => sum + source.set_aside, 0);
  return (
    <span className="muted complete">
      {complete.at ? t("reports.complete", { at: asSecond(complete.at) }) : t("reports.notComplete")}
      {aside > 0 && (
        <span className="bad-text">
          {" "}
          <WarningOutlined aria-hidden /> {t("reports.setAside", { count: aside })}
        </span>
      )}
    </span>
  );
}
