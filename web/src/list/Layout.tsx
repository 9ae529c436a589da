/** The rows of a list one below the other, or as cards on a board. */
import { Segmented } from "antd";
import { useTranslation } from "react-i18next";

type Props = { isBoard: boolean; onChange: (isBoard: boolean) => void };

export default function Layout({ isBoard, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <Segmented
      aria-label={t("board.view")}
      value={isBoard ? "board" : "list"}
      onChange={(chosen) => onChange(chosen === "board")}
      options={["list", "board"].map((value) => ({ value, label: t(`board.${value}`) }))}
    />
  );
}
