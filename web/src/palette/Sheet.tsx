/** The keys that work everywhere, on one sheet. */
import { Modal } from "antd";
import { useTranslation } from "react-i18next";

const SHEET: [string, string][] = [
  ["Ctrl K · ⌘ K · /", "palette"],
  ["?", "sheet"],
  ["Esc", "close"],
  ["Tab · Enter", "move"],
  ["← →", "tabs"],
  ["Space ← → Space", "card"],
];

export default function Sheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open title={t("keys.title")} footer={null} onCancel={onClose} width={420}>
      <dl className="keys">
        {SHEET.map(([keys, what]) => (
          <div key={what}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{t(`keys.${what}`)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
