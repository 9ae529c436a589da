import { useEffect } from "react";
import { useTranslation } from "react-i18next";

/** What the browser's tab says. */
export function useTitle(text: string): void {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = text ? `${text} · ${t("product")}` : t("product");
  }, [text, t]);
}
