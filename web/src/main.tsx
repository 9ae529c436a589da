import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { dress } from "./app/theme";
import { firstLanguage, startLanguage } from "./i18n";
import "./app/styles.css";

dress();
startLanguage(firstLanguage()).then(() => createRoot(document.getElementById("root")!).render(<App />));
