/** Where one is in a list, and how to get on. */
import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { asNumber } from "../i18n/format";
import type { Page } from "./rows";
import { isDeepest, SIZES } from "./view";

type Props = { page: Page; onPage: (page: number) => void; onSize: (size: string) => void };

export function Pager({ page, onPage, onSize }: Props) {
  const { t } = useTranslation();
  const total = page.total ?? 0;
  const first = total === 0 ? 0 : (page.page - 1) * page.size + 1;
  const last = first === 0 ? 0 : first + page.items.length - 1;
  const isEnd = isDeepest(page.page, page.size, total);
  return (
    <nav className="pager" aria-label={t("list.pages")}>
      <span className="muted">
        {t("list.range", { first: asNumber(first), last: asNumber(last), total: asNumber(total) })}
        {isEnd && ` · ${t("list.deepest")}`}
      </span>
      <Button
        size="small"
        aria-label={t("list.previous")}
        icon={<LeftOutlined aria-hidden />}
        disabled={page.page <= 1}
        onClick={() => onPage(page.page - 1)}
      />
      <span>
        {t("list.page", { page: asNumber(page.page), pages: asNumber(Math.max(1, Math.ceil(total / page.size))) })}
      </span>
      <Button
        size="small"
        aria-label={t("list.next")}
        icon={<RightOutlined aria-hidden />}
        disabled={isEnd || last >= total}
        onClick={() => onPage(page.page + 1)}
      />
      <select aria-label={t("list.size")} value={`${page.size}`} onChange={(event) => onSize(event.target.value)}>
        {SIZES.map((size) => (
          <option key={size} value={size}>
            {t("list.perPage", { size })}
          </option>
        ))}
      </select>
    </nav>
  );
}
