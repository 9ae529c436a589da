/** All keys on one sheet. */
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog";
import { COMMAND } from "./match";

/** What the keys do → which they are; those of one line are pressed together or one after the other. */
const SHEET: Record<string, Record<string, string[]>> = {
  everywhere: { palette: [COMMAND, "K"], search: ["/"], sheet: ["?"], close: ["Esc"] },
  palette: { choose: ["↑", "↓"], open: ["Enter"] },
  lists: { next: ["Tab"], peek: ["Enter"] },
  records: { tabs: ["←", "→"], undo: [COMMAND, "Z"] },
  board: { lift: ["Space"], move: ["←", "→"], drop: ["Space"], back: ["Esc"] },
};

export default function Sheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog label={t("keys.title")} className="keys" onClose={onClose}>
      <h2>{t("keys.title")}</h2>
      <div className="sections">
        {Object.entries(SHEET).map(([section, lines]) => (
          <section key={section}>
            <h3>{t(`keys.${section}.title`)}</h3>
            <dl>
              {Object.entries(lines).map(([does, keys]) => (
                <div key={does}>
                  <dt>{t(`keys.${section}.${does}`)}</dt>
                  <dd>
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Button onClick={onClose}>{t("record.close")}</Button>
    </Dialog>
  );
}
