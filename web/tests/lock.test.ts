/** The lock of packages names no registry, and works on machines other than the one that made it. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Package = { resolved?: string; integrity?: string; optionalDependencies?: Record<string, string> };
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, Package> };

test("no package says where it came from, and every one is held by its hash", () => {
  const named = Object.entries(packages).filter(([name]) => name !== "");
  expect(named.length).toBeGreaterThan(200);
  expect(named.filter(([, one]) => one.resolved).map(([name]) => name)).toEqual([]);
  expect(named.filter(([, one]) => !one.integrity).map(([name]) => name)).toEqual([]);
});

test("what a package needs on another system is locked, too", () => {
  const missing = Object.entries(packages).flatMap(([name, one]) =>
    Object.keys(one.optionalDependencies ?? {})
      .filter((optional) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${optional}`)))
      .map((optional) => `${name} → ${optional}`),
  );
  expect(missing).toEqual([]);
});

test("versions are exact", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as Record<
    string,
    Record<string, string>
  >;
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^(npm:\w+@)?\d+\.\d+\.\d+$/.test(version),
  );
  expect(loose).toEqual([]);
});
