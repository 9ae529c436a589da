import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const FOLDER = "../gateway/gateway/client";

/** The gateway sends files as they are; so they are compressed once, here. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const name of readdirSync(FOLDER, { recursive: true, encoding: "utf8" })) {
        const path = join(FOLDER, name);
        if (statSync(path).isFile() && /\.(js|css|html|svg|json)$/.test(name))
          writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), compressed()],
  build: {
    outDir: FOLDER,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // All of the first load in one file: it compresses better, and a new screen does not cut it into more pieces.
        codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/welcome.json", "/favicon.ico", "/problems"].map((path) => [
        path,
        process.env.GUANXI ?? "http://127.0.0.1:8080",
      ]),
    ),
  },
});
